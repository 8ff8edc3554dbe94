"""Point reads: absence is believed only where a second answer repeats it beside somebody who is there."""

from tests.pipeline.bench import Account, Bench
from zohosyncd.connectors.memory import Call, FaultKind
from zohosyncd.ports.connector import Found, Missing, Moved


async def people(bench: Bench, *names: str) -> tuple[Account, list[str]]:
    """An app whose feed reports no deletions, all of it read once."""
    await bench.pair(right={"reports_deletions": False})
    ids = [bench.book.app.create({"given": name}) for name in names]
    await bench.book.feed.refresh()
    return bench.book, ids


async def gone(bench: Bench, record_id: str) -> bool:
    return (await bench.store.rows(bench.book.feed.object_id, [record_id]))[record_id].gone


async def test_who_is_missing_once_and_there_the_second_time_is_not_gone(bench: Bench) -> None:
    book, (ann, _bob) = await people(bench, "Ann", "Bob")
    book.app.fail(Call.FETCH, FaultKind.EMPTY)
    answers = await book.feed.fetch([ann])
    assert isinstance(answers[ann], Found)
    assert not await gone(bench, ann)


async def test_who_is_missing_twice_beside_a_witness_is_gone(bench: Bench) -> None:
    book, (ann, bob, eve) = await people(bench, "Ann", "Bob", "Eve")
    book.app.delete(ann)
    book.app.delete(eve)
    answers = await book.feed.fetch([ann, bob, eve])
    assert [type(answers[each]) for each in (ann, bob, eve)] == [Missing, Found, Missing]
    assert [await gone(bench, each) for each in (ann, bob, eve)] == [True, False, True]


async def test_nothing_is_known_where_the_witness_is_missing_too(bench: Bench) -> None:
    book, (ann, bob) = await people(bench, "Ann", "Bob")
    book.app.delete(ann)
    book.app.fail(Call.FETCH, FaultKind.EMPTY, times=2)
    assert await book.feed.fetch([ann]) == {}
    assert [await gone(bench, each) for each in (ann, bob)] == [False, False]
    assert isinstance((await book.feed.fetch([ann]))[ann], Missing)
    assert await gone(bench, ann)


async def test_nothing_is_known_where_there_is_nobody_who_could_be_a_witness(bench: Bench) -> None:
    book, (ann,) = await people(bench, "Ann")
    book.app.delete(ann)
    assert await book.feed.fetch([ann]) == {}
    assert not await gone(bench, ann)


async def test_the_proof_holds_over_several_requests(bench: Bench) -> None:
    await bench.pair(right={"reports_deletions": False, "fetch_batch": 3})
    ids = [bench.book.app.create({"given": str(number)}) for number in range(9)]
    await bench.book.feed.refresh()
    for each in ids[:7]:
        bench.book.app.delete(each)
    answers = await bench.book.feed.fetch(ids)
    assert {each for each in ids if isinstance(answers[each], Missing)} == set(ids[:7])


async def test_a_merged_record_needs_no_witness(bench: Bench) -> None:
    book, (ann, bob) = await people(bench, "Ann", "Bob")
    book.app.merge(ann, bob)
    assert (await book.feed.fetch([ann]))[ann] == Moved(ann, bob)
    row = (await bench.store.rows(book.feed.object_id, [ann]))[ann]
    assert (row.gone, row.moved_to) == (True, bob)


async def test_a_complete_read_that_shows_less_deletes_nobody(bench: Bench) -> None:
    connection = await bench.pair(right={"feed": "list"}, delete=True)
    for name in ("Ann", "Bob", "Eve"):
        bench.crm.app.create({"First": name, "Last": "Both", "Email": f"{name}@example.org"})
    await bench.until_quiet()
    bench.book.app.fail(Call.CHANGES, FaultKind.EMPTY)
    bench.book.app.fail(Call.FETCH, FaultKind.EMPTY)
    await connection.run()
    await bench.until_quiet()
    assert len(bench.crm.app.state()) == len(bench.book.app.state()) == 3


async def test_the_last_record_of_an_app_comes_back_if_its_partner_was_edited(bench: Bench) -> None:
    connection = await bench.pair(right={"reports_deletions": True})
    contact = bench.crm.app.create({"First": "Ann", "Last": "Both", "Email": "ann@example.org"})
    await bench.until_quiet()
    (card,) = bench.book.app.state()
    bench.book.app.delete(card)
    bench.crm.app.edit(contact, {"Title": "Boss"})
    await bench.until_quiet()
    assert bench.everybody("book", "given", "title") == [("Ann", "Boss")]
    assert (await connection.run()).left_over == 0
