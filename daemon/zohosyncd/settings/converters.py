"""What a text goes through on its way from left to right: a small set of steps that never fail and run no code.

On the way back each step is undone. Where that is not possible for a text that somebody has edited, it is refused
there, with the reason; nothing is guessed.
"""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from zohosyncd.settings.shapes import Chooser, Shape
from zohosyncd.settings.values import Kind, Text, mistake

Word = Literal["trim", "upper", "lower"]
"""Steps that need nothing else."""

WORDS: Final[dict[str, str]] = {
    "trim": "without blanks around it, and with single ones inside",
    "upper": "in capital letters; the two sides are compared without regard to case",
    "lower": "in small letters; the two sides are compared without regard to case",
}


def _not_blank(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise mistake("may not be blank")
    return value


Visible = Annotated[Text, BeforeValidator(_not_blank)]


class Join(Shape):
    """Several fields of the left become one text; it comes before every other step."""

    sign: ClassVar[str] = "join"
    join: Text = Field(description="text between the fields", examples=[", "])


class Split(Shape):
    """One text becomes several fields of the right; it comes behind every other step."""

    sign: ClassVar[str] = "split"
    split: Text = Field(description="text between the fields", examples=[", "])


class Prefix(Shape):
    """This is put before the text."""

    sign: ClassVar[str] = "prefix"
    prefix: Visible = Field(description="text before the value", examples=["CUST-"])


class Suffix(Shape):
    """This is put behind the text."""

    sign: ClassVar[str] = "suffix"
    suffix: Visible = Field(description="text behind the value", examples=[" (CRM)"])


class Default(Shape):
    """This is shown where the left has nothing."""

    sign: ClassVar[str] = "default"
    default: Visible = Field(description="the text where there is none", examples=["unknown"])


SHAPES: Final[tuple[type[Shape], ...]] = (Join, Split, Prefix, Suffix, Default)
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

EXAMPLES: Final = [
    {"join": ", "},
    "trim",
    "upper",
    "lower",
    {"prefix": "C-"},
    {"suffix": "/DE"},
    {"default": "none"},
    {"split": ", "},
]
"""One of every shape."""
