"""Several text fields shown as one text, with a separator between them: joined one way, split the other."""

from dataclasses import dataclass
from typing import Final

from zohosyncd.core.lens import View
from zohosyncd.core.lens.joined_name import NamePart
from zohosyncd.core.lens.text import REQUIRED, TOO_LONG, text_canon, text_of
from zohosyncd.core.record import Value, Values
from zohosyncd.core.spelling import squeeze

UNCLEAR_PARTS: Final = "it is not clear which part of the text belongs into which field"


@dataclass(frozen=True, slots=True)
class JoinedFields:
    """Fields in order, and what stands between them; a separator of spaces splits at every space.

    A text is split only where it has a part for each field, or for each field that is filled now; into empty fields
    only a part for each, or one part alone. Nothing else is guessed. Parts that stay are left as they were typed.
    """

    parts: tuple[NamePart, ...]
    separator: str = " "

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields, in order."""
        return tuple(part.name for part in self.parts)

    def get(self, values: Values) -> View:
        """The filled parts, joined; None if all are empty."""
        return squeeze(self.separator.join(text for text in self._texts(values) if text)) or None

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """New values of the parts that change."""
        if text_canon(view) == text_canon(self.get(values)) or self.refuses(view, values) is not None:
            return {}
        new = self._split(view, values) or ()
        old = self._texts(values)
        return {part.name: text or None for part, text, was in zip(self.parts, new, old, strict=True) if text != was}

    def refuses(self, view: View, values: Values | None = None) -> str | None:
        """Refuses a text that cannot be split without a guess, and parts that do not fit their fields."""
        known = values if values is not None else dict.fromkeys(self.fields)
        if values is not None and text_canon(view) == text_canon(self.get(values)):
            return None
        new = self._split(view, known)
        if new is None or squeeze(self.separator.join(text for text in new if text)) != squeeze(text_of(view)):
            return UNCLEAR_PARTS
        for part, text, was in zip(self.parts, new, self._texts(known), strict=True):
            if part.required and not text and (was or values is None):
                return REQUIRED
            if part.max_length is not None and len(text) > part.max_length and text != was:
                return TOO_LONG
        return None

    def shows_part(self, view: View, whole: View) -> bool:  # noqa: ARG002  part of the protocol
        """Never: what is too long for its field is refused."""
        return False

    def _texts(self, values: Values) -> tuple[str, ...]:
        return tuple(squeeze(text_of(values.get(part.name))) for part in self.parts)

    def _split(self, view: View, values: Values) -> tuple[str, ...] | None:
        """The text of each field, None where that is unclear."""
        text = squeeze(text_of(view))
        between = self.separator.strip()
        pieces = [piece for each in (text.split(between) if between else text.split()) if (piece := squeeze(each))]
        if not pieces:
            return ("",) * len(self.parts) if not text else None
        filled = [place for place, was in enumerate(self._texts(values)) if was]
        if len(pieces) == len(self.parts):
            return tuple(pieces)
        if not filled and len(pieces) == 1:
            filled = [0]
        if len(pieces) != len(filled):
            return None
        placed = dict(zip(filled, pieces, strict=True))
        return tuple(placed.get(place, "") for place in range(len(self.parts)))
