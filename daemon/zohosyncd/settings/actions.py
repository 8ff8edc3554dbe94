"""THEN: what a rule does to the record on the other side."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from zohosyncd.settings.clauses import Container
from zohosyncd.settings.shapes import Chooser, Shape
from zohosyncd.settings.values import Kind, NewScalar, Text, mistake


class On(StrEnum):
    """When an action is done."""

    CREATE = "create"
    UPDATE = "update"
    ALWAYS = "always"


def _revert() -> Any:
    return Field(
        default=False,
        description="whether it is undone when the record leaves this rule; what another matching rule gives stays",
        examples=[True],
    )


class SetField(Shape):
    """``{ set = "Lead_Source", value = "Web", on = "create" }``: give a field a value; the owner is a field, too."""

    sign: ClassVar[str] = "set"
    set: Text = Field(description="a field of the other side, by the app's own name", examples=["Lead_Source", "Owner"])
    value: NewScalar = Field(description="the value that it gets", examples=["Web", "ann@example.org"])
    on: On = Field(
        default=On.ALWAYS,
        strict=False,
        description="create: once, when the record is made; update: held at it on records that existed; always: on all",
        examples=["create"],
    )
    revert: bool = _revert()


class Add(Shape):
    """``{ add = "labels", value = "CRM" }``: put the record into a tag, label, group, list or category."""

    sign: ClassVar[str] = "add"
    add: Container = Field(description="what the app calls it", examples=["labels"])
    value: Text = Field(description="its name; it is made if it does not exist", examples=["CRM"])
    revert: bool = _revert()


class Remove(Shape):
    """``{ remove = "labels", value = "Prospect" }``: take the record out of it."""

    sign: ClassVar[str] = "remove"
    remove: Container = Field(description="what the app calls it", examples=["labels"])
    value: Text = Field(description="its name", examples=["Prospect"])
    revert: bool = _revert()


class Opt(Shape):
    """``{ opt = "out" }``: opt the person out of e-mail, or in. Opting in needs evidence; opting out never does."""

    sign: ClassVar[str] = "opt"
    opt: Literal["in", "out"] = Field(description="out of e-mail, or in again", examples=["out"])
    revert: bool = _revert()

    @model_validator(mode="after")
    def _out_is_for_good(self) -> "Opt":
        if self.opt == "out" and self.revert:
            hint = "remove revert: only the person can opt in again"
            raise mistake("an opt-out is never undone by a rule", key="revert", hint=hint)
        return self


ACTIONS: Final = (SetField, Add, Remove, Opt)
"""Every shape that an action can have."""

_CHOOSER = Chooser(
    noun="an action",
    shapes={each.sign: each for each in ACTIONS},
    example='{ add = "labels", value = "CRM" }',
    twice="an action does one thing: write two of them",
)

AnyAction = Annotated[
    Annotated[SetField, Tag("<SetField>")]
    | Annotated[Add, Tag("<Add>")]
    | Annotated[Remove, Tag("<Remove>")]
    | Annotated[Opt, Tag("<Opt>")],
    Discriminator(_CHOOSER.tag),
    BeforeValidator(_CHOOSER.check),
    Kind("an action", "actions"),
]
"""One thing that a rule does."""

EXAMPLES: Final = [
    {"set": "Lead_Source", "value": "Web", "on": "create"},
    {"add": "labels", "value": "CRM", "revert": True},
    {"remove": "labels", "value": "Prospect"},
    {"opt": "out"},
]
"""One of every shape."""
