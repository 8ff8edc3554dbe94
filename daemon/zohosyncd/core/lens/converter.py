"""Converters: a text of the left side shown otherwise on the right. A small total set, each with its way back.

A converter says how a text goes (``forward``) and how an edited one comes back (``back``). Where it does not come
back, it is refused by record with the reason; where it never does, the pair is narrowed.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from zohosyncd.core.lens import Canon, Lens, View
from zohosyncd.core.lens.text import fold_canon, text_canon, text_of
from zohosyncd.core.record import Value, Values
from zohosyncd.core.spelling import fold, squeeze

NO_PREFIX: Final = "it does not begin as the converter makes it"
NO_SUFFIX: Final = "it does not end as the converter makes it"
NOTHING_LEFT: Final = "nothing is left of it without what the converter adds"
STANDS_FOR_EMPTY: Final = "empty, where an empty value shows the converter's default"
NOT_BACK: Final = "the converter cannot bring it back unchanged"


class Conversion(StrEnum):
    """What can be done to a text on its way from left to right."""

    TRIM = "trim"  # without spaces around it and with single ones inside
    UPPER = "upper"
    LOWER = "lower"
    DEFAULT = "default"  # a text to show where there is none
    PREFIX = "prefix"
    SUFFIX = "suffix"
    JOIN = "join"  # several fields of the left as one text, with this between them
    SPLIT = "split"  # one text of the left as several fields of the right


WITH_TEXT: Final = (Conversion.DEFAULT, Conversion.PREFIX, Conversion.SUFFIX, Conversion.JOIN, Conversion.SPLIT)
CASED: Final = (Conversion.UPPER, Conversion.LOWER)


@dataclass(frozen=True, slots=True)
class Converter:
    """One conversion. ``text``: the default, what is put before or behind, or what stands between joined parts."""

    kind: Conversion
    text: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text does not come back."""

    reason: str


def cased_canon(view: View) -> Hashable:
    """Text compared without regard to case, also where upper and lower case letters do not come in pairs."""
    return fold(fold(text_of(view)).upper()) or None


def canon_of(steps: Sequence[Converter], plain: Canon) -> Canon:
    """How the views of a converted pair are compared: without regard to case where a converter changes it."""
    if any(step.kind in CASED for step in steps):
        return cased_canon
    return fold_canon if plain is fold_canon else text_canon


@dataclass(frozen=True, slots=True)
class ConvertedLens:
    """A left field seen through converters.

    Args:
        inner: the field. steps: none of them joins or splits; in the order from left to right.
        canon: how views are compared (:func:`canon_of`).
    """

    inner: Lens
    steps: tuple[Converter, ...]
    canon: Canon

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the inner lens."""
        return self.inner.fields

    def get(self, values: Values) -> View:
        """The converted text, None for nothing."""
        return self._forward(text_of(self.inner.get(values)))

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """The text as it was before the converters, unless the field shows the view already."""
        if self.canon(view) == self.canon(self.get(values)) or self.refuses(view, values) is not None:
            return {}
        back = self._back(text_of(view))
        return {} if isinstance(back, Refusal) else self.inner.put(back, values)

    def refuses(self, view: View, values: Values | None = None) -> str | None:
        """Refuses what does not come back to the same, and what the field itself refuses."""
        known = values if values is not None else dict.fromkeys(self.fields)
        if values is not None and self.canon(view) == self.canon(self.get(values)):
            return None
        back = self._back(text_of(view))
        if isinstance(back, Refusal):
            return back.reason
        reason = self.inner.refuses(back, values)
        if reason is not None:
            return reason
        after = self.inner.get({**known, **self.inner.put(back, known)})
        same = self.canon(self._forward(text_of(after))) == self.canon(view)
        return None if same or self.inner.shows_part(after, back) else NOT_BACK

    def shows_part(self, view: View, whole: View) -> bool:
        """Whether the view is only the default, or the whole cut at the field's length."""
        default = self._forward("")
        if default is not None and whole and self.canon(view) == self.canon(default) != self.canon(whole):
            return True
        back = self._back(text_of(whole))
        if isinstance(back, Refusal):
            return False
        empty = dict.fromkeys(self.fields)
        held = self.inner.get({**empty, **self.inner.put(back, empty)})
        shown = self.canon(self._forward(text_of(held)))
        return self.inner.shows_part(held, back) and shown == self.canon(view) != self.canon(whole)

    def _forward(self, text: str) -> str | None:
        for step in self.steps:
            text = _forward(step, text)
        return text or None

    def _back(self, text: str) -> str | Refusal | None:
        for step in reversed(self.steps):
            back = _back(step, text)
            if isinstance(back, Refusal):
                return back
            text = back
        return text or None


def _forward(step: Converter, text: str) -> str:
    text = squeeze(text)
    if not text:
        return step.text if step.kind is Conversion.DEFAULT else ""
    if step.kind is Conversion.UPPER:
        return text.upper()
    if step.kind is Conversion.LOWER:
        return text.lower()
    if step.kind is Conversion.PREFIX:
        return step.text + text
    return text + step.text if step.kind is Conversion.SUFFIX else text


def _back(step: Converter, text: str) -> str | Refusal:
    text = squeeze(text)
    if not text:
        return Refusal(STANDS_FOR_EMPTY) if step.kind is Conversion.DEFAULT else ""
    added = squeeze(step.text)
    if step.kind is Conversion.PREFIX:
        rest = squeeze(text.removeprefix(added))
        reason = NO_PREFIX if not text.startswith(added) else NOTHING_LEFT
    elif step.kind is Conversion.SUFFIX:
        rest = squeeze(text.removesuffix(added))
        reason = NO_SUFFIX if not text.endswith(added) else NOTHING_LEFT
    else:
        return text
    return rest if rest and reason is NOTHING_LEFT else Refusal(reason)
