"""A postal address, as one field or as single fields for its parts; one group either way."""

from collections.abc import Hashable
from dataclasses import dataclass

from zohosyncd.core.countries import canonical_country
from zohosyncd.core.lens import View
from zohosyncd.core.lens.text import cut
from zohosyncd.core.record import Postal, Value, Values
from zohosyncd.core.spelling import fold

PARTS = ("street", "city", "region", "code", "country")
NOT_AN_ADDRESS = "not a postal address"
REQUIRED_PART = "a required part of the address cannot be emptied"


def part_canon(text: str, part: str = "") -> str:
    """One part without regard to case, spacing and line breaks; a country is the same by its name and by its code."""
    if not text:
        return ""
    return canonical_country(text) if part == "country" else fold(text)


def address_canon(view: View) -> Hashable:
    """The address with each part in canonical form, None if all are empty."""
    if not isinstance(view, Postal):
        return None
    canonical = Postal(
        part_canon(view.street),
        part_canon(view.city),
        part_canon(view.region),
        part_canon(view.code),
        part_canon(view.country, "country"),
    )
    return canonical if canonical != _NOTHING else None


_NOTHING = Postal()


def _changed(view: View, old: View, parts: tuple[str, ...]) -> dict[str, str]:
    if view == old:
        return {}
    new = view if isinstance(view, Postal) else _NOTHING
    now = old if isinstance(old, Postal) else _NOTHING
    return {
        part: getattr(new, part)
        for part in parts
        if getattr(new, part) != getattr(now, part)
        and part_canon(getattr(new, part), part) != part_canon(getattr(now, part), part)
    }


@dataclass(frozen=True, slots=True)
class AddressLens:
    """One field that holds an address; ``parts`` are those that the other side knows, too. Others stay untouched."""

    name: str
    parts: tuple[str, ...] = PARTS

    @property
    def fields(self) -> tuple[str, ...]:
        """The one field."""
        return (self.name,)

    def get(self, values: Values) -> View:
        """The address, only its common parts, None if they are empty."""
        value = values.get(self.name)
        if not isinstance(value, Postal):
            return None
        if self.parts != PARTS:
            value = Postal(**{part: getattr(value, part) for part in self.parts})
        return value if any(getattr(value, part).strip() for part in self.parts) else None

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """The address with the changed parts replaced; parts that only differ in spelling stay as typed."""
        changed = _changed(view, self.get(values), self.parts)
        if not changed or self.refuses(view) is not None:
            return {}
        old = values.get(self.name)
        parts = {part: getattr(old, part) if isinstance(old, Postal) else "" for part in PARTS} | changed
        new = Postal(**{part: text if text.strip() else "" for part, text in parts.items()})
        return {self.name: new if new != _NOTHING else None}

    def refuses(self, view: View, values: Values | None = None) -> str | None:  # noqa: ARG002  part of the protocol
        """Refuses everything but an address."""
        return None if view is None or isinstance(view, Postal) else NOT_AN_ADDRESS

    def shows_part(self, view: View, whole: View) -> bool:  # noqa: ARG002  part of the protocol
        """Never: the field holds everything."""
        return False


@dataclass(frozen=True, slots=True)
class AddressPart:
    """The field that holds one part of an address."""

    part: str
    name: str
    max_length: int | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class AddressPartsLens:
    """Single fields, each for one part of an address, shown as one address."""

    parts: tuple[AddressPart, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the parts."""
        return tuple(part.name for part in self.parts)

    def get(self, values: Values) -> View:
        """The address, None if all parts are empty."""
        found: dict[str, str] = {}
        for part in self.parts:
            text = values.get(part.name)
            if isinstance(text, str) and text and not text.isspace():
                found[part.part] = text
        return Postal(**found) if found else None

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """New values of the parts that change, each cut at its field's length."""
        if self.refuses(view, values) is not None:
            return {}
        changed = _changed(view, self.get(values), tuple(part.part for part in self.parts))
        result: dict[str, Value] = {}
        for part in self.parts:
            if part.part not in changed:
                continue
            text = cut(changed[part.part], part.max_length)
            old = values.get(part.name)
            if part_canon(text, part.part) != part_canon(old if isinstance(old, str) else "", part.part):
                result[part.name] = text if text.strip() else None
        return result

    def refuses(self, view: View, values: Values | None = None) -> str | None:
        """Refuses everything but an address, and one that lacks a part that is required here."""
        if view is not None and not isinstance(view, Postal):
            return NOT_AN_ADDRESS
        changed = _changed(view, self.get(values) if values is not None else None, PARTS)
        for part in self.parts:
            blank = view is None or not getattr(view, part.part).strip()
            if part.required and blank and (values is None or part.part in changed):
                return REQUIRED_PART
        return None

    def shows_part(self, view: View, whole: View) -> bool:
        """Whether the view is the whole address with parts cut at the length of their fields."""
        if not isinstance(view, Postal) or not isinstance(whole, Postal):
            return False
        changed = _changed(whole, view, PARTS)
        lengths = {part.part: part.max_length for part in self.parts}
        return bool(changed) and all(
            lengths.get(part) is not None
            and part_canon(cut(text, lengths[part]), part) == part_canon(getattr(view, part), part)
            for part, text in changed.items()
        )
