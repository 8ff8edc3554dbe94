"""A moment: the same instant is the same value, whatever the offset that it is written with."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime

from zohosyncd.core.dates import moment_of
from zohosyncd.core.lens import View
from zohosyncd.core.lens.text import REQUIRED, text_of
from zohosyncd.core.record import Value, Values
from zohosyncd.core.spelling import squeeze

NOT_A_MOMENT = "not a moment with its offset from UTC (2026-05-02T11:17:33+02:00)"


def moment_canon(view: View) -> Hashable:
    """The whole second that is meant, in UTC, other text as text, None for nothing."""
    text = squeeze(text_of(view))
    return (_in_utc(text) or text) if text else None


def _in_utc(text: str) -> str | None:
    """A moment in the one spelling that is written, None for what is none."""
    moment = moment_of(text)
    try:
        shown = None if moment is None else datetime.fromtimestamp(int(moment // 1), UTC)
    except (ValueError, OverflowError, OSError):
        return None  # a day before the first or after the last one that there is in UTC
    return None if shown is None else shown.isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class MomentLens:
    """A field that holds a moment. ``required``: whether it may not become empty."""

    name: str
    required: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The one field."""
        return (self.name,)

    def get(self, values: Values) -> View:
        """The moment as text, None for nothing."""
        return text_of(values.get(self.name)).strip() or None

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """The moment in UTC, whole seconds, unless it is there already."""
        if moment_canon(view) == moment_canon(self.get(values)) or self.refuses(view, values) is not None:
            return {}
        return {self.name: _in_utc(squeeze(text_of(view)))}

    def refuses(self, view: View, values: Values | None = None) -> str | None:
        """Refuses what is no moment, and to empty a required field."""
        canon = moment_canon(view)
        if values is not None and canon == moment_canon(self.get(values)):
            return None
        if canon is None:
            return REQUIRED if self.required else None
        return None if _in_utc(str(canon)) is not None else NOT_A_MOMENT

    def shows_part(self, view: View, whole: View) -> bool:  # noqa: ARG002  part of the protocol
        """Never: fractions of a second are no difference."""
        return False
