"""One seed, one story: people edit, apps fail, processes die; then everything heals and has to come to rest."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from random import Random

import anyio

from tests.crash.virtual import VirtualClock
from tests.simulation.decider import Decider
from tests.simulation.desks import BookDesk, ZohoDesk, control
from tests.simulation.governed import Law
from tests.simulation.grouped import Groups
from tests.simulation.operator import Operator
from tests.simulation.oracle import Ending, Told, look
from tests.simulation.people import Humans
from tests.simulation.process import ALIVE, Death, Exchange, Process
from tests.simulation.trouble import SPELLING, Trouble
from tests.simulation.undoer import Undoer
from tests.storage.tables import put_tables
from zohosyncd.core.errors import SyncError
from zohosyncd.sandbox.carddav.app import CardDavApp
from zohosyncd.sandbox.config_folder import write_config
from zohosyncd.sandbox.world import World
from zohosyncd.sandbox.zoho.app import ZohoApp
from zohosyncd.supervisor.daemon import Daemon

URL = "http://127.0.0.1:1"
PASSWORD = "sandbox-password"
HOUR, DAY = 3_600.0, 86_400.0
_PLACES = {
    "zoho": '{ account = "zoho", object = "Contacts" }',
    "ann": '{ account = "book", object = "/ann/contacts/" }',
    "bob": '{ account = "bob", object = "/bob/contacts/" }',
}
_CONNECTION = """\
left = {left}
right = {right}
first_sync = "auto"
create_without_email = true
phone_region = "DE"
every = "7s"
winner = "{winner}"
"""
SHAPES = (
    ("zoho-ann",),
    ("zoho-ann", "zoho-bob"),
    ("zoho-ann", "zoho-bob"),
    ("zoho-ann", "zoho-bob", "ann-bob"),
)


class Story:
    """Everything that a seed decides.

    Args:
        folder: a new folder for configuration and state. seed: the seed. lives: how many processes, at most one of
            which is not followed by another. shape: the connections; the seed's choice if empty.
    """

    def __init__(self, folder: Path, seed: int, *, lives: int = 4, shape: Sequence[str] = ()) -> None:
        self.seed, self.folder = seed, folder
        self.chance = Random(f"story/{seed}")
        self.clock = VirtualClock()
        self.world = World(self.clock, seed)
        self.world.add(ZohoApp(self.world.time, seed, URL))
        self.world.add(CardDavApp(self.world.time, seed, users={"ann": PASSWORD, "bob": PASSWORD}))
        self.connections = tuple(shape) or self.chance.choice(SHAPES)
        names = sorted({name for each in self.connections for name in each.split("-")}, reverse=True)
        self.desks = [ZohoDesk(self.world) if name == "zoho" else BookDesk(self.world, name) for name in names]
        self.humans = Humans(self.desks, self.clock, Random(f"humans/{seed}"))
        self.trouble = Trouble(self.world, Random(f"trouble/{seed}"))
        self.law, self.groups = Law(seed), Groups(seed)
        self.exchanges: list[Exchange] = []
        self.log: list[str] = []
        self.deaths = 0
        self.refusals = 0
        self._lives = lives
        self.operator = Operator(seed, self.clock, folder, self.connections, self.law)
        self.decider = Decider(seed, self.clock, self.connections, self.desks, self.operator)
        self._skew = self.chance.choice((0.0, 0.0, 0.0, -40.0, 90.0))
        self.undoer = Undoer(seed, self.clock, self.connections, self.desks, self.humans, self.law, self._skew)
        self._configure()

    def _configure(self) -> None:
        write_config(self.folder, URL)
        put_tables(self.folder / "state.db")
        (self.folder / "secrets/state-key").write_text(base64.b64encode(bytes(range(32))).decode())
        book = (self.folder / "accounts.d/book.toml").read_text() + self.groups.account
        (self.folder / "accounts.d/book.toml").write_text(book)
        (self.folder / "accounts.d/bob.toml").write_text(book.replace('"ann"', '"bob"'))
        (self.folder / "connections.d/zoho-book.toml").unlink()
        winner = self.chance.choice(("left", "right"))
        for name in self.connections:
            left, right = (_PLACES[each] for each in name.split("-"))
            text = _CONNECTION.format(left=left, right=right, winner=winner)
            (self.folder / f"connections.d/{name}.toml").write_text(text + self.law.text(name) + self.groups.text(name))
        self.spelling = self.chance.choice((None, None, *SPELLING))
        if self.spelling is not None:
            app, place, rule = self.spelling
            control(self.world, "normalise", {"app": app, "object": place, "rules": [rule]})
        if self.chance.random() < 0.3:
            knobs = {"skew": self.chance.choice((-30, 45)), "search_lag": self.chance.choice((0, 60))}
            control(self.world, "knobs", {"app": "zoho_crm", "set": knobs})

    def tell(self) -> Told:
        """Let it happen, heal everything, come to rest; what there is to be seen then."""
        self.humans.settle_in()
        self._remember()
        for number in range(self._lives):
            self.trouble.begin()
            self._live(number)
            self._humans_alone(self.chance.choice((0.0, 1.0, 30.0, 200.0)))
        self.trouble.end()
        return self._rest()

    # --- processes --------------------------------------------------------------------------------------------

    def _live(self, number: int) -> None:
        death = self.chance.choice(
            (
                ALIVE,
                Death(commit=self.chance.randint(1, 80), durable=self.chance.random() < 0.5),
                Death(write=self.chance.randint(1, 6)),
                Death(after=self.chance.uniform(0.5, 30.0)),
            )
        )
        process = self._process(number, death)
        seconds = self.chance.uniform(10.0, 60.0)

        async def serve(daemon: Daemon) -> None:
            async def stop() -> None:
                await self.clock.sleep(seconds)
                daemon.stop()

            stopping = daemon._tasks
            assert stopping is not None
            stopping.start_soon(stop)
            async with anyio.create_task_group() as office:
                office.start_soon(self.operator.work, daemon, process, self._remember)
                office.start_soon(self.decider.work, daemon, process)
                office.start_soon(self.undoer.work, daemon, process)
                await daemon.serve()
                office.cancel_scope.cancel()

        process.live(serve, self._humans_beside)
        self._note(process)
        self.deaths += process.died

    def _process(self, number: int, death: Death) -> Process:
        seed = self.seed * 1_000 + number
        process = Process(self.world, self.clock, self.folder, seed, skew=self._skew, death=death)
        process.on_write = self._remember
        return process

    async def _humans_beside(self) -> None:
        while True:
            await self.clock.sleep(self.chance.expovariate(1 / 8.0))
            self._human_act()

    def _human_act(self) -> None:
        if self.chance.random() < 0.1:
            self.trouble.expire_tokens()
        self._remember()
        for _ in range(self.chance.choice((1, 1, 2))):
            self.humans.act()
        self.law.act(self.desks)
        self.law.move(self.desks)
        self.groups.act(self.desks, self.humans, self.clock.elapsed)
        self._remember()

    def _remember(self) -> None:
        self.law.remember(self.desks)
        self.undoer.remember()

    def _humans_alone(self, seconds: float) -> None:
        for _ in range(self.chance.randint(0, 2)):
            self.clock.keep(self.clock.elapsed + seconds * self.chance.random())
            self._human_act()
        self.clock.keep(self.clock.elapsed + self.chance.random())

    def _note(self, process: Process) -> None:
        self.exchanges += process.exchanges
        self.refusals += process.refusals
        self.log += [each.line() for each in process.exchanges]
        self.log.append(f"commits={process.commits} died={process.died} at={self.clock.elapsed:.3f}")

    # --- rest -------------------------------------------------------------------------------------------------

    def _rest(self) -> Told:
        """A last process, without faults: how many rounds until a quiet one, then three more, and a look around."""
        self.clock.keep(self.clock.elapsed + HOUR)
        process = self._process(self._lives, ALIVE)
        endings: list[Ending] = []

        async def come_to_rest(daemon: Daemon) -> None:
            await self.operator.go_home(daemon)
            rounds = await self._until_quiet(daemon, process)
            if self.trouble.hides:
                await self.clock.sleep(1.1 * DAY)
                rounds = await self._until_quiet(daemon, process)
            before = process.writes
            for _ in range(3):
                await self._round(daemon)
            endings.append(await look(daemon, self.connections, rounds, process.writes - before))

        process.live(come_to_rest)
        self._note(process)
        ending = endings[0]
        self.log += [repr(each) for each in ending.journal]
        told = Told(self.desks, self.humans, tuple(self.exchanges), ending, self.spelling, self.refusals, self.law)
        self.operator.tell(told)
        self.decider.tell(told)
        self.undoer.tell(told)
        self.log += self.operator.done + self.decider.done + self.undoer.done
        self.log += [repr((desk.name, desk.entries())) for desk in self.desks]
        return told

    async def _until_quiet(self, daemon: Daemon, process: Process) -> int:
        for number in range(1, 13):
            before = process.writes
            converged = await self._round(daemon)
            if converged and process.writes == before:
                return number
        return 0

    async def _round(self, daemon: Daemon) -> bool:
        """One run of each connection, a while after the last; whether all of them have come to rest.

        A later one may have found out about a write of a dead process: news to those before it, though nothing is written.
        """
        await self.clock.sleep(10.0)
        converged = True
        for name in self.connections:
            try:
                report = await daemon.commands.sync(name)
            except SyncError:
                await self.clock.sleep(HOUR)
                converged = False
            else:
                converged = converged and bool(report[name]["converged"])
        for name in self.connections:
            pending, _oldest = await daemon.pending(daemon.connection(name))
            converged = converged and not any(pending.values())
        return converged

    def digest(self) -> str:
        """Of everything that happened."""
        return hashlib.sha256("\n".join(self.log).encode()).hexdigest()
