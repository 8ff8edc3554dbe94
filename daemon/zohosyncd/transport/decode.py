"""JSON, strictly: what is not valid UTF-8 and valid JSON of the expected shape is not the app's answer.

Duplicate keys are tolerated (the last one counts), as every JSON library of the vendors does.
"""

import json
from enum import Enum
from typing import Any, Final, TypeVar

import msgspec

from zohosyncd.core.errors import ContractBroken

T = TypeVar("T")


class Unclear(Enum):
    """The type of :data:`UNCLEAR`."""

    UNCLEAR = "unclear"


UNCLEAR: Final = Unclear.UNCLEAR
"""Stands where a value was that nobody can read. It is not empty, and nothing may be decided from it."""

_BITS: Final = 63
"""An integer of more bits has no place in our records."""


def json_as(kind: type[T], body: bytes, *, what: str) -> T:
    """Read a JSON body as this type (a msgspec struct, ``dict[str, Any]`` ...).

    Args:
        kind: the expected type.
        body: UTF-8 JSON.
        what: names the answer in the error, without personal data.

    Raises:
        ContractBroken: it is not JSON, not UTF-8, or not of that shape. The body is not repeated.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        # msgspec's text names types and paths, never values.
        raise ContractBroken(f"{what}: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ContractBroken(f"{what}: the body is not valid JSON") from None


def json_with_gaps(body: bytes, *, what: str) -> Any:
    """Read JSON of which single values may be damaged: :data:`UNCLEAR` stands in the place of each.

    Damaged is a text that is no Unicode (half of a pair of surrogates, as where an app cuts a text after so many
    UTF-16 units; bytes that are no UTF-8), a number beyond 64 bits, and what JSON does not know (NaN, Infinity).
    It takes several times as long as :func:`json_as`: for answers which that has refused.

    Raises:
        ContractBroken: it is not JSON.
    """
    try:
        read = json.loads(
            body.decode("utf-8", "surrogateescape"),
            parse_constant=lambda _: UNCLEAR,
            parse_int=_integer,
            parse_float=_number,
        )
        return _cleared(read)
    except (ValueError, RecursionError):
        raise ContractBroken(f"{what}: the body is not valid JSON") from None


def _integer(digits: str) -> int | Unclear:
    if len(digits) > 20:
        return UNCLEAR
    number = int(digits)
    return number if number.bit_length() <= _BITS else UNCLEAR


def _number(digits: str) -> float | Unclear:
    number = float(digits)
    return number if abs(number) != float("inf") else UNCLEAR


def _cleared(value: Any) -> Any:
    match value:
        case str():
            return value if value.isascii() or _is_unicode(value) else UNCLEAR
        case dict():
            return {name: _cleared(each) for name, each in value.items() if _is_unicode(name)}
        case list():
            return [_cleared(each) for each in value]
        case _:
            return value


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
