"""Paths of cards and collections in one spelling: they are ids, and servers write them in several ways."""

import re
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

_KEPT = "!$&'()*+,;=:@"  # RFC 3986: what a path segment may hold unescaped, beside letters, digits and -._~
_NORMAL: Final = re.compile(r"(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9\-._~!$&'()*+,=:@]+)+/?").fullmatch
"""Paths that stand in our spelling already, as those of most servers do: rooted, without escapes, dots and ";"."""


def normal_path(href: str, base: str = "/") -> str:
    """The path of an href as one canonical text, percent-encoded.

    Args:
        href: absolute (``https://host/a``), rooted (``/a``) or relative; escaped too much or too little.
        base: path of the request whose answer held it, for relative ones.

    A host in it is left out: behind a proxy servers name themselves as they are called inside.
    """
    if is_normal(href):
        return href
    path = urlsplit(urljoin(base, href.strip())).path or "/"
    return "/".join(quote(unquote_to_bytes(segment), safe=_KEPT) for segment in path.split("/"))


def is_normal(href: str) -> bool:
    """Whether an href is plainly in our spelling; some that are not plain may be, too."""
    return _NORMAL(href) is not None


def collection_path(href: str, base: str = "/") -> str:
    """As :func:`normal_path`, ending in a slash."""
    path = normal_path(href, base)
    return path if path.endswith("/") else path + "/"


def is_member(path: str, collection: str) -> bool:
    """Whether a path is a card directly in that collection (iCloud lists the collection among its own members)."""
    name = path.removeprefix(collection)
    return path.startswith(collection) and name != "" and "/" not in name


def last_segment(collection: str) -> str:
    """The name by which a collection stands in its parent, unescaped."""
    return unquote_to_bytes(collection.rstrip("/").rpartition("/")[2]).decode("utf-8", "replace")
