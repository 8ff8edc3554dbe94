"""Which troubles stand now, of every account and connection: what notices are made from."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from zohosyncd.core.errors import AuthLost, PermissionLacking, SyncError
from zohosyncd.core.notices import Standing, Topic, Trouble
from zohosyncd.core.side import SIDES
from zohosyncd.settings.notify import Notify
from zohosyncd.supervisor.accounts import cure_of
from zohosyncd.supervisor.connections import ConnectionMode, ConnectionUnit
from zohosyncd.telemetry.redact import mask

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_OVER = Standing(stands=False)
_A_FEW = 3
"""A connection that is seldom polled is silent only after so many of its intervals."""


class Watch:
    """Looks at a daemon, and remembers when its connections last did something."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon
        self._signs: dict[str, tuple[object, float]] = {}

    async def look(self, notify: Notify, known: Iterable[Topic]) -> dict[Topic, Standing]:
        """How every topic stands that can be judged now.

        Args:
            notify: the operator's limits. known: topics of notices; those of accounts and connections that are no
                longer used are over.

        Raises:
            StateError: the state cannot be read.
        """
        settings, seen = self._daemon.settings, dict[Topic, Standing]()
        enabled = {name: each for name, each in settings.connections.items() if each.enabled}
        used = {account for each in enabled.values() for account in each.accounts}
        for topic in known:
            if topic.subject not in (used if topic.trouble is Trouble.AUTHORISATION else enabled):
                seen[topic] = _OVER
        for name in used:
            self._look_at_account(name, seen)
        for name in enabled:
            unit = self._daemon.connections.get(name)
            if unit is not None:
                if not any(_lacks_login(each.trouble) for each in unit.accounts.values()):
                    seen[Topic(Trouble.SILENT, name)] = self._silence(unit, notify)
                await self._look_at_records(unit, notify, seen)
        return seen

    def _look_at_account(self, name: str, seen: dict[Topic, Standing]) -> None:
        unit, topic = self._daemon.accounts.get(name), Topic(Trouble.AUTHORISATION, name)
        if unit is not None and _lacks_login(unit.trouble):
            seen[topic] = Standing(stands=True, cure=mask(cure_of(unit.trouble, name)))
        elif unit is not None and unit.up:
            seen[topic] = _OVER

    def _silence(self, unit: ConnectionUnit, notify: Notify) -> Standing:
        """Since its last good run, or the last record that it has read or written since.

        A connection that lacks a right which its account does not miss is told at once: it waits for a person.
        """
        now = self._daemon.world.clock.now()
        sign = (unit.worked_at, _work(unit))
        before, at = self._signs.get(unit.name, ((0.0, None), self._daemon.started_at))
        if sign != before:
            at = now if before != (0.0, None) or unit.worked_at else at
            self._signs[unit.name] = (sign, at)
        patience = max(notify.silent_after, _A_FEW * unit.pace())
        if _lacks_login(unit.trouble) and unit.trouble is not None:
            return Standing(stands=True, since=at, cure=mask(unit.trouble.hint))
        return Standing(stands=unit.trouble is not None or now - at > patience, since=at, patience=patience)

    async def _look_at_records(self, unit: ConnectionUnit, notify: Notify, seen: dict[Topic, Standing]) -> None:
        if unit.plan is None or unit.runner is None:
            return
        counts = await self._daemon.store.counts(unit.plan.id)
        waits = unit.mode is ConnectionMode.APPROVAL
        if waits or unit.mode is ConnectionMode.RUNNING:
            seen[Topic(Trouble.FIRST_SYNC, unit.name)] = Standing(stands=waits)
        stopped = 0 if waits else counts.intents.get("waiting", 0)
        doubt = unit.runner.doubt
        seen[Topic(Trouble.GUARD, unit.name)] = Standing(
            stands=stopped > 0 or doubt is not None, count=stopped, cure=mask(doubt.hint) if doubt is not None else ""
        )
        held = sum(counts.held.values())
        seen[Topic(Trouble.HELD, unit.name)] = Standing(stands=held > notify.held_above, count=held)


def _lacks_login(trouble: SyncError | None) -> bool:
    return isinstance(trouble, AuthLost | PermissionLacking)


def _work(unit: ConnectionUnit) -> object:
    """Differs when it has read or written something."""
    if unit.plan is None:
        return None
    tally = unit.plan.tally
    read = tuple(unit.plan.endpoint(side).feed.tally.records for side in SIDES)
    return read, tally.links, tally.examined, tally.created.total(), tally.updated.total(), tally.deleted.total()
