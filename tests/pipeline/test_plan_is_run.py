"""A plan is a run that writes nothing: both decide the same, and the plan leaves no trace."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from tests.pipeline.bench import Bench, Connection
from tests.pipeline.crowd import Crowd
from zohosyncd.core.side import SIDES
from zohosyncd.pipeline.rehearsal import PRETENDED, rehearsed
from zohosyncd.ports.store import IntentState, JournalEntry, Store

WRITES = ("created", "updated", "blanked", "deleted", "opted_out")


def lines(entries: Iterable[JournalEntry], newborn: set[str]) -> Counter[tuple[Any, ...]]:
    """Writes as (side, kind, left, right, field, old, new); a record that is made has no id yet."""
    found: Counter[tuple[Any, ...]] = Counter()
    for entry in entries:
        if entry.kind in WRITES:
            pair = tuple(
                "" if each in newborn or each.startswith(PRETENDED) else each
                for each in (entry.left_id, entry.right_id)
            )
            fields = sorted({*entry.before, *entry.after}) or [""]
            for name in fields:
                found[entry.side, entry.kind, *pair, name, entry.before.get(name), entry.after.get(name)] += 1
    return found


async def entries_after(store: Store, connection: int, after: int) -> list[JournalEntry]:
    found: list[JournalEntry] = []
    while page := await store.journal_after(connection, after, 100):
        found += page
        after = page[-1].id
    return found


async def planned(bench: Bench, connection: Connection) -> tuple[Counter[tuple[Any, ...]], dict[str, Any]]:
    """What a plan says; it has to leave everything as it was."""
    before, writes = await traces(bench, connection), bench.written()
    async with rehearsed(bench.world, connection.plan, connection.runner.stage, bench.connections) as rehearsal:
        told = lines(await entries_after(rehearsal.store, connection.plan.id, rehearsal.since), set())
        rest = await waits(rehearsal.store, connection.plan.id)
        rest["converged"] = rehearsal.report.converged
    assert bench.written() == writes
    assert await traces(bench, connection) == before
    assert len(bench.world.claims) == 0
    return told, rest


async def traces(bench: Bench, connection: Connection) -> Any:
    """Everything about a connection that is not a mere observation."""
    store, here = bench.store, connection.plan.id
    states = [each for each in await store.connections() if each.id == here]
    intents = [each.id for each in await store.open_intents(here)]
    return states, await store.links_after(here, 0, 10_000), intents, await store.held(here), await store.journal(here)


async def waits(store: Store, connection: int) -> dict[str, Any]:
    """What a run leaves to people."""
    return {
        "held": sorted((h.side, h.record_id, h.reason, h.field) for h in await store.held(connection)),
        "refused": sorted((q.side, q.record_id, q.code, q.field) for q in await store.quarantined(connection)),
        "waiting": sorted(
            (each.side, each.kind, each.source_id, each.target_id, repr(sorted(each.patch.items())))
            for each in await store.open_intents(connection, (IntentState.WAITING,))
        ),
    }


async def ran(bench: Bench, connection: Connection) -> tuple[Counter[tuple[Any, ...]], dict[str, Any]]:
    newest = await bench.store.journal(connection.plan.id, limit=1)
    report = await connection.run(wait=True)
    entries = await entries_after(bench.store, connection.plan.id, newest[0].id if newest else 0)
    newborn = {
        entry.left_id if entry.side is SIDES[0] else entry.right_id for entry in entries if entry.kind == "created"
    }
    return lines(entries, newborn), await waits(bench.store, connection.plan.id) | {"converged": report.converged}


@pytest.mark.parametrize("seed", range(48))
async def test_a_plan_says_what_the_run_then_does(bench: Bench, seed: int) -> None:
    crowd = Crowd(bench, seed)
    connection = await crowd.begin()
    for _ in range(3):
        told, rest = await planned(bench, connection)
        assert (told, rest) == await ran(bench, connection)
        crowd.live(crowd.chance.randint(1, 8))


@pytest.mark.parametrize("seed", [250, 381, *range(500, 512)])
async def test_a_run_leaves_nothing_over_when_apps_answer(bench: Bench, seed: int) -> None:
    """Seeds 250 and 381: a row that was put off twice, once because of a hold and once by the guard."""
    crowd = Crowd(bench, seed)
    connection = await crowd.begin()
    for _ in range(4):
        report = await connection.run(wait=True)
        assert report.left_over == 0
        crowd.live(crowd.chance.randint(1, 8))
