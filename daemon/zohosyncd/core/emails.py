"""E-mail addresses: one form for comparison, and what an app will accept."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from zohosyncd.core.spelling import fold

_PLAIN: Final = re.compile(r"[a-z0-9._%+'-]+@[a-z0-9.-]+").fullmatch
_USUAL: Final = re.compile(
    r"[a-z0-9_%+'-]+(?:\.[a-z0-9_%+'-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
).fullmatch
"""Most addresses: canonical and valid at a glance, but for their length."""
_HOST: Final = re.compile(r"[^\s@]*").fullmatch
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)").fullmatch
_LONGEST_LOCAL: Final = 64
_FORBIDDEN: Final = re.compile(r'[\s\x00-\x1f\x7f<>()\[\]\\,;:"]').search


def canonical_email(text: str) -> str:
    """The form in which addresses are compared: NFC, trimmed, lower case, the domain in its ASCII form.

    The local part is case sensitive by RFC 5321 2.4 and in practice nowhere; dots and "+tags" stay, as they are
    used on purpose. A text that is no address is compared as text.
    """
    if _PLAIN(text):
        return text
    return _canonical(text)


@lru_cache(maxsize=2048)
def _canonical(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not at:
        return fold(text)
    domain = _ascii_domain(domain)
    return f"{fold(local)}@{domain}" if _HOST(domain) else fold(text)


def _ascii_domain(domain: str) -> str:
    # Punycode by label (RFC 3492). Not Python's "idna" codec, nor case folding: both turn ß into ss, another domain.
    domain = " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", domain).lower()).split())
    labels = domain.replace("\u3002", ".").split(".")
    return ".".join(label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii") for label in labels)


def valid_email(text: str) -> bool:
    """Whether apps will take it as an address: a local part, "@", a domain with a dot (lengths: RFC 5321 4.5.3.1)."""
    if len(text) <= _LONGEST_LOCAL and _USUAL(text):
        return True
    text = canonical_email(text)
    local, at, domain = text.rpartition("@")
    if not at or not 0 < len(local) <= _LONGEST_LOCAL or len(text) > 254 or "@" in local or _FORBIDDEN(local):
        return False
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return False
    labels = domain.split(".")
    return len(labels) > 1 and all(_LABEL(label) for label in labels)
