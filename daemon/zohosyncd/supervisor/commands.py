"""What an operator can ask of a daemon, beside a running one and without it. All results are JSON."""

import json
from typing import TYPE_CHECKING, Any, Final

import anyio

from zohosyncd import __version__
from zohosyncd.core.budget import Price
from zohosyncd.core.errors import (
    Paused,
    SettingsProblems,
    SyncError,
    UsageError,
)
from zohosyncd.core.side import SIDES
from zohosyncd.pipeline.plan import Plan
from zohosyncd.ports.store import Stage
from zohosyncd.supervisor.account_list import AccountList
from zohosyncd.supervisor.accounts import cure_of
from zohosyncd.supervisor.authorising import Authorising
from zohosyncd.supervisor.budgets import done_at, left_to_do, told
from zohosyncd.supervisor.checking import check
from zohosyncd.supervisor.connections import ConnectionMode, ConnectionUnit
from zohosyncd.supervisor.decisions import Decisions
from zohosyncd.supervisor.explain import explain
from zohosyncd.supervisor.listings import Listings, floors
from zohosyncd.supervisor.mapping import mapping_of
from zohosyncd.supervisor.naming import known
from zohosyncd.supervisor.rehearse import Tell, nobody, rehearse, waiting
from zohosyncd.supervisor.reloading import Reloaded, answer_of
from zohosyncd.supervisor.resolving import Resolving
from zohosyncd.supervisor.restoring import Restorings
from zohosyncd.supervisor.safekeeping import Safekeeping
from zohosyncd.supervisor.selection import Selection
from zohosyncd.supervisor.snapshot import take_snapshot
from zohosyncd.supervisor.undecided import held, quarantined
from zohosyncd.supervisor.undoing import Undoings
from zohosyncd.telemetry.redact import mask

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_BEGIN_SECONDS: Final = 1.0
"""How long ``status`` waits for connections that are just starting."""


class Commands:
    """Commands over one daemon. Raises the SyncError tree; its class decides a command's exit code."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon
        self.authorising = Authorising(daemon)
        self.account_list = AccountList(daemon)
        self.resolving = Resolving(daemon)
        self.decisions = Decisions(daemon)
        self.listings = Listings(daemon)
        self.undoings = Undoings(daemon)
        self.restorings = Restorings(daemon)
        self.safekeeping = Safekeeping(daemon)

    async def status(self) -> dict[str, Any]:
        """Everything at a glance, without personal data."""
        daemon = self._daemon
        names = sorted(daemon.settings.connections)
        with anyio.move_on_after(_BEGIN_SECONDS):
            for unit in [each for each in daemon.connections.values() if each.served]:
                await unit.begun.wait()
        return {
            "version": __version__,
            "state": str(daemon.settings.service.state),
            "uptime_seconds": round(daemon.world.clock.now() - daemon.started_at, 1),
            "ready": await daemon.ready(),
            "serving": daemon.serving,
            "refused": _shown(daemon.reloading.refused),
            "facts": dict(await daemon.store.facts()),
            "accounts": {name: self._account(name) for name in sorted(daemon.settings.accounts)},
            "connections": {name: await self._connection(name) for name in names},
        }

    def _account(self, name: str) -> dict[str, Any]:
        unit, app = self._daemon.accounts.get(name), self._daemon.settings.accounts[name].app
        if unit is None:
            return {"app": app, "state": "new", "reason": "", "cure": "", "identity": ""}
        state = "waiting" if unit.trouble else "up" if unit.info else "new"
        return {
            "app": app,
            "state": state,
            "reason": unit.trouble.message if unit.trouble else "",
            "cure": cure_of(unit.trouble, name),
            "identity": unit.info.identity if unit.info else "",
            "in_flight": unit.deliverer.in_flight,
            "queued": unit.deliverer.depth,
            "absences_doubted": sum(shared.feed.tally.doubted for shared in unit.feeds.values()),
            "channels": self._daemon.bells.status(name),
            "budget": told(unit.use, self._daemon.world.clock.now()),
        }

    async def _connection(self, name: str) -> dict[str, Any]:
        settings, unit = self._daemon.settings.connections[name], self._daemon.connections.get(name)
        if not settings.enabled:
            return {"state": "disabled", "stage": "", "reason": "", "cure": "", "do_now": "nothing: it is disabled"}
        if unit is None:
            unit = self._daemon.connection(name)
        if unit.plan is None and not self._daemon.serving:  # else it does so by itself, however long its apps take
            await unit.try_prepare()
        paused = unit.runner.paused if unit.runner else await self._paused(name)
        document: dict[str, Any] = {
            "state": _mode(unit, paused=bool(paused), serving=self._daemon.serving).value,
            "paused_since": paused,
            "recovery_since": unit.plan.recovery.since if unit.plan else await self._recovers(name),
            "stage": unit.runner.stage.value if unit.runner else "",
            "reason": _reason(unit.trouble),
            "cure": unit.trouble.hint if unit.trouble else "",
            "mistakes": _shown(unit.trouble),
            "interval_seconds": settings.every,
            "polled_every_seconds": self._daemon.bells.intervals(unit),
            "real_interval_seconds": round(unit.pace(), 1),
            "last_run": unit.last.as_json() if unit.last else None,
        }
        if unit.plan is not None:
            counts = await self._daemon.store.counts(unit.plan.id)
            pending, oldest = await self._daemon.pending(unit)
            standing = floors(unit.runner) if unit.runner else dict.fromkeys(SIDES)
            settled = {side: floor for side, floor in standing.items() if floor is not None}
            contacts = await self._daemon.store.contact_counts(unit.plan.id, settled or None)
            first = min((moment for moment in oldest.values() if moment), default=0.0)
            doubt = unit.runner.doubt if unit.runner else None
            if doubt is not None and unit.trouble is None:
                document |= {"reason": doubt.message, "cure": doubt.hint}
            document |= {
                "contacts": {
                    side.value: {state.value: count for state, count in found.items()}
                    for side, found in contacts.items()
                },
                "done_at": await self._done_at(unit) if document["stage"] not in ("", Stage.LIVE.value) else None,
                "links": counts.links,
                "tombstones": counts.tombstones,
                "held": dict(counts.held),
                "quarantined": dict(counts.quarantined),
                "intents": dict(counts.intents),
                "stored_differently": counts.stored_differently,
                "pending": pending,
                "oldest_pending_seconds": round(self._daemon.world.clock.now() - first, 1) if first else 0.0,
                "waiting": [
                    {"batch": each.batch, "guard": each.guarded, "side": each.side.value, "writes": each.count}
                    for each in await self._daemon.store.waiting(unit.plan.id)
                ],
            }
            if document["stage"] == Stage.APPROVAL.value:
                told = await self._daemon.store.forecast(unit.plan.id)
                document["first_sync"] = json.loads(told) if told else None
        document["do_now"] = _do_now(name, unit, document, serving=self._daemon.serving)
        return document

    async def _done_at(self, unit: ConnectionUnit) -> float | None:
        """When a first sync will be done for all that its credits say (wall seconds); None where nothing is known."""
        now, moments = self._daemon.world.clock.now(), []
        for account in unit.accounts.values():
            if account.use.allowance is not None:
                costs = [await self._left_to_do(each, account.name) for each in self._daemon.connections.values()]
                moments.append(done_at(account.use.allowance, costs, now))
        return max((round(each, 1) for each in moments if each is not None), default=None)

    async def _left_to_do(self, unit: ConnectionUnit, account: str) -> Price:
        """What the first sync of a connection still costs this account."""
        if unit.plan is None or unit.runner is None or unit.runner.stage is Stage.LIVE:
            return Price()
        contacts = await self._daemon.store.contact_counts(unit.plan.id, None)
        ends = {side: unit.plan.endpoint(side) for side in SIDES}
        costs = left_to_do(contacts, {side: end.connector.capabilities for side, end in ends.items()})
        return sum((costs[side] for side, end in ends.items() if end.account == account), Price())

    async def _paused(self, name: str) -> float:
        """Since when a connection that cannot be prepared now is paused, 0.0 if it is not."""
        states = await self._daemon.store.connections()
        return next((each.paused for each in states if each.name == name), 0.0)

    async def _recovers(self, name: str) -> float:
        """The same of its recovery."""
        states = await self._daemon.store.connections()
        return next((each.recovery for each in states if each.name == name), 0.0)

    async def progress(self) -> dict[str, Any]:
        """How far each connection is, for a live display."""
        found: dict[str, Any] = {}
        for name, unit in self._daemon.connections.items():
            tally = unit.plan.tally if unit.plan else None
            feeds = {side.value: unit.plan.endpoint(side).feed.tally.records for side in SIDES} if unit.plan else {}
            found[name] = {
                "state": unit.mode.value,
                "stage": unit.runner.stage.value if unit.runner else "",
                "progress": unit.runner.progress if unit.runner else "",
                "links": tally.links if tally else 0,
                "created": {side.value: tally.created[side] for side in SIDES} if tally else {},
                "updated": {side.value: tally.updated[side] for side in SIDES} if tally else {},
                "records_read": feeds,
                "runs": tally.runs if tally else 0,
                "converged": bool(unit.last and unit.last.converged),
                "reason": _reason(unit.trouble),
            }
        return found

    async def sync(self, connection: str, selection: Selection | None = None, tell: Tell = nobody) -> dict[str, Any]:
        """One run, to its end: everything known at its start is worked off.

        Args:
            connection: its name. selection: lines of a plan; nothing else is written, and those that were not carried
                out are told by their numbers.
        """
        unit = self._known(connection)
        plan, runner = await unit.prepare()
        if runner.paused:
            hint = f"`zohosyncd resume {connection}` lets it write again"
            raise Paused(f"connection {connection} is paused", hint=hint)
        if selection is not None:
            await selection.check(plan, self._daemon.store)
        report = await unit.run_once(wait=True, only=selection.chosen if selection is not None else None)
        if report.trouble:
            for account in unit.accounts.values():
                if account.deliverer.trouble is not None:
                    raise account.deliverer.trouble
        if selection is None:
            return {connection: report.as_json()}
        await tell([{"line": "left_out", "number": number} for number in selection.chosen.left])
        counts = {"left_out": len(selection.chosen.left), "not_in_plan": selection.chosen.beyond}
        return {connection: report.as_json() | counts}

    async def plan(self, connection: str, tell: Tell = nobody) -> dict[str, Any]:
        """What a run would do, without writing anything to either app: line by line, and in numbers."""
        unit = self._known(connection)
        plan, runner = await unit.prepare()
        with unit.rehearsing():
            return await rehearse(self._daemon.world, plan, runner.stage, self._daemon.settings.connections, tell)

    async def snapshot(self, connection: str) -> dict[str, Any]:
        """Both sides of a connection in files, as they are now."""
        unit = self._known(connection)
        plan, _runner = await unit.prepare()
        with unit.rehearsing():
            for side in SIDES:
                await plan.endpoint(side).feed.refresh()
        world = self._daemon.world
        return await take_snapshot(world.store, plan, self._daemon.snapshots, world.clock.now())

    async def waiting(self, what: str, tell: Tell = nobody) -> dict[str, Any]:
        """What the guard has stopped, line by line: all of a connection, or one batch."""
        names = self._daemon.settings.connections
        told = 0
        for name in [what] if what in names else self._enabled:
            plan, _runner = await self._known(name).prepare()
            async for page in waiting(self._daemon.store, plan, "" if what in names else what):
                told += len(page)
                await tell(page)
        return {"what": what, "waiting": told}

    async def approve(self, what: str) -> dict[str, Any]:
        """Release a first sync, or what the guard stopped: all of a connection, or one batch."""
        names = self._daemon.settings.connections
        for name in [what] if what in names else self._enabled:
            answer = await self._approve(name, "" if what in names else what)
            if answer is not None:
                return answer
        if what in names:
            raise UsageError(f"nothing of {what} waits for approval")
        known = ", ".join(sorted(names)) or "none"
        raise UsageError(f"there is no connection and no batch {what}", hint=f"known connections: {known}")

    async def _approve(self, name: str, batch: str) -> dict[str, Any] | None:
        """Of one connection, all (``batch`` "") or one batch; None if nothing of it waits."""
        unit = self._known(name)
        plan, runner = await unit.prepare()
        first = not batch and runner.stage is not Stage.LIVE
        lacking = [feed for side in SIDES if (feed := plan.endpoint(side).feed).missing[0]]
        accepted = any(batch in ("", feed.batch) for feed in lacking)
        gone = await runner.accept_missing(batch) if accepted else 0
        if first:
            await runner.approve()
        released = await self._daemon.store.approve(plan.id, batch)
        if not (first or released or accepted):
            return None
        unit.wake()
        return {"connection": name, "released": released, "first_sync": first, "accepted": accepted, "gone": gone}

    async def held(self, connection: str | None) -> dict[str, Any]:
        """What waits for a person's decision."""
        plans = await self._plans(connection)
        return {"held": [row for plan in plans for row in await held(self._daemon.store, plan)]}

    async def quarantine(self, connection: str | None) -> dict[str, Any]:
        """What an app refuses, or what cannot be read."""
        plans = await self._plans(connection)
        return {"quarantine": [row for plan in plans for row in await quarantined(self._daemon.store, plan)]}

    async def fields(self, account: str, object: str | None) -> dict[str, Any]:  # noqa: A002 - the operator's word
        """The fields of an object of an account."""
        unit = self._daemon.account(account)
        await unit.check()
        ref = await unit.resolve(object or "")
        schema = await unit.connector.schema(ref)
        return {
            "account": account,
            "object": ref,
            "objects": dict(await unit.connector.objects()),
            "fields": [
                {
                    "name": each.name, "type": each.type.value, "label": each.label, "means": each.semantic,
                    "writable": each.writable, "required": each.required, "max_length": each.max_length,
                    "choices": list(each.choices),
                }
                for each in schema
            ],
        }  # fmt: skip

    async def mapping(self, connection: str) -> dict[str, Any]:
        """Every pair with its direction and why it is narrower than wished; what is not mapped on either side."""
        unit = self._known(connection)
        plan, _runner = await unit.prepare()
        return mapping_of(plan)

    async def explain(self, connection: str, query: str) -> dict[str, Any]:
        """What is known of one person, and why: by e-mail or record id."""
        unit = self._known(connection)
        plan, runner = await unit.prepare()
        return await explain(self._daemon.world, plan, query, floors(runner))

    async def reload(self) -> dict[str, Any]:
        """Load the configuration again, and tell what became of it."""
        try:
            outcome: Reloaded | SyncError = await self._daemon.reload()
        except SyncError as error:
            outcome = error
        return answer_of(outcome)

    async def notify_test(self) -> dict[str, Any]:
        """Send a test message by every channel of ``[notify]``."""
        return await self._daemon.notices.test()

    async def check(self) -> dict[str, Any]:
        """Look at the files as they are now, try every account, and compile every connection."""
        return await check(self._daemon)

    def _known(self, name: str) -> ConnectionUnit:
        return known(self._daemon, name)

    async def _plans(self, connection: str | None) -> list[Plan]:
        """The plan of a connection, or of all."""
        names = [connection] if connection else self._enabled
        return [(await self._known(name).prepare())[0] for name in names]

    @property
    def _enabled(self) -> list[str]:
        return [name for name, each in sorted(self._daemon.settings.connections.items()) if each.enabled]


def _mode(unit: ConnectionUnit, *, paused: bool, serving: bool) -> ConnectionMode:
    if paused and unit.trouble is None:
        return ConnectionMode.PAUSED
    return ConnectionMode.STOPPED if unit.mode is ConnectionMode.STARTING and not serving else unit.mode


def _reason(trouble: SyncError | None) -> str:
    if isinstance(trouble, SettingsProblems):
        return f"it does not fit its apps: {len(trouble.problems)} mistakes in its files"
    return trouble.message if trouble is not None else ""


def _shown(trouble: SyncError | None) -> list[str]:
    """Mistakes in files, each with its place; without the addresses of those who stand there."""
    return [mask(str(each)) for each in trouble.problems] if isinstance(trouble, SettingsProblems) else []


def _do_now(name: str, unit: ConnectionUnit, document: dict[str, Any], *, serving: bool) -> str:
    """The one sentence that an operator needs."""
    if document["paused_since"]:
        waiting = sum(document.get("pending", {}).values())
        return f"it is paused, and {waiting} changes wait: `zohosyncd resume {name}` lets it write again"
    if isinstance(unit.trouble, SettingsProblems):
        return "correct its files: `zohosyncd check` tells what is wrong"
    if unit.trouble is not None:
        return unit.trouble.hint or "nothing: it is tried again by itself"
    if document["cure"]:
        return str(document["cure"])
    if unit.mode is ConnectionMode.APPROVAL or document["stage"] == Stage.APPROVAL.value:
        return f"look at `zohosyncd plan {name}`, then `zohosyncd approve {name}`"
    waiting = document.get("intents", {}).get("waiting", 0)
    if document["recovery_since"]:
        if waiting:
            return (
                f"an old state was put back, and {waiting} creations and deletions wait for you: "
                f"look at `zohosyncd approve {name} --show`, then `zohosyncd approve {name}`"
            )
        return "nothing: an old state was put back, and both sides are read and linked again before it goes on as usual"
    if waiting:
        return f"the guard stopped {waiting} writes: look at `zohosyncd approve {name} --show`, then approve them"
    if document.get("held"):
        return f"decide about {sum(document['held'].values())} held records: `zohosyncd held {name}`"
    if document.get("quarantined"):
        return f"look at {sum(document['quarantined'].values())} refused records: `zohosyncd quarantine {name}`"
    if unit.mode is ConnectionMode.STARTING:
        return "start the daemon: `zohosyncd run`" if not serving else "nothing: it is being prepared"
    if document["stage"] not in ("", Stage.LIVE.value):
        return f"nothing: its first sync is at work ({document['stage']})"
    return "nothing"
