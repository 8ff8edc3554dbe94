"""The kinds of value that a configuration key can hold: durations, addresses, names, and models that refuse the rest.

Every kind parses from what TOML has and says, when it cannot, what it expected. No message repeats a value that could
be a secret.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from ipaddress import ip_address
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from zohosyncd.core.addresses import Reach, names_this_machine, reach_of

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
"""What accounts and connections may be called: the name is a file name, a metric label and a command argument."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a type of value is called in the reference, where its annotation alone does not say it; and several."""

    words: str
    several: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a number counts."""

    words: str


@dataclass(frozen=True, slots=True)
class Apart:
    """A key that excludes others: the reference shows it in a table of its own, together with these keys."""

    keys: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Instead:
    """A key that stands instead of others: the reference shows it among the words, as both cannot stand there.

    Attributes:
        keys: those others. along: what has to stand beside it, with examples.
    """

    keys: tuple[str, ...]
    along: Mapping[str, Any] = field(default_factory=dict)


TEXT = core_schema.to_string_ser_schema()
"""Values of this schema are written into a file as their text."""


def mistake(message: str, *, hint: str = "", key: str = "") -> PydanticCustomError:
    """A mistake in words of our own, to be raised in a validator.

    Args:
        message: what is wrong and what was expected.
        hint: what to do next.
        key: dotted path below the model, where the validator checks the model as a whole.
    """
    return PydanticCustomError("mistake", "{message}", {"message": message, "hint": hint, "key": key})


class Table(BaseModel):
    """A TOML table: it cannot be changed, and a key it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


def parse_duration(value: object) -> float:
    """Seconds of a duration such as ``"60s"``, ``"5m"``, ``"1h30m"`` or ``"500ms"``."""
    if isinstance(value, str):
        text = value.replace(" ", "")
        if _DURATION.fullmatch(text):
            return sum(float(number) * _UNITS[unit] for number, unit in _DURATION_PART.findall(text))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        raise mistake("expected a duration with a unit", hint=f'write "{value}s" for seconds')
    raise mistake("expected a duration", hint='a number and ms, s, m, h or d, such as "60s", "5m" or "2h"')


def format_duration(seconds: float) -> str:
    """The duration as a file says it, in the largest unit that keeps it a whole number."""
    for unit in ("d", "h", "m", "s", "ms"):
        count = seconds / _UNITS[unit]
        if count and math.isclose(count, round(count)) and (unit, count) != ("m", 1):
            return f"{round(count)}{unit}"
    return f"{seconds:g}s"


Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^ *[0-9][0-9. mshd]*[smhd] *$"}),
    Kind("a duration: a number and ms, s, m, h or d"),
]
"""Seconds, written as ``"60s"``, ``"5m"``, ``"2h"``, ``"1d"`` or together as ``"1h30m"``."""


@dataclass(frozen=True, slots=True)
class Listen:
    """A TCP address to listen on; port 0 is any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read ``host:port``; an IPv6 address stands in square brackets."""
        if isinstance(value, cls):
            return value
        found = (
            re.fullmatch(r"(?:\[([0-9A-Fa-f:.%]+)\]|([^\s:\[\]]+)):(\d{1,5})", value)
            if isinstance(value, str)
            else None
        )
        if found is None or int(found[3]) > 65535:
            raise mistake("expected host:port", hint='such as "127.0.0.1:9595" or "[::1]:9595"')
        return cls(found[1] or found[2], int(found[3]))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let models use the class as the type of a key."""
        return core_schema.no_info_plain_validator_function(cls.parse, serialization=TEXT)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """What an editor can check of it."""
        return {"type": "string", "pattern": r":\d{1,5}$"}


class Url(str):
    """An http(s) address without login, query or fragment.

    ``http`` is accepted only where the same account says ``allow_http = true`` and the host is this machine.
    """

    __slots__ = ()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self)
        return f"{parts.scheme}://{parts.netloc}"

    @classmethod
    def parse(cls, value: object, info: ValidationInfo) -> Self:
        """Check the address; ``allow_http`` is looked up among the keys of the same table."""
        if not isinstance(value, str):
            raise mistake("expected an address", hint='such as "https://cloud.example.org/"')
        try:
            parts = urlsplit(value)
            host = parts.hostname
            _ = parts.port
        except ValueError:
            raise mistake("is not a valid address", hint='write it as "https://cloud.example.org/"') from None
        if parts.scheme not in {"http", "https"} or not host or any(sign.isspace() for sign in value):
            raise mistake("expected an https address", hint='such as "https://cloud.example.org/"')
        if parts.username is not None or parts.password is not None:
            raise mistake("may not hold a login", hint="use the keys for user name and password instead")
        if parts.query or parts.fragment:
            raise mistake("may not hold a query or a fragment", hint="end it before the ? or #")
        if _leads_nowhere(host):
            raise mistake(
                "is the address of no server: link-local, a cloud's metadata, or reserved",
                hint="write the server's name, or its address",
            )
        if parts.scheme == "http":
            cls._check_plain_http(host, info.data or {})
        return cls(value)

    @classmethod
    def _check_plain_http(cls, host: str, table: Mapping[str, Any]) -> None:
        """Refuse what would travel in clear."""
        _check_plain_http(host, table)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let models use the class as the type of a key."""
        return core_schema.with_info_plain_validator_function(cls.parse, serialization=TEXT)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """What an editor can check of it."""
        return {"type": "string", "pattern": r"^[Hh][Tt][Tt][Pp][Ss]?://\S+$"}


class PublicUrl(Url):
    """An address under which we are called. ``http`` is accepted only for this machine, beside a sandbox on it."""

    __slots__ = ()

    @classmethod
    def _check_plain_http(cls, host: str, table: Mapping[str, Any]) -> None:  # noqa: ARG003 - no other key decides
        if not names_this_machine(host):
            raise mistake("expected https: what proves a call's origin would travel in clear", hint="use https")


def _leads_nowhere(host: str) -> bool:
    """Whether the host is a number that is never called; what a name leads to is only known when it is called."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return reach_of(host) is Reach.NEVER


def _check_plain_http(host: str, table: Mapping[str, Any]) -> None:
    if not names_this_machine(host):
        raise mistake("expected https: passwords and contacts would travel in clear", hint="use the https address")
    if table.get("allow_http") is not True:
        raise mistake("is http, not https", hint="set allow_http = true if that server runs on this machine")


def _parse_new(value: object) -> object:
    return value if value == "" else _parse_scalar(value)


def _parse_scalar(value: object) -> object:
    if isinstance(value, str):
        if not value.strip():
            raise mistake("may not be empty", hint="a field without a value is asked for with empty = true")
        return value
    if isinstance(value, float) and not math.isfinite(value):
        raise mistake("expected a finite number")
    if isinstance(value, datetime):
        return _with_offset(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | int | float):
        return value
    raise mistake("expected text, a number, true, false or a date")


def _with_offset(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise mistake("lacks its offset from UTC", hint="such as 2026-01-31T09:00:00+01:00, or only the date")
    return value


def _parse_moment(value: object) -> date:
    if isinstance(value, str) and _DATE.match(value):
        try:
            value = date.fromisoformat(value) if _DATE.fullmatch(value) else datetime.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, datetime):
        return _with_offset(value)
    if isinstance(value, date):
        return value
    raise mistake("expected a date", hint='such as "2026-01-31" or "2026-01-31T09:00:00+01:00"')


def _parse_number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        hint = "dates have before and after" if isinstance(value, str | date) else ""
        raise mistake("expected a number", hint=hint)
    if not math.isfinite(value):
        raise mistake("expected a finite number")
    return value


def _as_said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


_AS_SAID = PlainSerializer(_as_said, return_type=Any, when_used="json")

Scalar = Annotated[
    str | bool | int | float,
    PlainValidator(_parse_scalar),
    WithJsonSchema({"anyOf": [{"type": "string", "minLength": 1}, {"type": ["boolean", "number"]}]}),
    Kind("text, a number, true, false or a date"),
]
"""A single value of a field: text, a number, true or false. TOML's own dates become text, as apps have them."""

NewScalar = Annotated[
    str | bool | int | float,
    PlainValidator(_parse_new),
    WithJsonSchema({"type": ["string", "boolean", "number"]}),
    Kind('text ("" empties the field), a number, true, false or a date'),
]
"""As :data:`Scalar`, where "" is no value."""

Moment = Annotated[
    date,
    PlainValidator(_parse_moment),
    _AS_SAID,
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}"}),
    Kind("a date, or a date and time with its offset from UTC"),
]
"""A date, or a date and time with its offset from UTC; as text or as TOML's own date."""

Number = Annotated[int | float, PlainValidator(_parse_number), WithJsonSchema({"type": "number"}), Kind("a number")]
"""A finite number that is neither true nor false."""

SOME: Final[dict[str, Any]] = {"minItems": 1}
"""What an editor is told of a list that :func:`not_empty` checks."""


def not_empty(value: object) -> object:
    """Refuse a list or a table without anything in it."""
    if value in ([], (), {}):
        raise mistake("may not be empty", hint="write at least one, or leave the key out")
    return value


Text = Annotated[str, Field(min_length=1)]
"""Text that is not empty."""
