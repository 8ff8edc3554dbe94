"""What a value goes through on its way: a small set of steps that never fail and run no code.

A pair reads its steps from its source to its target. Where values travel both ways they are read from left to right,
and backwards by the reverse of each step; a step without a reverse is refused there.
"""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from zohosyncd.settings.shapes import Chooser, Shape
from zohosyncd.settings.values import Kind, Scalar, Text

Word = Literal["trim", "upper", "lower"]
"""Steps that need nothing else: without blanks around it, in capital letters, in small letters."""

WORDS: Final[dict[str, str]] = {
    "trim": "without blanks at the beginning and the end",
    "upper": "in capital letters",
    "lower": "in small letters",
}


class Join(Shape):
    """Several values become one text; the way back is split."""

    sign: ClassVar[str] = "join"
    join: Text = Field(description="text between the values", examples=[", "])


class Split(Shape):
    """One text becomes several values; the way back is join."""

    sign: ClassVar[str] = "split"
    split: Text = Field(description="text between the values", examples=[","])


class Prefix(Shape):
    """Text is put before the value; the way back takes it away."""

    sign: ClassVar[str] = "prefix"
    prefix: Text = Field(description="text before the value", examples=["CUST-"])


class Suffix(Shape):
    """Text is put behind the value; the way back takes it away."""

    sign: ClassVar[str] = "suffix"
    suffix: Text = Field(description="text behind the value", examples=[" (CRM)"])


class Default(Shape):
    """An empty field counts as this value; there is no way back."""

    sign: ClassVar[str] = "default"
    default: Scalar = Field(description="the value where there is none", examples=["unknown"])


SHAPES: Final = (Join, Split, Prefix, Suffix, Default)
"""Every step that is a table."""

_CHOOSER = Chooser(
    noun="a step",
    shapes={each.sign: each for each in SHAPES},
    example='"trim" or { prefix = "CUST-" }',
    twice="a step does one thing: write two of them",
    words=tuple(WORDS),
)

Converter = Annotated[
    Annotated[Word, Tag("<word>")]
    | Annotated[Join, Tag("<Join>")]
    | Annotated[Split, Tag("<Split>")]
    | Annotated[Prefix, Tag("<Prefix>")]
    | Annotated[Suffix, Tag("<Suffix>")]
    | Annotated[Default, Tag("<Default>")],
    Discriminator(_CHOOSER.tag),
    BeforeValidator(_CHOOSER.check),
    Kind("a step", "steps"),
]
"""One step."""


def has_way_back(step: Converter) -> bool:
    """Whether the value before the step can be told from the value after it."""
    return isinstance(step, Join | Split | Prefix | Suffix)


def name_of(step: Converter) -> str:
    """What the step is called in a file."""
    return step if isinstance(step, str) else step.sign
