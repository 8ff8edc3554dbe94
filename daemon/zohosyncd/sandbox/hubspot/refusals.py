"""Errors as HubSpot words them (vendor: error handling, and the texts of the contacts API)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from zohosyncd.sandbox.parts.answers import answer
from zohosyncd.sandbox.wire import Response


class Refusal(Exception):
    """A call, or one row of a batch, that is refused: its status and the words of the answer."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        context: Mapping[str, list[str]] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.errors = list(errors)
        self.context = dict(context or {})
        self.more = dict(more or {})

    def body(self) -> dict[str, Any]:
        """What the error says; a call's own answer has a correlation id besides."""
        found: dict[str, Any] = {"status": "error", "message": self.message, "category": self.category, **self.more}
        if self.errors:
            found["errors"] = self.errors
        if self.context:
            found["context"] = self.context
        return found

    def response(self, correlation: str) -> Response:
        """The answer of a call that was refused as a whole."""
        return answer(self.status, {**self.body(), "correlationId": correlation})


def invalid(problems: Sequence[tuple[str, str, str]]) -> Refusal:
    """Values that are not taken: name of the property, code and message of each."""
    told = [
        {"isValid": False, "message": message, "error": code, "name": name, "localizedErrorMessage": message}
        for name, code, message in problems
    ]
    errors = [
        {"message": message, "code": code, "context": {"propertyName": [name]}} for name, code, message in problems
    ]
    return Refusal(400, "VALIDATION_ERROR", f"Property values were not valid: {json.dumps(told)}", errors=errors)


def malformed(message: str) -> Refusal:
    """A body or parameter of a wrong shape."""
    return Refusal(400, "VALIDATION_ERROR", f"Invalid input JSON: {message}")


def not_found(what: str = "resource not found") -> Refusal:
    """Nothing has this id."""
    return Refusal(404, "OBJECT_NOT_FOUND", what)


def exists(record_id: str) -> Refusal:
    """Another contact has the address."""
    return Refusal(409, "CONFLICT", f"Contact already exists. Existing ID: {record_id}")
