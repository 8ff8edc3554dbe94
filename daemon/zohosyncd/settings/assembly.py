"""What a connection is put together from: its presets and its variables; and the whole of a connection's file."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from zohosyncd.settings.connections import Connection
from zohosyncd.settings.values import NAME, Kind, Table, Text, mistake
from zohosyncd.settings.variables import VARIABLE


def _parse_preset(value: object) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise mistake("expected the name of a preset", hint='such as "sales", which is the file presets.d/sales.toml')
    return value


def _parse_variable(value: object) -> str:
    if not isinstance(value, str) or not VARIABLE.fullmatch(value):
        raise mistake("cannot be the name of a variable", hint="letters, digits, - and _, such as user")
    return value


Preset = Annotated[
    str,
    BeforeValidator(_parse_preset),
    WithJsonSchema({"type": "string", "pattern": f"^{NAME.pattern}$"}),
    Kind("the name of a file in presets.d", "names of files in presets.d"),
]


class Assembly(Table):
    """The keys that say what a file is put together from."""

    use: tuple[Preset, ...] = Field(
        default=(),
        strict=False,
        description="presets that come first: values of this file replace theirs, its lists are added to theirs",
        examples=[["sales"]],
    )
    vars: Mapping[Annotated[str, BeforeValidator(_parse_variable)], Text] = Field(
        default={},
        description="what ${NAME} stands for in texts of this file and of its presets; $${ is the two signs themselves",
        examples=[{"user": "ann@example.org"}],
        json_schema_extra={"propertyNames": {"pattern": f"^{VARIABLE.pattern}$"}},
    )


class ConnectionFile(Assembly, Connection):
    """A whole file of ``connections.d``, before its presets are merged."""
