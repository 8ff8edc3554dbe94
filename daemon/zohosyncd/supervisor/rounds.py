"""When a connection runs: at its interval, when it is woken, and after trouble when that may be over."""

from contextlib import suppress
from typing import TYPE_CHECKING, Final

import anyio
import structlog

from zohosyncd.core.errors import (
    AuthLost,
    BudgetSpent,
    PermissionLacking,
    SettingsProblems,
    SyncError,
    Unavailable,
    UsageError,
)
from zohosyncd.pipeline.pace import Calm
from zohosyncd.pipeline.tally import Report
from zohosyncd.ports.world import Entropy
from zohosyncd.supervisor.cohort import Cohort
from zohosyncd.supervisor.patience import LONGEST_REST, Patience

if TYPE_CHECKING:
    from zohosyncd.supervisor.connections import ConnectionUnit

_SHORTEST: Final = 0.05
_NEARLY: Final = 0.98
"""A side is read again when the last read is older than this part of the interval."""

_UNKNOWN_WAIT: Final = 5.0
_FIRST_SYNC_WAIT: Final = 2.0
_log = structlog.get_logger("zohosyncd.connection")


class Rounds:
    """The runs of one connection, one after the other.

    Args:
        unit: the connection. entropy: for jitter.
    """

    def __init__(self, unit: "ConnectionUnit", entropy: Entropy) -> None:
        self._unit = unit
        self._entropy = entropy
        self._wake = anyio.Event()
        self._patience = Patience(entropy, unit.settings.every)
        self._asked_about = ""

    async def go_on(self, cohort: Cohort) -> None:
        """Run until cancelled; trouble only makes it wait. ``cohort``: who starts together with it."""
        pause = await self._first(cohort)
        while True:
            with anyio.move_on_after(pause):
                await self._wake.wait()
            self._wake = anyio.Event()
            pause = await self.turn()

    def wake(self) -> None:
        """Run now instead of at the next interval."""
        self._wake.set()

    def succeeded(self) -> None:
        """A run has ended well, whoever asked for it."""
        self._patience.end()
        self._asked_about = ""

    async def _first(self, cohort: Cohort) -> float:
        """Get ready together with the others; answers how many seconds to wait for the first run."""
        unit = self._unit
        try:
            await unit.try_prepare()
        except Exception as error:  # noqa: BLE001 - as in a run
            return self._failed_by_a_bug(error)
        finally:
            cohort.know(unit.name)
        await cohort.neighbours(unit.name)
        return 0.0 if unit.trouble is None else await self._after(unit.trouble)

    async def turn(self) -> float:
        """One run; answers how many seconds to wait for the next."""
        unit, settings = self._unit, self._unit.settings
        # Whoever rests now rests until the next turn.
        rest = max(settings.every_with_hooks - settings.every, 0.0)
        calm = Calm(rest, settings.every * _NEARLY, sparing=True)
        try:
            report = await unit.run_once(wait=False, calm=calm)
        except SyncError as error:
            return await self._after(error)
        except Exception as error:  # noqa: BLE001 - a bug in one connection must leave the others running
            return self._failed_by_a_bug(error)
        unit.pace()  # it is the feeds that rest: what the other side shows need not wait for it
        return self._pause(report, rest)

    def _pause(self, report: Report, rest: float) -> float:
        """Seconds until the next run, after one that ended."""
        unit, runner = self._unit, self._unit.runner
        # Whoever wakes first polls for all who share the feed; nobody's interval becomes shorter than was wished for.
        pause = unit.settings.every * self._entropy.uniform(1.0, 1.05)
        if runner is not None:
            due = runner.due_in(pause, max(pause, rest))
            if due > 0:  # what could not be read now is not tried again at once
                pause = min(max(due, _SHORTEST), pause)
            if runner.unknown:
                pause = min(pause, _UNKNOWN_WAIT)
        if report.stage in ("matching", "merging", "creating") or not (runner is None or runner.informed):
            pause = min(pause, _FIRST_SYNC_WAIT)
        for account in unit.accounts.values():
            trouble = account.deliverer.trouble
            if isinstance(trouble, BudgetSpent):
                pause = max(pause, min(trouble.retry_after or 0.0, LONGEST_REST))
        return pause

    async def _after(self, error: SyncError) -> float:
        """Seconds until the next run, after one that failed."""
        if isinstance(error, UsageError | SettingsProblems):
            for account in self._unit.accounts.values():
                account.info = None  # asked again: who are we there?
        elif isinstance(error, AuthLost | PermissionLacking):
            await self._ask_who_we_are(error)
        return self._patience.after(error)

    def _failed_by_a_bug(self, error: Exception) -> float:
        _log.error("connection failed by a bug; it is started anew", connection=self._unit.name, exc_info=error)
        self._unit.start_anew(
            SyncError(f"a bug: {type(error).__name__}", hint="see the log; the connection is started anew")
        )
        return self._patience.after(Unavailable("bug"))

    async def _ask_who_we_are(self, error: SyncError) -> None:
        """Find out which account has lost its login: it says so itself, with the cure, and so do its connections.

        Once for each trouble; after that only accounts in trouble are asked, since asking costs a call.
        """
        news, self._asked_about = error.message != self._asked_about, error.message
        for account in self._unit.accounts.values():
            if news:
                account.info = None
            with suppress(SyncError):
                await account.check()
