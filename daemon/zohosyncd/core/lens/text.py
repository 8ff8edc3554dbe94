"""Plain text: compared without regard to spacing and Unicode form, stored as typed, cut at the field's length."""

import unicodedata
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from zohosyncd.core.lens import Canon, View
from zohosyncd.core.record import Value, Values
from zohosyncd.core.spelling import fold, squeeze

REQUIRED = "the field is required and cannot be emptied"
TOO_LONG = "too long for the field"


def text_of(view: View) -> str:
    """A scalar view as text, "" for nothing."""
    if type(view) is str:
        return view
    return "" if view is None or isinstance(view, tuple) else str(view)


def text_canon(view: View) -> Hashable:
    """Text up to Unicode form and spacing; case matters. Empty is None."""
    return squeeze(text_of(view)) or None


def fold_canon(view: View) -> Hashable:
    """Text up to Unicode form, spacing and case. Empty is None."""
    return fold(text_of(view)) or None


def lines_canon(view: View) -> Hashable:
    """Text of several lines (notes): line breaks matter, how they are encoded and spaces around them do not."""
    text = text_of(view)
    if not text:
        return None
    return "\n".join(squeeze(line) for line in text.splitlines()).strip("\n") or None


def cut(text: str, length: int | None) -> str:
    """The text cut to at most so many characters, never between a letter and its accent, nor ending in a space."""
    if length is None or len(text) <= length:
        return text
    text = unicodedata.normalize("NFC", text)
    end = length
    while 0 < end < len(text) and unicodedata.combining(text[end]):
        end -= 1
    return text[: end or length].rstrip()


def anything(_: str) -> str | None:
    """Every text is valid."""
    return None


@dataclass(frozen=True, slots=True)
class TextLens:
    """A field that holds one text.

    Args:
        name: the app's field.
        canon: how two texts are compared; an equal text stays as it was typed.
        max_length: longest text in characters, None where unlimited.
        cuts: whether a longer text is cut (a name) or refused (a phone number cut short is a wrong number).
        required: whether it may not become empty.
        invalid: why a non-empty text cannot stand in this field, None if it can.
    """

    name: str
    canon: Canon = text_canon
    max_length: int | None = None
    cuts: bool = True
    required: bool = False
    invalid: Callable[[str], str | None] = anything

    @property
    def fields(self) -> tuple[str, ...]:
        """The one field."""
        return (self.name,)

    def get(self, values: Values) -> View:
        """The text as it was typed, None if it is blank."""
        value = values.get(self.name)
        if value is None:
            return None
        text = value if type(value) is str else text_of(value)
        return text if text and not text.isspace() else None

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """The text, cut to the field's length, if it is not there already."""
        now = self.get(values)
        if view is None and now is None:
            return {}
        old, new = self.canon(now), self.canon(view)
        if new == old:
            return {}
        text = text_of(view)
        if self._misfit(text) is not None:
            return {}
        fitting = cut(text, self.max_length)
        if fitting is not text and self.canon(fitting) == old:
            return {}
        return {self.name: fitting if fitting and not fitting.isspace() else None}

    def refuses(self, view: View, values: Values | None = None) -> str | None:
        """Refuses to empty a required field, an invalid text, and one too long where cutting would falsify it."""
        reason = self._misfit(text_of(view))
        if reason is not None and values is not None and self.canon(view) == self.canon(self.get(values)):
            return None  # it is there already
        return reason

    def _misfit(self, text: str) -> str | None:
        if not text or text.isspace():
            return REQUIRED if self.required else None
        if not self.cuts and self.max_length is not None and len(text) > self.max_length:
            return TOO_LONG
        return self.invalid(text)

    def shows_part(self, view: View, whole: View) -> bool:
        """Whether the view is the whole text cut at the field's length."""
        text = text_of(whole)
        if not self.cuts or self.max_length is None or len(text) <= self.max_length:
            return False
        return self.canon(cut(text, self.max_length)) == self.canon(view) != self.canon(whole)
