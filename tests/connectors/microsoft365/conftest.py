"""A Microsoft 365 account over the simulated service, without sockets and on a clock that only waiting moves."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pytest

from tests.connectors.inprocess import WorldSender
from zohosyncd.connectors.microsoft365 import SPEC
from zohosyncd.connectors.microsoft365.connector import MicrosoftConnector
from zohosyncd.connectors.microsoft365.options import MicrosoftOptions
from zohosyncd.connectors.tools import Tools
from zohosyncd.sandbox.microsoft.app import CLIENT_ID, CLIENT_SECRET, GraphApp
from zohosyncd.sandbox.microsoft.behaviour import Behaviour
from zohosyncd.sandbox.world import World
from zohosyncd.settings.secrets import Secret, SecretRef
from zohosyncd.transport.consent import Consent
from zohosyncd.transport.sender import HttpRequest, Outcome

HOST = "http://127.0.0.1:1"
ANN = "ann@example.org"
CONTACTS = f"{ANN}/Contacts"
DAY = 86_400.0


class HandClock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.moment = 1_800_000_000.25

    def now(self) -> float:
        return self.moment

    def monotonic(self) -> float:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += seconds


class Middle:
    """Chance without surprises."""

    def new_id(self) -> str:
        return "0" * 32

    def uniform(self, low: float, high: float) -> float:
        return (low + high) / 2


class Spoiling:
    """A sender between client and service that may change answers; ``spoil`` gets the request and the answer."""

    def __init__(self, inner: WorldSender) -> None:
        self.inner = inner
        self.spoil: Callable[[HttpRequest, Outcome], Outcome] = lambda _request, answer: answer

    async def send(self, request: HttpRequest) -> Outcome:
        return self.spoil(request, await self.inner.send(request))


@dataclass
class Outlook:
    """A simulated mailbox and our connector to it; ``app`` is where its people work."""

    world: World
    app: GraphApp
    sender: WorldSender
    clock: HandClock
    connector: MicrosoftConnector
    spoiling: Spoiling
    secrets: dict[str, str]
    kept: dict[str, Consent] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """The id of the default folder."""
        return self.app.boxes[ANN].contacts.id

    def person(self, place: str = CONTACTS, **values: Any) -> str:
        """Somebody makes a contact; its lasting id."""
        return str(self.app.edit({"object": place, "create": {"givenName": "Ann", **values}})["id"])

    def edit(self, contact: str, **values: Any) -> None:
        self.app.edit({"id": contact, "set": values})

    def act(self, contact: str, **verb: Any) -> None:
        self.app.edit({"id": contact, **verb})

    def row(self, contact: str) -> dict[str, Any]:
        """A contact as the service has it."""
        rows = [row for rows in self.app.state().values() for row in rows]
        return next(row for row in rows if row["id"] == contact)

    def fail(self, *rules: Mapping[str, Any]) -> None:
        self.world.faults.replace("microsoft365", list(rules))

    def calls(self, path: str = "/v1.0/") -> list[str]:
        """Method and path of the requests to the API so far."""
        shown = [f"{each.method} {unquote(each.url.removeprefix(HOST))}" for each in self.sender.sent]
        return [each for each in shown if path in each]

    def batches(self) -> list[list[dict[str, Any]]]:
        """The requests inside each batch so far."""
        sent = [each for each in self.sender.sent if each.url.endswith("/$batch")]
        return [json.loads(each.body)["requests"] for each in sent]


def options(**more: Any) -> MicrosoftOptions:
    keys = {
        "api_url": HOST, "login_url": HOST, "allow_http": True, "client_id": CLIENT_ID, "settle": "2s",
        "client_secret": "env:SECRET", "refresh_token": "env:REFRESH", **more,
    }  # fmt: skip
    return MicrosoftOptions.model_validate({name: value for name, value in keys.items() if value is not None})


MakeOutlook = Callable[..., Outlook]


@pytest.fixture
def make_outlook() -> MakeOutlook:
    def make(behaviour: Behaviour | None = None, **more: Any) -> Outlook:
        clock = HandClock()
        world = World(clock, 7)
        app = GraphApp(world.time, 7, HOST, behaviour=behaviour)
        world.add(app)
        sender = WorldSender(world, clock)
        spoiling = Spoiling(sender)
        secrets = {"env:SECRET": CLIENT_SECRET, "env:REFRESH": app.login.granted(CLIENT_ID)}
        kept: dict[str, Consent] = {}

        async def keep(consent: Consent) -> None:
            kept["ann"] = consent

        def secret(ref: SecretRef) -> Secret:
            return Secret(secrets[str(ref)])

        tools = Tools(
            "ann", spoiling, clock, Middle(), secret, consent=lambda: kept.get("ann"), keep_consent=keep
        )  # fmt: skip
        connector = SPEC.open(options(**more), tools)
        assert isinstance(connector, MicrosoftConnector)
        return Outlook(world, app, sender, clock, connector, spoiling, secrets, kept)

    return make


@pytest.fixture
def outlook(make_outlook: MakeOutlook) -> Outlook:
    return make_outlook()
