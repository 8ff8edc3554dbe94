"""``$batch``: up to twenty requests in one, of which four run at once in a mailbox."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from zohosyncd.sandbox.wire import Request, Response

from .answers import GraphError, bad, crowded, ok
from .behaviour import Behaviour

MOST, AT_ONCE = 20, 4
_METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})
Handler = Callable[[Request], Response]


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a batch. ``after``: ids of those that have to be carried out before it."""

    id: str
    request: Request
    after: tuple[str, ...]


class Batch:
    """Carries out batches. ``refuse``: what stands in place of a request's answer, None = let it be carried out."""

    def __init__(self, behaviour: Behaviour, seed: int) -> None:
        self._behaviour = behaviour
        self._chance = random.Random(f"batch/{seed}")

    def handle(
        self, body: Any, outer: Mapping[str, str], handler: Handler, refuse: Callable[[Request], GraphError | None],
        failed: Callable[[GraphError], Response],
    ) -> Response:  # fmt: skip
        """Answer a batch; the answers come in any order.

        Args:
            outer: headers of the batch itself: only its login goes for the requests in it.
            handler: answers one request. refuse: says no to one without carrying it out. failed: makes an answer of an
                error.
        """
        steps = _steps(body, outer)
        statuses: dict[str, int] = {}
        answers: list[dict[str, Any]] = []
        independent = 0
        for step in steps:
            independent += not step.after
            error = refuse(step.request) or self._crowded(step, independent)
            if any(statuses[each] >= 400 for each in step.after):
                error = GraphError(424, "FailedDependency", "The request depends on another one that has failed.")
            answer = failed(error) if error is not None else handler(step.request)
            statuses[step.id] = answer.status
            answers.append(_shown(step.id, answer))
        self._chance.shuffle(answers)
        return ok({"responses": answers})

    def _crowded(self, step: Step, independent: int) -> GraphError | None:
        if self._behaviour.batch == "refuses" and not step.after and independent > AT_ONCE:
            return crowded(1 if self._behaviour.wait_in_batch else None)
        return None


def _steps(body: Any, outer: Mapping[str, str]) -> list[Step]:
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list) or not requests:
        raise bad("BadRequest", "Invalid batch payload format.")
    if len(requests) > MOST:
        raise bad("BadRequest", f"The number of maximum requests in a batch is {MOST}.")
    steps: list[Step] = []
    for given in requests:
        step = _step(given, outer)
        if step.id.lower() in {each.id.lower() for each in steps}:
            raise bad("BadRequest", "Request Id has to be unique in a batch.")
        if not {*step.after} <= {each.id for each in steps}:
            raise bad("BadRequest", "Unknown request id in dependsOn.")
        steps.append(step)
    return steps


def _step(given: Any, outer: Mapping[str, str]) -> Step:
    if not isinstance(given, dict) or set(given) - {"id", "method", "url", "headers", "body", "dependsOn"}:
        raise bad("BadRequest", "Invalid batch payload format.")
    name, method, url = given.get("id"), given.get("method"), given.get("url")
    if not isinstance(name, str) or not name or method not in _METHODS or not isinstance(url, str):
        raise bad("BadRequest", "Invalid batch payload format.")
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        raise bad("BadRequest", "The url of a request in a batch has to be relative.")
    headers = {key.lower(): str(value) for key, value in (given.get("headers") or {}).items()}
    body = b""
    if given.get("body") is not None:
        if "content-type" not in headers:
            raise bad("BadRequest", "A Content-Type header has to be specified with a body.")
        body = json.dumps(given["body"]).encode()
    if "authorization" in outer:
        headers["authorization"] = outer["authorization"]
    path = "/v1.0/" + unquote(parts.path).lstrip("/")
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    return Step(name, Request(method, path, query, headers, body), tuple(given.get("dependsOn") or ()))


def _shown(name: str, answer: Response) -> dict[str, Any]:
    row: dict[str, Any] = {"id": name, "status": answer.status, "headers": dict(answer.headers)}
    if answer.body:
        row["body"] = json.loads(answer.body)
    return row
