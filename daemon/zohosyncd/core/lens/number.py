"""A number, and a number shown as text."""

import math
from collections.abc import Hashable
from dataclasses import dataclass

from zohosyncd.core.lens import View
from zohosyncd.core.lens.text import REQUIRED, text_of
from zohosyncd.core.record import Value, Values
from zohosyncd.core.spelling import squeeze

NOT_A_NUMBER = "not a number"


def number_of(view: object) -> int | float | None:
    """The number of a view or of its text (whole numbers as int), None if it is none."""
    if isinstance(view, bool):
        return None
    if isinstance(view, str):
        try:
            view = int(view) if view.strip().lstrip("+-").isdecimal() else float(view)
        except ValueError:
            return None
    if isinstance(view, int):
        return view
    if not isinstance(view, float) or not math.isfinite(view):
        return None
    return int(view) if view.is_integer() else round(view, 9)


def number_canon(view: View) -> Hashable:
    """The number; 47, 47.0 and "47" are one. Other text as text, None for nothing."""
    number = number_of(view)
    return number if number is not None else squeeze(text_of(view)) or None


@dataclass(frozen=True, slots=True)
class NumberLens:
    """A field that holds a number; ``as_text`` shows it as text to a pair whose other side is a text field."""

    name: str
    as_text: bool = False
    required: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The one field."""
        return (self.name,)

    def get(self, values: Values) -> View:
        """The number, None for nothing."""
        number = number_of(values.get(self.name))
        return str(number) if self.as_text and number is not None else number

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """The number, if it is another one."""
        if self.refuses(view, values) is not None or number_of(view) == number_of(self.get(values)):
            return {}
        return {self.name: number_of(view)}

    def refuses(self, view: View, values: Values | None = None) -> str | None:
        """Refuses what is no number, and to empty a required field."""
        number = number_of(view)
        if number is not None:
            return None
        if view is not None and view != "":
            return NOT_A_NUMBER
        empty_already = values is not None and self.get(values) is None
        return REQUIRED if self.required and not empty_already else None

    def shows_part(self, view: View, whole: View) -> bool:  # noqa: ARG002  part of the protocol
        """Never: a number has no parts."""
        return False
