"""One connection, live: it prepares itself, runs at its interval, waits with reason and cure when it cannot."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path

import anyio
import structlog

from zohosyncd.core.errors import (
    AuthLost,
    Busy,
    Mistakes,
    PermissionLacking,
    SettingsError,
    SettingsProblems,
    SyncError,
)
from zohosyncd.core.news import is_news
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.chosen import Chosen
from zohosyncd.pipeline.pace import EAGER, Calm
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.run import Runner
from zohosyncd.pipeline.tally import Report
from zohosyncd.settings import Connection
from zohosyncd.supervisor.accounts import AccountUnit
from zohosyncd.supervisor.build import build_plan, compile_connection
from zohosyncd.supervisor.cohort import Cohort
from zohosyncd.supervisor.patience import FIRST_WAIT, LONGEST_WAIT
from zohosyncd.supervisor.rounds import Rounds
from zohosyncd.supervisor.snapshot import take_snapshot
from zohosyncd.telemetry.logs import ids_of

LAND_SECONDS = 20.0
"""How long a connection that ends, or its successor, waits for the outcome of what has been sent."""

_log = structlog.get_logger("zohosyncd.connection")


class ConnectionMode(StrEnum):
    """How a connection is."""

    STARTING = "starting"
    RUNNING = "running"
    APPROVAL = "approval"  # the first sync waits for a person
    WAITING = "waiting"  # an app, a login or the configuration: see the reason
    PAUSED = "paused"  # a person lets it write nothing
    STOPPED = "stopped"


class ConnectionUnit:
    """One connection from its settings to its runs.

    Args:
        settings: its file. open_accounts: opens the accounts of its sides. world: the pipeline's world.
        reported: called after every run. place: where in the files stands what does not fit the apps?
        foretell: called when a first sync waits for approval: what would it do?
        snapshots: folder of the snapshots, None for none.
    """

    def __init__(
        self,
        settings: Connection,
        open_accounts: Callable[[], dict[Side, AccountUnit]],
        world: World,
        reported: Callable[["ConnectionUnit", Report | None], None],
        place: Callable[[str, Mistakes], Sequence[SettingsError]],
        foretell: Callable[["ConnectionUnit"], Awaitable[None]] | None = None,
        snapshots: Path | None = None,
    ) -> None:
        self.settings = settings
        self.accounts: dict[Side, AccountUnit] = {}
        self._open_accounts = open_accounts
        self.mode = ConnectionMode.STARTING
        self.trouble: SyncError | None = None
        self.last: Report | None = None
        self.worked_at = 0.0
        """When a run last did all that it had to (wall seconds), 0.0 for never."""
        self.plan: Plan | None = None
        self.runner: Runner | None = None
        self.scope = anyio.CancelScope()
        self.leaving = anyio.CancelScope()
        self.gone = anyio.Event()
        self.begun = anyio.Event()
        """Whether it has got ready, or found out that it cannot yet."""
        self.served = False
        """Whether it runs by itself, or did."""
        self.closed = False
        """Whether another configuration has taken its place."""
        self._before: ConnectionUnit | None = None
        self._world = world
        self._reported = reported
        self._place = place
        self._foretell = foretell
        self._snapshots = snapshots
        self._rehearsals = 0
        self._lock = anyio.Lock()
        self.rounds = Rounds(self, world.entropy)

    @property
    def waits(self) -> bool:
        """Whether an app, a login or the configuration keeps it from its work."""
        return self.mode is ConnectionMode.WAITING

    @property
    def name(self) -> str:
        """The connection's name."""
        return self.settings.name

    async def prepare(self) -> tuple[Plan, Runner]:
        """Ask the apps, compile the mapping, take over what was left of an earlier life. Once.

        Raises:
            SettingsProblems: it does not fit its apps: everything at once, at its place in the files.
            Busy: its configuration has just changed. SyncError: it cannot be prepared now.
        """
        async with self._lock:
            if self.plan is not None and self.runner is not None:
                return self.plan, self.runner
            self._must_be_in_force()
            self.accounts = accounts = self._open_accounts()
            try:
                compiled = await compile_connection(self.settings, accounts)
            except Mistakes as error:
                raise SettingsProblems(self._place(self.name, error)) from None
            await self._inherit()
            self._must_be_in_force()
            with anyio.CancelScope(shield=True):  # what is taken over is claimed once
                plan, state = await build_plan(self.settings, compiled, accounts, self._world, self._heard)
                self.plan, runner = plan, Runner(self._world, plan, state, self._secure)
                await runner.recover()
                self.runner = runner
            if self.closed:
                runner.close()
            return plan, runner

    def _must_be_in_force(self) -> None:
        if self.closed:
            raise Busy(f"connection {self.name} is just being changed", hint="give the command again")

    # --- another configuration takes its place ----------------------------------------------------------------

    def close(self) -> None:
        """Decide and send nothing more; what has been sent gets its outcome."""
        self.closed = True
        self.scope.cancel()
        if self.runner is not None:
            self.runner.close()

    def follow(self, before: "ConnectionUnit") -> None:
        """Begin only when the earlier life of this connection has landed; its trouble is known already."""
        self._before = before

    async def _inherit(self) -> None:
        if self._before is not None:
            await self._before.land()
            self._before.hand_over()
            self._before = None

    async def withdraw(self) -> None:
        """What is only planned is decided anew by the next life. Raises StateError."""
        if self.plan is not None:
            await self._world.store.withdraw_planned(self.plan.id)

    async def land(self, seconds: float = LAND_SECONDS) -> None:
        """Wait until everything that was sent has an outcome, or is known to have none, and nobody is at work here."""
        with anyio.move_on_after(seconds):
            if self._before is not None:  # it never began: whoever it was to follow is followed instead
                await self._before.land(seconds)
            if self.runner is not None:
                await self.runner.at_rest()
                await self.runner.rest()

    async def _secure(self) -> None:
        """Before the first sync writes anything: both sides are in files, if the operator has not said otherwise."""
        if self.plan is not None and self.settings.snapshot and self._snapshots is not None:
            taken = await take_snapshot(self._world.store, self.plan, self._snapshots, self._world.clock.now())
            _log.info("snapshot taken before the first write", connection=self.name, folder=taken["folder"])

    async def try_prepare(self) -> None:
        """Prepare; trouble is remembered and cured later."""
        try:
            await self.prepare()
        except SyncError as error:
            self._failed(error)
        finally:
            self.begun.set()

    @property
    def left_over(self) -> int:
        """Writes without an outcome."""
        return self.runner.unknown if self.runner is not None else 0

    async def settle_left_over(self) -> None:
        """The connection has gone for good: find out about its last writes, until cancelled by its return."""
        with self.leaving:
            pause = FIRST_WAIT
            while self.runner is not None and self.runner.unknown:
                with suppress(SyncError):
                    await self.runner.find_out()
                if self.runner.unknown:
                    await self._world.clock.sleep(pause)
                    pause = min(2 * pause, LONGEST_WAIT)
        self.hand_over()

    def hand_over(self) -> None:
        """Whatever has no outcome is taken over by the next life of the connection."""
        self.leaving.cancel()
        if self._before is not None:
            self._before.hand_over()
        if self.runner is not None:
            self.runner.abandon()

    async def run_once(self, *, wait: bool, only: Chosen | None = None, calm: Calm = EAGER) -> Report:
        """One run, with its report kept; ``only``: nothing else is written; ``calm``: what need not be read.

        Raises SyncError.
        """
        try:
            _plan, runner = await self.prepare()
            self._must_be_in_force()
            report = await runner.run(wait=wait, only=only, calm=calm)
        except SyncError as error:
            self._failed(error)
            raise
        self.last = report
        if not report.trouble:
            self.worked_at = self._world.clock.now()
        self.rounds.succeeded()
        if self.trouble is not None:
            _log.info("connection works again", connection=self.name)
        self.trouble = None
        for side in SIDES:
            self.accounts[side].note(self.accounts[side].deliverer.trouble)
        self.mode = ConnectionMode.APPROVAL if report.stage == "approval" else ConnectionMode.RUNNING
        if report.paused:
            self.mode = ConnectionMode.PAUSED
        self._reported(self, report)
        if self.mode is ConnectionMode.APPROVAL and self._foretell is not None:
            await self._foretell(self)
        return report

    async def serve(self, cohort: Cohort) -> None:
        """Run at the configured interval until cancelled. ``cohort``: who starts together with it."""
        with self.scope:
            try:
                await self.rounds.go_on(cohort)
            finally:
                self.mode = ConnectionMode.STOPPED
        self.gone.set()

    def start_anew(self, error: SyncError) -> None:
        """It failed by a bug: forget how far it was, and begin at what is stored."""
        if isinstance(self.runner, Runner):
            self.runner.abandon()
        self.runner = None
        self._failed(error)

    def wake(self) -> None:
        """Run now instead of at the next interval."""
        self.rounds.wake()

    def ring(self) -> None:
        """An app has rung for one of the sides: run now, unless there is trouble that was told to wait out."""
        if self.trouble is None:
            self.wake()

    def _heard(self) -> None:
        """A side has changed: run now, unless a run is just reading it, or whoever only asks what one would do."""
        if not self._rehearsals and (self.runner is None or not self.runner.reading):
            self.wake()

    @contextmanager
    def rehearsing(self) -> Iterator[None]:
        """What is read meanwhile is left to the next run in its time: a plan does not bring about what it tells."""
        self._rehearsals += 1
        try:
            yield
        finally:
            self._rehearsals -= 1

    def pace(self) -> float:
        """Seconds between two polls of the side that is polled least: as wished, or as its credits allow."""
        factor = 1.0
        if self.plan is not None:
            for name in {end.account for end in (self.plan.left, self.plan.right)}:
                refs = [end.ref for end in (self.plan.left, self.plan.right) if end.account == name]
                account = next(each for each in self.accounts.values() if each.name == name)
                factor = max(factor, account.pace(self.name, refs, self.settings.every))
        return self.settings.every * factor

    def _failed(self, error: SyncError) -> None:
        if self.closed:
            return
        if is_news(self.trouble, error):
            for each in error.problems if isinstance(error, SettingsProblems) else (error,):
                said = error.message if each is error else str(each)
                _log.warning("connection waits", connection=self.name, reason=said, cure=error.hint, **ids_of(error))
        self.trouble = error
        self.mode = ConnectionMode.WAITING
        for account in self.accounts.values():
            if isinstance(error, AuthLost | PermissionLacking) and account.deliverer.trouble is error:
                account.note(error)
        self._reported(self, None)
