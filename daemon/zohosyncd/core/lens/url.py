"""One web address: compared without scheme, host case and closing slash, kept as typed, never cut."""

import re
from collections.abc import Hashable
from typing import Final

from zohosyncd.core.lens import View
from zohosyncd.core.lens.text import TextLens, text_of
from zohosyncd.core.schema import Field
from zohosyncd.core.spelling import squeeze

_WEB: Final = re.compile(r"(?:https?:/*)+", re.IGNORECASE).match
_PATH: Final = re.compile(r"[/?#]").search


def canonical_url(text: str) -> str:
    """The form in which web addresses are compared: apps add and drop "https://" and the closing slash by themselves.

    The host is not case sensitive, path and query are (RFC 3986 6.2.2.1). Other schemes (mailto:, xmpp:) stay.
    """
    text = squeeze(text)
    if found := _WEB(text):
        text = text[found.end() :]
    path = _PATH(text)
    end = path.start() if path else len(text)
    text = squeeze(text[:end].lower() + text[end:])
    if "?" not in text and "#" not in text:
        text = text.rstrip("/ ")
    return text


def url_canon(view: View) -> Hashable:
    """The canonical web address, None for nothing."""
    return canonical_url(text_of(view)) or None


def url_lens(field: Field) -> TextLens:
    """A field that holds one web address."""
    return TextLens(field.name, url_canon, field.max_length, cuts=False, required=field.required)
