"""Apps that take tags by another call than the values: what is left behind is neither lost nor taken for done."""

from dataclasses import replace

import pytest

from tests.pipeline.bench import Bench
from tests.pipeline.test_names_as_fields import TAGS, edit, linked, names, shown
from tests.pipeline.test_rules import FROM_ANN, contact, labels, ruled
from zohosyncd.connectors.memory import Call, FaultKind
from zohosyncd.core.side import Side
from zohosyncd.ports.connector import WriteKind

COARSE = {
    "feed": "since",
    "overlap": 2.0,
    "returns_record": False,
    "exact_versions": False,
    "granularity": 1.0,
    "guard": False,
    "settle": 2.0,
}


@pytest.mark.parametrize("kind", [FaultKind.NAMES_LEFT, FaultKind.UNKNOWN_NAMES_LEFT])
async def test_a_record_that_was_made_without_its_labels_is_made_once_and_given_them(
    bench: Bench, kind: FaultKind
) -> None:
    await ruled(bench, FROM_ANN, right=COARSE)
    contact(bench, "Ida")
    bench.book.app.fail(Call.WRITE, kind)
    await bench.until_quiet()
    assert labels(bench) == {"Ida": {"CRM"}}
    assert [write.kind for write in bench.book.app.writes] == [WriteKind.CREATE, WriteKind.UPDATE]
    assert set(bench.book.app.writes[1].values) == {"labels"}


@pytest.mark.parametrize("kind", [FaultKind.NAMES_LEFT, FaultKind.UNKNOWN_NAMES_LEFT])
async def test_of_an_update_the_values_are_done_and_the_labels_are_written_in_the_same_run(
    bench: Bench, kind: FaultKind
) -> None:
    connection = await ruled(bench, FROM_ANN, right=COARSE)
    ida = contact(bench, "Ida")
    await bench.until_quiet()
    (card,) = bench.book.app.state()
    # From here on the feed is too slow to tell of our own write within the run.
    bench.book.app.behaviour = replace(bench.book.app.behaviour, lag=500.0)
    before = len(bench.book.app.writes)
    bench.book.app.edit(card, {"labels": ()})
    bench.crm.app.edit(ida, {"Title": "Judge"})
    bench.book.app.fail(Call.WRITE, kind)
    await connection.run(wait=True)
    assert bench.everybody("book", "given", "title") == [("Ida", "Judge")]
    assert labels(bench) == {"Ida": {"CRM"}}
    assert [set(write.values) for write in bench.book.app.writes[before:]] == [{"title"}, {"labels"}]


async def test_labels_that_are_refused_are_quarantined_and_the_values_have_arrived(bench: Bench) -> None:
    connection = await ruled(bench, FROM_ANN, right=COARSE)
    contact(bench, "Ida", Title="Judge")
    bench.book.app.fail(Call.WRITE, FaultKind.NAMES_LEFT, times=3)
    await bench.until_quiet()
    assert bench.everybody("book", "given", "title", "labels") == [("Ida", "Judge", ())]
    counts = await bench.world.store.counts(connection.plan.id)
    assert dict(counts.quarantined) == {"INVALID_DATA": 1}


@pytest.mark.parametrize("kind", [FaultKind.NAMES_LEFT, FaultKind.UNKNOWN_NAMES_LEFT])
async def test_labels_that_are_mapped_and_left_behind_arrive_in_the_same_run(bench: Bench, kind: FaultKind) -> None:
    await linked(bench, TAGS, tags=("VIP",))
    edit(bench, Side.LEFT, Tags=names("VIP", "Press"), Title="Judge")
    bench.book.app.fail(Call.WRITE, kind)
    await bench.until_quiet()
    assert bench.everybody("book", "title") == [("Judge",)]
    assert shown(bench) == ({"VIP", "Press"}, {"VIP", "Press"})
