"""A Mailman account over the simulated core, without sockets and on a clock that only waiting moves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.connectors.contract import Bench
from tests.connectors.inprocess import WorldSender
from tests.connectors.mailman.benches import LIST, mailman_bench
from zohosyncd.connectors.mailman import SPEC
from zohosyncd.connectors.mailman.client import PAGE
from zohosyncd.connectors.mailman.connector import MailmanConnector
from zohosyncd.connectors.mailman.options import MailmanOptions
from zohosyncd.connectors.tools import Tools
from zohosyncd.sandbox.mailman.app import MailmanApp
from zohosyncd.sandbox.mailman.behaviour import Behaviour
from zohosyncd.sandbox.world import World
from zohosyncd.settings.secrets import Secret

HOST = "http://127.0.0.1:1"


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
class Core:
    """A simulated core and our connector to it; ``app`` is where its people work."""

    world: World
    app: MailmanApp
    sender: WorldSender
    clock: HandClock
    connector: MailmanConnector

    async def subscribe(self, given: Mapping[str, Any]) -> str:
        return str(self.app.edit({"object": LIST, "create": given})["member_id"])

    async def change(self, member_id: str, given: Mapping[str, Any]) -> None:
        self.app.edit({"object": LIST, "id": member_id, "set": given})

    async def unsubscribe(self, member_id: str) -> None:
        self.app.edit({"object": LIST, "id": member_id, "delete": True})

    async def everything(self, member_id: str) -> Mapping[str, Any]:
        return dict(self.app.state()[LIST][member_id])

    def calls(self) -> list[str]:
        """Method and path of all requests so far."""
        return [f"{each.method} {each.url.removeprefix(HOST).partition('?')[0]}" for each in self.sender.sent]

    @property
    def list(self) -> Any:
        return self.app.lists[LIST]


@pytest.fixture
def make_core() -> Callable[..., Core]:
    def make(behaviour: Behaviour | None = None) -> Core:
        clock = HandClock()
        world = World(clock, 3)
        app = MailmanApp(world.time, 3, base_url=HOST, behaviour=behaviour)
        world.add(app)
        sender = WorldSender(world, clock)
        options = MailmanOptions.model_validate({"url": HOST, "password": "env:PASSWORD", "allow_http": True})
        connector = SPEC.open(options, Tools("lists", sender, clock, Middle(), lambda _: Secret("restpass")))
        assert isinstance(connector, MailmanConnector)
        return Core(world, app, sender, clock, connector)

    return make


@pytest.fixture
def core(make_core: Callable[..., Core]) -> Core:
    return make_core()


@pytest.fixture
def bench(core: Core) -> Bench:
    async def fill(count: int) -> Sequence[str]:
        return [await core.subscribe({"email": f"p{n}@example.com"}) for n in range(count)]

    return mailman_bench(core.connector, LIST, core, core.clock.sleep, fill=fill, page=PAGE, world=core.world)
