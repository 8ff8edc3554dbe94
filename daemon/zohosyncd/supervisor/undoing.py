"""``undo``: what was written comes back, line by line, and honestly: what stays is told with the reason."""

from typing import TYPE_CHECKING, Any

from zohosyncd.core.errors import Paused, UsageError
from zohosyncd.core.side import SIDES
from zohosyncd.pipeline.plan import Plan
from zohosyncd.pipeline.set_back import Step
from zohosyncd.pipeline.undo import Scope
from zohosyncd.ports.connector import WriteKind
from zohosyncd.supervisor.naming import known, records_named
from zohosyncd.supervisor.rehearse import Line, Tell, changes, nobody, with_names

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon


class Undoings:
    """Undoes over one daemon."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon

    async def undo(
        self, connection: str, *, run: str, person: str, since: float, field: str, dry: bool, tell: Tell = nobody
    ) -> dict[str, Any]:
        """Undo writes of a run or of a person, all of them or of one field; with ``dry`` only tell.

        Args:
            connection: its name. run: the id of a run, "" for any. person: an e-mail or a record's id, "" for all.
            since: only what was written since then (wall seconds). field: name of a pair or a field, "" for all.
            tell: takes the lines.

        Raises:
            UsageError: neither run nor person is said, or nothing of it is known. Paused: nothing may be written.
        """
        plan, runner = await known(self._daemon, connection).prepare()
        if not run and not person:
            raise UsageError("what shall be undone?", hint="say --run RUN or --person EMAIL|ID; `history` lists runs")
        if runner.paused and not dry:
            raise Paused(f"connection {connection} is paused", hint=f"zohosyncd resume {connection}")
        if field and field not in _names(plan):
            hint = f"`zohosyncd mapping {connection}` lists them"
            raise UsageError(f"connection {connection} has no field and no pair {field}", hint=hint)
        scope = Scope(run, await self._records(plan, person) if person else None, since, field)
        if not await self._daemon.store.history(plan.id, records=scope.records, run=run, since=since, limit=1):
            hint = f"`zohosyncd history {connection}` lists what was written, and in which run"
            raise UsageError("nothing is known to have been written there", hint=hint)
        done: dict[str, int] = {kind.value: 0 for kind in WriteKind}
        kept, made = 0, ""
        async for undoing, steps in runner.undo(scope, dry=dry):
            made = undoing
            for step in steps:
                kept += step.kind is None
                if step.kind is not None:
                    done[step.kind.value] += 1
            await tell(await with_names(self._daemon.store, plan, [told(step) for step in steps]))
        return {"connection": connection, "dry_run": dry, "run": "" if dry else made, **done, "stays": kept}

    async def _records(self, plan: Plan, person: str) -> dict[Any, list[str]]:
        records = {side: await records_named(self._daemon.world, plan, side, person) for side in SIDES}
        if not any(records.values()):
            records = {side: [person] for side in SIDES}  # one that has gone is in history all the same
        return records


def _names(plan: Plan) -> set[str]:
    names = {pair.name for pair in plan.mapping.pairs}
    return names.union(*(plan.endpoint(side).schema.fields for side in SIDES))


def told(step: Step) -> Line:
    """A step as a line, for people and programs."""
    ids = {"left": step.ids[0], "right": step.ids[1]}
    if step.kind is None:
        return {"line": "stays", "side": step.side.value, **ids, "why": step.why}
    return {
        "line": "write", "side": step.side.value, "kind": step.kind.value, **ids, "why": step.why or "undone",
        "fields": changes(step.kind, step.before, step.after),
    }  # fmt: skip
