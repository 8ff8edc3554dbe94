"""A Zoho account over the simulated org, without sockets and on a clock that only waiting moves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.connectors.inprocess import WorldSender
from zohosyncd.connectors.tools import Tools
from zohosyncd.connectors.zoho_crm import SPEC
from zohosyncd.connectors.zoho_crm.connector import ZohoConnector
from zohosyncd.connectors.zoho_crm.options import ZohoOptions
from zohosyncd.sandbox.world import World
from zohosyncd.sandbox.zoho.app import ZohoApp
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.settings.secrets import Secret, SecretError, SecretRef
from zohosyncd.transport.account_budget import AccountBudget
from zohosyncd.transport.sender import HttpRequest, Outcome

HOST = "http://127.0.0.1:1"
SECRETS = {"env:SECRET": "sandbox-client-secret", "env:REFRESH": "1000.sandbox.refresh"}


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


@dataclass
class Org:
    """A simulated org and our connector to it; ``app`` is where its people work."""

    world: World
    app: ZohoApp
    sender: WorldSender
    clock: HandClock
    connector: ZohoConnector
    budget: AccountBudget | None = None

    def person(self, module: str = "Contacts", **values: Any) -> str:
        """Somebody creates a contact, or whoever a module holds; the id."""
        given = {"Last_Name": "Miller"} if module == "Contacts" else {}
        created = self.app.edit({"object": module, "create": {**given, **values}})
        return str(created["id"])

    def edit(self, record_id: str, module: str = "Contacts", **values: Any) -> None:
        self.app.edit({"object": module, "id": record_id, "set": values})

    def delete(self, record_id: str, module: str = "Contacts") -> None:
        self.app.edit({"object": module, "id": record_id, "delete": True})

    def fail(self, *rules: dict[str, Any]) -> None:
        self.world._faults.replace("zoho_crm", list(rules))

    def calls(self) -> list[str]:
        """Method and path of all requests so far."""
        return [f"{each.method} {each.url.removeprefix(HOST)}" for each in self.sender.sent]


def options(**more: Any) -> ZohoOptions:
    keys = {"api_url": HOST, "accounts_url": HOST, "allow_http": True, "client_id": "1000.SANDBOX", **more}
    return ZohoOptions.model_validate(
        {"client_secret": "env:SECRET", "refresh_token": "env:REFRESH", "settle": "2s", **keys}
    )


@pytest.fixture
def make_org() -> Callable[..., Org]:
    def make(setup: ZohoSetup | None = None, *, counted: bool = False, **more: Any) -> Org:
        clock = HandClock()
        world = World(clock, 7)
        app = ZohoApp(world.time, 7, HOST, setup)
        world.add(app)
        sender = WorldSender(world, clock)

        def secret(ref: SecretRef) -> Secret:
            if str(ref) not in SECRETS:
                raise SecretError(f"there is no {ref}")
            return Secret(SECRETS[str(ref)])

        budget = AccountBudget("zoho", clock) if counted else None
        connector = SPEC.open(options(**more), Tools("zoho", sender, clock, Middle(), secret, budget=budget))
        assert isinstance(connector, ZohoConnector)
        return Org(world, app, sender, clock, connector, budget)

    return make


@pytest.fixture
def org(make_org: Callable[..., Org]) -> Org:
    return make_org()


class Spoiling:
    """A sender between client and org that may change answers; ``spoil`` gets the request and the answer."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.spoil: Any = lambda request, answer: answer

    async def send(self, request: HttpRequest) -> Outcome:
        outcome = await self.inner.send(request)
        changed: Outcome = self.spoil(request, outcome)
        return changed


@pytest.fixture
def spoiling(org: Any) -> Spoiling:
    made = Spoiling(org.sender)
    org.connector._client._http._sender = made
    return made
