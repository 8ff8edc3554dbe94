"""Several requests in one (vendor: JSON batching): what is sent, and what came back for each. Pure.

Answers come in any order and are told apart by their id. Each request in it needs the headers of its own: what the
batch itself asks for goes for none of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from zohosyncd.connectors.microsoft365.judge import Error, error_in
from zohosyncd.core.errors import ContractBroken
from zohosyncd.transport.decode import UNCLEAR, json_as, json_with_gaps

MOST: Final = 20
"""Requests that one batch takes."""

NARROW: Final = 4
"""Requests that run in a mailbox at once; a service that does not queue the others refuses them."""

IMMUTABLE: Final = 'IdType="ImmutableId"'
"""The preference for ids that a move does not change; it goes for the request that has it, and for no other."""

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Step:
    """One request. ``url``: below the version, percent-encoded. ``match``: the entity tag that is needed."""

    method: str
    url: str
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    match: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to one request.

    Attributes:
        status: its HTTP status. row: its JSON, None where it has none that is an object.
        error: the error that it tells. wait: seconds that it asks us to wait, None where it does not say.
    """

    status: int
    row: Mapping[str, Any] | None = field(default=None, repr=False)
    error: Error = field(default_factory=Error, repr=False)
    wait: float | None = None

    @property
    def code(self) -> str:
        """The code of its error, else its status."""
        return self.error.code or str(self.status)


def written(steps: Sequence[Step]) -> bytes:
    """The body of a batch; the requests are numbered from 0."""
    return _encode({"requests": [_request(str(at), step) for at, step in enumerate(steps)]})


def _request(name: str, step: Step) -> dict[str, Any]:
    headers = {"Prefer": IMMUTABLE}
    if step.match is not None:
        headers["If-Match"] = step.match
    made: dict[str, Any] = {"id": name, "method": step.method, "url": step.url, "headers": headers}
    if step.body is not None:
        headers["Content-Type"] = "application/json"
        made["body"] = step.body
    return made


def read(body: bytes, count: int) -> list[Told | None]:
    """What came back for each request, None where nothing that can be read, or two different answers.

    Raises:
        ContractBroken: the answer is none to a batch.
    """
    found: list[Told | None] = [None] * count
    seen: set[int] = set()
    for given in _responses(body):
        at = _number(given, count)
        told = _told(given) if at is not None else None
        if at is None or told is None:
            continue
        found[at] = told if at not in seen else None
        seen.add(at)
    return found


def _responses(body: bytes) -> list[Any]:
    try:
        whole = json_as(dict[str, Any], body, what="batch")
    except ContractBroken:
        whole = json_with_gaps(body, what="batch")
    rows = whole.get("responses") if isinstance(whole, dict) else None
    if not isinstance(rows, list):
        raise ContractBroken("batch: the answer has no responses")
    return rows


def _number(given: Any, count: int) -> int | None:
    name = given.get("id") if isinstance(given, dict) else None
    if not isinstance(name, str) or not name.isascii() or not name.isdecimal() or len(name) > 3:
        return None
    return int(name) if int(name) < count else None


def _told(given: Mapping[str, Any]) -> Told | None:
    status, body, headers = given.get("status"), given.get("body"), given.get("headers")
    if isinstance(status, bool) or not isinstance(status, int):
        return None
    row = body if isinstance(body, dict) else None
    error = Error()
    if status >= 400 and row is not None:
        error = error_in(_encode(_without_gaps(row)))
    return Told(status, row, error, _wait(headers))


def _without_gaps(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_gaps(each) for name, each in value.items()}
    return None if value is UNCLEAR or isinstance(value, list) else value


def _wait(headers: Any) -> float | None:
    if not isinstance(headers, dict):
        return None
    text = next((each for name, each in headers.items() if isinstance(name, str) and name.lower() == "retry-after"), "")
    text = str(text).strip()
    return min(float(text), 3600.0) if text.isascii() and text.isdigit() and len(text) <= 9 else None
