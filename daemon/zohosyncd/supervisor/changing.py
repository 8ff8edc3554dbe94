"""Puts one configuration in the place of another; what is kept does not lose a beat. Starting is a change from nothing.

Connections that end decide and send nothing more from the moment that their successors are in force. What they had sent
gets its outcome beside that, and only then does the successor of each begin: no app is waited for here.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import anyio
import structlog

from zohosyncd.core.errors import StateError
from zohosyncd.settings import Difference, Settings, SettingsDiff
from zohosyncd.supervisor.accounts import AccountUnit
from zohosyncd.supervisor.cohort import Cohort
from zohosyncd.supervisor.connections import LAND_SECONDS, ConnectionUnit

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_log = structlog.get_logger("zohosyncd.daemon")


class Changing:
    """Who comes and goes, of a daemon's accounts and connections.

    Args:
        daemon: the daemon.
    """

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon
        self.leaving: dict[str, ConnectionUnit] = {}
        """Connections that are gone, and have writes without an outcome."""
        self.retiring: set[AccountUnit] = set()
        """Accounts that are gone or changed, and have writes under way."""

    async def apply(
        self, difference: SettingsDiff, new: Settings, accounts: Mapping[str, AccountUnit] | None = None
    ) -> None:
        """Put it in force.

        Args:
            difference: from what is in force. new: what shall be. accounts: those that have been opened for it.
        """
        with anyio.CancelScope(shield=True):  # half of it would leave connections that nobody runs
            await self._apply(difference, new, accounts or {})

    async def _apply(self, difference: SettingsDiff, new: Settings, accounts: Mapping[str, AccountUnit]) -> None:
        daemon = self._daemon
        ending = await self._close(new, difference.reopened)
        # From here on nothing waits until everything is in its place.
        left = [*ending.values(), *self.leaving.values()]
        for name in difference.accounts.removed | difference.accounts.changed.keys():
            self._retire(name, left, forever=name in difference.accounts.removed)
        daemon.settings = new
        for account in accounts.values():
            daemon.adopt(account)
        for name, ended in ending.items():
            del daemon.connections[name]
            self._forget(ended)
            if name not in new.connections or not new.connections[name].enabled:
                self._see_off(ended)
            else:
                daemon.connection(name).follow(ended)
        self._start()
        await daemon.bells.look()

    async def reopen(self, accounts: Collection[str]) -> None:
        """Log in anew to these accounts, whose login has changed; their connections stop and start again."""
        settings, touched = self._daemon.settings, frozenset(accounts)
        used = frozenset(name for name, each in settings.connections.items() if each.accounts & touched)
        changed = Difference(changed=dict.fromkeys(sorted(touched), ("secrets",)))
        await self.apply(SettingsDiff(changed, Difference(), reopened=used), settings)

    async def end(self) -> str:
        """The daemon stops, from the source downward: no new runs, then what is under way gets its outcome.

        Returns:
            A sentence about what was left.
        """
        daemon = self._daemon
        for unit in daemon.connections.values():
            unit.scope.cancel()
        accounts = {*daemon.accounts.values(), *self.retiring}
        with anyio.move_on_after(LAND_SECONDS):
            while self.retiring or any(account.deliverer.in_flight for account in accounts):
                await daemon.world.clock.sleep(0.02)
        left = sum(account.deliverer.in_flight for account in accounts)
        waiting = sum(account.deliverer.depth for account in accounts)
        for account in accounts:
            account.scope.cancel()
        if not left and not waiting:
            return "stopped; nothing was left under way"
        return f"stopped; {left} writes without an outcome and {waiting} planned ones are taken up at the next start"

    # --- connections ------------------------------------------------------------------------------------------

    async def _close(self, new: Settings, reopened: Collection[str]) -> dict[str, ConnectionUnit]:
        """End all that is gone, changed or starts again: none of it decides or sends anything any more."""
        ending = {
            name: unit
            for name, unit in self._daemon.connections.items()
            if name in reopened or unit.settings != new.connections.get(name)
        }
        for unit in ending.values():
            unit.close()
        with anyio.move_on_after(LAND_SECONDS):
            for unit in ending.values():
                if unit.served:
                    await unit.gone.wait()
        for unit in ending.values():
            try:
                await unit.withdraw()
            except StateError as error:  # its next life does the same when it begins
                _log.warning("plans were not withdrawn", connection=unit.name, reason=error.message, cure=error.hint)
        return ending

    def _forget(self, ended: ConnectionUnit) -> None:
        """Nothing is read for the sake of one that has ended, except where its successor will read the same."""
        successor = self._daemon.settings.connections.get(ended.name)
        for account in ended.accounts.values():
            if successor is None or not successor.enabled or account.name not in successor.accounts:
                account.forget(ended.name)
                self._daemon.start(self._keep_up, account)

    async def _keep_up(self, account: AccountUnit) -> None:
        try:
            await account.keep_up()
        except StateError as error:  # the next poll does it
            _log.warning("keys are kept for nobody", account=account.name, reason=error.message, cure=error.hint)

    def _see_off(self, unit: ConnectionUnit) -> None:
        """It is gone for good: its series go, and its last writes get their outcome."""
        self._daemon.forget(unit.name)
        if unit.runner is None:
            unit.hand_over()
            return
        self.leaving[unit.name] = unit
        self._daemon.start(self._settle, unit)

    async def _settle(self, unit: ConnectionUnit) -> None:
        await unit.land()
        await unit.settle_left_over()
        if self.leaving.get(unit.name) is unit:
            del self.leaving[unit.name]

    def _start(self) -> None:
        """Start the connections that do not run."""
        daemon = self._daemon
        if not daemon.serving or daemon.stopping:
            return
        enabled = [name for name, each in daemon.settings.connections.items() if each.enabled]
        fresh = [unit for unit in map(daemon.connection, enabled) if not unit.served]
        cohort = Cohort(unit.settings for unit in fresh)
        for unit in fresh:
            unit.served = True
            daemon.start(unit.serve, cohort)

    # --- accounts ---------------------------------------------------------------------------------------------

    def _retire(self, name: str, left: Iterable[ConnectionUnit], *, forever: bool) -> None:
        """An account is gone or changed: nobody gets it any more."""
        daemon = self._daemon
        unit = daemon.accounts.pop(name, None)
        channels = daemon.bells.leave(name)
        if forever:
            daemon.forget_account(name)
        if unit is None:
            return
        users = [each for each in left if unit in each.accounts.values()]
        self.retiring.add(unit)

        async def retire() -> None:
            """Its writers end when what they had sent has its outcome, or is given up."""
            with anyio.move_on_after(LAND_SECONDS):
                for each in users:
                    await each.land()
            for each in users:
                each.leaving.cancel()  # whoever still waits for an outcome cannot ask this account any more
            if forever and channels is not None:
                await daemon.bells.close(channels)
            unit.scope.cancel()
            self.retiring.discard(unit)

        daemon.start(retire)
