"""Answers and errors in the shape of Microsoft Graph."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from zohosyncd.sandbox.parts.answers import answer
from zohosyncd.sandbox.wire import Response

MEDIA = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_OVER = "Application is over its MailboxConcurrency limit."


class GraphError(Exception):
    """An error of one request: status, code, message, and headers that go with it."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers or {})

    def response(self, now: float, request_id: str) -> Response:
        """The answer that carries it."""
        at = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        inner = {"date": at, "request-id": request_id, "client-request-id": request_id}
        body = {"error": {"code": self.code, "message": self.message, "innerError": inner}}
        return answer(self.status, body, self.headers, media="application/json")


def ok(body: Any, status: int = 200) -> Response:
    """A good answer."""
    return answer(status, body, media=MEDIA)


def moment(seconds: float) -> str:
    """A DateTimeOffset in UTC, of whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def not_found() -> GraphError:
    """There is no such item, at least not there."""
    return GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def bad(code: str, message: str) -> GraphError:
    """The request is wrong."""
    return GraphError(400, code, message)


def crowded(wait: int | None) -> GraphError:
    """More than four requests at once in a mailbox."""
    return GraphError(429, "ApplicationThrottled", _OVER, {} if wait is None else {"Retry-After": str(wait)})


def stale() -> GraphError:
    """Somebody else was quicker."""
    return GraphError(
        412,
        "ErrorIrresolvableConflict",
        "The send or update operation could not be performed because the change key passed in the request does not "
        "match the current change key for the item.",
    )


def denied() -> GraphError:
    """The login may not do that."""
    return GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
