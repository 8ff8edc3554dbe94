"""A date, with or without its year: what is known is never overwritten by less."""

from collections.abc import Hashable
from dataclasses import dataclass

from zohosyncd.core.dates import canonical_date, has_year, is_less_precise
from zohosyncd.core.lens import View
from zohosyncd.core.lens.text import REQUIRED, text_of
from zohosyncd.core.record import Value, Values
from zohosyncd.core.spelling import squeeze

NOT_A_DATE = "not a date"
NO_YEAR = "a date without its year"


def date_canon(view: View) -> Hashable:
    """The canonical date, other text as text, None for nothing. A date without its year equals none with one."""
    text = text_of(view)
    if not text:
        return None
    return canonical_date(text) or squeeze(text) or None


@dataclass(frozen=True, slots=True)
class DateLens:
    """A field that holds a date.

    Args:
        name: the app's field.
        yearless: whether it can hold a date without a year. Where it cannot, none is made up.
        required: whether it may not become empty.
    """

    name: str
    yearless: bool = False
    required: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The one field."""
        return (self.name,)

    def get(self, values: Values) -> View:
        """The date as "YYYY-MM-DD" or "--MM-DD", other text as it is, None for nothing."""
        text = text_of(values.get(self.name))
        if not text or text.isspace():
            return None
        return canonical_date(text) or text

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """The date, unless it is there already, with its year or without."""
        old, new = date_canon(self.get(values)), date_canon(view)
        if new == old or self._known(new, old) or self.refuses(view, values) is not None:
            return {}
        return {self.name: canonical_date(text_of(view))}

    def refuses(self, view: View, values: Values | None = None) -> str | None:
        """Refuses what is no date, and a date without its year where the field needs one and holds another date."""
        new = date_canon(view)
        if values is not None:
            old = date_canon(self.get(values))
            if new == old or self._known(new, old):
                return None
        if new is None:
            return REQUIRED if self.required else None
        date = canonical_date(text_of(view))
        if date is None:
            return NOT_A_DATE
        return None if self.yearless or has_year(date) else NO_YEAR

    def shows_part(self, view: View, whole: View) -> bool:
        """Whether the view is the whole date without its year."""
        return self._known(date_canon(view), date_canon(whole))

    @staticmethod
    def _known(part: Hashable, whole: Hashable) -> bool:
        return isinstance(part, str) and isinstance(whole, str) and is_less_precise(part, whole)
