"""The last line of defence: no secret and no person gets into a log line, whatever the caller handed over.

Callers log ids, counts and names from the configuration. Should one of them slip, this room drops values under keys
that are named like secrets, masks what looks like an e-mail address or a phone number, and shows objects by their type
alone. A plain name cannot be told from any other word, which is why callers have to be careful all the same.
"""

import re
from collections.abc import Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any, Final

from zohosyncd.core.errors import SyncError

MAX_LENGTH: Final = 2000
"""Longest text in a log line; the rest is cut off."""

_MAX_DEPTH: Final = 6
_MAX_ITEMS: Final = 50

_SECRET_KEY: Final = re.compile(
    r"pass(?:word|wd|phrase)?$|secret|token|authori[sz]ation|cookie|credential|api_?key|private_?key|state_?key|^bearer$"
    r"|^(?:body|query|params|headers|payload|values|vcard)$",
    re.IGNORECASE,
)
_EMAIL: Final = re.compile(r"[^\s@<>\"'`,;:()\[\]{}=/\\?&]+(?:@|%40)[^\s@<>\"'`,;:()\[\]{}=/\\?&]+", re.IGNORECASE)
_BEARER: Final = re.compile(r"\b(Bearer|Basic|Zoho-oauthtoken)\s+[^\s\"',;]+", re.IGNORECASE)
_PHONE: Final = re.compile(
    r"(?<![\w.:-])(?:\+|\(|tel:)?\d(?:[ \u00a0()./-]{0,2}\d){6,14}(?![\w:]|[.-]\d)", re.IGNORECASE
)
_NO_PHONE: Final = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d|\d{1,3}(?:\.\d{1,3}){3}$", re.ASCII)
"""Dates and IPv4 addresses have as many digits as phone numbers."""

_TELLING: Final = (TypeError, AttributeError, NotImplementedError, AssertionError, RuntimeError, TimeoutError)
"""Errors whose message, when raised by Python or by us, speaks of code and not of data."""


def redact(event: Mapping[str, Any]) -> dict[str, Any]:
    """The same event with nothing in it that could be a secret or a person."""
    return {str(key): _value(str(key), value, 0) for key, value in event.items()}


def mask(text: str) -> str:
    """The text without what looks like an e-mail address, a phone number or an authorisation header."""
    if len(text) > MAX_LENGTH:
        text = text[:MAX_LENGTH] + "..."
    text = _BEARER.sub(r"\1 [redacted]", text)
    text = _EMAIL.sub("[e-mail]", text)
    return _PHONE.sub(_mask_phone, text)


def message_of(error: BaseException) -> str:
    """What an error says, if it can be trusted to say nothing about a person: else only that it said something.

    The message of a ValueError or KeyError is often the very value that was wrong.
    """
    if isinstance(error, SyncError):
        return mask(error.message)
    if isinstance(error, OSError):
        return mask(error.strerror or type(error).__name__)
    if type(error) in _TELLING:
        return mask(str(error))
    return "(message withheld)" if str(error) else ""


def _value(key: str, value: Any, depth: int) -> Any:
    if _SECRET_KEY.search(key) and not isinstance(value, bool | int | float | None):
        return "[redacted]"
    return _shown(value, depth)


def _shown(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return _shown(value.value, depth)
    if isinstance(value, str | PurePath):
        return mask(str(value))
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {message_of(value)}".removesuffix(": ")
    if depth >= _MAX_DEPTH:
        return "..."
    if isinstance(value, Mapping):
        items = list(value.items())[:_MAX_ITEMS]
        return {mask(str(key)): _value(str(key), each, depth + 1) for key, each in items}
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown(each, depth + 1) for each in list(value)[:_MAX_ITEMS]]
    return f"<{type(value).__name__}>"


def _mask_phone(found: re.Match[str]) -> str:
    return found.group() if _NO_PHONE.match(found.group()) else "[phone]"
