"""A client over a scripted sender, on a clock that only waiting moves."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from zohosyncd.transport.auth import Auth, NoAuth
from zohosyncd.transport.client import Client
from zohosyncd.transport.observer import Attempt
from zohosyncd.transport.sender import Answered, HttpRequest, Outcome

ORIGIN = "https://api.example.com"


class HandClock:
    """Time that passes only when somebody waits; ``slept`` keeps the waits."""

    def __init__(self) -> None:
        self.moment = 1_800_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.moment

    def monotonic(self) -> float:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += seconds


class Most:
    """Chance that always chooses the upper end; ``asked`` keeps the ranges."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, float]] = []

    def new_id(self) -> str:
        return "0" * 32

    def uniform(self, low: float, high: float) -> float:
        self.asked.append((low, high))
        return high


class Scripted:
    """A sender that gives prepared outcomes, the last one for ever; ``sent`` keeps the requests."""

    def __init__(self, *outcomes: Outcome) -> None:
        self._outcomes = list(outcomes)
        self.sent: list[HttpRequest] = []

    async def send(self, request: HttpRequest) -> Outcome:
        self.sent.append(request)
        return self._outcomes.pop(0) if len(self._outcomes) > 1 else self._outcomes[0]


class Watching:
    """An observer that keeps everything."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []
        self.waits: list[tuple[str, float]] = []
        self.renewals: list[str] = []
        self.tokens: list[tuple[float, float]] = []
        self.under_way = 0

    def begun(self, account: str) -> None:
        self.under_way += 1

    def ended(self, account: str) -> None:
        self.under_way -= 1

    def attempted(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)

    def waiting(self, account: str, reason: str, seconds: float) -> None:
        self.waits.append((reason, seconds))

    def login_renewed(self, account: str, result: str) -> None:
        self.renewals.append(result)

    def token_in_use(self, account: str, made: float, ends: float) -> None:
        self.tokens.append((made, ends))


class Tokens:
    """A login whose tokens are numbered."""

    def __init__(self) -> None:
        self.number = 1

    async def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"token {self.number}"}

    async def renewed(self, refused: Mapping[str, str]) -> bool:
        self.number += 1
        return True


def json_answer(status: int = 200, body: bytes = b"{}", **headers: str) -> Answered:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answered(status, {"content-type": "application/json", **named}, body)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def entropy() -> Most:
    return Most()


@pytest.fixture
def watching() -> Watching:
    return Watching()


@pytest.fixture
def client_of(clock: HandClock, entropy: Most, watching: Watching) -> Callable[..., Client]:
    def make(sender: Any, auth: Auth | None = None, **more: Any) -> Client:
        named = {"origins": [ORIGIN], "clock": clock, "entropy": entropy, "observer": watching, **more}
        return Client("crm", sender, auth or NoAuth(), **named)

    return make


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def answer() -> Callable[..., Answered]:
    return json_answer
