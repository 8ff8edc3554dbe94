"""The feed of a folder: links, and everything that the vendor warns of."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest

from tests.connectors.microsoft365.conftest import CONTACTS, HOST, MakeOutlook, Outlook
from zohosyncd.connectors.microsoft365.fields import SELECT
from zohosyncd.connectors.microsoft365.recent import Recent
from zohosyncd.core.errors import ContractBroken, CursorExpired
from zohosyncd.ports.connector import Found, Missing, Page, Removed, Unreadable, Upserted, WriteKind, WriteOp
from zohosyncd.sandbox.microsoft.behaviour import Behaviour
from zohosyncd.transport.sender import Answered, HttpRequest, Outcome

FIELDS = ("givenName", "jobTitle")
DELTA = "/contacts/delta"


async def read(outlook: Outlook, cursor: str | None = None, folder: str = "") -> list[Page]:
    return [page async for page in outlook.connector.changes(folder or outlook.folder, FIELDS, cursor)]


def shown(pages: list[Page]) -> dict[str, Any]:
    """What a reader knows after these pages: values by id, None for who is gone."""
    found: dict[str, Any] = {}
    for change in (change for page in pages for change in page.changes):
        match change:
            case Upserted(record):
                found[record.id] = record.values["jobTitle"]
            case Removed(contact):
                found[contact] = None
            case Unreadable(contact):
                found[contact] = change
    return found


async def test_the_first_request_asks_for_every_property_in_lasting_ids_and_pages_of_200(outlook: Outlook) -> None:
    outlook.person(jobTitle="Buyer")
    await read(outlook)
    sent = next(each for each in outlook.sender.sent if DELTA in each.url)
    assert unquote(sent.url) == (
        f"{HOST}/v1.0/me/contactFolders/{outlook.folder}/contacts/delta?$select={','.join(SELECT)}"
    )
    assert sent.headers["Prefer"] == 'IdType="ImmutableId", odata.maxpagesize=200'


async def test_links_are_followed_as_they_were_given(outlook: Outlook) -> None:
    outlook.app.load(CONTACTS, [{"givenName": f"P{n}"} for n in range(450)])
    pages = await read(outlook)
    assert [len(page.changes) for page in pages] == [200, 200, 50]
    before = len(outlook.sender.sent)
    await read(outlook, pages[-1].cursor)
    (later,) = outlook.sender.sent[before:]
    assert later.url == json.loads(pages[-1].cursor)["link"]
    assert later.headers["Prefer"] == 'IdType="ImmutableId", odata.maxpagesize=200'


async def test_a_complete_read_goes_on_from_any_of_its_pages(outlook: Outlook) -> None:
    ids = set(outlook.app.load(CONTACTS, [{"givenName": f"P{n}"} for n in range(450)]))
    first, *_ = await read(outlook)
    rest = await read(outlook, first.cursor)
    assert all(page.full for page in rest)
    assert set(shown([first, *rest])) == ids
    assert sum(len(page.changes) for page in rest) == 250
    assert not (await read(outlook, rest[-1].cursor))[0].full


async def test_who_is_moved_to_another_folder_is_removed_here_and_new_there(outlook: Outlook) -> None:
    outlook.app.edit({"folder": "Partners"})
    partners = await outlook.connector.resolve("Partners")
    ann = outlook.person()
    here, there = await read(outlook), await read(outlook, folder=partners)
    outlook.act(ann, move="Partners")
    assert shown(await read(outlook, here[-1].cursor)) == {ann: None}
    assert list(shown(await read(outlook, there[-1].cursor, partners))) == [ann]
    assert [type(each).__name__ for each in await outlook.connector.fetch(outlook.folder, FIELDS, [ann])] == ["Missing"]
    assert [type(each).__name__ for each in await outlook.connector.fetch(partners, FIELDS, [ann])] == ["Found"]


async def test_who_is_moved_away_and_back_is_there(make_outlook: MakeOutlook) -> None:
    outlook = make_outlook(Behaviour(replays=50))
    outlook.app.edit({"folder": "Partners"})
    ann = outlook.person(jobTitle="Buyer")
    pages = await read(outlook)
    outlook.act(ann, move="Partners")
    outlook.act(ann, restore=True)
    assert shown(await read(outlook, pages[-1].cursor)) == {ann: "Buyer"}


@pytest.mark.parametrize("order", [["row", "removed"], ["removed", "row"]])
@pytest.mark.parametrize("pages", [1, 2])
async def test_who_is_told_both_ways_in_one_round_is_asked_for(outlook: Outlook, order: list[str], pages: int) -> None:
    """No order is promised: a contact that was moved away and back may come as both."""
    ann, bob = outlook.person(jobTitle="Buyer"), outlook.person(jobTitle="Clerk")
    start = await read(outlook)
    outlook.act(bob, delete=True)
    rows = {
        "row": [{**outlook.row(ann), "@odata.type": "x"}, {**outlook.row(ann), "id": bob}],
        "removed": [{"id": each, "@removed": {"reason": "deleted"}} for each in (ann, bob)],
    }
    parts = [rows[name] for name in order]
    if pages == 1:
        parts = [parts[0] + parts[1]]
    bodies = [{"value": part, "@odata.nextLink": f"{HOST}/v1.0/next?{at}"} for at, part in enumerate(parts)]
    bodies[-1] = {"value": bodies[-1]["value"], "@odata.deltaLink": f"{HOST}/v1.0/later"}
    left = iter(bodies)

    def spoil(request: HttpRequest, answer: Outcome) -> Outcome:
        if DELTA not in request.url and "/v1.0/next" not in request.url:
            return answer
        return Answered(200, {"content-type": "application/json"}, json.dumps(next(left)).encode())

    outlook.spoiling.spoil = spoil
    assert shown(await read(outlook, start[-1].cursor)) == {ann: "Buyer", bob: None}


async def test_rows_with_nothing_but_what_has_changed_are_completed(make_outlook: MakeOutlook) -> None:
    outlook = make_outlook(Behaviour(sparse=True, empty_pages=2))
    ann, bob = outlook.person(surname="Miller"), outlook.person(surname="Stone")
    pages = await read(outlook)
    assert [len(page.changes) for page in pages] == [0, 0, 2]
    outlook.edit(ann, jobTitle="Director")
    outlook.edit(bob, jobTitle="Buyer")
    outlook.act(bob, delete=True)
    later = await read(outlook, pages[-1].cursor)
    assert shown(later) == {ann: "Director", bob: None}
    (record,) = [each.record for page in later for each in page.changes if isinstance(each, Upserted)]
    assert record.values["givenName"] == "Ann"


@pytest.mark.parametrize("how", ["gone", "anew", "bad_request"])
async def test_a_forgotten_link_ends_the_cursor(make_outlook: MakeOutlook, how: Any) -> None:
    outlook = make_outlook(Behaviour(forgotten=how))
    outlook.app.load(CONTACTS, [{"givenName": f"P{n}"} for n in range(250)])
    pages = await read(outlook)
    outlook.app.rounds.forget()
    for page in pages:
        with pytest.raises(CursorExpired):
            await read(outlook, page.cursor)


async def test_a_link_that_the_service_does_not_take_any_more_ends_the_cursor_too(outlook: Outlook) -> None:
    pages = await read(outlook)
    outlook.fail({"fault": "status", "path": "*delta", "status": 400, "body": {"error": {"code": "BadRequest"}}})
    with pytest.raises(CursorExpired):
        await read(outlook, pages[-1].cursor)


@pytest.mark.parametrize("text", ["", "{}", "null", '{"link": 7}', '{"link": "x", "form": "another"}', "x"])
async def test_a_stored_place_that_cannot_be_read_ends_the_cursor(outlook: Outlook, text: str) -> None:
    with pytest.raises(CursorExpired):
        await read(outlook, text)


async def test_a_folder_that_was_deleted_is_no_empty_folder(outlook: Outlook) -> None:
    with pytest.raises(ContractBroken, match="no longer there"):
        await read(outlook, folder="AAMkADgone")


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/v1.0/me", "//elsewhere.example/x", "http://127.0.0.1:2/v1.0"]
)
async def test_a_link_to_another_server_is_not_followed(outlook: Outlook, link: str) -> None:
    def spoil(request: HttpRequest, answer: Outcome) -> Outcome:
        if isinstance(answer, Answered) and DELTA in request.url:
            return replace(answer, body=json.dumps({"value": [], "@odata.nextLink": link}).encode())
        return answer

    outlook.spoiling.spoil = spoil
    with pytest.raises(ContractBroken):
        await read(outlook)
    assert all(each.url.startswith(f"{HOST}/") for each in outlook.sender.sent)


@pytest.mark.parametrize(
    "more",
    [
        {},  # neither link
        {"@odata.nextLink": "{same}"},
        {"@odata.nextLink": 7},
        {"@odata.deltaLink": ["x"]},
    ],
)
async def test_pages_that_lead_nowhere_are_no_end(outlook: Outlook, more: dict[str, Any]) -> None:
    def spoil(request: HttpRequest, answer: Outcome) -> Outcome:
        if isinstance(answer, Answered) and DELTA in request.url:
            told = {name: request.url if link == "{same}" else link for name, link in more.items()}
            return replace(answer, body=json.dumps({"value": [], **told}).encode())
        return answer

    outlook.spoiling.spoil = spoil
    with pytest.raises(ContractBroken):
        await read(outlook)


async def test_empty_pages_without_end_are_given_up(make_outlook: MakeOutlook) -> None:
    outlook = make_outlook(Behaviour(empty_pages=10_000))
    with pytest.raises(ContractBroken, match="nowhere"):
        await read(outlook)
    assert len(outlook.calls(DELTA)) < 300


async def test_one_damaged_contact_does_not_stop_the_others(outlook: Outlook) -> None:
    ann, bob, eve = (outlook.person(jobTitle=each) for each in ("Buyer", "Clerk", "Driver"))
    outlook.clock.moment += 60

    def spoil(request: HttpRequest, answer: Outcome) -> Outcome:
        if not isinstance(answer, Answered) or DELTA not in request.url:
            return answer
        body = answer.body.replace(b'"jobTitle":"Clerk"', b'"jobTitle":{"a":1}')
        return replace(answer, body=body.replace(b'"jobTitle":"Driver"', b'"jobTitle":"half \\ud83d"'))

    outlook.spoiling.spoil = spoil
    found = shown(await read(outlook))
    assert found[ann] == "Buyer"
    for each in (bob, eve):
        assert isinstance(found[each], Unreadable)
        assert found[each].version


async def test_rows_without_an_id_are_no_answer(outlook: Outlook) -> None:
    outlook.person()

    def spoil(request: HttpRequest, answer: Outcome) -> Outcome:
        if isinstance(answer, Answered) and DELTA in request.url:
            return replace(answer, body=answer.body.replace(b'"id":"', b'"id":7,"was":"'))
        return answer

    outlook.spoiling.spoil = spoil
    with pytest.raises(ContractBroken):
        await read(outlook)


async def test_a_folder_whose_id_is_spelled_in_two_ways_is_one_folder(make_outlook: MakeOutlook) -> None:
    outlook = make_outlook(Behaviour(spells=True))
    outlook.app.edit({"folder": "Partners"})
    ann, bob, eve = outlook.person(), outlook.person(), outlook.person()
    await read(outlook)
    outlook.act(bob, delete=True)
    outlook.act(eve, move="Partners")
    before = len(outlook.calls())
    kinds = [
        {each.record.id if isinstance(each, Found) else each.id: type(each).__name__ for each in answers}
        for answers in [await outlook.connector.fetch(outlook.folder, FIELDS, [ann, bob, eve]) for _ in range(3)]
    ]
    assert kinds == [{ann: "Found", bob: "Missing", eve: "Missing"}] * 3
    assert len(outlook.calls()) == before + 4, "how the folder is spelled is asked once"


async def test_in_an_empty_folder_nobody_is_found(make_outlook: MakeOutlook) -> None:
    outlook = make_outlook(Behaviour(spells=True))
    ann = outlook.person()
    outlook.act(ann, delete=True)
    (answer,) = await outlook.connector.fetch(outlook.folder, FIELDS, [ann])
    assert isinstance(answer, Missing)


async def test_a_contact_that_does_not_say_where_it_is_is_no_answer(outlook: Outlook) -> None:
    ann = outlook.person()

    def spoil(request: HttpRequest, answer: Outcome) -> Outcome:
        if isinstance(answer, Answered) and request.url.endswith("$batch"):
            return replace(answer, body=answer.body.replace(b'"parentFolderId":', b'"parent":'))
        return answer

    outlook.spoiling.spoil = spoil
    with pytest.raises(ContractBroken, match="which folder"):
        await outlook.connector.fetch(outlook.folder, FIELDS, [ann])


# Rounds that are behind


async def title(outlook: Outlook, pages: list[Page], contact: str) -> Any:
    return shown(pages).get(contact, "not told")


async def test_a_row_that_is_behind_our_own_write_does_not_take_it_back(make_outlook: MakeOutlook) -> None:
    outlook = make_outlook(Behaviour(delay=60.0, replays=9), settle="120s")
    ann = outlook.person(jobTitle="Buyer")
    outlook.clock.moment += 300
    pages = await read(outlook)
    (answer,) = await outlook.connector.fetch(outlook.folder, FIELDS, [ann])
    assert isinstance(answer, Found)
    op = WriteOp("0" * 32, WriteKind.UPDATE, ann, {"jobTitle": "Director"}, answer.record)
    await outlook.connector.write(outlook.folder, [op])
    assert await title(outlook, await read(outlook, pages[-1].cursor), ann) == "Director"
    assert await title(outlook, await read(outlook), ann) == "Director"


async def test_a_row_that_is_behind_somebodys_edit_that_was_read_does_not_take_it_back(
    make_outlook: MakeOutlook,
) -> None:
    outlook = make_outlook(Behaviour(delay=60.0, replays=9), settle="120s")
    ann = outlook.person(jobTitle="Buyer")
    outlook.clock.moment += 300
    pages = await read(outlook)
    outlook.edit(ann, jobTitle="Director")
    await outlook.connector.fetch(outlook.folder, FIELDS, [ann])
    assert await title(outlook, await read(outlook, pages[-1].cursor), ann) == "Director"
    outlook.act(ann, delete=True)
    await outlook.connector.fetch(outlook.folder, FIELDS, [ann])
    assert await title(outlook, await read(outlook, pages[-1].cursor), ann) is None


@pytest.mark.parametrize("whole", [False, True])
async def test_whoever_starts_knows_nothing_of_the_life_before_and_asks(make_outlook: MakeOutlook, whole: bool) -> None:
    outlook = make_outlook(Behaviour(delay=60.0, replays=9), settle="120s")
    ann = outlook.person(jobTitle="Buyer")
    outlook.clock.moment += 300
    pages = await read(outlook)
    outlook.edit(ann, jobTitle="Written by an earlier life")
    outlook.connector._box.recent = Recent(outlook.clock, 120.0)
    again = await read(outlook, None if whole else pages[-1].cursor)
    assert await title(outlook, again, ann) == "Written by an earlier life"


async def test_rows_that_show_what_was_seen_are_believed(outlook: Outlook) -> None:
    """Our own writes come back in the next round; asking for each again would double the work."""
    outlook.clock.moment += 600
    pages = await read(outlook)
    ops = [WriteOp(f"{n:032x}", WriteKind.CREATE, "", {"givenName": f"P{n}"}) for n in range(20)]
    await outlook.connector.write(outlook.folder, ops)
    before = len(outlook.batches())
    assert len(shown(await read(outlook, pages[-1].cursor))) == 20
    assert len(outlook.batches()) == before


async def test_a_long_list_of_what_was_changed_lately_is_read_to_its_end(outlook: Outlook) -> None:
    ids = outlook.app.load(CONTACTS, [{"givenName": f"P{n}"} for n in range(450)])
    assert set(shown(await read(outlook))) == set(ids)
    assert len(outlook.calls("$orderby=lastModifiedDateTime desc")) == 3
    outlook.clock.moment += 60
    await read(outlook)
    assert len(outlook.calls("$orderby=lastModifiedDateTime desc")) == 4
