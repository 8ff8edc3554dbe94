"""A vCard as its lines: read what they say, keep how they say it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from . import dates, parameters, values
from .errors import VCardError
from .lines import Line, number_of, split
from .parameters import Parameters

_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_", re.DOTALL)
_KINDS = ("KIND", "X-ADDRESSBOOKSERVER-KIND")


@dataclass(frozen=True, slots=True)
class Card:
    """One vCard. Positions (``at``) count its logical lines from 0, blank ones included.

    Attributes:
        lines: all lines from BEGIN to END, each with its original text.
        version: ``3.0``, ``4.0`` or ``2.1``; a card that does not say is read as 3.0.
    """

    lines: tuple[Line, ...]
    version: str
    _places: dict[str, list[int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        places: dict[str, list[int]] = {}
        for at, line in enumerate(self.lines):
            if line.name in places:
                places[line.name].append(at)
            else:
                places[line.name] = [at]
        object.__setattr__(self, "_places", places)

    def serialise(self) -> str:
        """The text of the card: every line exactly as it was read or written."""
        return "".join([line.raw for line in self.lines])

    def octets(self) -> bytes:
        """The text in UTF-8; equal to what ``parse_octets`` was given if nothing was changed."""
        return self.serialise().encode("utf-8", "surrogateescape")

    def positions(self, name: str) -> Sequence[int]:
        """Where the properties of a name (upper case) stand, in order."""
        return self._places.get(name, ())

    def first(self, name: str) -> int | None:
        """Where the first property of a name (upper case) stands."""
        places = self._places.get(name)
        return places[0] if places else None

    def text(self, at: int) -> str:
        """The value of a line as text.

        Raises:
            VCardError: it is in a charset that is unknown or does not fit.
        """
        plain = self.as_spelled(at)
        return values.unescape(self._plain(at, self.lines[at].value), self.version) if plain is None else plain

    def as_spelled(self, at: int) -> str | None:
        """The value of a line where what is written is what is meant: nothing escaped, nothing encoded; else None."""
        line = self.lines[at]
        return None if "\\" in line.value or line.is_quoted_printable else line.value

    def components(self, at: int) -> tuple[str, ...]:
        """The parts of a structured value (N, ADR, ORG) as texts; an unescaped comma stays in its part."""
        plain = self.as_spelled(at)
        if plain is not None:
            return tuple(plain.split(";"))
        parts = values.split_components(self.lines[at].value)
        return tuple(values.unescape(self._plain(at, part), self.version) for part in parts)

    def component_lists(self, at: int) -> tuple[tuple[str, ...], ...]:
        """As ``components``, with every part split at unescaped commas (RFC 6350, 6.2.2)."""
        parts = [self._plain(at, part) for part in values.split_components(self.lines[at].value)]
        return tuple(tuple(values.unescape(item, self.version) for item in values.split_list(part)) for part in parts)

    def items(self, at: int) -> tuple[str, ...]:
        """The parts of a list value (CATEGORIES, NICKNAME) as texts."""
        plain = self._plain(at, self.lines[at].value)
        return tuple(values.unescape(item, self.version) for item in values.split_list(plain))

    def date(self, at: int) -> str | None:
        """The date of a line as ``YYYY-MM-DD`` or ``--MM-DD``; ``None`` where it is no calendar day."""
        return dates.read(self.lines[at])

    def parameters(self, at: int) -> Parameters:
        """The parameters of a line."""
        return parameters.read(self.lines[at].params)

    def label(self, at: int) -> str:
        """What a person called a grouped line (``item1.X-ABLabel``), Apple's own words unwrapped; "" without one."""
        group = self.lines[at].group.upper()
        if not group:
            return ""
        for other in self.positions("X-ABLABEL"):
            if self.lines[other].group.upper() == group:
                text = self.text(other).strip()
                match = _APPLE_LABEL.fullmatch(text)
                return match.group(1) if match else text
        return ""

    def free_group(self) -> str:
        """A group name that the card does not use yet (``item1``, ``item2`` ...)."""
        used = {line.group.upper() for line in self.lines}
        return next(name for name in _group_names() if name.upper() not in used)

    @property
    def uid(self) -> str:
        """The UID, "" without one."""
        at = self.first("UID")
        return "" if at is None else self.text(at).strip()

    @property
    def is_group(self) -> bool:
        """Whether the card is a list of people and no person (RFC 6350, 6.1.4; Apple's 3.0 form)."""
        kinds = [at for name in _KINDS for at in self.positions(name)]
        return any(self.lines[at].value.strip().lower() == "group" for at in kinds)

    @property
    def ending(self) -> str:
        """The line ending for new lines: that of the first line, if it is one of the two usual ones."""
        return "\n" if self.lines[0].ending == "\n" else "\r\n"

    def _plain(self, at: int, value: str) -> str:
        line = self.lines[at]
        if not line.is_quoted_printable:
            return value
        try:
            return values.from_quoted_printable(value, parameters.read(line.params).charset)
        except (LookupError, ValueError) as error:
            raise VCardError("a charset that is unknown or does not fit", number_of(self.lines, at)) from error


def parse(text: str) -> Card:
    """Read the text of one card; ``parse(text).serialise() == text``.

    Raises:
        VCardError: not exactly one card, a line that is no property, or a NUL; it names the line.
    """
    if "\0" in text:
        raise VCardError("a NUL character", 1 + text.count("\n", 0, text.index("\0")))
    lines = tuple(split(text))
    version = "3.0"
    begins: list[int] = []
    ends: list[int] = []
    for at, line in enumerate(lines):
        if line.name in ("BEGIN", "END"):
            if line.value.strip().upper() != "VCARD":
                raise VCardError("a BEGIN or END that is not of a VCARD", number_of(lines, at))
            (begins if line.name == "BEGIN" else ends).append(at)
        elif line.name == "VERSION":
            version = line.value.strip()
    _check_frame(lines, begins, ends)
    return Card(lines, version)


def parse_octets(octets: bytes) -> Card:
    """Read the octets of one card in UTF-8, also where a fold tears a character apart.

    Raises:
        VCardError: as ``parse``, and for octets that are not UTF-8.
    """
    return parse(octets.decode("utf-8", "surrogateescape"))


def blank(version: str, uid: str) -> Card:
    """A new card with nothing but VERSION and UID; FN, and N in 3.0, have to be added."""
    uid = values.escape(uid, version)
    return parse(f"BEGIN:VCARD\r\nVERSION:{version}\r\nUID:{uid}\r\nEND:VCARD\r\n")


def _check_frame(lines: tuple[Line, ...], begins: list[int], ends: list[int]) -> None:
    filled = [at for at, line in enumerate(lines) if line.name]
    if not filled:
        raise VCardError("empty")
    if not begins or begins[0] != filled[0]:
        raise VCardError("does not begin with BEGIN:VCARD", number_of(lines, filled[0]))
    if len(begins) > 1:
        raise VCardError("more than one card", number_of(lines, begins[1]))
    if not ends:
        raise VCardError("no END:VCARD")
    if ends[0] != filled[-1]:
        raise VCardError("something after END:VCARD", number_of(lines, ends[0] + 1))


def _group_names() -> Iterator[str]:
    number = 1
    while True:
        yield f"item{number}"
        number += 1
