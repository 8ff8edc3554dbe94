"""One e-mail address: compared without regard to case, kept as typed, never cut."""

from collections.abc import Hashable

from zohosyncd.core.emails import canonical_email, valid_email
from zohosyncd.core.lens import View
from zohosyncd.core.lens.text import TextLens, text_of
from zohosyncd.core.schema import Field, FieldType

NOT_AN_EMAIL = "not a valid e-mail address"


def email_canon(view: View) -> Hashable:
    """The canonical address, None for nothing."""
    return canonical_email(text_of(view)) or None


def invalid_email(text: str) -> str | None:
    """Why an app will not take this address, None if it will."""
    return None if valid_email(text) else NOT_AN_EMAIL


def email_lens(field: Field) -> TextLens:
    """A field that holds one address. A field of type TEXT takes anything, one of type EMAIL only addresses."""
    if field.type is FieldType.EMAIL:
        return TextLens(
            field.name, email_canon, field.max_length, cuts=False, required=field.required, invalid=invalid_email
        )
    return TextLens(field.name, email_canon, field.max_length, cuts=False, required=field.required)
