"""A HubSpot account to talk to without sockets, on a clock that the test moves."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from zohosyncd.sandbox.hubspot.app import HubSpotApp
from zohosyncd.sandbox.hubspot.setup import HubSpotSetup
from zohosyncd.sandbox.wire import Request, Response
from zohosyncd.sandbox.world import World

CONTACTS = "/crm/v3/objects/contacts"


class HandClock:
    def __init__(self) -> None:
        self.moment = 1_795_521_600.0

    def now(self) -> float:
        return self.moment


@dataclass
class Reply:
    """An answer, its JSON read."""

    status: int
    headers: dict[str, str]
    body: Any


@dataclass
class Account:
    """A world with one account; calls are authorised unless a test says otherwise."""

    world: World
    app: HubSpotApp
    clock: HandClock

    def ask(self, method: str, path: str, body: Any = None, *, token: str | None = None, **query: Any) -> Reply:
        headers = {"authorization": f"Bearer {self.app.setup.token if token is None else token}"}
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        pairs = tuple((name, str(value)) for name, value in query.items())
        answer = self.world.handle(Request(method, path, pairs, headers, data))
        assert isinstance(answer, Response)
        self.clock.moment += 0.15
        return Reply(answer.status, dict(answer.headers), json.loads(answer.body) if answer.body else None)

    def contact(self, **properties: str) -> str:
        made = self.ask("POST", CONTACTS, {"properties": {"lastname": "Miller", **properties}})
        assert made.status == 201, made.body
        return str(made.body["id"])

    def search(self, *filters: dict[str, Any], **more: Any) -> Reply:
        groups = [{"filters": list(filters)}] if filters else []
        return self.ask("POST", f"{CONTACTS}/search", {"filterGroups": groups, "limit": 200, **more})


@pytest.fixture
def make_account() -> Callable[..., Account]:
    def make(**setup: Any) -> Account:
        clock = HandClock()
        world = World(clock, 7)
        app = HubSpotApp(world.time, 7, "http://127.0.0.1:1", HubSpotSetup(**{"burst": 10_000, **setup}))
        world.add(app)
        return Account(world, app, clock)

    return make


@pytest.fixture
def account(make_account: Callable[..., Account]) -> Account:
    return make_account()
