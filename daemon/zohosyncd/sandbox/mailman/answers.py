"""Answers as the core gives them: JSON with an etag, errors with a title and a description."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from zohosyncd.sandbox.wire import Request, Response

JSON = {"Content-Type": "application/json"}
_TITLES = {
    400: "400 Bad Request",
    401: "401 Unauthorized",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    409: "409 Conflict",
}


class Refused(Exception):
    """The request is answered by an error."""

    def __init__(self, status: int, description: str = "") -> None:
        super().__init__(description)
        self.status, self.description = status, description

    def answer(self) -> Response:
        """Its answer."""
        body = {"title": _TITLES.get(self.status, str(self.status))}
        if self.description:
            body["description"] = self.description
        more = {"www-authenticate": 'Basic realm="mailman3-rest",charset="utf-8"'} if self.status == 401 else {}
        return Response(self.status, {**JSON, **more}, json.dumps(body).encode())


def tagged(body: Mapping[str, Any]) -> dict[str, Any]:
    """A resource with its etag, which changes with it and which nobody asks for."""
    text = repr(sorted(body.items()))
    return {**body, "http_etag": f'"{hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()}"'}


def shown(body: Mapping[str, Any], status: int = 200) -> Response:
    """A resource."""
    return Response(status, JSON, json.dumps(tagged(body)).encode())


def made(location: str) -> Response:
    """201 with the address of what was made."""
    return Response(201, {**JSON, "location": location})


def nothing() -> Response:
    """204."""
    return Response(204, JSON)


def moment(at: float, *, fine: bool = True) -> str:
    """A time as the core writes it: UTC without saying so."""
    when = datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
    return when.isoformat() if fine else when.isoformat(timespec="seconds")


def collection(
    given: Mapping[str, Sequence[str]], items: Sequence[Any], as_dict: Callable[[Any], Mapping[str, Any]]
) -> Response:
    """A list, or a page of it where ``count`` and ``page`` are given. An empty one has no ``entries``."""
    start, part = 0, items
    if "count" in given or "page" in given:
        try:
            count, page = int(given["count"][0]), int(given["page"][0])
        except (KeyError, ValueError):
            raise Refused(400, "count and page are numbers and come together") from None
        if count < 0 or page < 1:
            raise Refused(400, "Invalid parameter")
        start, part = (page - 1) * count, items[(page - 1) * count : page * count]
    body: dict[str, Any] = {"start": start, "total_size": len(items)}
    if part:
        body["entries"] = [tagged(as_dict(each)) for each in part]
    return shown(body)


def parameters(request: Request, allowed: Sequence[str], required: Sequence[str] = ()) -> dict[str, list[str]]:
    """What a query or a form says; unknown names and missing ones are refused."""
    found: dict[str, list[str]] = {}
    if request.body and request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        pairs = tuple(parse_qsl(request.body.decode("ascii", "strict"), keep_blank_values=True))
    else:
        pairs = ()
    for name, value in (*request.query, *pairs):
        found.setdefault(name, []).append(value)
    if unknown := sorted(found.keys() - {*allowed, *required}):
        raise Refused(400, f"Unexpected parameters: {', '.join(unknown)}")
    if missing := sorted(set(required) - found.keys()):
        raise Refused(400, f"Missing Parameter: {', '.join(missing)}")
    return found
