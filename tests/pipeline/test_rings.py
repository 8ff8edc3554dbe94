"""A ring of connections: the same person can be reached by two ways, and is made once, whoever comes first."""

import asyncio
from itertools import cycle, permutations

import pytest

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.memory import SLOTS_SCHEMA, Call, FaultKind

NAMES = ("crm-ann", "crm-bob", "ann-bob")
PLACES = ("crm", "ann", "bob")
FIELDS = {"crm": ("First", "Last", "Birthday"), "ann": ("given", "family", "birthday")}
FIELDS["bob"] = FIELDS["ann"]
KIM = ("Kim", "Keyless", "1980-01-02")
LEE = ("Lee", "Keyless", "1990-03-04")


async def ring(bench: Bench, order: tuple[str, ...] = NAMES, latency: float = 0.0) -> list[Connection]:
    """Three apps, each connected to each; connections run in this order."""
    for at, name in enumerate(PLACES):
        schema = {"schema": SLOTS_SCHEMA} if name == "crm" else {}
        await bench.account(name, **schema, latency=latency * (at + 1))
    for name in order:
        left, right = name.split("-")
        await bench.connect(name, bench.accounts[left], bench.accounts[right], create_without_email=True)
    return list(bench.connections.values())


def enter(bench: Bench, place: str, person: tuple[str, ...] = KIM) -> str:
    return bench.accounts[place].app.create(dict(zip(FIELDS[place], person, strict=True)))


def everywhere(bench: Bench) -> list[list[tuple[object, ...]]]:
    return [bench.everybody(place, *FIELDS[place]) for place in PLACES]


@pytest.mark.parametrize(("order", "place"), list(zip(permutations(NAMES), cycle(PLACES))))
async def test_a_person_without_a_key_is_made_once_whoever_runs_first(
    bench: Bench, order: tuple[str, ...], place: str
) -> None:
    await ring(bench, order)
    enter(bench, place)
    await bench.until_quiet()
    assert everywhere(bench) == [[KIM]] * 3
    enter(bench, place, LEE)
    await bench.until_quiet()
    assert everywhere(bench) == [[KIM, LEE]] * 3


@pytest.mark.parametrize("place", PLACES)
async def test_a_person_without_a_key_is_made_once_when_all_run_at_the_same_time(bench: Bench, place: str) -> None:
    connections = await ring(bench, latency=0.3)
    enter(bench, place)
    await asyncio.gather(*(each.run(wait=True) for each in connections))
    await bench.until_quiet()
    enter(bench, place, LEE)
    for _ in range(3):
        await asyncio.gather(*(each.run() for each in connections))
    assert everywhere(bench) == [[KIM, LEE]] * 3
    await bench.until_quiet()
    assert everywhere(bench) == [[KIM, LEE]] * 3


@pytest.mark.parametrize("kind", [FaultKind.UNKNOWN_EXECUTED, FaultKind.UNKNOWN_NOT_EXECUTED])
async def test_nor_is_it_made_twice_when_a_create_has_no_answer(bench: Bench, kind: FaultKind) -> None:
    connections = await ring(bench, latency=0.3)
    await bench.until_quiet()
    enter(bench, "ann")
    for place in ("crm", "bob"):
        bench.accounts[place].app.fail(Call.WRITE, kind)
    for _ in range(2):
        await asyncio.gather(*(each.run() for each in connections))
    await bench.until_quiet()
    assert everywhere(bench) == [[KIM]] * 3


async def test_an_edit_goes_round_once_and_all_are_tied_to_each_other(bench: Bench) -> None:
    await ring(bench)
    record_id = enter(bench, "crm")
    await bench.until_quiet()
    bench.accounts["crm"].app.edit(record_id, {"Title": "Boss"})
    before = bench.written()
    await bench.until_quiet()
    assert [bench.everybody(place, "title") for place in ("ann", "bob")] == [[("Boss",)]] * 2
    assert bench.written() == before + 2
    ids = [connection.plan.id for connection in bench.connections.values()]
    feeds = {place: bench.accounts[place].feed.object_id for place in PLACES}
    person = (await bench.store.tied(ids, feeds["crm"], [record_id]))[record_id]
    assert {at for at, _id in person} == set(feeds.values())
    assert len(person) == 3
