"""One phone number: compared as E.164, kept as typed, never cut."""

from collections.abc import Hashable
from dataclasses import dataclass

from zohosyncd.core.lens import View
from zohosyncd.core.lens.text import TextLens, text_of
from zohosyncd.core.phones import canonical_phone
from zohosyncd.core.schema import Field


@dataclass(frozen=True, slots=True)
class PhoneCanon:
    """Numbers by their E.164 form; ``region`` is the country of numbers without a country code, "" if unknown."""

    region: str

    def __call__(self, view: View) -> Hashable:
        """The E.164 form, None for nothing."""
        return self.key(text_of(view)) or None

    def key(self, text: str) -> str:
        """The form of one text, "" for a blank one."""
        return canonical_phone(text, self.region)


def phone_lens(field: Field, region: str) -> TextLens:
    """A field that holds one phone number: a number that only differs in spelling stays as it was typed."""
    return TextLens(field.name, PhoneCanon(region), field.max_length, cuts=False, required=field.required)
