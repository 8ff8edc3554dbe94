"""Values: escaping, structured values, lists, quoted-printable (RFC 6350, 3.4; RFC 2426, 4; vCard 2.1)."""

import binascii
import re
from collections.abc import Iterable, Mapping

_ESCAPED = re.compile(r"\\([\\,;:nN])")
_ESCAPED_21 = re.compile(r"\\([\\,;:])")
_SPECIAL = re.compile(r"[\\,;\n]")
_SPECIAL_21 = re.compile(r"[\\;]")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_COMPONENT = re.compile(r"((?:[^\\;]|\\.|\\\Z)*)(?:;|\Z)", re.DOTALL)
_ITEM = re.compile(r"((?:[^\\,]|\\.|\\\Z)*)(?:,|\Z)", re.DOTALL)


def unescape(value: str, version: str = "3.0") -> str:
    """The text that an escaped value stands for; a backslash before any other character stays.

    ``\\:`` is read as a colon: the standards do not have it, but address books write it in URLs.
    """
    if "\\" not in value:
        return value
    if version == "2.1":
        return _ESCAPED_21.sub(r"\1", value)
    return _ESCAPED.sub(_unescaped, value)


def escape(text: str, version: str = "3.0") -> str:
    """A text as a value. Line ends become ``\\n``; control characters, which no vCard may hold, are left out.

    In version 2.1 line ends stay as they are (they need quoted-printable), and commas have no meaning.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not (text.isprintable() and text.isascii()):
        text = _UNWRITABLE.sub("", text)
    if version == "2.1":
        return _SPECIAL_21.sub(r"\\\g<0>", text)
    return _SPECIAL.sub(_escaped, text)


def split_components(value: str) -> list[str]:
    """The parts of a structured value (N, ADR, ORG) between unescaped semicolons, still escaped."""
    return value.split(";") if "\\" not in value else _cut(_COMPONENT, value)


def split_list(value: str) -> list[str]:
    """The parts of a list (CATEGORIES, NICKNAME, one part of N) between unescaped commas, still escaped."""
    return value.split(",") if "\\" not in value else _cut(_ITEM, value)


def with_components(value: str, changes: Mapping[int, str], version: str = "3.0") -> str:
    """A structured value in which some parts are replaced by texts; the others stay as they are spelled.

    Args:
        value: the escaped value.
        changes: text by position, counted from 0; missing positions before it are filled with empty parts.
        version: of the card.
    """
    parts = split_components(value)
    parts += [""] * (max(changes, default=-1) + 1 - len(parts))
    for at, text in changes.items():
        parts[at] = escape(text, version)
    return ";".join(parts)


def joined_list(texts: Iterable[str], version: str = "3.0") -> str:
    """Texts as a list value."""
    return ",".join(escape(text, version) for text in texts)


def from_quoted_printable(value: str, charset: str) -> str:
    """A value without its quoted-printable encoding.

    Raises:
        LookupError: the charset is not known.
        UnicodeDecodeError: the octets are not of that charset.
    """
    octets = binascii.a2b_qp(value.encode("utf-8"))
    return octets.decode(charset).replace("\r\n", "\n").replace("\r", "\n")


def to_quoted_printable(text: str, room: int) -> list[str]:
    """A text in quoted-printable UTF-8, cut where soft line breaks go.

    Args:
        text: with line ends as ``\\n``.
        room: octets that are left on the first line, its soft break included; later ones have 76.
    """
    piece, pieces = "", []
    for octet in text.replace("\n", "\r\n").encode():
        coded = chr(octet) if 0x20 < octet < 0x7F and octet != 0x3D else f"={octet:02X}"
        if len(piece) + len(coded) >= room:
            pieces.append(piece)
            piece, room = "", 76
        piece += coded
    return [*pieces, piece]


def _unescaped(match: re.Match[str]) -> str:
    char = match.group(1)
    return "\n" if char in "nN" else char


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    return "\\n" if char == "\n" else "\\" + char


def _cut(pattern: re.Pattern[str], value: str) -> list[str]:
    parts: list[str] = []
    at = 0
    while True:
        match = pattern.match(value, at)
        if match is None:  # cannot be: the pattern matches every text
            return [*parts, value[at:]]
        parts.append(match.group(1))
        if match.end() == len(value) and match.end(1) == match.end():
            return parts
        at = match.end()
