"""A town: several apps, people who work at them, and the daemon between them, all on one made-up clock.

Nothing here knows what the daemon thinks; what is judged is what everybody sees in the apps, against what was typed.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, Final

from tests.connectors.inprocess import WorldSender
from tests.crash.virtual import SeededEntropy, VirtualClock, run
from tests.storage.tables import put_tables
from tests.worlds.desk import Desk
from tests.worlds.person import DETAILS, ONE_FIELD, Person, alike, somebody, typed
from zohosyncd.sandbox.config_folder import write_config
from zohosyncd.sandbox.world import World
from zohosyncd.supervisor.daemon import Daemon, Seams, open_daemon
from zohosyncd.transport.sender import HttpRequest, Outcome

URL: Final = "http://127.0.0.1:1"
HOUR: Final = 3_600.0
READS: Final = ("GET", "REPORT", "PROPFIND", "OPTIONS")

MakeDesk = Callable[[World, str], Desk]


class Overheard(WorldSender):
    """Sends into the world, and remembers what was asked: method and path as the app's own template."""

    def __init__(self, world: World, clock: VirtualClock, latency: float) -> None:
        super().__init__(world, clock, latency)
        self.calls: Counter[str] = Counter()
        self.writes = 0

    async def send(self, request: HttpRequest) -> Outcome:
        self.writes += is_write(request)
        self.calls[f"{request.method} {request.url.partition('?')[0]}"] += 1
        return await super().send(request)


_WRITES: Final = (
    "/crm/v8/Contacts", "/actions/add_tags", "/actions/remove_tags", "/batch/create", "/batch/update", "/batch/archive",
    "/unsubscribe-all", ":batchCreateContacts", ":batchUpdateContacts", ":batchDeleteContacts", "/members:modify",
    "/members", "/tags",
)  # fmt: skip
"""How addresses end to which apps take writes by POST."""


def is_write(request: HttpRequest) -> bool:
    """Whether a request changes anything, should it be carried out."""
    path = request.url.partition("?")[0]
    if path.endswith("/$batch"):
        return any(each["method"] != "GET" for each in json.loads(request.body)["requests"])
    if request.method == "POST":
        return path.endswith(_WRITES)
    return request.method in {"PUT", "PATCH", "DELETE"}


class Town:
    """The apps and the daemon's folder.

    Args:
        folder: empty. desks: the apps, the first one Zoho or any other. seed: one seed, one town.
    """

    def __init__(self, folder: Path, desks: Sequence[MakeDesk], seed: int = 1) -> None:
        self.clock = VirtualClock()
        self.chance = Random(seed)
        self.folder = folder
        self.world = World(self.clock, seed)
        write_config(folder, URL)
        for file in (*folder.glob("accounts.d/*"), *folder.glob("connections.d/*")):
            file.unlink()
        put_tables(folder / "state.db")
        self.desks = [make(self.world, URL) for make in desks]
        for desk in self.desks:
            (folder / f"accounts.d/{desk.name}.toml").write_text(desk.account(folder))
        self.number = 0
        self.sender = Overheard(self.world, self.clock, 0.05)
        self.said: dict[tuple[str, str], object] = {}
        """What was typed last, by address and field: the truth that no app may lose."""
        self.outs: set[str] = set()

    def connect(self, left: Desk, right: Desk, *more: str) -> str:
        """A connection both ways; ``more``: lines of its file."""
        name = f"{left.name}-{right.name}"
        sides = [
            f'{side} = {{ account = "{desk.name}"{f", object = {desk.object!r}" if desk.object else ""} }}'.replace(
                "'", '"'
            )
            for side, desk in (("left", left), ("right", right))
        ]
        lines = ['first_sync = "auto"', 'phone_region = "DE"', "snapshot = false", 'every = "120s"', *more]
        (self.folder / f"connections.d/{name}.toml").write_text("\n".join((*sides, *lines)) + "\n")
        return name

    # What people do

    def settle_in(self, people: int) -> None:
        """So many people, half of them known at all desks (with other details there), the others at one; a day ago."""
        for _ in range(people):
            self.number += 1
            person = somebody(self.chance, self.number)
            where = self.desks if self.chance.random() < 0.5 else [self.chance.choice(self.desks)]
            for desk in where:
                shown = {name: getattr(person, name) for name in desk.holds - {"out"}}
                if desk is not where[0]:
                    shown |= {name: Person.__dict__[name] for name in ("title", "notes") if name in shown}
                record_id = desk.add(Person(**shown))
                if person.out and "out" in desk.holds:
                    desk.opt_out(record_id)
                    self.outs.add(person.emails[0])
        self.clock.keep(self.clock.elapsed + 24 * HOUR)

    def day(self, edits: int) -> None:
        """People edit: each field of a person at one desk at most, so that nobody contradicts anybody."""
        shown = {desk.name: desk.people() for desk in self.desks}
        done: set[tuple[str, str]] = set()
        for _ in range(edits):
            desk = self.chance.choice(self.desks)
            dice = self.chance.random()
            if dice < 0.05:
                self.number += 1
                person = somebody(self.chance, self.number)
                desk.add(replace(Person(**{name: getattr(person, name) for name in desk.holds}), out=False))
                continue
            record_id = self.chance.choice(sorted(shown[desk.name]))
            address = shown[desk.name][record_id].emails[0].casefold()
            if dice < 0.10 and "out" in desk.holds:
                desk.opt_out(record_id)
                self.outs.add(address)
                continue
            name = self.chance.choice([each for each in DETAILS if each in desk.holds])
            if (address, ONE_FIELD.get(name, name)) in done:
                continue
            done.add((address, ONE_FIELD.get(name, name)))
            self.number += 1
            value = typed(self.chance, name, self.number)
            desk.change(record_id, **{name: value})
            self.said[address, name] = value

    # The daemon

    @asynccontextmanager
    async def living(self, seed: int = 1) -> AsyncIterator[Daemon]:
        """A daemon at work until the block ends."""
        seams = Seams(self.clock, SeededEntropy(seed), self.sender, inline_storage=True)
        async with open_daemon(self.folder, serving=False, seams=seams) as daemon:
            work = asyncio.create_task(daemon.serve())
            try:
                yield daemon
            finally:
                daemon.stop()
                await work

    def run(self, work: Any) -> Any:
        """Carry out a coroutine on the town's clock."""
        return run(self.clock, work)

    async def rest(self, daemon: Daemon, hours: float = 4.0, slice_: float = HOUR) -> None:
        """Wait until a slice of time passes in which nothing changes anywhere, and everything is done."""
        for _ in range(int(hours * HOUR / slice_)):
            before = self.shape()
            await self.clock.sleep(slice_)
            if self.shape() == before and await self._all_done(daemon):
                return
        status = await daemon.commands.status()
        raise AssertionError(f"no rest in {hours} hours: {status['accounts']} {status['connections']}")

    async def _all_done(self, daemon: Daemon) -> bool:
        connections = (await daemon.commands.status())["connections"].values()
        return all(each["state"] == "running" and each["last_run"].get("converged") for each in connections)

    def shape(self) -> int:
        """A number that differs when anybody sees anything else than before in any app."""
        return sum(hash(tuple(sorted(desk.people().items()))) for desk in self.desks)

    # What everybody sees

    def judge(self) -> None:
        """Nobody twice, nobody missing, nothing that was typed is lost, both sides alike, nobody opted in."""
        by_address = [self._by_address(desk) for desk in self.desks]
        everybody = set().union(*by_address)
        for desk, known in zip(self.desks, by_address, strict=True):
            assert everybody - known.keys() == set(), f"{desk.name} lacks {len(everybody - known.keys())}"
        for address in everybody:
            for name in DETAILS:
                self._judge_field(address, name, by_address)
        for desk, known in zip(self.desks, by_address, strict=True):
            if "out" in desk.holds:
                mailed = {address for address in self.outs if not known[address].out}
                assert not mailed, f"{desk.name}: {len(mailed)} who opted out are in again"

    def _by_address(self, desk: Desk) -> dict[str, Person]:
        people = [(person.emails[0].casefold(), person) for person in desk.people().values()]
        found = dict(people)
        assert len(found) == len(people), f"{desk.name}: {len(people) - len(found)} people stand there twice"
        return found

    def _judge_field(self, address: str, name: str, by_address: Sequence[dict[str, Person]]) -> None:
        shown = [
            (desk.name, getattr(known[address], name))
            for desk, known in zip(self.desks, by_address, strict=True)
            if name in desk.holds
        ]
        assert all(alike(name, shown[0][1], each) for _, each in shown), f"{address} {name}: {shown}"
        if (address, name) in self.said:
            assert alike(name, self.said[address, name], shown[0][1]), f"{address} {name}: typed, but {shown}"
