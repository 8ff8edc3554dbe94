"""JSON in and out."""

import json
from collections.abc import Mapping
from typing import Any

from zohosyncd.sandbox.wire import Request, Response

JSON = "application/json; charset=utf-8"


def answer(status: int, body: Any, headers: Mapping[str, str] | None = None, *, media: str = JSON) -> Response:
    """An answer with a JSON body."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(status, {"Content-Type": media, **(headers or {})}, text.encode("utf-8", "surrogatepass"))


def given(request: Request) -> Any:
    """The JSON of a request, None where there is no body. Raises ValueError for what is no JSON."""
    if not request.body.strip():
        return None
    return json.loads(request.body, parse_constant=_no_number)


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")
