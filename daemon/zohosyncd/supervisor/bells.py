"""All bells of the daemon: which account has channels, which connections a ring starts, and how they are."""

from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import anyio
import structlog

from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.core.errors import SyncError
from zohosyncd.core.side import SIDES
from zohosyncd.pipeline.pace import BellState
from zohosyncd.settings import Settings
from zohosyncd.supervisor.accounts import AccountUnit
from zohosyncd.supervisor.channels import Channels, Wanted
from zohosyncd.supervisor.connections import ConnectionUnit
from zohosyncd.supervisor.doorbell import Doorbell, RingOutcome
from zohosyncd.supervisor.kept_channels import secret_name
from zohosyncd.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_CLOSE_SECONDS: Final = 10.0
_AFTER_A_BUG: Final = 60.0
_log = structlog.get_logger("zohosyncd.bells")


class Bells:
    """The bells of a daemon. Without ``hooks_listen`` or ``public_url`` nothing hangs out, and what did is closed."""

    def __init__(self, daemon: "Daemon", metrics: Metrics, settings: Settings) -> None:
        service = settings.service
        self.doorbell: Doorbell | None = None
        if service.hooks_listen is not None and service.public_url is not None:
            self.doorbell = Doorbell(service.public_url, daemon.world.clock, self._counted)
        elif service.hooks_listen is not None:
            _log.warning("no app is asked to call: hooks_listen needs public_url beside it")
        self._daemon = daemon
        self._metrics = metrics
        self._channels: dict[str, Channels] = {}
        self._closing: dict[str, anyio.Event] = {}
        self._told: Counter[tuple[str, str, str]] = Counter()
        for outcome in RingOutcome if self.doorbell is not None else ():
            metrics.hook_requests.labels(outcome=outcome.value)

    async def attend(self, unit: AccountUnit) -> None:
        """Keep the channels of an account, until it is left or the daemon stops. Nothing to do for most apps."""
        hook = BY_NAME[unit.settings.app].hook
        if hook is None:
            return
        if (closing := self._closing.get(unit.name)) is not None:
            await closing.wait()
        if self._daemon.accounts.get(unit.name) is not unit:
            return  # it has left meanwhile
        channels = Channels(
            unit, hook, self.doorbell, self._daemon.world,
            partial(self._wanted, unit), partial(self._start, unit.name),
        )  # fmt: skip
        self._channels[unit.name] = channels
        unit.changed = channels.look
        while not channels.scope.cancel_called:
            try:
                await channels.run()
            except Exception:  # noqa: BLE001 - a bug here must leave the syncing alone
                _log.exception("bells failed by a bug; they are hung anew", account=unit.name)
                with channels.scope:
                    await self._daemon.world.clock.sleep(_AFTER_A_BUG)

    async def look(self) -> None:
        """The configuration has changed: also an account that nobody uses any more may have channels left."""
        for name, account in self._daemon.settings.accounts.items():
            if name in self._daemon.accounts or BY_NAME[account.app].hook is None:
                continue
            try:
                if await self._daemon.store.secret(secret_name(name)) is not None:
                    self._daemon.account(name)
            except SyncError as error:
                _log.warning("channels that are not needed stay open", account=name, reason=error.message)
        for channels in self._channels.values():
            channels.look()

    def leave(self, name: str) -> Channels | None:
        """An account goes, or changes: its channels are left as they are, for its next life or for :meth:`close`."""
        channels = self._channels.pop(name, None)
        if channels is not None:
            channels.scope.cancel()
        for key in [key for key in self._told if key[0] == name]:
            del self._told[key]
        return channels

    async def close(self, channels: Channels) -> None:
        """An account has gone for good: its channels are closed, as far as the app can be reached."""
        name = channels.account.name
        self._closing[name] = closed = anyio.Event()
        try:
            with anyio.move_on_after(_CLOSE_SECONDS):
                await channels.close_all()
        except SyncError as error:
            _log.warning("channels that are not needed stay open", account=name, reason=error.message)
        finally:
            closed.set()
            self._closing.pop(name, None)

    def status(self, account: str) -> list[dict[str, Any]]:
        """The channels of an account."""
        channels = self._channels.get(account)
        return channels.status() if channels is not None else []

    def publish(self) -> None:
        """Bring the metrics up to date."""
        for name, channels in self._channels.items():
            if not self._metrics.knows_account(name):
                continue
            shown = channels.status()
            for each in shown:
                for what, counter in (("rings", self._metrics.bell_rings), ("missed", self._metrics.bell_missed)):
                    key = (name, each["object"], what)
                    counter.labels(account=name).inc(max(each[what] - self._told[key], 0))
                    self._told[key] = each[what]
            for state in BellState if self.doorbell is not None else ():
                found = sum(each["state"] == state.value for each in shown)
                self._metrics.channels.labels(account=name, state=state.value).set(found)

    def intervals(self, unit: ConnectionUnit) -> dict[str, float]:
        """Seconds between two polls of each side, as its bell allows."""
        shown = {}
        for side in SIDES if unit.plan is not None else ():
            pace = unit.plan.endpoint(side).feed.pace if unit.plan is not None else None
            slow = max(unit.settings.every, unit.settings.every_with_hooks)
            shown[side.value] = slow if pace is not None and pace.state is BellState.HEALTHY else unit.settings.every
            if unit.plan is not None:  # the credits may want it to rest for longer
                shown[side.value] = max(shown[side.value], round(unit.plan.endpoint(side).feed.rest, 1))
        return shown

    def _counted(self, outcome: RingOutcome) -> None:
        self._metrics.hook_requests.labels(outcome=outcome.value).inc()

    def _wanted(self, unit: AccountUnit) -> Wanted:
        """The objects that a connection reads; not for sure while a connection of the account is not prepared."""
        refs = frozenset(ref for ref, shared in unit.feeds.items() if shared.wishes)
        return Wanted(refs, all(each is not None and each.plan is not None for each in self._users(unit.name)))

    def _users(self, account: str) -> Iterable[ConnectionUnit | None]:
        for name, connection in self._daemon.settings.connections.items():
            if connection.enabled and account in connection.accounts:
                yield self._daemon.connections.get(name)

    def _start(self, account: str, ref: str) -> None:
        """Somebody has changed something in an object: its connections look at once."""
        for unit in self._daemon.connections.values():
            ends = [unit.plan.endpoint(side) for side in SIDES] if unit.plan is not None else []
            if any(end.account == account and end.ref == ref for end in ends):
                unit.ring()
