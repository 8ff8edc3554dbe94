"""Content lines: cut a text into lines that keep their original spelling, and fold new ones (RFC 6350, 3.2 and 3.3)."""

import re
from functools import lru_cache
from typing import NamedTuple

from .errors import VCardError

_LOGICAL = re.compile(r"[^\n]*(?:\n[ \t][^\n]*)*\n?")
_FOLD = re.compile(r"\r*\n[ \t]")
_SOFT_BREAK_OR_FOLD = re.compile(r"=\r*\n|\r*\n[ \t]")
_SOFT_BREAK_AND_FOLD = re.compile(r"=\r*\n[ \t]?|\r*\n[ \t]")
_HEAD = re.compile(r'(?:([^.:;"\s]++)\.)?([^.:;"\s]++)((?:;[^:";]*+(?:"[^"]*+"[^:";]*+)*+)*+):')
_ENDING = re.compile(r"\r*\n\Z")
_LINE_OCTETS = 75
_HEAD_CACHED = 120
_new = tuple.__new__  # half the time of Line(...), and there are 15 lines in a card


class Line(NamedTuple):
    """One logical line.

    Attributes:
        raw: exactly as in the text, with folds and line ending.
        group: the group as spelled (``item1``), "" without one.
        name: the property's name in upper case, "" for a blank line.
        head: group and name as spelled (``item1.email``).
        params: the parameters as spelled, each with its semicolon (``;TYPE=work``), unfolded.
        value: the value as spelled, unfolded; still escaped, and still quoted-printable where it is.
    """

    raw: str
    group: str
    name: str
    head: str
    params: str
    value: str

    @property
    def is_quoted_printable(self) -> bool:
        """Whether the value is in the encoding that vCard 2.1 brought along."""
        return bool(self.params) and "QUOTED-PRINTABLE" in self.params.upper()

    @property
    def ending(self) -> str:
        """The line ending in the text, "" where the text stops."""
        match = _ENDING.search(self.raw)
        return match.group() if match else ""


def split(text: str) -> list[Line]:
    """Cut a text into logical lines; joining their ``raw`` gives the text again.

    Raises:
        VCardError: a line is no property, or holds octets that are not UTF-8.
    """
    raws = _LOGICAL.findall(text)
    lines: list[Line] = []
    at, end, version = 0, len(raws) - 1, ""  # the last match is always the empty one at the end
    clean = _is_clean(text)
    while at < end:
        raw = raws[at]
        at += 1
        line = _read(raw, clean)
        if line is None:
            raise _broken(raw, lines)
        if line.params and line.is_quoted_printable:
            first = at
            while at < end and raws[at - 1].rstrip("\r\n").endswith("=") and _continues(raws[at]):
                at += 1
            line = _read_joined(raw + "".join(raws[first:at]), version, clean, lines)
        elif line.name == "VERSION":
            version = line.value.strip()
        lines.append(line)
    return lines


def _is_clean(text: str) -> bool:
    """Whether a text can be written as UTF-8 as it is."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def folded(line: str, ending: str) -> str:
    """A line folded at 75 octets, never inside a character (RFC 6350, 3.2)."""
    octets = line.encode()
    if len(octets) <= _LINE_OCTETS:
        return line + ending
    pieces, start, room = [], 0, _LINE_OCTETS
    while start < len(octets):
        stop = min(start + room, len(octets))
        while stop < len(octets) and octets[stop] & 0xC0 == 0x80:
            stop -= 1
        pieces.append(octets[start:stop].decode())
        start, room = stop, _LINE_OCTETS - 1  # the space that marks a fold counts
    return f"{ending or chr(10)} ".join(pieces) + ending


def number_of(lines: list[Line] | tuple[Line, ...], at: int) -> int:
    """The physical line, counted from 1, at which a logical line begins."""
    return 1 + sum(line.raw.count("\n") for line in lines[:at])


def _read(raw: str, clean: bool) -> Line | None:
    """A raw line taken apart; ``None`` if it is neither a property nor blank."""
    body = raw.rstrip("\r\n")
    if body[:1] == "\ufeff":  # a byte order mark, which some exporters put before BEGIN
        body = body[1:]
    if "\n" in body:
        body = _FOLD.sub("", body)
    if not clean:
        repaired = _repaired(body)
        if repaired is None:
            return None
        body = repaired
    head, _, value = body.partition(":")
    parts = None
    if len(head) < _HEAD_CACHED and '"' not in head:  # a quoted parameter may hold a colon
        parts = _head(head) if len(head) < len(body) else None
    elif match := _HEAD.match(body):
        parts, value = _parts(match), body[match.end() :]
    if parts is None:
        return None if body.strip(" \t\r") else Line(raw, "", "", "", "", "")
    return _new(Line, (raw, *parts, value))


@lru_cache(maxsize=1024)
def _head(head: str) -> tuple[str, str, str, str] | None:
    """Group, name, head and parameters; cached, since all cards of a book begin their lines alike."""
    match = _HEAD.fullmatch(head + ":")
    return _parts(match) if match else None


def _parts(match: re.Match[str]) -> tuple[str, str, str, str]:
    group, name, params = match.groups()
    return (group or "", name.upper(), name if group is None else f"{group}.{name}", params)


def _repaired(body: str) -> str | None:
    """An unfolded line whose characters were torn apart by folding between octets; ``None`` if it is not UTF-8."""
    try:
        return body.encode("utf-8", "surrogateescape").decode()
    except UnicodeError:
        return None


def _continues(raw: str) -> bool:
    return not raw.upper().startswith("END:VCARD")


def _read_joined(raw: str, version: str, clean: bool, before: list[Line]) -> Line:
    """A quoted-printable line without its soft line breaks, which only its value has: ``ENCODING=`` may be folded.

    White space after a soft break belongs to the value in 2.1, where there is no other folding inside
    quoted-printable; writers of later versions put a fold behind the soft break.
    """
    pattern = _SOFT_BREAK_OR_FOLD if version == "2.1" else _SOFT_BREAK_AND_FOLD
    cut = _value_begins(raw)
    line = _read(_FOLD.sub("", raw[:cut]) + pattern.sub("", raw[cut:].rstrip("\r\n")), clean)
    if line is None:
        raise _broken(raw, before)
    return line._replace(raw=raw)


def _value_begins(raw: str) -> int:
    """Where the value of a property stands in its folded text."""
    match = _HEAD.match(_FOLD.sub("", raw).removeprefix("\ufeff"))
    end = (match.end() if match else 0) + raw.startswith("\ufeff")
    for fold in _FOLD.finditer(raw):
        if fold.start() >= end:
            break
        end += len(fold.group())
    return end


def _broken(raw: str, before: list[Line]) -> VCardError:
    number = number_of(before, len(before))
    if _repaired(raw if raw.isascii() else _FOLD.sub("", raw)) is None:
        return VCardError("not UTF-8", number)
    if '"' in raw.partition(":")[0]:
        return VCardError("a quoted parameter that does not end", number)
    return VCardError("not a property: no name and colon", number)
