"""One process of the daemon in virtual time: every request is recorded, and it can die at any moment."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import anyio

from tests.connectors.inprocess import WorldSender
from tests.crash.virtual import SeededEntropy, VirtualClock, run
from zohosyncd.sandbox.world import World
from zohosyncd.supervisor.daemon import Daemon, Seams, open_daemon
from zohosyncd.transport.sender import Answered, HttpRequest, Outcome

STATE = ("state.db", "state.db-wal", "state.db.generation")
Job = Callable[[Daemon], Awaitable[None]]


@dataclass
class Exchange:
    """One request as the network saw it. It was carried out, if at all, between ``executed`` and ``finished``;
    ``answered``: when its answer arrived, if it did."""

    executed: float
    method: str
    url: str
    headers: str
    body: bytes
    status: int = 0
    answer: bytes = b""
    finished: float = 0.0
    answered: float | None = None

    @property
    def writes(self) -> bool:
        """Whether it could change something in an app."""
        return self.method in ("POST", "PUT", "DELETE") and "/oauth/" not in self.url

    def line(self) -> str:
        """For the event log."""
        digest = hashlib.sha256(self.body).hexdigest()[:8]
        return f"{self.executed:.3f} {self.method} {self.url} {digest} {self.status}"


@dataclass(frozen=True)
class Death:
    """When a process dies: at its n-th commit (``durable``: just after it, else just before), after its n-th write was
    executed and before the answer was read, or after so many seconds. Zero: not for this reason."""

    commit: int = 0
    durable: bool = True
    write: int = 0
    after: float = 0.0


ALIVE = Death()


class SkewedClock:
    """The machine's clock is wrong by so many seconds; time passes as it should."""

    def __init__(self, clock: VirtualClock, skew: float) -> None:
        self._clock, self._skew = clock, skew

    def now(self) -> float:
        return self._clock.now() + self._skew

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


class Process:
    """One life of the daemon over a folder.

    Args:
        world, clock: the apps and the time; both go on when it has died. folder: configuration and state.
        seed: chance of ids, jitter and of how long the network takes. skew: of its clock. death: when it dies.
    """

    def __init__(
        self, world: World, clock: VirtualClock, folder: Path, seed: int, *, skew: float = 0.0, death: Death = ALIVE
    ) -> None:
        self.exchanges: list[Exchange] = []
        self.commits = 0
        self.writes = 0
        self.refusals = 0
        self.died = False
        self._clock, self._folder, self._seed, self._skew, self._death = clock, folder, seed, skew, death
        self.on_write: Callable[[], None] = lambda: None
        """Called when a write has been carried out, if it was."""
        self._chance = Random(f"network/{seed}")
        self._way = _Way(self, clock)
        self._inner = WorldSender(world, self._way)
        self._dying = asyncio.Event()
        self._ended = 0.0
        self._disk = self._files()

    def live(self, job: Job, beside: Callable[[], Awaitable[None]] | None = None) -> None:
        """Do a job until it is done or the process dies; ``beside``: what goes on in the world meanwhile."""
        run(self._clock, self._live(job, beside))
        self._clock.keep(self._ended)
        if self.died:
            self._restore()

    async def _live(self, job: Job, beside: Callable[[], Awaitable[None]] | None) -> None:
        clock = SkewedClock(self._clock, self._skew)
        seams = Seams(clock, SeededEntropy(self._seed), self, inline_storage=True, observer=self)
        async with open_daemon(self._folder, serving=False, seams=seams) as daemon:
            work = asyncio.ensure_future(job(daemon))
            others = [asyncio.ensure_future(self._dying.wait())]
            if beside is not None:
                others.append(asyncio.ensure_future(beside()))
            if self._death.after:
                others.append(asyncio.ensure_future(self._die_after(self._death.after)))
            await asyncio.wait({work, others[0]}, return_when=asyncio.FIRST_COMPLETED)
            self._ended = self._clock.elapsed
            for each in (*others, work):
                each.cancel()
            # What a dying process still does reaches neither the apps nor, in the end, the disk.
            await asyncio.gather(work, *others, return_exceptions=True)
        if not self.died:
            work.result()

    async def _die_after(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._die()

    def _die(self) -> None:
        self.died = True
        self._dying.set()

    # --- the network ------------------------------------------------------------------------------------------

    async def send(self, request: HttpRequest) -> Outcome:
        await self._way.sleep(self._chance.uniform(0.01, 0.4))
        headers = " ".join(f"{name}:{value}" for name, value in request.headers.items() if name.startswith("If-"))
        exchange = Exchange(self._clock.elapsed, request.method, request.url, headers, request.body)
        self.exchanges.append(exchange)
        outcome = await self._inner.send(request)
        exchange.finished = self._clock.elapsed
        self.writes += exchange.writes
        if exchange.writes:
            self.on_write()
        if exchange.writes and self.writes == self._death.write:
            self._die()
        await self._way.sleep(self._chance.uniform(0.01, 0.4))
        if isinstance(outcome, Answered):
            exchange.status, exchange.answer, exchange.answered = outcome.status, outcome.body, self._clock.elapsed
        return outcome

    # --- the disk ---------------------------------------------------------------------------------------------

    def committed(self, units: int, rows: int, seconds: float) -> None:
        if self.died:
            return
        self.commits += 1
        last = self.commits == self._death.commit
        if self._death != ALIVE and (self._death.durable or not last):
            self._disk = self._files()
        if last:
            self._die()

    def failed(self, units: int) -> None:
        self.refusals += 0 if self.died else 1

    def _files(self) -> dict[str, bytes]:
        return {name: (self._folder / name).read_bytes() for name in STATE if (self._folder / name).exists()}

    def _restore(self) -> None:
        for name in (*STATE, "state.db-shm"):
            (self._folder / name).unlink(missing_ok=True)
        for name, content in self._disk.items():
            (self._folder / name).write_bytes(content)
            (self._folder / name).chmod(0o600)


class _Way:
    """Time on the way to an app: for a process that has died nothing arrives any more."""

    def __init__(self, process: Process, clock: VirtualClock) -> None:
        self._process, self._clock = process, clock

    def now(self) -> float:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        if self._process.died:
            await anyio.sleep_forever()
