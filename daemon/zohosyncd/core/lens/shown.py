"""What can only be shown as text: an owner, a moment, the names of tags."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from zohosyncd.core.lens import View
from zohosyncd.core.lens.text import text_of
from zohosyncd.core.name_sets import names_of
from zohosyncd.core.record import Owner, Value, Values
from zohosyncd.core.schema import FieldType
from zohosyncd.core.spelling import fold

ONLY_SHOWN: Final = "it is only shown there"


def owner_text(value: Value) -> str:
    """Who owns the record: the name, else the address, else the id."""
    return value.name or str(value) if isinstance(value, Owner) else text_of(value)


def names_text(value: Value) -> str:
    """The names in an order of their own, so that another order in the app is no change."""
    return ", ".join(sorted(names_of(value), key=fold))


SHOWN: Final[dict[FieldType, tuple[str, Callable[[Value], str]]]] = {
    FieldType.OWNER: ("an owner", owner_text),
    FieldType.NAMES: ("a set of names", names_text),
    FieldType.MOMENT: ("a moment", text_of),
}
"""What each such kind of field is, and how it is written as text."""


@dataclass(frozen=True, slots=True)
class ShownLens:
    """A field that another side shows as text and that is never written; ``show`` makes the text."""

    name: str
    show: Callable[[Value], str]

    @property
    def fields(self) -> tuple[str, ...]:
        """The one field."""
        return (self.name,)

    def get(self, values: Values) -> View:
        """The text, None for nothing."""
        value = values.get(self.name)
        return (self.show(value).strip() or None) if value is not None else None

    def put(self, view: View, values: Values) -> dict[str, Value]:  # noqa: ARG002  part of the protocol
        """Never anything."""
        return {}

    def refuses(self, view: View, values: Values | None = None) -> str | None:
        """Refuses whatever it does not show already."""
        return None if values is not None and text_of(view) == text_of(self.get(values)) else ONLY_SHOWN

    def shows_part(self, view: View, whole: View) -> bool:  # noqa: ARG002  part of the protocol
        """Never."""
        return False
