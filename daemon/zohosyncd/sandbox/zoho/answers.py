"""Zoho's answers: JSON bodies, the shape of a whole-call error, and the exception that carries one."""

from collections.abc import Mapping
from typing import Any

import msgspec

from zohosyncd.sandbox.wire import Response

_JSON = {"Content-Type": "application/json;charset=UTF-8"}
_encode = msgspec.json.Encoder().encode


def answer(body: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(status, _JSON, _encode(body))


def nothing(status: int = 204) -> Response:
    """An answer without a body: 204 = no records, 304 = nothing modified since."""
    return Response(status)


def failure(code: str, message: str, details: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """One error, as it stands alone in a refused call or as one row of a batch."""
    return {"code": code, "details": dict(details or {}), "message": message, "status": "error"}


class CallError(Exception):
    """The call as a whole is refused with an HTTP status and one error."""

    def __init__(self, status: int, code: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.response = answer(failure(code, message, details), status)

    @classmethod
    def of(cls, response: Response) -> "CallError":
        """With an answer that is made already."""
        made = cls(response.status, "", "")
        made.response = response
        return made


def missing_parameter(name: str) -> CallError:
    """A mandatory query parameter is not there."""
    return CallError(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", {"param": name})


def bad_parameter(name: str, message: str = "invalid data") -> CallError:
    """A query parameter or header has a value of the wrong kind."""
    return CallError(400, "INVALID_DATA", message, {"param_name": name})


def unknown_path() -> CallError:
    """No such path."""
    return CallError(404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one")


def wrong_method() -> CallError:
    """The path exists, the method does not."""
    return CallError(400, "INVALID_REQUEST_METHOD", "The http request method type is not a valid one")
