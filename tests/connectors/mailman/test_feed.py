"""The feed of a list that tells neither versions nor times, and whose requests become members."""

from typing import Any

from tests.connectors.contract import creation
from tests.connectors.mailman.benches import LIST
from zohosyncd.connectors.mailman.client import PAGE
from zohosyncd.ports.connector import Found, Missing, Moved, Page, Upserted
from zohosyncd.sandbox.mailman.behaviour import Behaviour
from zohosyncd.sandbox.wire import Request

FIELDS = ["email", "display_name", "status"]


async def read(core: Any, cursor: str | None = None, fields: Any = FIELDS) -> Page:
    (page,) = [page async for page in core.connector.changes(LIST, fields, cursor)]
    return page


async def wait_for(core: Any, email: str) -> str:
    (made,) = await core.connector.write(LIST, [creation({"email": email})])
    return str(made.id)


async def test_who_is_confirmed_goes_on_as_a_member(core: Any) -> None:
    waiting, other = await wait_for(core, "ann@example.com"), await wait_for(core, "bob@example.com")
    before = await read(core)
    member = core.app.edit({"object": LIST, "confirm": "ann@example.com"})["member_id"]
    after = await read(core, before.cursor)
    assert [each for each in after.changes if isinstance(each, Moved)] == [Moved(waiting, member)]
    assert {each.record.id for each in after.changes if isinstance(each, Upserted)} == {member, other}
    assert not [each for each in (await read(core, after.cursor)).changes if isinstance(each, Moved)]


async def test_who_was_confirmed_while_nobody_looked_is_found_by_a_point_read(core: Any) -> None:
    waiting = await wait_for(core, "ann@example.com")
    member = core.app.edit({"object": LIST, "confirm": "ann@example.com"})["member_id"]
    assert await core.connector.fetch(LIST, FIELDS, [waiting]) == [Moved(waiting, member)]


async def test_who_never_answers_is_gone_after_a_while_and_nobody_asks_again(make_core: Any) -> None:
    core = make_core(Behaviour(pending_life=60.0))
    waiting = await wait_for(core, "ann@example.com")
    (answer,) = await core.connector.fetch(LIST, FIELDS, [waiting])
    assert isinstance(answer, Found)
    await core.clock.sleep(61)
    assert await core.connector.fetch(LIST, FIELDS, [waiting]) == [Missing(waiting)]
    assert (await read(core)).changes == ()


async def test_the_statuses_are_asked_until_everybodys_is_known(core: Any) -> None:
    for n in range(5):
        await core.subscribe({"email": f"p{n}@example.com"})
    await read(core)
    assert core.calls().count("GET /3.1/members/find") == 1
    await core.subscribe({"email": "off@example.com", "delivery_status": "by_bounces"})
    await read(core)
    assert core.calls().count("GET /3.1/members/find") == 3


async def test_nobody_asks_for_statuses_that_nobody_wants(core: Any) -> None:
    await core.subscribe({"email": "ann@example.com"})
    await read(core, fields=["email"])
    assert "GET /3.1/members/find" not in core.calls()


async def test_a_list_that_shifts_while_it_is_read_loses_nobody(core: Any) -> None:
    """The first member leaves between two pages, so that the first of the second page slides into the first."""
    ids = [await core.subscribe({"email": f"p{n:04}@example.com"}) for n in range(PAGE + 2)]
    inner, left = core.app.handle, []

    def handle(request: Request) -> Any:
        if dict(request.query).get("page") == "2" and not left:
            left.append(ids[0])
            del core.list.members[ids[0]]
        return inner(request)

    core.app.handle = handle
    pages = [page async for page in core.connector.changes(LIST, ["email"], None)]
    seen = [each.record.id for page in pages for each in page.changes if isinstance(each, Upserted)]
    assert left
    assert set(seen) >= set(ids[1:])
    assert len(seen) == len(set(seen))


async def test_somebody_of_another_list_is_not_there(core: Any) -> None:
    member = await core.subscribe({"email": "ann@example.com"})
    assert await core.connector.fetch("other.example.com", FIELDS, [member]) == [Missing(member)]


async def test_whoever_is_confirmed_while_all_are_listed_is_listed(core: Any) -> None:
    """A create without an answer is looked for there: whoever is in neither list would be subscribed again."""
    await wait_for(core, "ann@example.com")
    inner = core.app.handle

    def handle(request: Request) -> Any:
        answer = inner(request)
        if core.list.waiting:  # just behind the first answer, whichever that is
            core.app.edit({"object": LIST, "confirm": "ann@example.com"})
        return answer

    core.app.handle = handle
    pages = [page async for page in core.connector.created_since(LIST, FIELDS, 0.0)]
    assert [each.values["email"] for page in pages for each in page.records] == ["ann@example.com"]
    assert pages[-1].beyond
