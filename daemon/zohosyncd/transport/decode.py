"""JSON, strictly: what is not valid UTF-8 and valid JSON of the expected shape is not the app's answer.

Duplicate keys are tolerated (the last one counts), as every JSON library of the vendors does.
"""

from typing import TypeVar

import msgspec

from zohosyncd.core.errors import ContractBroken

T = TypeVar("T")


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
