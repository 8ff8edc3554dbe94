"""``snapshot restore``: a snapshot is read completely and checked, and only then anything of it is written."""

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zohosyncd.core.budget import Price, price_of_reads, price_of_writes
from zohosyncd.core.errors import Paused, UsageError
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Plan
from zohosyncd.pipeline.restore import RestoreTally, Snapshot
from zohosyncd.ports.connector import WriteKind
from zohosyncd.supervisor.naming import known, records_named, side_named
from zohosyncd.supervisor.rehearse import Tell, nobody, with_names
from zohosyncd.supervisor.snapshot_file import SnapshotFile
from zohosyncd.supervisor.undoing import told

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_Counts = Mapping[tuple[Side, WriteKind], int]


class Restorings:
    """Restores over one daemon."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon

    async def restore(
        self, connection: str, folder: str, *, side: str, person: str, dry: bool, missing: bool, tell: Tell = nobody
    ) -> dict[str, Any]:
        """Bring back what a snapshot shows; with ``dry`` only tell.

        Args:
            connection: its name. folder: of the snapshot. side: only this one, "" for both.
            person: only this one, by e-mail (then or now) or id, "" for everybody.
            missing: also make anew what is gone. tell: takes the lines.

        Raises:
            UsageError: the folder holds no snapshot of this connection, or a damaged one, or nobody of that name.
            Paused: nothing may be written.
        """
        unit = known(self._daemon, connection)
        plan, runner = await unit.prepare()
        if runner.paused and not dry:
            raise Paused(f"connection {connection} is paused", hint=f"zohosyncd resume {connection}")
        sides = [side_named(unit.settings, side)] if side else [Side.RIGHT, Side.LEFT]
        done: Counter[tuple[Side, WriteKind]] = Counter()
        stays, made, tally = 0, "", RestoreTally()
        with ExitStack() as stack:
            files = {
                each: stack.enter_context(SnapshotFile.opened(Path(folder) / f"{each.value}.jsonl")) for each in sides
            }
            named = {each: await file.check(plan, each, person) for each, file in files.items()}
            only = await self._only(plan, person, named) if person else dict.fromkeys(SIDES)
            snapshot = {each: Snapshot(file.at, file.pages(only[each])) for each, file in files.items()}
            async for run, steps in runner.restore(snapshot, tally, dry=dry, missing=missing):
                for step in steps:
                    stays += step.kind is None
                    if step.kind is not None:
                        done[step.side, step.kind] += 1
                        made = run
                await tell(await with_names(self._daemon.store, plan, [told(step) for step in steps]))
        kinds = {kind.value: sum(done[each, kind] for each in SIDES) for kind in WriteKind}
        return {
            "connection": connection, "dry_run": dry, "run": "" if dry else made, **kinds, "stays": stays,
            "alone": tally.alone, "costs": {each.value: _costs(plan, each, tally, done) for each in SIDES},
        }  # fmt: skip

    async def _only(self, plan: Plan, person: str, named: Mapping[Side, set[str]]) -> dict[Side, set[str] | None]:
        """The person's records on both sides: by what the snapshot says, by what is so now, and by the pairs."""
        found: dict[Side, set[str]] = {}
        for side in SIDES:
            found[side] = {*named.get(side, ()), *await records_named(self._daemon.world, plan, side, person)}
            # What was made anew since stands in the snapshot under its former id.
            former = await self._daemon.store.moved_to(plan.endpoint(side).object_id, found[side])
            found[side].update(*former.values())
        if not any(found.values()):
            hint = f"`zohosyncd contacts {plan.name}` lists the ids of both sides"
            raise UsageError("nobody has that id or e-mail, neither in the snapshot nor now", hint=hint)
        partners: dict[Side, set[str]] = {}
        for side in SIDES:
            links = await self._daemon.store.links(plan.id, side, list(found[side]))
            partners[side.other] = {link.record_id(side.other) for link in links.values()}
        return {side: found[side] | partners[side] for side in SIDES}


def _costs(plan: Plan, side: Side, tally: RestoreTally, done: _Counts) -> dict[str, Any]:
    """Calls and credits on a side: what reading records has cost, and the least that the writes cost."""
    capabilities = plan.endpoint(side).connector.capabilities
    read, write = price_of_reads(tally.reads[side], capabilities.tariff), Price()
    for kind in WriteKind:
        count, deletes = done.get((side, kind), 0), kind is WriteKind.DELETE
        write += price_of_writes(count, capabilities.batch, capabilities.tariff, deletes=deletes)
    return {
        "account": plan.endpoint(side).account,
        "read": {"calls": read.calls, "credits": read.credits},
        "write": {"calls": write.calls, "credits": write.credits},
    }
