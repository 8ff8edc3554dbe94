"""``[[fields]]`` and ``[mapping]``: pairs of fields beside the default mapping of two apps, and pairs without."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator

from zohosyncd.core.schema import SEMANTICS
from zohosyncd.core.side import Cleared, Direction, Winner
from zohosyncd.settings.converters import EXAMPLES, Converter
from zohosyncd.settings.nearest import nearest, one_of
from zohosyncd.settings.sides import DIRECTION, SIDE, SIDE_KEYS
from zohosyncd.settings.values import Apart, Kind, Table, mistake, not_empty


def _parse_semantic(value: object) -> str:
    if not isinstance(value, str) or value not in SEMANTICS:
        hint = (nearest(value, SEMANTICS) if isinstance(value, str) else "") or one_of(SEMANTICS)
        raise mistake("is no pair of the default mapping", hint=hint)
    return value


def _parse_names(value: object) -> object:
    if isinstance(value, list | tuple):
        if len(value) < 2:
            raise mistake("expected several fields in this list", hint="write one field without brackets")
        names = tuple(value)
    else:
        names = (value,)
    if not all(isinstance(name, str) for name in names):
        raise mistake("expected a field in double quotes", hint='such as "Customer_Number"')
    if not all(name.strip() for name in names):
        raise mistake("may not be empty", hint="a field by the app's own name")
    return names if len(names) > 1 else value


Names = Annotated[
    str | tuple[str, ...],
    PlainValidator(_parse_names),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "minItems": 2, "items": {"type": "string", "minLength": 1}},
            ]
        }
    ),
    Kind("text, or a list of text"),
]


class FieldPair(Table):
    """One ``[[fields]]`` table: a pair beside the default mapping; it replaces default pairs that use its fields."""

    model_config = ConfigDict(json_schema_extra=SIDE_KEYS)

    left: Names = Field(
        description="field of the left side, by the app's own name; several where convert joins them",
        examples=["Customer_Number"],
    )
    right: Names = Field(
        description="field of the right side, by the app's own name; several where convert splits a text",
        examples=["X-CUSTOMER-NUMBER"],
    )
    direction: Direction = Field(
        default=Direction.BOTH,
        strict=False,
        description="which way its values travel; it can only narrow the connection's direction",
        examples=["left_to_right"],
        json_schema_extra=DIRECTION,
    )
    winner: Winner | None = Field(
        default=None,
        strict=False,
        description="who wins a clash of this field, first sync included; the connection's winner where it is missing",
        examples=["left"],
        json_schema_extra=SIDE,
    )
    cleared: Cleared | None = Field(
        default=None,
        strict=False,
        description="what it does that somebody has emptied this field; the connection's cleared where it is missing",
        examples=["keep"],
    )
    values: Annotated[Mapping[str, str], BeforeValidator(not_empty)] | None = Field(
        default=None,
        description="choices that have other names on the other side, left = right; the rest travels by its spelling, "
        "where the other side has it",
        examples=[{"Wholesale": "B2B", "Retail": "B2C"}],
        json_schema_extra={"minProperties": 1},
    )
    convert: Annotated[tuple[Converter, ...], Apart({"left": ["Street", "City"], "right": ["X-STREET", "X-CITY"]})] = (
        Field(
            default=(),
            strict=False,
            description="steps that a text goes through from left to right, in this order, instead of values; on the "
            "way back they are undone",
            examples=[EXAMPLES],
        )
    )

    @property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of the left and of the right fields."""
        left, right = ((each,) if isinstance(each, str) else each for each in (self.left, self.right))
        return left, right

    @model_validator(mode="after")
    def _fits_together(self) -> "FieldPair":
        if self.values is not None and self.convert:
            raise mistake("steps and values exclude each other", key="convert", hint="remove one of the two")
        for names, side, sign in zip(self.names, ("left", "right"), ("join", "split"), strict=True):
            if len(set(names)) < len(names):
                raise mistake("names a field twice", key=side)
            self._check_step(names, side, sign)
        return self

    def _check_step(self, names: tuple[str, ...], side: str, sign: str) -> None:
        """Several fields of a side need the step that joins or splits them, at its end of the way."""
        at = [index for index, step in enumerate(self.convert) if not isinstance(step, str) and step.sign == sign]
        if len(names) > 1 and not at:
            raise mistake(f'several fields need "{sign}"', key=side, hint=f'add {{ {sign} = ", " }} to convert')
        if at and len(names) == 1:
            hint = f'such as {side} = ["Street", "City"]'
            raise mistake(f'"{sign}" needs several fields on the {side}', key=f"convert.{at[0]}", hint=hint)
        if sign == "join" and at and at != [0]:
            raise mistake('"join" comes before every other step', key=f"convert.{at[-1]}")
        if sign == "split" and at and at != [len(self.convert) - 1]:
            raise mistake('"split" comes behind every other step', key=f"convert.{at[0]}")


class MappingChanges(Table):
    """The ``[mapping]`` table."""

    without: tuple[Annotated[str, BeforeValidator(_parse_semantic)], ...] = Field(
        default=(),
        strict=False,
        description="pairs of the default mapping that are switched off",
        examples=[["birthday"]],
        json_schema_extra={"items": {"enum": list(SEMANTICS)}},
    )
