"""``[[fields]]`` and ``[mapping]``: pairs of fields beside the default mapping of two apps, and pairs without."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

from zohosyncd.core.schema import SEMANTICS
from zohosyncd.core.side import Direction, Side, Winner
from zohosyncd.settings.converters import Converter, has_way_back, name_of
from zohosyncd.settings.nearest import nearest, one_of
from zohosyncd.settings.sides import DIRECTION, SIDE, SIDE_KEYS
from zohosyncd.settings.values import Table, Text, mistake, not_empty


class Cleared(StrEnum):
    """What becomes of a value that a person has cleared on one side."""

    TRAVEL = "travel"
    KEEP = "keep"
    HOLD = "hold"


def _parse_semantic(value: object) -> str:
    if not isinstance(value, str) or value not in SEMANTICS:
        hint = (nearest(value, SEMANTICS) if isinstance(value, str) else "") or one_of(SEMANTICS)
        raise mistake("is no pair of the default mapping", hint=hint)
    return value


class FieldPair(Table):
    """One ``[[fields]]`` table: a pair beside the default mapping; it replaces default pairs that use its fields."""

    model_config = ConfigDict(json_schema_extra=SIDE_KEYS)

    left: Text = Field(description="field of the left side, by the app's own name", examples=["Customer_Number"])
    right: Text = Field(description="field of the right side, by the app's own name", examples=["X-CUSTOMER-NUMBER"])
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
        description="who wins a clash of this field; the connection's winner where it is missing",
        examples=["left"],
        json_schema_extra=SIDE,
    )
    cleared: Cleared = Field(
        default=Cleared.TRAVEL,
        strict=False,
        description="what an emptied field does: empty the other side, keep its value there, or wait for a person",
        examples=["keep"],
    )
    values: Annotated[Mapping[str, str], BeforeValidator(not_empty)] | None = Field(
        default=None,
        description="choices that have other names on the other side: left = right; any other value travels as it is",
        examples=[{"Wholesale": "B2B", "Retail": "B2C"}],
        json_schema_extra={"minProperties": 1},
    )
    convert: tuple[Converter, ...] = Field(
        default=(),
        strict=False,
        description="steps that a value goes through on its way, in this order",
        examples=[
            [
                "trim",
                "upper",
                "lower",
                {"join": ", "},
                {"split": ","},
                {"prefix": "C-"},
                {"suffix": "/DE"},
                {"default": "none"},
            ]
        ],
    )

    def ambiguity(self, direction: Direction) -> tuple[str, str, str] | None:
        """Why values of this pair could not find back: key, message and hint; None if they can, or need not.

        Args:
            direction: of the connection.
        """
        way = self.direction.narrow(direction)
        if way is Direction.BOTH:
            for index, step in enumerate(self.convert):
                if not has_way_back(step):
                    hint = 'the pair travels both ways: write direction = "left_to_right"'
                    return f"convert.{index}", f'"{name_of(step)}" has no way back', hint
        twice = _first_twice(self.values or {})
        if twice is not None and way is not None and way.writes(Side.LEFT):
            hint = 'its way back is not clear: write direction = "left_to_right"'
            return f"values.{twice}", "another choice has the same name on the other side", hint
        return None


def _first_twice(values: Mapping[str, str]) -> str | None:
    seen: set[str] = set()
    for key, value in values.items():
        if value in seen:
            return key
        seen.add(value)
    return None


class MappingChanges(Table):
    """The ``[mapping]`` table."""

    without: tuple[Annotated[str, BeforeValidator(_parse_semantic)], ...] = Field(
        default=(),
        strict=False,
        description="pairs of the default mapping that are switched off",
        examples=[["birthday"]],
        json_schema_extra={"items": {"enum": list(SEMANTICS)}},
    )
