"""The kinds of value that a configuration key can hold: durations, addresses, names, and models that refuse the rest.

Every kind parses from what TOML has and says, when it cannot, what it expected. No message repeats a value that could
be a secret.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
"""What accounts and connections may be called: the name is a file name, a metric label and a command argument."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


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


Duration = Annotated[float, BeforeValidator(parse_duration)]
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
        return core_schema.no_info_plain_validator_function(cls.parse)


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
        if parts.scheme == "http":
            _check_plain_http(host, info.data or {})
        return cls(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let models use the class as the type of a key."""
        return core_schema.with_info_plain_validator_function(cls.parse)


def _check_plain_http(host: str, table: Mapping[str, Any]) -> None:
    if not is_loopback(host):
        raise mistake("expected https: passwords and contacts would travel in clear", hint="use the https address")
    if table.get("allow_http") is not True:
        raise mistake("is http, not https", hint="set allow_http = true if that server runs on this machine")


def is_loopback(host: str) -> bool:
    """Whether this host name can only mean the machine itself (RFC 6761 section 6.3 for names)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
