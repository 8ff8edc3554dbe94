"""Errors as the vendor words them: one shape, a canonical status, and details that tell the reason."""

from collections.abc import Iterable
from typing import Any, Final

from zohosyncd.sandbox.parts.answers import answer
from zohosyncd.sandbox.wire import Response

_HTTP: Final = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
}
_CODES: Final = {
    "INVALID_ARGUMENT": 3,
    "NOT_FOUND": 5,
    "ALREADY_EXISTS": 6,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "FAILED_PRECONDITION": 9,
    "ABORTED": 10,
    "UNAUTHENTICATED": 16,
}
STATUSES: Final = frozenset(_CODES)
_REASONS: Final = {"INVALID_ARGUMENT": "badRequest", "NOT_FOUND": "notFound", "UNAUTHENTICATED": "authError",
                   "RESOURCE_EXHAUSTED": "rateLimitExceeded", "PERMISSION_DENIED": "forbidden",
                   "ALREADY_EXISTS": "alreadyExists"}  # fmt: skip
_TYPES: Final = "type.googleapis.com/google.rpc."


class Refused(Exception):
    """A call, or one row of a batch, that is refused.

    Args:
        status: canonical name, which decides the HTTP status and the code within batches.
        message: English text for developers.
        details: messages with their ``@type``.
        http: another HTTP status than the usual one.
    """

    def __init__(
        self, status: str, message: str, details: Iterable[dict[str, Any]] = (), http: int | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.details = status, message, list(details)
        self.http = http or _HTTP[status]

    def response(self, *, error_list: bool) -> Response:
        """The answer to a call that is refused as a whole."""
        body: dict[str, Any] = {"code": self.http, "message": self.message}
        if error_list:
            reason = _REASONS.get(self.status) or _camel(self.status)
            body["errors"] = [{"message": self.message, "domain": "global", "reason": reason}]
        body["status"] = self.status
        if self.details:
            body["details"] = self.details
        headers = {}
        if self.http == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
        return answer(self.http, {"error": body}, headers)

    def row(self) -> dict[str, Any]:
        """The same as the ``Status`` of one row."""
        told: dict[str, Any] = {"code": _CODES[self.status], "message": self.message}
        return {**told, "details": self.details} if self.details else told


def invalid(message: str, field: str = "") -> Refused:
    """Something of the request is wrong; ``field`` names the place."""
    violation = {"@type": f"{_TYPES}BadRequest", "fieldViolations": [{"field": field, "description": message}]}
    return Refused("INVALID_ARGUMENT", message, [violation] if field else ())


def outdated(what: str) -> Refused:
    """The etag is not the present one; clients know this as the reason ``failedPrecondition``."""
    return Refused(
        "FAILED_PRECONDITION",
        f"Request {what} is different than the current {what}. Clear local cache and get the latest person.",
    )


def not_found() -> Refused:
    """There is no such resource."""
    return Refused("NOT_FOUND", "Requested entity was not found.")


def expired(http: int) -> Refused:
    """The sync token is too old."""
    return Refused(
        "FAILED_PRECONDITION",
        "Sync token is expired. Clear local cache and retry call without the sync token.",
        [error_info("EXPIRED_SYNC_TOKEN", "people.googleapis.com")],
        http,
    )


def unauthenticated() -> Refused:
    """No access token, or one that opens nothing (any more)."""
    return Refused(
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential.",
    )


def lacks_scope(method: str) -> Refused:
    """The access token does not cover the method."""
    more = {"service": "people.googleapis.com", "method": method}
    return Refused(
        "PERMISSION_DENIED",
        "Request had insufficient authentication scopes.",
        [error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "googleapis.com", more)],
    )


def exhausted(metric: str, most: int) -> Refused:
    """A quota per minute and user is spent. No header tells how long to wait."""
    label = f"{metric} per minute per user"
    more = {"quota_metric": metric, "quota_limit": label, "quota_limit_value": str(most),
            "service": "people.googleapis.com"}  # fmt: skip
    message = f"Quota exceeded for quota metric '{metric}' and limit '{label}' of service 'people.googleapis.com'."
    return Refused("RESOURCE_EXHAUSTED", message, [error_info("RATE_LIMIT_EXCEEDED", "googleapis.com", more)])


def error_info(reason: str, domain: str, metadata: dict[str, str] | None = None) -> dict[str, Any]:
    """The detail that names a machine-readable reason."""
    told: dict[str, Any] = {"@type": f"{_TYPES}ErrorInfo", "reason": reason, "domain": domain}
    return {**told, "metadata": metadata} if metadata else told


def _camel(status: str) -> str:
    first, *more = status.lower().split("_")
    return first + "".join(word.capitalize() for word in more)
