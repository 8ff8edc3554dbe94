"""One connection, live: it prepares itself, runs at its interval, waits with reason and cure when it cannot."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

import anyio
import structlog

from zohosyncd.core.errors import (
    AuthLost,
    BudgetSpent,
    Mistakes,
    PermissionLacking,
    RateLimited,
    SettingsError,
    SettingsProblems,
    SyncError,
    Unavailable,
    UsageError,
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
from zohosyncd.supervisor.build import build_plan
from zohosyncd.supervisor.snapshot import take_snapshot
from zohosyncd.telemetry.logs import ids_of

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 300.0
_PERSON_WAIT = 60.0
_LONGEST_REST = 3600.0
_SHORTEST = 0.05
_NEARLY = 0.98
"""A side is read again when the last read is older than this part of the interval."""
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
        self._world = world
        self._reported = reported
        self._place = place
        self._foretell = foretell
        self._snapshots = snapshots
        self._wake = anyio.Event()
        self._lock = anyio.Lock()
        self._failures = 0
        self._asked_about = ""

    @property
    def name(self) -> str:
        """The connection's name."""
        return self.settings.name

    async def prepare(self) -> tuple[Plan, Runner]:
        """Ask the apps, compile the mapping, take over what was left of the last process. Once.

        Raises:
            SettingsProblems: it does not fit its apps: everything at once, at its place in the files.
            SyncError: it cannot be prepared now.
        """
        async with self._lock:
            if self.plan is None or self.runner is None:
                self.accounts = self._open_accounts()
                try:
                    self.plan, state = await build_plan(self.settings, self.accounts, self._world, self._heard)
                except Mistakes as error:
                    raise SettingsProblems(self._place(self.name, error)) from None
                runner = Runner(self._world, self.plan, state, self._secure)
                await runner.recover()
                self.runner = runner
            return self.plan, self.runner

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

    async def retire(self, seconds: float) -> None:
        """The connection has gone or changes: what is only planned is decided anew if it comes back.

        Args:
            seconds: how long to wait for what has been sent.
        """
        if self.plan is not None:
            await self._world.store.withdraw_planned(self.plan.id)
        if self.runner is not None:
            with anyio.move_on_after(seconds):
                await self.runner.rest()

    @property
    def left_over(self) -> int:
        """Writes without an outcome."""
        return self.runner.unknown if self.runner is not None else 0

    async def settle_left_over(self) -> None:
        """The connection has gone for good: find out about its last writes, until cancelled by its return."""
        with self.leaving:
            pause = _FIRST_WAIT
            while self.runner is not None and self.runner.unknown:
                with suppress(SyncError):
                    await self.runner.find_out()
                if self.runner.unknown:
                    await self._world.clock.sleep(pause)
                    pause = min(2 * pause, _LONGEST_WAIT)
        self.hand_over()

    def hand_over(self) -> None:
        """Whatever has no outcome is taken over by the next life of the connection."""
        self.leaving.cancel()
        if self.runner is not None:
            self.runner.abandon()

    async def run_once(self, *, wait: bool, only: Chosen | None = None, calm: Calm = EAGER) -> Report:
        """One run, with its report kept; ``only``: nothing else is written; ``calm``: what need not be read.

        Raises SyncError.
        """
        try:
            _plan, runner = await self.prepare()
            report = await runner.run(wait=wait, only=only, calm=calm)
        except SyncError as error:
            self._failed(error)
            raise
        self.last = report
        if not report.trouble:
            self.worked_at = self._world.clock.now()
        self._failures = 0
        self._asked_about = ""
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

    async def serve(self) -> None:
        """Run at the configured interval until cancelled; trouble only makes it wait."""
        with self.scope:
            try:
                while True:
                    pause = await self._turn()
                    with anyio.move_on_after(pause):
                        await self._wake.wait()
                    self._wake = anyio.Event()
            finally:
                self.mode = ConnectionMode.STOPPED
        self.gone.set()

    def wake(self) -> None:
        """Run now instead of at the next interval."""
        self._wake.set()

    def ring(self) -> None:
        """An app has rung for one of the sides: run now, unless there is trouble that was told to wait out."""
        if self.trouble is None:
            self._wake.set()

    def _heard(self) -> None:
        """A side has changed: run now, unless a run is just reading it."""
        if self.runner is None or not self.runner.reading:
            self.wake()

    async def _turn(self) -> float:
        """One run; answers how many seconds to wait for the next."""
        entropy, settings = self._world.entropy, self.settings
        # Whoever rests now rests until the next turn.
        rest = max(settings.every_with_hooks - settings.every, 0.0)
        calm = Calm(rest, settings.every * _NEARLY, sparing=True)
        try:
            report = await self.run_once(wait=False, calm=calm)
        except SyncError as error:
            pause = self._back_off(error)
            if isinstance(error, AuthLost | PermissionLacking):
                await self._ask_who_we_are(error)
            return pause
        except Exception as error:  # noqa: BLE001 - a bug in one connection must leave the others running
            _log.exception("connection failed by a bug; it is started anew", connection=self.name)
            if isinstance(self.runner, Runner):
                self.runner.abandon()
            self.runner = None
            self._failed(
                SyncError(f"a bug: {type(error).__name__}", hint="see the log; the connection is started anew")
            )
            return self._back_off(Unavailable("bug"))
        self.pace()  # it is the feeds that rest: what the other side shows need not wait for it
        # Whoever wakes first polls for all who share the feed; nobody's interval becomes shorter than was wished for.
        pause = settings.every * entropy.uniform(1.0, 1.05)
        if self.runner is not None:
            due = self.runner.due_in(pause, max(pause, rest))
            if due > 0:  # what could not be read now is not tried again at once
                pause = min(max(due, _SHORTEST), pause)
            if self.runner.unknown:
                pause = min(pause, 5.0)
        if report.stage in ("matching", "merging", "creating") or not (self.runner is None or self.runner.informed):
            pause = min(pause, 2.0)
        for account in self.accounts.values():
            trouble = account.deliverer.trouble
            if isinstance(trouble, BudgetSpent):
                pause = max(pause, min(trouble.retry_after or 0.0, _LONGEST_REST))
        return pause

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

    async def _ask_who_we_are(self, error: SyncError) -> None:
        """Find out which account has lost its login: it says so itself, with the cure, and so do its connections.

        Once for each trouble; after that only accounts in trouble are asked, since asking costs a call.
        """
        news, self._asked_about = error.message != self._asked_about, error.message
        for account in self.accounts.values():
            if news:
                account.info = None
            with suppress(SyncError):
                await account.check()

    def _back_off(self, error: SyncError) -> float:
        self._failures += 1
        if isinstance(error, AuthLost | PermissionLacking):
            return _PERSON_WAIT
        if isinstance(error, UsageError | SettingsProblems):
            for account in self.accounts.values():
                account.info = None  # asked again: who are we there?
            return _PERSON_WAIT
        said = error.retry_after if isinstance(error, Unavailable | RateLimited) else None
        if said is not None:
            return min(said, _LONGEST_REST)
        longest = min(_FIRST_WAIT * 2.0 ** min(self._failures, 10), _LONGEST_WAIT, max(self.settings.every * 4, 5.0))
        return self._world.entropy.uniform(longest / 2, longest)
