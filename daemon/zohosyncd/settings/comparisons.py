"""A field of a record against a value: one shape for each operator."""

from typing import Annotated, ClassVar, Final

from pydantic import BeforeValidator, Field

from zohosyncd.settings.shapes import Shape
from zohosyncd.settings.values import SOME, Moment, Number, Scalar, Text, not_empty

OWN_FIELD: Final = "a field of that side, by the app's own name"


class Comparison(Shape):
    """``{ field = "Lead_Source", is = "Web" }``: a field of the side and one operator."""

    field: Text = Field(description=OWN_FIELD, examples=["Lead_Source"])

    @property
    def operand(self) -> object:
        """What the field is compared with."""
        name = next(name for name, each in type(self).model_fields.items() if each.alias == self.sign)
        return getattr(self, name)


class Is(Comparison):
    """The field has this value; of a field with several values, one of them."""

    sign: ClassVar[str] = "is"
    is_: Scalar = Field(alias="is", description="the value that the field has", examples=["Web"])


class IsNot(Comparison):
    """The field does not have this value."""

    sign: ClassVar[str] = "is_not"
    is_not: Scalar = Field(alias="is_not", description="the value that the field does not have", examples=["Cold Call"])


class In(Comparison):
    """The field has one of these values."""

    sign: ClassVar[str] = "in"
    in_: Annotated[tuple[Scalar, ...], BeforeValidator(not_empty)] = Field(
        alias="in",
        strict=False,
        json_schema_extra=SOME,
        description="the values of which the field has one",
        examples=[["Web", "Advertisement"]],
    )


class NotIn(Comparison):
    """The field has none of these values."""

    sign: ClassVar[str] = "not_in"
    not_in: Annotated[tuple[Scalar, ...], BeforeValidator(not_empty)] = Field(
        alias="not_in",
        strict=False,
        json_schema_extra=SOME,
        description="the values of which the field has none",
        examples=[["Cold Call", "Trade Show"]],
    )


class Contains(Comparison):
    """The field's text contains this text."""

    sign: ClassVar[str] = "contains"
    contains: Text = Field(alias="contains", description="text that stands anywhere in the field", examples=["GmbH"])


class StartsWith(Comparison):
    """The field's text starts with this text."""

    sign: ClassVar[str] = "starts_with"
    starts_with: Text = Field(alias="starts_with", description="text that the field starts with", examples=["+49"])


class Exists(Comparison):
    """The field has any value; ``exists = false`` is the same as ``empty = true``."""

    sign: ClassVar[str] = "exists"
    exists: bool = Field(alias="exists", description="true: the field has a value", examples=[True])


class Empty(Comparison):
    """The field has no value."""

    sign: ClassVar[str] = "empty"
    empty: bool = Field(alias="empty", description="true: the field has no value", examples=[True])


class Before(Comparison):
    """The field's date is before this one."""

    sign: ClassVar[str] = "before"
    before: Moment = Field(alias="before", description="the field is before this date", examples=["2026-01-01"])


class After(Comparison):
    """The field's date is after this one."""

    sign: ClassVar[str] = "after"
    after: Moment = Field(alias="after", description="the field is after this date", examples=["2025-12-31"])


class Greater(Comparison):
    """The field's number is greater than this one."""

    sign: ClassVar[str] = "greater"
    greater: Number = Field(alias="greater", description="the field is greater than this number", examples=[100])


class Less(Comparison):
    """The field's number is less than this one."""

    sign: ClassVar[str] = "less"
    less: Number = Field(alias="less", description="the field is less than this number", examples=[100000])


COMPARISONS: Final[tuple[type[Comparison], ...]] = (
    Is, IsNot, In, NotIn, Contains, StartsWith, Exists, Empty, Before, After, Greater, Less,
)  # fmt: skip
"""Every shape that asks a field."""

OPERATORS: Final = tuple(each.sign for each in COMPARISONS)
"""What a field can be asked."""
