"""The daemon: the state, the accounts and the connections of one configuration, and how they change while it runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.abc
import structlog

from zohosyncd import __version__
from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.errors import LeaseLost, StateError, UsageError
from zohosyncd.core.side import SIDES
from zohosyncd.pipeline.persons import Persons
from zohosyncd.pipeline.plan import World
from zohosyncd.pipeline.recall import recall
from zohosyncd.pipeline.tally import Report
from zohosyncd.ports.store import Store
from zohosyncd.settings import Account, Settings, load
from zohosyncd.storage import open_store
from zohosyncd.supervisor.accounts import AccountUnit
from zohosyncd.supervisor.bells import Bells
from zohosyncd.supervisor.budgets import AccountUse
from zohosyncd.supervisor.changing import Changing
from zohosyncd.supervisor.commands import Commands
from zohosyncd.supervisor.connections import ConnectionUnit
from zohosyncd.supervisor.forecasting import foretell
from zohosyncd.supervisor.garbage import calm_collector
from zohosyncd.supervisor.heartbeat import Heartbeat
from zohosyncd.supervisor.misfits import placed
from zohosyncd.supervisor.notices import Notices
from zohosyncd.supervisor.notify import Notifier
from zohosyncd.supervisor.opened import open_account, tools_of
from zohosyncd.supervisor.possible import checked
from zohosyncd.supervisor.publish import CallMetrics, Publisher, StoreMetrics
from zohosyncd.supervisor.reloading import Reloaded, Reloading
from zohosyncd.supervisor.service_status import ServiceStatus
from zohosyncd.supervisor.state_key import state_key
from zohosyncd.supervisor.stored import StoredSecrets
from zohosyncd.supervisor.tidying import keep_tidy
from zohosyncd.supervisor.world import Seams
from zohosyncd.telemetry.metrics import Metrics
from zohosyncd.transport.account_budget import AccountBudget
from zohosyncd.transport.sender import Sender
from zohosyncd.transport.wire import AiohttpSender

_READY_SECONDS = 5.0
"""How long the state may take to say that it is ours."""

_log = structlog.get_logger("zohosyncd.daemon")


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
        self.calls = CallMetrics(metrics)
        self.notifier = Notifier()
        self.service_status = ServiceStatus(
            world.clock, self.notifier, lambda: self.connections, lambda: self.reloading.refused is not None
        )
        self.started_at = world.clock.now()
        self.failure: StateError | None = None
        self.world = world
        self.stored = StoredSecrets(store, settings.folder)
        self.notices = Notices(self)
        self.commands = Commands(self)
        self.bells = Bells(self, metrics, settings)
        self.sender = sender
        self.change = Changing(self)
        self.changing = anyio.Lock()
        """Whoever changes what is in force has it."""
        self.reloading = Reloading(self)
        self._publisher = Publisher(metrics)
        self._tasks: anyio.abc.TaskGroup | None = None
        self._stop = anyio.Event()
        self._serving = False
        self._heart = Heartbeat(world.clock, self.notifier, metrics)

    # --- life -------------------------------------------------------------------------------------------------

    async def serve(self, *, on_ready: Callable[[], Awaitable[None]] | None = None) -> str:
        """Run all connections until :meth:`stop`; answers a sentence about what was left."""
        self._serving = True
        self.notifier.status(f"starting {len(self.settings.connections)} connections")
        self.start(self._heart.beat)
        self.start(self.notices.run)
        self.start(keep_tidy, self)
        await self.reloading.begin()
        if on_ready is not None:
            await on_ready()
        self.service_status.tell("READY=1")
        if self.notifier.heard:
            self.start(self.service_status.keep)
        await self._stop.wait()
        self.notifier.status("stopping: writes that are under way get their outcome", "STOPPING=1")
        left = await self.change.end()
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

    @property
    def stopping(self) -> bool:
        """Whether :meth:`stop` was called."""
        return self._stop.is_set()

    def start(self, work: Callable[..., Coroutine[Any, Any, object]], *arguments: object) -> None:
        """Have something done beside all else, until the daemon ends."""
        if self._tasks is not None:
            self._tasks.start_soon(work, *arguments)

    def live(self) -> bool:
        """Whether the loop turns."""
        return self._heart.live()

    async def ready(self) -> bool:
        """Whether the state can be read and is ours, and connections are being served; however their accounts are."""
        try:
            with anyio.fail_after(_READY_SECONDS):
                await self.store.check_lease()
        except (StateError, LeaseLost, TimeoutError):
            return False
        return self._serving and not self._stop.is_set()

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
            self.adopt(unit)
        return unit

    def adopt(self, unit: AccountUnit) -> None:
        """Take care of an account from now on."""
        self.accounts[unit.name] = unit
        if unit.use.budget is not None:
            self.budgets[unit.name] = unit.use.budget
        unit.adopted()
        self.metrics.know_account(unit.name)
        self.start(unit.run)
        if self._serving:
            self.start(self.bells.attend, unit)

    def open_account(self, settings: Account, *, tried: bool = False) -> AccountUnit:
        """An account of which nobody takes care yet; ``tried``: its file is not in force."""
        return open_account(self, settings, tried=tried)

    def forget_account(self, name: str) -> None:
        """An account is gone: its series go; what it has spent is stored."""
        self.budgets.pop(name, None)
        self.metrics.forget_account(name)

    def forget(self, connection: str) -> None:
        """A connection is gone: its series go."""
        self._publisher.forget(connection)

    def tools(self, settings: Account, use: AccountUse | None = None) -> Tools:
        """The world for an account's connector; ``use``: its calls and credits."""
        return tools_of(self, settings, use or AccountUse())

    def connection(self, name: str) -> ConnectionUnit:
        """The connection, made if it is not yet. Raises UsageError for an unknown or disabled one."""
        unit = self.connections.get(name)
        if unit is None:
            settings = self.settings.connections.get(name)
            if settings is None:
                known = ", ".join(sorted(self.settings.connections)) or "none"
                raise UsageError(f"there is no connection {name}", hint=f"known connections: {known}")
            if not settings.enabled:
                raise UsageError(f"connection {name} is disabled", hint="set enabled = true in its file")
            places = {side: settings.place(side).account for side in SIDES}
            unit = ConnectionUnit(
                settings,
                lambda: {side: self.account(places[side]) for side in SIDES},
                self.world,
                self._reported,
                lambda name, error: placed(self.settings, {name: error}),
                partial(foretell, self),
                self.snapshots,
            )
            if (leaving := self.change.leaving.pop(name, None)) is not None:
                unit.follow(leaving)
            self.connections[name] = unit
            self.metrics.know_connection(name)
        return unit

    def _reported(self, unit: ConnectionUnit, report: Report | None) -> None:
        if self.connections.get(unit.name) is not unit:
            return  # its series are those of its successor, or gone
        now = self.world.clock.now()
        if report is not None:
            self.service_status.ran()
        if unit.plan is not None:
            self._publisher.connection(unit.plan, report, now)
        for account in self.accounts.values():
            self._publisher.account(account)

    async def refresh_metrics(self) -> None:
        """Gauges that the store and the accounts know; called before a scrape is answered."""
        settings = self.settings
        enabled = [name for name, connection in settings.connections.items() if connection.enabled]
        self._publisher.keep(enabled, settings.accounts)
        for unit in list(self.connections.values()):
            works = unit.plan is not None and unit.trouble is None
            self._publisher.state(unit.name, unit.mode, unit.pace(), works=works)
            if unit.plan is not None:
                counts = await self.store.counts(unit.plan.id)
                pending, oldest = await self.pending(unit)
                asked = await self.store.waiting(unit.plan.id) if counts.intents.get("waiting") else []
                since = min((each.since for each in asked), default=0.0)
                if self.connections.get(unit.name) is not unit:
                    continue  # it has gone meanwhile
                self._publisher.counts(unit.name, counts, pending, oldest, since)
        for account in self.accounts.values():
            self._publisher.account(account)
            self._publisher.budget(account.name, account.use, self.world.clock.now())
        self.bells.publish()
        self.metrics.event_loop_tasks.set(len(asyncio.all_tasks()))
        self._publisher.store(await self.store.facts())

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

    async def reload(self) -> Reloaded:
        """Load the folder again and put in force what is different. Raises SettingsProblems: nothing has changed."""
        return await self.reloading.reload()

    async def reopen(self, accounts: Collection[str]) -> None:
        """Log in anew to these accounts, whose login has changed; their connections stop and start again."""
        async with self.changing:
            await self.change.reopen(accounts)


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
