"""Somebody who speaks plain HTTP to the simulated Google, without sockets, on a clock that the test moves."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest

from zohosyncd.sandbox.google.app import CLIENT_ID, CLIENT_SECRET, GoogleApp
from zohosyncd.sandbox.google.behaviour import GoogleBehaviour
from zohosyncd.sandbox.wire import Request, Response

NOON = 1_795_521_600.0  # 2026-11-24T12:00:00Z
ALL = "metadata,names,emailAddresses,phoneNumbers,memberships,biographies,birthdays,addresses,organizations,userDefined"


@dataclass
class HandClock:
    moment: float = NOON

    def now(self) -> float:
        return self.moment


@dataclass
class Reply:
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def error(self) -> str:
        return str(self.body["error"]["status"])

    @property
    def reason(self) -> str:
        return str(self.body["error"]["details"][0]["reason"])


@dataclass
class Google:
    """A client of the simulated Google, logged in as Ann unless a test says otherwise."""

    clock: HandClock = field(default_factory=HandClock)
    behaviour: GoogleBehaviour = field(default_factory=GoogleBehaviour)
    user: str = "ann@example.org"

    def __post_init__(self) -> None:
        self.app = GoogleApp(self.clock, 7, ("ann@example.org", "ben@example.org"), self.behaviour)
        self.tokens: dict[str, str] = {}

    def log_in(self, user: str) -> str:
        form = {"grant_type": "refresh_token", "refresh_token": self.app.refresh_tokens[user],
                "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}  # fmt: skip
        reply = self.form("/token", **form)
        assert reply.status == 200, reply
        return str(reply.body["access_token"])

    def form(self, path: str, **form: str) -> Reply:
        media = {"content-type": "application/x-www-form-urlencoded"}
        return _reply(self.app.handle(Request("POST", path, (), media, urlencode(form).encode())))

    def request(self, method: str, path: str, body: Any = None, token: str = "", **query: Any) -> Request:
        if not token:
            token = self.tokens.get(self.user) or self.log_in(self.user)
            self.tokens[self.user] = token
        pairs = tuple(
            (name, str(each))
            for name, value in query.items()
            for each in (value if isinstance(value, list) else [value])
        )
        data = b"" if body is None else json.dumps(body).encode()
        return Request(method, f"/v1/{path}", pairs, {"authorization": f"Bearer {token}"}, data)

    def call(self, method: str, path: str, body: Any = None, token: str = "", **query: Any) -> Reply:
        return _reply(self.app.handle(self.request(method, path, body, token, **query)))

    def ok(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        reply = self.call(method, path, body, **query)
        assert reply.status == 200, reply
        return reply.body

    def create(self, **fields: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.ok("POST", "people:createContact", fields, personFields=ALL)
        return made

    def named(self, given: str, *emails: str) -> dict[str, Any]:
        return self.create(names=[{"givenName": given}], emailAddresses=[{"value": each} for each in emails])

    def get(self, name: str) -> dict[str, Any]:
        person: dict[str, Any] = self.ok("GET", name, personFields=ALL)
        return person

    def update(self, person: Mapping[str, Any], mask: str, **fields: Any) -> Reply:
        body = {"metadata": {"sources": person["metadata"]["sources"]}, **fields}
        path = f"{person['resourceName']}:updateContact"
        return self.call("PATCH", path, body, updatePersonFields=mask, personFields=ALL)

    def sync(self, token: str = "", **query: Any) -> Any:
        """All pages of a list with a sync token, the persons by resource name under ``people``."""
        asked = {"personFields": "metadata,names,emailAddresses", "requestSyncToken": "true", "pageSize": 100,
                 "sources": "READ_SOURCE_TYPE_CONTACT", **query}  # fmt: skip
        if token:
            asked["syncToken"] = token
        people: dict[str, Any] = {}
        while True:
            page = self.ok("GET", "people/me/connections", **asked)
            people |= {each["resourceName"]: each for each in page.get("connections", [])}
            if "nextPageToken" not in page:
                return {**page, "people": people}
            asked["pageToken"] = page["nextPageToken"]

    def later(self, seconds: float = 3_600.0) -> None:
        self.clock.moment += seconds


def _reply(response: Response) -> Reply:
    parsed = "json" in response.headers.get("Content-Type", "") and response.body
    return Reply(response.status, response.headers, json.loads(response.body) if parsed else response.body)


@pytest.fixture
def make_google() -> Callable[..., Google]:
    def make(**switches: Any) -> Google:
        return Google(behaviour=GoogleBehaviour(**switches))

    return make


@pytest.fixture
def google() -> Google:
    return Google()
