"""The daemon: the state, the accounts and the connections of one configuration, and how they change while it runs."""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import anyio.abc
import structlog

from zohosyncd import __version__
from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.errors import SettingsProblems, StateError, SyncError, UsageError
from zohosyncd.core.side import SIDES
from zohosyncd.pipeline.persons import Persons
from zohosyncd.pipeline.plan import World
from zohosyncd.pipeline.recall import recall
from zohosyncd.pipeline.tally import Report
from zohosyncd.ports.store import Store
from zohosyncd.ports.world import Clock, Entropy
from zohosyncd.settings import Account, SecretSources, Settings, SettingsDiff, diff, load, resolve
from zohosyncd.storage import StoreObserver, open_store
from zohosyncd.supervisor.accounts import AccountUnit
from zohosyncd.supervisor.bells import Bells
from zohosyncd.supervisor.budgets import AccountUse
from zohosyncd.supervisor.build import compile_connection
from zohosyncd.supervisor.commands import Commands
from zohosyncd.supervisor.connections import ConnectionUnit
from zohosyncd.supervisor.garbage import calm_collector
from zohosyncd.supervisor.misfits import placed
from zohosyncd.supervisor.notify import Notifier
from zohosyncd.supervisor.possible import checked
from zohosyncd.supervisor.publish import CallMetrics, Publisher, StoreMetrics
from zohosyncd.supervisor.rehearse import rehearse
from zohosyncd.supervisor.stored import StoredSecrets
from zohosyncd.supervisor.tidying import keep_tidy
from zohosyncd.supervisor.trial import Trial
from zohosyncd.supervisor.world import SystemClock, SystemEntropy
from zohosyncd.telemetry.metrics import Metrics
from zohosyncd.transport.account_budget import AccountBudget
from zohosyncd.transport.sender import Sender
from zohosyncd.transport.wire import AiohttpSender

DRAIN_SECONDS = 20.0
"""How long a stop waits for writes that are under way."""

_ASKING_SECONDS = 10.0
"""How long a reload waits for apps that are asked whether the new configuration fits them."""

_log = structlog.get_logger("zohosyncd.daemon")


@dataclass(slots=True)
class Seams:
    """What a simulation replaces; by default the real world."""

    clock: Clock = field(default_factory=SystemClock)
    entropy: Entropy = field(default_factory=SystemEntropy)
    sender: Sender | None = None
    inline_storage: bool = False
    observer: StoreObserver | None = None


class Daemon:
    """Accounts and connections of one configuration over one state. Made by :func:`open_daemon`."""

    def __init__(self, settings: Settings, store: Store, world: World, sender: Sender, metrics: Metrics) -> None:
        self.settings = settings
        self.store = store
        self.metrics = metrics
        self.accounts: dict[str, AccountUnit] = {}
        self.connections: dict[str, ConnectionUnit] = {}
        self.budgets: dict[str, AccountBudget] = {}
        """By account: what it has spent outlives a change of its file."""
        self._leaving: dict[str, ConnectionUnit] = {}
        self.calls = CallMetrics(metrics)
        self.notifier = Notifier()
        self.started_at = world.clock.now()
        self.failure: StateError | None = None
        self.refused: SettingsProblems | None = None
        """Why the files are not in force: what the last reload was refused for."""
        self.world = world
        self.stored = StoredSecrets(store, settings.folder)
        self.commands = Commands(self)
        self.bells = Bells(self, metrics, settings)
        self.sender = sender
        self._publisher = Publisher(metrics)
        self._tasks: anyio.abc.TaskGroup | None = None
        self._stop = anyio.Event()
        self._changing = anyio.Lock()
        self._serving = False
        self._beat = world.clock.monotonic()

    # --- life -------------------------------------------------------------------------------------------------

    async def serve(self, *, on_ready: Callable[[], Awaitable[None]] | None = None) -> str:
        """Run all connections until :meth:`stop`; answers a sentence about what was left."""
        self._serving = True
        if self._tasks is not None:
            self._tasks.start_soon(self._heartbeat)
            self._tasks.start_soon(keep_tidy, self)
        await self._apply(diff(None, self.settings), self.settings)
        if on_ready is not None:
            await on_ready()
        self.notifier.send("READY=1", f"STATUS={len(self.connections)} connections")
        await self._stop.wait()
        self.notifier.send("STOPPING=1")
        left = await self._drain()
        if self.failure is not None:
            raise self.failure
        return left

    def break_off(self, error: StateError) -> None:
        """Nothing more can be stored, and what is on the disk is in doubt: :meth:`serve` ends with this error."""
        _log.critical("the state cannot be written any more", reason=error.message, cure=error.hint)
        self.failure = error
        self.stop()

    def stop(self) -> None:
        """Ask :meth:`serve` to end."""
        self._stop.set()

    @property
    def serving(self) -> bool:
        """Whether connections run by themselves here; else one command is carried out."""
        return self._serving

    def live(self) -> bool:
        """Whether the loop turns."""
        return self.world.clock.monotonic() - self._beat < 30.0

    async def ready(self) -> bool:
        """Whether the state can be read and connections are being served."""
        try:
            await self.store.facts()
        except StateError:
            return False
        return self._serving and not self._stop.is_set()

    async def _heartbeat(self) -> None:
        """Proof that the event loop turns: measures its lag and feeds the watchdog."""
        pause = min(self.notifier.watchdog_seconds / 3 or 5.0, 5.0)
        clock = self.world.clock
        while True:
            asked = clock.monotonic()
            await clock.sleep(pause)
            self._beat = clock.monotonic()
            self.metrics.event_loop_lag.observe(max(self._beat - asked - pause, 0.0))
            if self.notifier.watchdog_seconds:
                self.notifier.send("WATCHDOG=1")

    async def _drain(self) -> str:
        """From the source downward: no new runs, then the writes under way get their outcome."""
        for unit in self.connections.values():
            unit.scope.cancel()
        with anyio.move_on_after(DRAIN_SECONDS):
            while any(account.deliverer.in_flight for account in self.accounts.values()):
                await self.world.clock.sleep(0.02)
        left = sum(account.deliverer.in_flight for account in self.accounts.values())
        waiting = sum(account.deliverer.depth for account in self.accounts.values())
        for account in self.accounts.values():
            account.scope.cancel()
        if not left and not waiting:
            return "stopped; nothing was left under way"
        return f"stopped; {left} writes without an outcome and {waiting} planned ones are taken up at the next start"

    @property
    def snapshots(self) -> Path:
        """The folder of all snapshots, beside the state."""
        return Path(self.settings.service.state).parent / "snapshots"

    # --- accounts and connections ------------------------------------------------------------------------------

    def account(self, name: str) -> AccountUnit:
        """The account, opened if it is not yet. Raises UsageError for an unknown name, SecretError for its secrets."""
        unit = self.accounts.get(name)
        if unit is None:
            settings = self.settings.accounts.get(name)
            if settings is None:
                known = ", ".join(sorted(self.settings.accounts)) or "none"
                raise UsageError(f"there is no account {name}", hint=f"known accounts: {known}")
            unit = self.open_account(settings)
            self.accounts[name] = unit
            self.metrics.know_account(name)
            if self._tasks is not None:
                self._tasks.start_soon(unit.run)
                if self._serving:
                    self._tasks.start_soon(self.bells.attend, unit)
        return unit

    def open_account(self, settings: Account, *, tried: bool = False) -> AccountUnit:
        """An account of which nobody takes care yet; ``tried``: its file is not in force."""
        budget = self.budgets.get(settings.name)
        if budget is None:
            budget = AccountBudget(settings.name, self.world.clock, self.store, self.calls)
            self.budgets[settings.name] = budget
        use = AccountUse(budget)
        with budget.tried() if tried else nullcontext():
            return AccountUnit(settings, BY_NAME[settings.app], self.tools(settings, use), self.world, use)

    def tools(self, settings: Account, use: AccountUse | None = None) -> Tools:
        """The world for an account's connector; ``use``: its calls and credits."""
        world, use = self.world, use or AccountUse()
        return Tools(
            settings.name, self.sender, world.clock, world.entropy, self.stored.read, self.calls, self.store,
            lambda: self.stored.consent(settings, settings.name), use.budget, use.opened,
        )  # fmt: skip

    def connection(self, name: str) -> ConnectionUnit:
        """The connection, made if it is not yet. Raises UsageError for an unknown or disabled one."""
        unit = self.connections.get(name)
        if unit is None:
            settings = self.settings.connections.get(name)
            if settings is None:
                known = ", ".join(sorted(self.settings.connections)) or "none"
                raise UsageError(f"there is no connection {name}", hint=f"known connections: {known}")
            if (leaving := self._leaving.pop(name, None)) is not None:
                leaving.hand_over()
            places = {side: settings.place(side).account for side in SIDES}
            unit = ConnectionUnit(
                settings,
                lambda: {side: self.account(places[side]) for side in SIDES},
                self.world,
                self._reported,
                lambda name, error: placed(self.settings, {name: error}),
                self._foretell,
                self.snapshots,
            )
            self.connections[name] = unit
            self.metrics.know_connection(name)
        return unit

    async def _foretell(self, unit: ConnectionUnit) -> None:
        """What a first sync that waits would do is found out once; whoever asks for a plan renews it."""
        if unit.plan is None or unit.runner is None or await self.store.forecast(unit.plan.id):
            return
        try:
            await rehearse(self.world, unit.plan, unit.runner.stage, self.settings.connections)
        except SyncError as error:
            _log.warning("what the first sync would do is not known", connection=unit.name, reason=error.message)

    def _reported(self, unit: ConnectionUnit, report: Report | None) -> None:
        now = self.world.clock.now()
        if unit.plan is not None:
            self._publisher.connection(unit.plan, report, now)
        for account in self.accounts.values():
            self.metrics.account_up.labels(account=account.name).set(account.up)
            if account.up:
                self.metrics.account_last_success_timestamp.labels(account=account.name).set(now)
            for shared in account.feeds.values():
                self._publisher.feed(account.name, shared.feed.object_id, shared.feed.tally)

    async def refresh_metrics(self) -> None:
        """Gauges that the store and the accounts know; called before a scrape is answered."""
        for account in self.accounts.values():
            self.metrics.account_up.labels(account=account.name).set(account.up)
        for unit in list(self.connections.values()):
            if unit.plan is None:
                continue
            counts = await self.store.counts(unit.plan.id)
            pending, oldest = await self.pending(unit)
            self._publisher.counts(unit.name, counts, pending, oldest)
            self.metrics.poll_interval.labels(connection=unit.name).set(unit.pace())
        for account in self.accounts.values():
            self._publisher.budget(account.name, account.use, self.world.clock.now())
        self.bells.publish()
        self.metrics.event_loop_tasks.set(len(asyncio.all_tasks()))
        facts = await self.store.facts()
        self.metrics.store_size.set(facts.get("size_bytes", 0))

    async def pending(self, unit: ConnectionUnit) -> tuple[dict[str, int], dict[str, float]]:
        """By side: changes that are not settled, and the wall time of the oldest (0.0: none)."""
        counts, oldest = {side.value: 0 for side in SIDES}, {side.value: 0.0 for side in SIDES}
        if unit.plan is not None and unit.runner is not None:
            for side in SIDES:
                floor, object_id = unit.runner.floor(side), unit.plan.endpoint(side).object_id
                counts[side.value] = await self.store.count_pending(object_id, floor)
                oldest[side.value] = await self.store.oldest_pending(object_id, floor) if counts[side.value] else 0.0
        return counts, oldest

    # --- reload -------------------------------------------------------------------------------------------------

    async def reload(self) -> SettingsDiff:
        """Load the folder again and apply what is different.

        Raises:
            SettingsProblems: the new configuration is refused, also for what only the apps can tell; everything stays
                as it was.
        """
        async with self._changing:
            try:
                new = checked(load(self.settings.folder, BY_NAME), BY_NAME)
                difference = diff(self.settings, new)
                await self._refuse_misfits(difference, new)
            except Exception as error:
                self.refused = error if isinstance(error, SettingsProblems) else None
                self.metrics.config_last_reload_successful.set(0)
                raise
            self.refused = None
            await self._apply(difference, new)
            if difference:
                _log.info("configuration applied", changed=len(difference.connections.changed))
            return difference

    async def _refuse_misfits(self, difference: SettingsDiff, new: Settings) -> None:
        """Ask the apps whether new and changed connections fit them, as long as a running daemon can be disturbed.

        An app that cannot be asked now refuses nothing: its connection waits.
        """
        names = difference.connections.added | difference.connections.changed.keys() | difference.reopened
        misfits: dict[str, UsageError] = {}
        trial = Trial(self, new)

        async def ask(name: str) -> None:
            connection = new.connections[name]
            with suppress(SyncError), anyio.move_on_after(_ASKING_SECONDS):
                try:
                    await compile_connection(connection, trial.accounts(connection))
                except UsageError as error:
                    misfits[name] = error

        async with anyio.create_task_group() as tasks:
            for name in sorted(names if self._serving else ()):
                tasks.start_soon(ask, name)
        if misfits:
            raise SettingsProblems(placed(new, dict(sorted(misfits.items()))))

    async def _apply(self, difference: SettingsDiff, new: Settings) -> None:
        """Stop what is gone or changed, then start what is new; what is kept does not lose a beat."""
        gone = difference.connections.removed | difference.connections.changed.keys() | difference.reopened
        for name in sorted(gone):
            await self._stop_connection(name, forever=name in difference.connections.removed)
        for name in sorted(difference.accounts.removed | difference.accounts.changed.keys()):
            account = self.accounts.pop(name, None)
            if account is not None:
                await self.bells.leave(name, forever=name in difference.accounts.removed)
                account.scope.cancel()
                self.metrics.forget_account(name)
        self.settings = new
        self.metrics.config_last_reload_successful.set(1)
        self.metrics.config_last_reload_success_timestamp.set(self.world.clock.now())
        await self._start_missing()

    async def reopen(self, accounts: Collection[str]) -> None:
        """Log in anew to these accounts, whose login has changed; their connections stop and start again."""
        async with self._changing:
            used = self.settings.connections.items()
            names = [name for name, each in used if each.accounts & frozenset(accounts)]
            for name in names:
                await self._stop_connection(name, forever=False)
            for name in sorted(accounts):
                unit = self.accounts.pop(name, None)
                if unit is not None:
                    await self.bells.leave(name, forever=False)
                    unit.scope.cancel()
            await self._start_missing()

    async def _start_missing(self) -> None:
        """Start the connections that do not run."""
        if not self._serving or self._tasks is None:
            return
        enabled = [name for name, connection in self.settings.connections.items() if connection.enabled]
        fresh = [self.connection(name) for name in enabled if name not in self.connections]
        await self._prepare(fresh)
        for unit in fresh:
            self._tasks.start_soon(unit.serve)
        await self.bells.look()

    async def _prepare(self, fresh: list[ConnectionUnit]) -> None:
        """Prepare new connections before the first runs, so that a shared feed knows all fields it has to read."""

        async def prepare(unit: ConnectionUnit) -> None:
            with anyio.move_on_after(10):
                await unit.try_prepare()

        async with anyio.create_task_group() as tasks:
            for unit in fresh:
                tasks.start_soon(prepare, unit)

    async def _stop_connection(self, name: str, *, forever: bool) -> None:
        unit = self.connections.pop(name, None)
        if unit is None:
            return
        unit.scope.cancel()
        if self._serving:
            with anyio.move_on_after(DRAIN_SECONDS):
                await unit.gone.wait()
        for account in unit.accounts.values():
            account.forget(name)
        await unit.retire(DRAIN_SECONDS)
        if forever:
            self._publisher.forget(name)
        if forever and unit.left_over and self._tasks is not None:
            self._leaving[name] = unit
            self._tasks.start_soon(unit.settle_left_over)
        else:
            unit.hand_over()


def state_key(settings: Settings) -> bytes:
    """The 32 bytes that encrypt the state. Raises StateError or SecretError with the cure."""
    text = resolve(settings.service.state_key, SecretSources(settings.folder)).reveal().strip()
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise StateError(
            "the state key is not 32 bytes in base64", hint="make one with: openssl rand -base64 32 (and keep it safe)"
        )
    return key


@asynccontextmanager
async def open_daemon(
    folder: Path, *, settings: Settings | None = None, serving: bool, seams: Seams | None = None
) -> AsyncIterator[Daemon]:
    """Open the state of a configuration and everything around it; nothing is started before it is asked for.

    Args:
        folder: folder of the configuration. settings: if they have been loaded already.
        serving: whether a daemon runs here (its control socket is named in the lock), or one command.
        seams: replaces clock, chance, network and storage threads, for simulations.

    Raises:
        SettingsProblems, StateError (StateLocked if a daemon runs on the state), SecretError.
    """
    seams = seams or Seams()
    settings = settings or checked(load(folder, BY_NAME), BY_NAME)
    metrics = Metrics(__version__, now=seams.clock.now)
    key = state_key(settings)
    control = str(settings.service.control) if serving else ""
    failure: Exception | None = None
    running: list[Daemon] = []

    def failed(error: StateError) -> None:
        for each in running:
            each.break_off(error)

    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(
            open_store(
                settings.service.state,
                key,
                clock=seams.clock,
                inline=seams.inline_storage,
                observer=seams.observer or StoreMetrics(metrics),
                control_path=control,
                failed=failed,
            )
        )
        sender: Sender = seams.sender if seams.sender is not None else await stack.enter_async_context(AiohttpSender())
        world = World(store, seams.clock, seams.entropy, Persons(store))
        await recall(world, settings.connections)
        calm_collector()
        daemon = Daemon(settings, store, world, sender, metrics)
        running.append(daemon)
        await daemon.stored.load()
        async with anyio.create_task_group() as tasks:
            daemon._tasks = tasks  # noqa: SLF001 - the owner of the tasks hands them over
            try:
                yield daemon
            except Exception as error:  # noqa: BLE001 - raised again outside of the task group, which would wrap it
                failure = error
            finally:
                tasks.cancel_scope.cancel()
        if failure is not None:
            raise failure
