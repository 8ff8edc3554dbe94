"""Requests and answers as plain values: a simulated app is an object, HTTP is a thin shell around it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. ``path`` is percent-decoded, ``query`` keeps order and repeats, header names are lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer. Header names are in their usual spelling."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request that an app makes by itself: ``POST`` of a JSON body to an address that it was told."""

    url: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection breaks: before any answer, or (with ``partial``) after the first bytes of one."""

    partial: Response | None = None


@dataclass(frozen=True, slots=True)
class Delayed:
    """The answer comes after ``seconds``; ``None`` as answer: the connection stays silent until the client gives up.

    With ``then`` the request is carried out only when the time is over, even if the client has left by then.
    """

    seconds: float
    response: Response | None
    then: Callable[[], Response] | None = None

    def late(self) -> Response | None:
        """Call this once, when the time is over: the answer, or None for silence."""
        return self.response if self.then is None else self.then()


Answer = Response | Reset | Delayed


class Clock(Protocol):
    """The time of the simulated world, in seconds since 1970 (UTC)."""

    def now(self) -> float:
        """The present moment."""
        ...


class App(Protocol):
    """One simulated app. It answers requests at once and without I/O; faults, delays and sockets are around it."""

    name: str
    prefixes: tuple[str, ...]  # request paths that belong to this app

    def handle(self, request: Request) -> Response:
        """Answer one request as the vendor's server would."""
        ...

    def state(self) -> dict[str, Any]:
        """Everything that a person could see in the app, without limits or faults, deleted records left out."""
        ...

    def edit(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a person did (create, set, delete) and answer the record; ``ValueError`` says what was wrong."""
        ...

    def normalise(self, object_name: str, rules: list[Mapping[str, Any]]) -> None:
        """Replace what the server does to the values it stores in one object."""
        ...

    def template(self, request: Request) -> str:
        """``METHOD /path/{template}`` of a request, for counting calls."""
        ...

    def credits(self, request: Request) -> int:
        """What the vendor charges for this request (0 where nothing is charged)."""
        ...

    def emptied(self, request: Request) -> Response:
        """The answer that says "nothing here" in this app's own words (fault ``empty``)."""
        ...

    def refused_rows(self, request: Request, share: float, code: str) -> Response:
        """Carry out a batch, but refuse that share of its rows with the code (fault ``rows``)."""
        ...
