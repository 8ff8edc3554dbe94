"""More fields than one call shows: several passes, joined by id, each record of one moment."""

from collections.abc import Callable
from typing import Any

import pytest

from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Conflict, Found, Upserted, WriteKind, WriteOp
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.sandbox.zoho.schema import Field

MANY = tuple(Field(f"Field_{n:03}", f"Field {n}", custom=True) for n in range(120))
FIELDS = [each.name for each in MANY]


@pytest.fixture
def org(make_org: Callable[..., Any]) -> Any:
    return make_org(ZohoSetup(custom=MANY))


def everywhere(text: str) -> dict[str, str]:
    return dict.fromkeys(FIELDS, text)


async def listed(org: Any) -> list[Record]:
    pages = [page async for page in org.connector.changes("Contacts", FIELDS, None)]
    return [each.record for page in pages for each in page.changes if isinstance(each, Upserted)]


def edited_while_read(org: Any, act: Callable[[int], None], *, times: int = 1) -> None:
    """Somebody is at work between the calls of a read: before each of its calls but the first."""
    inner, count = org.sender.send, 0

    async def send(request: Any) -> Any:
        nonlocal count
        if request.method == "GET" and "/Contacts" in request.url:
            count += 1
            if 1 < count <= 1 + times:
                org.clock.moment += 2.0
                act(count)
        return await inner(request)

    org.sender.send = send


async def test_all_are_read_in_as_few_calls_as_there_are(org: Any) -> None:
    one = org.person(**everywhere("x"))
    (shown,) = await listed(org)
    assert shown.values == everywhere("x")
    (found,) = await org.connector.fetch("Contacts", FIELDS, [one])
    assert isinstance(found, Found)
    assert found.record == shown
    reads = [call for call in org.calls() if "/Contacts?" in call]
    assert len(reads) == 3 + 3


@pytest.mark.parametrize("read", ["list", "ids"])
@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_record_that_is_edited_between_the_passes_is_of_one_moment(org: Any, read: str, times: int) -> None:
    one, two = org.person(**everywhere("old")), org.person(**everywhere("old"))
    await org.connector.schema("Contacts")
    edited_while_read(org, lambda n: org.edit(one, **everywhere(f"new {n}")), times=times)
    if read == "list":
        records = {each.id: each for each in await listed(org)}
    else:
        found = await org.connector.fetch("Contacts", FIELDS, [one, two])
        records = {each.record.id: each.record for each in found}
    assert records[two].values == everywhere("old")
    assert len(set(records[one].values.values())) == 1
    assert len(records[one].values) == len(FIELDS)


async def test_one_that_never_rests_looks_no_newer_than_its_oldest_part(org: Any) -> None:
    """It comes again in the feed, and a write that was decided from it is refused."""
    one = org.person(**everywhere("old"))
    await org.connector.schema("Contacts")
    (first,) = await org.connector.fetch("Contacts", FIELDS, [one])
    edited_while_read(org, lambda n: org.edit(one, **everywhere(f"new {n}")), times=1_000)
    (found,) = await org.connector.fetch("Contacts", FIELDS, [one])
    assert found.record.modified >= first.record.modified
    op = WriteOp("0" * 32, WriteKind.UPDATE, one, {"Title": "ours"}, found.record)
    assert await org.connector.write("Contacts", [op]) == [Conflict()]


async def test_one_that_is_deleted_between_the_passes_is_missing(org: Any) -> None:
    one = org.person(**everywhere("old"))
    await org.connector.schema("Contacts")
    edited_while_read(org, lambda _: org.delete(one))
    (found,) = await org.connector.fetch("Contacts", FIELDS, [one])
    assert not isinstance(found, Found)
