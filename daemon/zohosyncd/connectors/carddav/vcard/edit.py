"""Changes to a card: the named lines change, every other line stays as it is, octet by octet."""

from collections.abc import Iterable, Mapping

from . import dates, parameters, values
from .card import Card
from .lines import Line, folded
from .parameters import Written

_FRAME = frozenset({"BEGIN", "END", "VERSION"})
_LABELS = frozenset({"X-ABLABEL", "X-ABADR"})
_ENCODING = ("ENCODING", "CHARSET")


class Edit:
    """Collected changes of one card. Positions are always those of the card that was handed in.

    Methods that take a ``value`` want it escaped already; those that take ``text`` escape it for the card's version.
    """

    def __init__(self, card: Card) -> None:
        self._before = card
        self._lines: dict[int, Line] = dict(enumerate(card.lines))
        self._inserted: dict[int, list[Line]] = {}
        self._end = card.positions("END")[0]

    def card(self) -> Card:
        """The card with the changes."""
        lines: list[Line] = []
        for at in range(self._end + 1):
            if at in self._lines:
                lines.append(self._lines[at])
            if at in self._inserted:
                lines += self._inserted[at]
        return Card((*lines, *self._before.lines[self._end + 1 :]), self._before.version)

    def replace(self, at: int, value: str, *, params: str | None = None) -> None:
        """Give a line another value; group, name and parameters keep their spelling.

        A value that was quoted-printable is written plainly, so its ENCODING and CHARSET go.

        Args:
            at: position of the line.
            value: escaped.
            params: new parameters as spelled (``;TYPE=work``); ``None`` keeps the present ones.
        """
        line = self._changeable(at)
        kept = line.params if params is None else params
        if line.is_quoted_printable:
            kept = parameters.without(kept, _ENCODING)
        self._lines[at] = self._line(line.head, kept, value, line.ending)

    def replace_text(self, at: int, text: str) -> None:
        """Give a line a text."""
        self.replace(at, values.escape(text, self._before.version))

    def replace_components(self, at: int, changes: Mapping[int, str]) -> None:
        """Change some parts of a structured value, by position from 0; the other parts keep their spelling."""
        line, version = self._changeable(at), self._before.version
        value = line.value
        if line.is_quoted_printable:
            value = ";".join(values.escape(part, version) for part in self._before.components(at))
        self.replace(at, values.with_components(value, changes, version))

    def replace_items(self, at: int, texts: Iterable[str]) -> None:
        """Give a line a list of texts."""
        self.replace(at, values.joined_list(texts, self._before.version))

    def replace_date(self, at: int, day: str) -> None:
        """Give a line another date (``YYYY-MM-DD`` or ``--MM-DD``) in the spelling that it has."""
        spelled = dates.respelled(self._changeable(at), day, self._before.version)
        self.replace(at, spelled.value, params=spelled.params)

    def delete(self, at: int) -> None:
        """Remove a line."""
        self._changeable(at)
        del self._lines[at]

    def delete_with_labels(self, at: int) -> None:
        """Remove a line, and its group's labels (X-ABLabel, X-ABADR) if nothing else is in the group."""
        group = self._changeable(at).group.upper()
        self.delete(at)
        rest = {other: line for other, line in self._lines.items() if group and line.group.upper() == group}
        if all(line.name in _LABELS for line in rest.values()):
            for other in rest:
                del self._lines[other]

    def insert(self, name: str, value: str, *, params: Written = (), group: str = "", after: int | None = None) -> None:
        """Add a line after another one, or before END. Lines inserted at one place keep the order of the calls.

        Args:
            name: of the property, as it is to be spelled.
            value: escaped.
            params: names and values of parameters.
            group: such as ``item1``.
            after: position of the line before it.
        """
        place = self._end - 1 if after is None else after
        if not 0 <= place < self._end:
            raise ValueError("a line is inserted after BEGIN and before END")
        head = f"{group}.{name}" if group else name
        line = self._line(head, parameters.written(params), value, self._before.ending)
        self._inserted.setdefault(place, []).append(line)

    def insert_text(
        self, name: str, text: str, *, params: Written = (), group: str = "", after: int | None = None
    ) -> None:
        """Add a line with a text."""
        self.insert(name, values.escape(text, self._before.version), params=params, group=group, after=after)

    def insert_components(
        self, name: str, texts: Iterable[str], *, params: Written = (), group: str = "", after: int | None = None
    ) -> None:
        """Add a line with a structured value."""
        value = ";".join(values.escape(text, self._before.version) for text in texts)
        self.insert(name, value, params=params, group=group, after=after)

    def insert_date(self, name: str, day: str, *, after: int | None = None) -> None:
        """Add a line with a date (``YYYY-MM-DD`` or ``--MM-DD``) in the spelling of the card's version."""
        spelled = dates.spelled(day, self._before.version)
        params = [(key, list(found)) for key, found in parameters.read(spelled.params).entries]
        self.insert(name, spelled.value, params=params, after=after)

    def _changeable(self, at: int) -> Line:
        line = self._lines.get(at)
        if line is None or not line.name or line.name in _FRAME:
            raise ValueError(f"line {at} cannot be changed: it is deleted, blank or part of the frame")
        return line

    def _line(self, head: str, params: str, value: str, ending: str) -> Line:
        if self._before.version == "2.1":
            return _line_21(head, params, value, ending)
        if "\n" in value or "\r" in value or "\0" in value:
            raise ValueError("a value has no line ends: they have to be escaped")
        return _made(folded(f"{head}{params}:{value}", ending), head, params, value)


def _line_21(head: str, params: str, value: str, ending: str) -> Line:
    """vCard 2.1 folds at white space only, and needs quoted-printable for line ends and other letters than ASCII."""
    if value.isascii() and "\n" not in value:
        return _made(f"{head}{params}:{value}{ending}", head, params, value)
    params += ";ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8"
    pieces = values.to_quoted_printable(value, 76 - len(f"{head}{params}:"))
    raw = f"{head}{params}:{f'={ending}'.join(pieces)}{ending}"
    return _made(raw, head, params, "".join(pieces))


def _made(raw: str, head: str, params: str, value: str) -> Line:
    group, _, name = head.rpartition(".")
    return Line(raw, group, name.upper(), head, params, value)
