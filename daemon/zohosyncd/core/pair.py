"""A pair of fields that is kept the same: how either side is seen, compared and written, and what was wished for it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from zohosyncd.core import phones
from zohosyncd.core.lens import Canon, Lens, View
from zohosyncd.core.lens.converter import Converter
from zohosyncd.core.lens.items import ItemsCanon
from zohosyncd.core.record import Item, Values
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.side import SIDES, Cleared, Direction, Side, Winner

_MEANING: Final = 1
"""Grows when an unchanged pair comes to mean something else, so that records are compared anew."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Fields of the two sides that are kept the same.

    Attributes:
        name: the semantic name ("emails"), or "LeftField = RightField" for a configured pair.
        left: how the left side is read and written.
        right: how the right side is read and written.
        canon: how the views of the two are compared.
        direction: which way values may travel.
        multi: whether it is merged as a set of items (``core.lens.merge``).
        narrowed: why the direction is narrower than wished, "" if it is not.
        winner: who wins a true clash, None for the connection's rule.
        cleared: what it does to the other side that somebody has emptied the field.
        unmapped: choices of the left and of the right that a value map has nothing for: they never travel.
        values: a value map, the right word by the left one. steps: converters, from left to right.
        choices: its fields of the left and of the right that are choices.
        meaning: a short stable hash over how its two sides are seen and compared; who wins and which way values go is
            no part of it.
        left_fields: the fields of the left lens.
        right_fields: the fields of the right lens.
    """

    name: str
    left: Lens
    right: Lens
    canon: Canon
    direction: Direction
    multi: bool
    narrowed: str = ""
    winner: Winner | None = None
    cleared: Cleared = Cleared.TRAVEL
    unmapped: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    steps: tuple[Converter, ...] = ()
    choices: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    meaning: str = ""
    left_fields: tuple[str, ...] = field(init=False, repr=False, compare=False)
    right_fields: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # A lens works its fields out each time it is asked, and a merge asks for them many times a record.
        object.__setattr__(self, "left_fields", self.left.fields)
        object.__setattr__(self, "right_fields", self.right.fields)

    def lens(self, side: Side) -> Lens:
        """The lens of that side."""
        return self.left if side is Side.LEFT else self.right

    def fields(self, side: Side) -> tuple[str, ...]:
        """The fields of that side's lens."""
        return self.left_fields if side is Side.LEFT else self.right_fields

    def options_without_word(self) -> Iterator[str]:
        """A sentence for each side whose choices have nothing on the other side: records with them are refused."""
        for side, options in zip(SIDES, self.unmapped, strict=True):
            if options and self.direction.writes(side.other):
                named = ", ".join(f'"{option}"' for option in options)
                yield f"{self.name}: the value map has nothing for {named} of the {side} side"

    def canon_item(self, item: Item) -> str:
        """The comparable form of one item of a multi-valued pair, "" for a blank one.

        Raises:
            TypeError: the pair is not multi-valued.
        """
        if not isinstance(self.canon, ItemsCanon):
            raise TypeError(f"{self.name} is not multi-valued")
        return self.canon.key(item.value)

    def fuller(self, left: Values, right: Values) -> Side | None:
        """The side whose view says all that the other says, and more that the other cannot hold or does not know.

        A full date against one without its year, a text against the same text cut at its field's length. Such a
        difference is no clash: the fuller side wins whatever the ``winner``. None where neither is.
        """
        return self.fuller_of(self.left.get(left), self.right.get(right))

    def fuller_of(self, left: View, right: View) -> Side | None:
        """As :meth:`fuller`, of the two views."""
        if self.right.shows_part(right, left):
            return Side.LEFT
        return Side.RIGHT if self.left.shows_part(left, right) else None


def described(pair: Pair, schemas: tuple[Schema, Schema], region: str) -> Pair:
    """The pair with what follows from its fields: its meaning, and which of them are choices.

    Args:
        pair: without it. schemas: of the left and the right. region: of phone numbers without country code.
    """
    sides = [[schema.fields[name] for name in pair.fields(side)] for side, schema in zip(SIDES, schemas, strict=True)]
    choices = [tuple(each.name for each in fields if each.type is FieldType.CHOICE) for fields in sides]
    return replace(pair, choices=(choices[0], choices[1]), meaning=_meaning(pair, sides, region))


def _meaning(pair: Pair, sides: Sequence[Sequence[Field]], region: str) -> str:
    parts = [f"{_MEANING}", f"{pair.multi}", f"{sorted(pair.values.items())} {pair.steps}"]
    for side, fields in zip(SIDES, sides, strict=True):
        for each in fields:
            parts.append(f"{side} {each.name} {each.type} {each.semantic} {each.part} {each.item_label}")
            parts += sorted(each.choices)
            if each.type in {FieldType.PHONE, FieldType.PHONES}:
                parts += [f"{phones.NORMALISER}", region.upper()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
