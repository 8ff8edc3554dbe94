"""A simulated Microsoft 365 to talk to without sockets, on a clock that the test moves."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import pytest

from zohosyncd.sandbox.microsoft.app import CLIENT_ID, CLIENT_SECRET, GraphApp
from zohosyncd.sandbox.microsoft.behaviour import Behaviour
from zohosyncd.sandbox.wire import Request, Response
from zohosyncd.sandbox.world import World

HOST = "http://127.0.0.1:1"
IMMUTABLE = {"prefer": 'IdType="ImmutableId"'}


class HandClock:
    def __init__(self) -> None:
        self.moment = 1_795_521_600.0

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
        return list(self.body["value"])

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])


@dataclass
class Graph:
    """A world with one tenant; calls carry a login unless a test says otherwise."""

    world: World
    app: GraphApp
    clock: HandClock
    token: str = ""

    def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
        """One request; ``path`` below the version, or a link of an answer."""
        parts = urlsplit(path if path.startswith("http") else f"{HOST}/v1.0/{path}")
        given = {"authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            given["content-type"] = "application/json"
        data = b"" if body is None else json.dumps(body).encode()
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        request = Request(method, unquote(parts.path), query, {**given, **(headers or {})}, data)
        answer = self.world.handle(request)
        assert isinstance(answer, Response), answer
        return Reply(answer.status, answer.headers, json.loads(answer.body) if answer.body else None)

    def get(self, path: str, **headers: str) -> Reply:
        return self.call("GET", path, headers=headers or IMMUTABLE)

    def form(self, path: str, **fields: str) -> Reply:
        """A form for the login server."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = self.world.handle(Request("POST", path, (), headers, urlencode(fields).encode()))
        assert isinstance(answer, Response)
        return Reply(answer.status, answer.headers, json.loads(answer.body))

    def log_in(self, **fields: str) -> str:
        more = fields or {"grant_type": "refresh_token", "refresh_token": self.app.login.granted(CLIENT_ID)}
        secret = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        tenant = "example.org" if "client_credentials" in more.values() else "common"
        self.token = self.form(f"/{tenant}/oauth2/v2.0/token", **secret, **more).body["access_token"]
        return self.token

    def add(self, folder: str = "contacts", **values: Any) -> dict[str, Any]:
        reply = self.call("POST", f"me/contactFolders/{folder}/contacts", {"givenName": "Ann", **values}, IMMUTABLE)
        assert reply.status == 201, reply
        return dict(reply.body)

    def rounds(self, start: str = "me/contactFolders/contacts/contacts/delta", **headers: str) -> tuple[list[Any], str]:
        """All rows from a place on, and the link to what comes later."""
        rows: list[Any] = []
        while True:
            reply = self.get(start, **headers)
            assert reply.status == 200, reply
            rows += reply.rows
            if "@odata.deltaLink" in reply.body:
                return rows, str(reply.body["@odata.deltaLink"])
            start = reply.body["@odata.nextLink"]

    def batch(self, *requests: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The answers of a batch by id."""
        numbered = [{"id": str(at), **each} for at, each in enumerate(requests)]
        reply = self.call("POST", "$batch", {"requests": numbered})
        assert reply.status == 200, reply
        return {each["id"]: each for each in reply.body["responses"]}


MakeGraph = Callable[..., Graph]


@pytest.fixture
def make_graph() -> MakeGraph:
    def make(**behaviour: Any) -> Graph:
        clock = HandClock()
        world = World(clock, 7)
        app = GraphApp(world.time, 7, HOST, behaviour=Behaviour(**behaviour))
        world.add(app)
        made = Graph(world, app, clock)
        made.log_in()
        return made

    return make


@pytest.fixture
def graph(make_graph: MakeGraph) -> Graph:
    return make_graph()
