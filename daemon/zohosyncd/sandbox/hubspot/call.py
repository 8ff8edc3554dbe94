"""One request, read: its parameters, names and body."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from zohosyncd.sandbox.parts.answers import given
from zohosyncd.sandbox.wire import Request

from .refusals import Refusal, malformed


@dataclass(frozen=True, slots=True)
class Call:
    """A request. ``base``: the address that the account is reached at; ``refuse``: the code of rows to refuse."""

    request: Request
    base: str
    refuse: str = ""
    share: float = 0.0

    def one(self, name: str, default: str = "") -> str:
        """The last value of a parameter."""
        return next((value for key, value in reversed(self.request.query) if key == name), default)

    def flag(self, name: str) -> bool:
        """A parameter that is true or false."""
        return self.one(name, "false").lower() == "true"

    def number(self, name: str, default: int) -> int:
        """A parameter that is a number. Raises Refusal."""
        text = self.one(name, str(default))
        if not text.isdecimal():
            raise Refusal(400, "VALIDATION_ERROR", f"{name} must be a number")
        return int(text)

    def names(self, name: str) -> list[str] | None:
        """A parameter with names, repeated or separated by commas; None where it is missing."""
        found = [part for key, value in self.request.query if key == name for part in value.split(",") if part]
        return found or None

    def body(self, known: Set[str]) -> dict[str, Any]:
        """The body, an object with no other keys. Raises Refusal."""
        found = self.json()
        if not isinstance(found, dict):
            raise malformed("an object is expected")
        if unknown := found.keys() - known:
            raise malformed(f"unknown field {sorted(unknown)[0]}")
        return found

    def json(self) -> Any:
        """The body as it is. Raises Refusal."""
        try:
            return given(self.request)
        except ValueError:
            raise malformed("unexpected character") from None
