"""The feed's less happy ways."""

import pytest

from zohosyncd.connectors.carddav.connector import CardDavConnector
from zohosyncd.core.errors import ContractBroken, CursorExpired
from zohosyncd.ports.connector import Found, Listed, Missing, Page, Removed, Unreadable, Upserted
from zohosyncd.transport.sender import Answered

from .conftest import BOOK, Script, by_body, card, error, found, gone, multistatus, shown, status

FIELDS = ["N.given"]


async def pages(connector: CardDavConnector, cursor: str | None = None) -> list[Page]:
    return [page async for page in connector.changes("/book/", FIELDS, cursor)]


def reports(script: Script, **answers: object) -> None:
    """Answers by the words sync-collection and addressbook-multiget."""
    script.on("REPORT /book/", by_body({name.replace("_", "-"): answer for name, answer in answers.items()}))  # type: ignore[misc]


@pytest.mark.parametrize("code", [403, 409, 412, 507])
async def test_a_forgotten_token_is_known_by_its_precondition(script: Script, code: int) -> None:
    reports(script, sync_collection=error(code, "d:valid-sync-token"))
    with pytest.raises(CursorExpired):
        await pages(script.connector(), '{"mode":"token","mark":"old"}')


async def test_paths_come_in_one_spelling_and_the_collection_is_no_member(script: Script) -> None:
    changed = [
        found(href, '<d:getetag>W/"1"</d:getetag>')
        for href in ("http://internal/book/a%20b.vcf", "/book/", "/book/c%7ed.vcf", "/book/sub/", "/other/x.vcf")
    ]
    texts = [shown("/book/a%20b.vcf", 'W/"1"', card("Ann")), shown("/book/c~d.vcf", '"1"', card("Bob"))]
    reports(script, sync_collection=multistatus(*changed, token="t1"), addressbook_multiget=multistatus(*texts))
    (page,) = await pages(script.connector())
    records = [change.record for change in page.changes if isinstance(change, Upserted)]
    assert [each.id for each in records] == ["/book/a%20b.vcf", "/book/c~d.vcf"]
    assert [each.version for each in records] == ['"1"', '"1"']
    assert (page.cursor, page.complete, page.full) == ('{"mode":"token","mark":"t1"}', True, True)


async def test_a_truncated_report_is_followed_and_an_interrupted_full_read_begins_anew(script: Script) -> None:
    first = multistatus(found("/book/1.vcf", "<d:getetag>1</d:getetag>"), gone("/book/", 507), token="t1")
    last = multistatus(found("/book/2.vcf", "<d:getetag>2</d:getetag>"), token="t2")
    script.on(
        "REPORT /book/",
        first,
        multistatus(shown("/book/1.vcf", "1", card("Ann"))),
        last,
        multistatus(shown("/book/2.vcf", "2", card("Bob"))),
    )
    found_pages = await pages(script.connector())
    assert [(page.complete, page.full, page.cursor) for page in found_pages] == [
        (False, True, '{"mode":"token"}'),
        (True, True, '{"mode":"token","mark":"t2"}'),
    ]
    assert b"<D:sync-token>t1</D:sync-token>" in script.requests("REPORT")[2].body


async def test_a_truncation_without_progress_is_not_repeated_for_ever(script: Script) -> None:
    reports(script, sync_collection=multistatus(gone("/book/", 507), token="t1"))
    with pytest.raises(ContractBroken):
        await pages(script.connector(), '{"mode":"token","mark":"t1"}')


async def test_changed_damaged_removed_and_group_cards(script: Script) -> None:
    rows = [found(f"/book/{n}.vcf", "<d:getetag>1</d:getetag>") for n in "abcd"]
    texts = [
        shown("/book/a.vcf", "1", card("Ann")),
        shown("/book/b.vcf", "1", "BEGIN:VCARD\nno property\nEND:VCARD"),
        shown("/book/c.vcf", "1", card("Team").replace("FN:", "KIND:group\r\nFN:")),
        gone("/book/d.vcf"),
    ]
    delta = multistatus(*rows, gone("/book/e.vcf"), token="t2")
    reports(script, sync_collection=delta, addressbook_multiget=multistatus(*texts))
    (page,) = await pages(script.connector(), '{"mode":"token","mark":"t1"}')
    assert [type(change) for change in page.changes] == [Removed, Upserted, Unreadable, Removed]
    assert [getattr(change, "id", "") for change in page.changes] == ["/book/e.vcf", "", "/book/b.vcf", "/book/d.vcf"]
    (group,) = await script.connector().fetch("/book/", FIELDS, ["/book/c.vcf"])
    assert group == Missing("/book/c.vcf")


async def test_a_card_that_a_multiget_leaves_out_is_asked_for_by_itself(script: Script) -> None:
    reports(script, addressbook_multiget=multistatus())
    script.on("GET /book/a.vcf", status(200, card("Ann"), etag='"1"', last_modified="Sat, 01 Aug 2026 10:00:00 GMT"))
    ann, bob = await script.connector().fetch("/book/", FIELDS, ["/book/a.vcf", "/book/b.vcf"])
    assert isinstance(ann, Found)
    assert (ann.record.version, ann.record.modified) == ('"1"', 1_785_578_400.0)
    assert bob == Missing("/book/b.vcf")


async def test_without_sync_reports_the_book_is_listed_unless_its_ctag_says_that_nothing_changed(
    script: Script,
) -> None:
    plain = (
        BOOK.partition("<d:supported-report-set>")[0]
        + "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
    )
    rows = [found("/book/a.vcf", "<d:getetag>1</d:getetag>"), found("/book/", "<d:getetag>x</d:getetag>")]
    script.on(
        "PROPFIND /book/",
        by_body(
            {
                "current-user-principal": multistatus(plain),
                "displayname": multistatus(plain),
                "getctag": multistatus(found("/book/", "<s:getctag>c1</s:getctag>")),
                "getetag": multistatus(*rows),
            }
        ),
    )
    connector = script.connector()
    await connector.check()
    assert connector.capabilities.feed == "list"
    assert not connector.capabilities.reports_deletions
    (page,) = await pages(connector)
    assert (page.changes, page.full, page.complete) == ((Listed("/book/a.vcf", "1"),), True, True)
    (again,) = await pages(connector, page.cursor)
    assert (again.changes, again.full, again.complete) == ((), False, True)
    with pytest.raises(CursorExpired):
        await pages(connector, '{"mode":"token","mark":"t"}')


async def test_a_server_that_promised_sync_reports_and_has_none_is_listed(script: Script) -> None:
    script.on("REPORT /book/", error(403, "d:supported-report"))
    (page,) = await pages(script.connector())
    assert page.full
    with pytest.raises(CursorExpired):
        await pages(script.connector(), '{"mode":"token","mark":"t"}')


@pytest.mark.parametrize(
    "answer",
    [
        multistatus(found("/book/1.vcf", "<d:getetag>1</d:getetag>"), gone("/book/", 507)),
        error(403, "d:supported-report"),
        status(507),
        status(501),
    ],
    ids=["in part", "no such report", "too many", "not offered"],
)
async def test_who_has_an_address_is_not_told_where_queries_are_not_answered_or_only_in_part(
    script: Script, answer: Answered
) -> None:
    script.on("REPORT /book/", answer)
    assert await script.connector().find("/book/", ["a<b>&c@example.org"]) is None
    (request,) = script.requests("REPORT")
    assert request.headers["Depth"] == "1"
    assert b"a&lt;b&gt;&amp;c@example.org</C:text-match>" in request.body
