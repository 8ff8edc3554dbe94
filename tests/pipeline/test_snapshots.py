"""A complete read from what the app has prepared shows the past: whatever was seen since is not undone."""

from collections.abc import AsyncIterator, Sequence

import pytest

from tests.connectors.inprocess import WorldSender
from tests.connectors.zoho_crm.conftest import HOST, SECRETS, Middle, options
from tests.pipeline.bench import Bench
from zohosyncd.connectors.memory import LISTS_SCHEMA, SLOTS_SCHEMA, MemoryApp, MemoryConnector
from zohosyncd.connectors.tools import Tools
from zohosyncd.connectors.zoho_crm import SPEC
from zohosyncd.core.mapping import FieldPair
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.pipeline.feed import ObjectFeed
from zohosyncd.pipeline.reading import Reading
from zohosyncd.pipeline.scan_place import ScanPlace
from zohosyncd.ports.connector import Page
from zohosyncd.sandbox.world import World as SandboxWorld
from zohosyncd.sandbox.zoho.app import ZohoApp
from zohosyncd.settings.secrets import Secret

CRM = Schema.of(*SLOTS_SCHEMA, Field("Kind", FieldType.TEXT))
BOOK = Schema.of(*LISTS_SCHEMA, Field("kind", FieldType.TEXT))
KIND = FieldPair("Kind", "kind")


class Preparing(MemoryConnector):
    """An app that prepares a complete read at once, and takes its time before it shows it."""

    def __init__(self, app: MemoryApp, bench: Bench) -> None:
        super().__init__(app)
        self.bench = bench
        self.prepared: list[Page] = []

    async def changes(
        self, ref: str, fields: Sequence[str], cursor: str | None, *, deletions: bool = True
    ) -> AsyncIterator[Page]:
        if cursor is None:
            self.prepared = [page async for page in super().changes(ref, fields, None, deletions=deletions)]
            await self.bench.clock.sleep(6.0)
            yield Page((), "prepared", complete=False, full=True, snapshot="first")
        elif cursor != "prepared":
            async for page in super().changes(ref, fields, cursor, deletions=deletions):
                yield page
            return
        for page in self.prepared:
            yield Page(page.changes, page.cursor, page.complete, full=True, snapshot="first")


async def under_way(bench: Bench) -> list[str]:
    """Three people on both sides, of whom all is being read once more for a new field, and is prepared already."""
    crm, book = await bench.account("crm", CRM), await bench.account("book", BOOK)
    people = [
        crm.app.create({"First": f"P{n}", "Last": "Lee", "Email": f"{n}@x.org", "Title": "Old"}) for n in range(3)
    ]
    await bench.connect("crm-book", crm, book)
    await bench.until_quiet()
    await bench.clock.sleep(600.0)
    await bench.until_quiet()
    crm.feed._mirror.connector = Preparing(crm.app, bench)
    await bench.connect("crm-book", crm, book, mapped={"pairs": (KIND,)})
    await crm.feed.refresh_if_older(1.0)
    assert ScanPlace.parse(crm.feed._mirror.state.scan_cursor), "it is under way"
    return people


async def mirrored(bench: Bench, record: str, name: str = "Title") -> object:
    rows = await bench.store.rows(bench.crm.feed.object_id, [record])
    return rows[record].values.get(name) if record in rows and not rows[record].gone else None


async def finished(bench: Bench) -> None:
    await bench.clock.sleep(2.0)
    await bench.crm.feed.refresh_if_older(1.0)
    assert bench.crm.feed._mirror.state.scan_cursor is None


async def test_an_edit_that_a_poll_has_shown_meanwhile_stays(bench: Bench) -> None:
    people = await under_way(bench)
    bench.crm.app.edit(people[0], {"Title": "New"})
    await bench.clock.sleep(60.0)
    await bench.crm.feed._poll(deletions=True)
    assert await mirrored(bench, people[0]) == "New"
    await finished(bench)
    assert [await mirrored(bench, each) for each in people] == ["New", "Old", "Old"]


async def test_who_was_deleted_meanwhile_does_not_come_back(bench: Bench) -> None:
    people = await under_way(bench)
    bench.crm.app.delete(people[1])
    await bench.clock.sleep(60.0)
    await bench.crm.feed._poll(deletions=True)
    await finished(bench)
    assert [await mirrored(bench, each) for each in people] == ["Old", None, "Old"]


async def test_whom_the_mirror_never_knew_is_asked_for_by_id(bench: Bench) -> None:
    people = await under_way(bench)
    connector = bench.crm.feed._mirror.connector
    assert isinstance(connector, Preparing)
    stranger = bench.crm.app.create({"First": "S", "Last": "Lee", "Email": "s@x.org", "Title": "Old"})
    connector.prepared = [page async for page in MemoryConnector.changes(connector, "people", ["Title"], None)]
    bench.crm.app.delete(stranger)
    await bench.clock.sleep(60.0)
    await bench.crm.feed._poll(deletions=True)
    await finished(bench)
    assert await mirrored(bench, stranger) is None
    assert len(people) == 3


async def test_a_sweep_by_zohos_bulk_read_in_slices_beside_edits_and_deletions(bench: Bench) -> None:
    world = SandboxWorld(bench.clock, 7)
    app = ZohoApp(world.time, 7, HOST)
    world.add(app)
    for n in range(230):
        app.edit({"object": "Contacts", "create": {"Last_Name": f"P{n}", "Title": "Old"}})
        await bench.clock.sleep(1.0)
    sender = WorldSender(world, bench.clock)
    tools = Tools("zoho", sender, bench.clock, Middle(), lambda ref: Secret(SECRETS[str(ref)]))
    connector = SPEC.open(options(long_reads="bulk"), tools)
    fields = frozenset({"Last_Name", "Title"})
    state = await bench.store.open_object("zoho", "Contacts")
    feed = ObjectFeed(bench.world, connector, state, Reading(fields, known=fields), sweep_every=86_400.0)
    await feed.refresh()
    assert len(await bench.store.changes(feed.object_id, 0, 1000)) == 230
    await bench.clock.sleep(90_000.0)
    await feed.refresh_if_older(1.0)
    ids = [each["id"] for each in app.state()["Contacts"]]
    app.edit({"object": "Contacts", "id": ids[5], "set": {"Title": "New"}})
    app.edit({"object": "Contacts", "id": ids[9], "delete": True})
    slices = 0
    while feed._mirror.state.scan_cursor is not None:
        slices += 1
        await bench.clock.sleep(3.0)
        await feed.refresh_if_older(1.0)
    rows = {each.record_id: each for each in await bench.store.changes(feed.object_id, 0, 1000)}
    assert rows[ids[5]].values["Title"] == "New"
    assert [each for each, row in rows.items() if row.gone] == [ids[9]]
    assert len(rows) == 230
    assert feed.missing == (0, 0)
    assert slices > 1
    assert sum(each.url.endswith("/result") for each in sender.sent) == 2


@pytest.mark.parametrize("text", ["{}", "[]", "null", "x", None])
def test_a_place_that_cannot_be_read_is_none(text: str | None) -> None:
    assert ScanPlace.parse(text) is None


def test_the_ordinal_of_a_snapshot_is_kept_until_another_one_begins() -> None:
    place = ScanPlace(frozenset({"A"}), frozenset()).showing("one", 5)
    again = ScanPlace.parse(place.text("c"))
    assert again is not None
    assert again.showing("one", 9).asked == 5
    assert again.showing("two", 9).asked == 9
    assert again.showing("", 9).asked == 9
