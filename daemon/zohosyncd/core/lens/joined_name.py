"""Given and family name shown as one full name, for apps that have only one field for it."""

from collections.abc import Hashable
from dataclasses import dataclass

from zohosyncd.core.lens import View
from zohosyncd.core.lens.text import REQUIRED, TOO_LONG, text_of
from zohosyncd.core.names import clear_split, full_name, name_order, spoken
from zohosyncd.core.record import Value, Values
from zohosyncd.core.spelling import squeeze

UNCLEAR = "it is not clear which part of the full name changed"
UNCLEAR_SPLIT = "it is not clear where in the full name the family name begins"
NO_FAMILY_NAME = "no family name can be told from the full name"


def name_canon(view: View) -> Hashable:
    """A full name up to spacing and Unicode form; "Schmidt, Anna" and "Anna Schmidt" are one. Empty is None."""
    return spoken(text_of(view)) or None


@dataclass(frozen=True, slots=True)
class NamePart:
    """The field of one part of a name."""

    name: str
    max_length: int | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class JoinedName:
    """Two or three name fields shown as one full name.

    ``put`` changes only the part that changed: where the end of the new name is the old family name, the rest is the
    given name, and the reverse. Where neither holds it refuses, as the last word of a name is not the family name.
    A record without any name takes only a name that tells its parts by itself (``names.clear_split``).
    """

    given: NamePart
    family: NamePart
    additional: NamePart | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the parts."""
        parts = (self.given.name, self.family.name)
        return (*parts, self.additional.name) if self.additional is not None else parts

    def get(self, values: Values) -> View:
        """The full name, None if all parts are empty."""
        return full_name(**self._parts(values)) or None

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """New values of the parts that change."""
        if self.refuses(view, values) is not None:
            return {}
        old = self._parts(values)
        new = self._aligned(view, old) or old
        result: dict[str, Value] = {}
        for part, field in self._named().items():
            if new[part] != squeeze(old[part]):
                result[field.name] = new[part] or None
        return result

    def refuses(self, view: View, values: Values | None = None) -> str | None:
        """Refuses a change that cannot be given to one part, and to empty a part that is required."""
        old = self._parts(values or {})
        if values is not None and name_canon(view) == name_canon(full_name(**old)):
            return None
        new = self._aligned(view, old)
        if new is None:
            return UNCLEAR if any(squeeze(part) for part in old.values()) else UNCLEAR_SPLIT
        for part, field in self._named().items():
            if field.required and not new[part]:
                return NO_FAMILY_NAME if part == "family" and text_of(view) else REQUIRED
            if field.max_length is not None and len(new[part]) > field.max_length and new[part] != old[part]:
                return TOO_LONG
        return None

    def shows_part(self, view: View, whole: View) -> bool:  # noqa: ARG002  part of the protocol
        """Never: a name that is too long for its fields is refused."""
        return False

    def _named(self) -> dict[str, NamePart]:
        named = {"given": self.given, "family": self.family}
        return named | {"additional": self.additional} if self.additional is not None else named

    def _parts(self, values: Values) -> dict[str, str]:
        parts = {part: text_of(values.get(field.name)) for part, field in self._named().items()}
        return {"additional": "", **parts}

    def _aligned(self, view: View, old: dict[str, str]) -> dict[str, str] | None:
        """The parts of the new name, None where it is unclear."""
        new = spoken(text_of(view))
        old = {part: squeeze(text) for part, text in old.items()}
        if not new:
            return dict.fromkeys(old, "")
        if new == spoken(full_name(**old)):
            return old
        filled = [part for part in name_order(**old) if old[part]]
        if not filled:
            split = clear_split(text_of(view))
            return {"given": split[0], "additional": "", "family": split[1]} if split is not None else None
        if len(filled) == 1:
            parts = self._one_part(new, filled[0], old)
        else:
            parts = self._outer_parts(new, filled, old)
        return parts if parts is not None and spoken(full_name(**parts)) == new else None

    @staticmethod
    def _one_part(new: str, part: str, old: dict[str, str]) -> dict[str, str] | None:
        """Only one part is filled: it was replaced by one word, or the other was added before or behind it."""
        if " " not in new and " " not in old[part]:
            return {**old, part: new}
        first, _, last = name_order(**old) if part != "given" else (part, "", "family")
        other = first if part == last else last
        kept = old[part]
        rest = _without_end(new, kept) if part == last else _without_start(new, kept)
        return {**old, other: rest} if rest and part != "additional" else None

    @staticmethod
    def _outer_parts(new: str, filled: list[str], old: dict[str, str]) -> dict[str, str] | None:
        """Several parts are filled: all but one end of the name are unchanged, or only the middle changed."""
        first, last = filled[0], filled[-1]
        if len(filled) == 3:
            middle = filled[1]
            inner = _without_end(new, old[last])
            inner = _without_start(inner, old[first]) if inner is not None else None
            if inner is not None:
                return {**old, middle: inner}
            ends = {first: _without_end(new, f"{old[middle]} {old[last]}")}
            ends[last] = _without_start(new, f"{old[first]} {old[middle]}")
        else:
            ends = {first: _without_end(new, old[last]), last: _without_start(new, old[first])}
        for part, rest in ends.items():
            if rest is not None:
                return {**old, part: rest}
        return None


def _without_end(text: str, end: str) -> str | None:
    if text == end:
        return ""
    return text[: -len(end) - 1] if text.endswith(" " + end) else None


def _without_start(text: str, start: str) -> str | None:
    if text == start:
        return ""
    return text[len(start) + 1 :] if text.startswith(start + " ") else None
