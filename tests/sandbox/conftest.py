"""A Zoho org to talk to without sockets, on a clock that the test moves."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest

from zohosyncd.sandbox.wire import Answer, Request, Response
from zohosyncd.sandbox.world import World
from zohosyncd.sandbox.zoho.app import ZohoApp
from zohosyncd.sandbox.zoho.crm import ZohoSetup

NOON = 1_795_521_600.0  # 2026-11-24T12:00:00Z, winter time in Berlin


class HandClock:
    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> float:
        return self.moment


@dataclass
class Reply:
    """An answer, its JSON read."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def rows(self) -> list[dict[str, Any]]:
        return list(self.body["data"])

    @property
    def codes(self) -> list[str]:
        return [row["code"] for row in self.rows]


@dataclass
class ZohoOrg:
    """A world with one org; calls are authorised unless a test says otherwise."""

    world: World
    app: ZohoApp
    clock: HandClock
    token: str = ""
    setup: ZohoSetup = field(default_factory=ZohoSetup)

    def send(
        self, method: str, path: str, *, body: Any = None, headers: Mapping[str, str] | None = None, **query: Any
    ) -> Answer:
        given = {"authorization": f"Zoho-oauthtoken {self.token}"} if self.token else {}
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        pairs = tuple((name, str(value)) for name, value in query.items())
        return self.world.handle(Request(method, path, pairs, {**given, **(headers or {})}, data))

    def call(self, method: str, path: str, **more: Any) -> Reply:
        response = self.send(method, path if path.startswith("/") else f"/crm/v8/{path}", **more)
        assert isinstance(response, Response), response
        json_given = "json" in response.headers.get("Content-Type", "")
        return Reply(response.status, response.headers, json.loads(response.body) if json_given else response.body)

    def refresh(self, **change: str) -> Reply:
        form = {"grant_type": "refresh_token", "client_id": self.setup.client_id, "client_secret": self.setup.client_secret,
                "refresh_token": self.setup.refresh_token, **change}  # fmt: skip
        return self.call("POST", "/oauth/v2/token", body=urlencode(form).encode())

    def log_in(self) -> str:
        self.token = self.refresh().body["access_token"]
        return self.token

    def insert(self, *rows: Mapping[str, Any], **more: Any) -> Reply:
        return self.call("POST", "Contacts", body={"data": list(rows), "trigger": [], **more})

    def add(self, **values: Any) -> str:
        reply = self.insert({"Last_Name": "Doe", **values})
        assert reply.status == 201, reply
        return str(reply.rows[0]["details"]["id"])

    def update(self, *rows: Mapping[str, Any], headers: Mapping[str, str] | None = None, **more: Any) -> Reply:
        return self.call("PUT", "Contacts", body={"data": list(rows), "trigger": [], **more}, headers=headers)

    def get(self, number: str) -> dict[str, Any]:
        return self.call("GET", f"Contacts/{number}").rows[0]

    def fields(self, *names: str, headers: Mapping[str, str] | None = None, **query: Any) -> Reply:
        return self.call("GET", "Contacts", fields=",".join(names or ("Last_Name",)), headers=headers, **query)

    def fill(self, count: int) -> None:
        """So many records, ten a second, ending an hour ago."""
        start = int(self.clock.now()) - 3_600 - count // 10
        rows = ({"id": 5_545_974_000_002_000_000 + n, "Last_Name": f"Person {n}", "Created_Time": start + n // 10,
                 "Modified_Time": start + n // 10} for n in range(count))  # fmt: skip
        self.app.load("Contacts", rows)


@pytest.fixture
def make_zoho() -> Callable[..., ZohoOrg]:
    def make(**setup: Any) -> ZohoOrg:
        clock = HandClock()
        world = World(clock, 7)
        knobs = ZohoSetup(**setup)
        app = ZohoApp(world.time, 7, "http://127.0.0.1:1", knobs)
        world.add(app)
        made = ZohoOrg(world, app, clock, setup=knobs)
        made.log_in()
        return made

    return make


@pytest.fixture
def zoho(make_zoho: Callable[..., ZohoOrg]) -> ZohoOrg:
    return make_zoho()
