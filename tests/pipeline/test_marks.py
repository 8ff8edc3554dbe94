"""New records that carry a mark of ours: a create without an answer is known by it, whatever became of the record."""

from tests.pipeline.bench import Bench
from tests.pipeline.test_resolve import EXECUTED, NOT_EXECUTED, names, suspect, without_answer
from zohosyncd.connectors.memory import Call, FaultKind


async def test_a_record_that_somebody_has_edited_meanwhile_is_known_and_the_edit_travels(bench: Bench) -> None:
    _connection, card = await without_answer(bench, EXECUTED, marks=True)
    bench.crm.app.edit(suspect(bench), {"First": "Kimberly", "Last": "Renamed", "Title": "Queen"})
    await bench.until_quiet()
    assert names(bench) == [("Kimberly", "Renamed")]
    shown = bench.book.app.state()[card]
    assert (shown["given"], shown["family"], shown["title"]) == ("Kimberly", "Renamed", "Queen")


async def test_what_was_not_made_is_made_once(bench: Bench) -> None:
    await without_answer(bench, NOT_EXECUTED, marks=True)
    await bench.until_quiet()
    assert names(bench) == [("Kim", "Keyless")]


async def test_a_search_that_is_wrongly_empty_makes_nobody_twice(bench: Bench) -> None:
    await without_answer(bench, EXECUTED, marks=True)
    bench.crm.app.fail(Call.MADE_BY, FaultKind.EMPTY, times=1_000)
    await bench.until_quiet()
    assert names(bench) == [("Kim", "Keyless")]
    assert len(bench.book.app.state()) == 2


async def test_a_copy_that_a_person_made_is_not_taken_for_ours(bench: Bench) -> None:
    await without_answer(bench, EXECUTED, marks=True)
    made = suspect(bench)
    copy = bench.crm.app.create({"First": "Kim", "Last": "Copied", "Title": "Clerk"})
    bench.crm.app.marks[copy] = bench.crm.app.marks[made]
    await bench.until_quiet()
    assert sorted(names(bench)) == [("Kim", "Copied"), ("Kim", "Keyless")]
    assert sorted(bench.everybody("book", "family")) == [("Copied",), ("Else",), ("Keyless",)]
