"""A HubSpot account over the simulated one, without sockets and on a clock that only waiting moves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.connectors.inprocess import WorldSender
from zohosyncd.connectors.hubspot import SPEC
from zohosyncd.connectors.hubspot.connector import REF, HubSpotConnector
from zohosyncd.connectors.hubspot.options import HubSpotOptions
from zohosyncd.connectors.tools import Tools
from zohosyncd.ports.connector import Change, Found, WriteKind, WriteOp, WriteResult
from zohosyncd.sandbox.hubspot.app import HubSpotApp
from zohosyncd.sandbox.hubspot.setup import HubSpotSetup
from zohosyncd.sandbox.world import World
from zohosyncd.settings.secrets import Secret, SecretError, SecretRef
from zohosyncd.transport.account_budget import AccountBudget
from zohosyncd.transport.sender import HttpRequest, Outcome

HOST = "http://127.0.0.1:1"
FIELDS = ("firstname", "lastname", "email", "jobtitle")


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
class Portal:
    """A simulated account and our connector to it; ``app`` is where its people work."""

    world: World
    app: HubSpotApp
    sender: WorldSender
    clock: HandClock
    connector: HubSpotConnector
    secrets: dict[str, str]
    budget: AccountBudget | None = None

    def person(self, **values: Any) -> str:
        """Somebody makes a contact; the id."""
        return str(self.app.edit({"create": {"lastname": "Miller", **values}})["id"])

    def edit(self, record_id: str, **values: Any) -> None:
        self.app.edit({"id": record_id, "set": values})

    def delete(self, record_id: str) -> None:
        self.app.edit({"id": record_id, "delete": True})

    def merge(self, primary: str, other: str) -> str:
        return str(self.app.edit({"id": primary, "merge": other})["id"])

    def shown(self, record_id: str) -> dict[str, Any]:
        """Everything that is set of a contact."""
        (found,) = [each for each in self.app.state()["contacts"] if each["id"] == record_id]
        return dict(found)

    def fail(self, *rules: dict[str, Any]) -> None:
        self.world._faults.replace("hubspot", list(rules))

    def calls(self) -> list[str]:
        """Method and path of all requests so far, without their parameters."""
        return [f"{each.method} {each.url.removeprefix(HOST).partition('?')[0]}" for each in self.sender.sent]

    def searches(self) -> int:
        return sum(each.endswith("/contacts/search") for each in self.calls())

    async def read(self, record_id: str, *fields: str) -> Any:
        (answer,) = await self.connector.fetch(REF, fields or FIELDS, [record_id])
        assert isinstance(answer, Found), answer
        return answer.record

    async def write(self, *ops: WriteOp) -> list[WriteResult]:
        return await self.connector.write(REF, list(ops))

    async def update(self, record_id: str, **patch: Any) -> WriteResult:
        """Read and change a contact; names may not be Python's, so give ``**{"Lists": ...}``."""
        known = await self.read(record_id, *FIELDS, *patch)
        (result,) = await self.write(op(WriteKind.UPDATE, record_id, patch, known))
        return result

    async def create(self, **values: Any) -> WriteResult:
        (result,) = await self.write(op(WriteKind.CREATE, "", values))
        return result

    async def follow(
        self, cursor: str | None, fields: tuple[str, ...] = FIELDS, *, deletions: bool = True
    ) -> tuple[list[Change], str]:
        """All changes of one pass, and the cursor behind it."""
        changes: list[Change] = []
        async for page in self.connector.changes(REF, fields, cursor, deletions=deletions):
            changes += page.changes
            cursor = page.cursor
        assert cursor is not None
        return changes, cursor


_numbers = iter(range(1, 1_000_000))


def op(kind: WriteKind, record_id: str, patch: Any, known: Any = None) -> WriteOp:
    return WriteOp(f"{next(_numbers):032x}", kind, record_id, patch, known)


def options(**more: Any) -> HubSpotOptions:
    keys = {"api_url": HOST, "app_url": HOST, "allow_http": True, "settle": "10s", "overlap": "60s", **more}
    if "client_id" not in keys:
        keys.setdefault("access_token", "env:TOKEN")
    return HubSpotOptions.model_validate(keys)


@pytest.fixture
def make_portal() -> Callable[..., Portal]:
    def make(setup: HubSpotSetup | None = None, *, counted: bool = False, **more: Any) -> Portal:
        clock = HandClock()
        world = World(clock, 7)
        app = HubSpotApp(world.time, 7, HOST, setup)
        world.add(app)
        sender = WorldSender(world, clock)
        known = app.setup
        secrets = {
            "env:TOKEN": known.token,
            "env:SECRET": known.client_secret,
            "env:REFRESH": known.refresh_token,
        }

        def secret(ref: SecretRef) -> Secret:
            if str(ref) not in secrets:
                raise SecretError(f"there is no {ref}")
            return Secret(secrets[str(ref)])

        budget = AccountBudget("hubspot", clock) if counted else None
        connector = SPEC.open(options(**more), Tools("hubspot", sender, clock, Middle(), secret, budget=budget))
        assert isinstance(connector, HubSpotConnector)
        return Portal(world, app, sender, clock, connector, secrets, budget)

    return make


@pytest.fixture
def portal(make_portal: Callable[..., Portal]) -> Portal:
    return make_portal()


class Spoiling:
    """A sender between client and account that may change answers; ``spoil`` gets the request and the answer."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.spoil: Any = lambda request, answer: answer

    async def send(self, request: HttpRequest) -> Outcome:
        outcome = await self.inner.send(request)
        changed: Outcome = self.spoil(request, outcome)
        return changed


@pytest.fixture
def spoiling(portal: Any) -> Spoiling:
    made = Spoiling(portal.sender)
    portal.connector._client.wire.http._sender = made
    return made
