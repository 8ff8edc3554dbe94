"""An old state was put back after both sides went on: nothing is duplicated, nothing deleted, and no edit is lost."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crash.virtual import VirtualClock, VirtualLoop
from tests.pipeline.bench import Bench, Connection
from tests.pipeline.conftest import KEY
from zohosyncd.connectors.memory import SLOTS_SCHEMA, MemoryApp
from zohosyncd.core.errors import GuardTripped
from zohosyncd.core.guard import Guard, Limit
from zohosyncd.core.record import Item
from zohosyncd.core.side import Side, Winner
from zohosyncd.ports.store import Choice, HoldReason, Stage
from zohosyncd.storage import open_store, recovering
from zohosyncd.storage.inline import inline

GENEROUS = Guard({"delete": Limit(1000, 100.0), "blank": Limit(1000, 100.0)})


def person(number: int, **more: object) -> dict[str, Any]:
    return {"First": f"P{number}", "Last": "X", "Email": f"p{number}@example.org", **more}


def card(number: int, **more: object) -> dict[str, Any]:
    return {"given": f"P{number}", "family": "X", "emails": (Item(f"p{number}@example.org", ""),), **more}


@dataclass
class House:
    """Two apps that outlive the state, and the state's file."""

    path: Path
    clock: VirtualClock
    options: dict[str, Any] = field(default_factory=lambda: {"delete": True, "guard": GENEROUS})
    apps: dict[str, MemoryApp] = field(default_factory=dict)

    @asynccontextmanager
    async def daemon(self, *, recovery: bool = False) -> AsyncIterator[tuple[Bench, Connection]]:
        """One life of the daemon."""
        async with open_store(self.path, KEY, clock=self.clock, creator=inline, durable=False) as store:
            bench = Bench(store, self.clock)
            if not self.apps:
                await bench.account("crm", SLOTS_SCHEMA)
                await bench.account("book")
                self.apps = {name: each.app for name, each in bench.accounts.items()}
            if recovery:
                await store._write(lambda work: recovering.begin(work, self.clock.now()))
            for name in self.apps.keys() - bench.accounts.keys():
                await bench.login(name, self.apps[name])
            try:
                yield bench, await bench.connect("crm-book", bench.crm, bench.book, **self.options)
            finally:
                for task in bench.tasks:
                    task.cancel()
                await asyncio.gather(*bench.tasks, return_exceptions=True)

    def keep(self) -> None:
        """A copy of the state as it is."""
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(self._kept)) as target:
            source.backup(target)

    def put_back(self) -> None:
        """The copy takes the place of the state."""
        for each in self.path.parent.glob(f"{self.path.name}*"):
            each.unlink()
        shutil.copy(self._kept, self.path)

    @property
    def _kept(self) -> Path:
        return self.path.with_name("kept.db")

    def everybody(self) -> dict[str, dict[str, dict[str, Any]]]:
        return {name: dict(app.state()) for name, app in self.apps.items()}


def story(fresh: Path, tell: Callable[[House], Coroutine[Any, Any, None]]) -> None:
    """Tell a story on made-up time."""
    loop, clock = VirtualLoop(0.0), VirtualClock()
    clock.loop = loop
    with TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        shutil.copy(fresh, path)
        try:
            loop.run_until_complete(tell(House(path, clock)))
        finally:
            loop.close()


async def runs(connection: Connection, times: int = 3) -> None:
    for _ in range(times):
        await connection.run(wait=True)


def test_who_was_created_and_edited_since_is_linked_again_and_nothing_is_written(fresh: Path) -> None:
    async def tell(house: House) -> None:
        async with house.daemon() as (bench, _):
            old = [house.apps["crm"].create(person(number, Title="old")) for number in range(3)]
            await bench.until_quiet()
            house.keep()
            house.apps["crm"].create(person(7))
            house.apps["book"].create(card(8))
            house.apps["crm"].edit(old[0], {"Title": "new"})
            await bench.until_quiet()
        house.put_back()
        before = house.everybody()
        async with house.daemon(recovery=True) as (bench, connection):
            assert connection.plan.recovery
            await runs(connection)
            assert house.everybody() == before
            assert {each.feed.tally.full_reads for each in bench.accounts.values()} == {1}
            assert not connection.plan.recovery
            assert (await bench.store.counts(connection.plan.id)).links == 5
            await bench.until_quiet()
            assert house.everybody() == before

    story(fresh, tell)


def test_creations_and_deletions_wait_for_a_person_and_recovery_with_them(fresh: Path) -> None:
    async def tell(house: House) -> None:
        crm, book = (house.apps.get(name) for name in ("crm", "book"))
        async with house.daemon() as (bench, _):
            crm, book = house.apps["crm"], house.apps["book"]
            old = [crm.create(person(number)) for number in range(4)]
            await bench.until_quiet()
            house.keep()
        house.put_back()
        crm.create(person(9))
        crm.delete(old[0])
        before = house.everybody()
        async with house.daemon(recovery=True) as (bench, connection):
            await runs(connection)
            assert house.everybody() == before
            assert {each.guarded: each.count for each in await bench.store.waiting(connection.plan.id)} == {
                "create": 1,
                "delete": 1,
            }
            assert connection.plan.recovery
        async with house.daemon() as (bench, connection):
            assert connection.plan.recovery, "a restart does not end it"
            await runs(connection)
            assert house.everybody() == before
            await bench.store.approve(connection.plan.id)
            await runs(connection)
            assert not connection.plan.recovery
            assert len(book.state()) == len(crm.state()) == 4
        async with house.daemon() as (bench, connection):
            assert not connection.plan.recovery
            crm.create(person(10))
            await bench.until_quiet()
            assert len(book.state()) == 5, "from now on as ever"

    story(fresh, tell)


def test_two_values_of_which_nobody_knows_the_later_are_held_whatever_the_winner(fresh: Path) -> None:
    async def tell(house: House) -> None:
        house.options["winner"] = Winner.LEFT
        async with house.daemon() as (bench, connection):
            one = house.apps["crm"].create(person(1, Title="a"))
            await bench.until_quiet()
            house.keep()
            house.apps["crm"].edit(one, {"Title": "b"})
            await bench.until_quiet()
            (right,) = house.apps["book"].state()
        house.apps["book"].edit(right, {"title": "c"})
        house.put_back()
        async with house.daemon(recovery=True) as (bench, connection):
            await runs(connection)
            assert house.apps["book"].state()[right]["title"] == "c"
            assert house.apps["crm"].state()[one]["Title"] == "b"
            assert {reason for _side, _id, reason, _field in await connection.held()} == {HoldReason.CLASH}

    story(fresh, tell)


def test_nobody_without_a_key_is_created_a_second_time(fresh: Path) -> None:
    async def tell(house: House) -> None:
        house.options["create_without_email"] = True
        async with house.daemon() as (bench, _):
            house.apps["crm"].create(person(1))
            await bench.until_quiet()
            house.keep()
            nameless = house.apps["crm"].create({"First": "No", "Last": "Key"})
            await bench.until_quiet()
            assert len(house.apps["book"].state()) == 2
        house.put_back()
        before = house.everybody()
        async with house.daemon(recovery=True) as (bench, connection):
            await runs(connection)
            assert not connection.plan.recovery, "what is held does not keep it back"
            house.apps["crm"].edit(nameless, {"Title": "edited since"})
            await runs(connection)
            assert len(house.everybody()["book"]) == len(before["book"])
            held = await connection.held()
            assert {each[2] for each in held} == {HoldReason.NO_KEY}
            assert len(held) == 2, "it and its partner of old"
            (right,) = [each[1] for each in held if each[0] is Side.RIGHT]
            await connection.hand.link(nameless, right)
            await bench.until_quiet()
            assert len(house.everybody()["book"]) == len(before["book"])

    story(fresh, tell)


def test_what_was_decided_or_approved_then_is_not_carried_out_again(fresh: Path) -> None:
    async def tell(house: House) -> None:
        house.options["guard"] = Guard({"create": Limit(0, 0.0)})
        async with house.daemon() as (bench, connection):
            house.apps["crm"].create(person(1))
            await bench.until_quiet()
            house.apps["crm"].create(person(2))
            double = [house.apps["crm"].create(person(3)) for _ in range(2)]
            await runs(connection)
            await connection.decide(Choice.CREATE, Side.LEFT, double[0])
            await bench.store.approve(connection.plan.id)
            house.keep()
            await runs(connection)
            await bench.store.approve(connection.plan.id)
            await bench.until_quiet()
            assert len(house.apps["book"].state()) == 3
        house.put_back()
        before = house.everybody()
        async with house.daemon(recovery=True) as (bench, connection):
            await runs(connection)
            assert house.everybody() == before
            assert await bench.store.waiting(connection.plan.id) == []

    story(fresh, tell)


def test_a_partner_that_was_made_anew_since_is_linked_and_not_made_a_third_time(fresh: Path) -> None:
    """Somebody deleted the card, and an edit in the CRM brought it back under another id: the state does not know."""

    async def tell(house: House) -> None:
        async with house.daemon() as (bench, _):
            one = house.apps["crm"].create(person(1))
            house.apps["crm"].create(person(2))
            await bench.until_quiet()
            house.keep()
            house.apps["crm"].edit(one, {"Title": "edited"})
            house.apps["book"].delete(min(house.apps["book"].state()))
            await bench.until_quiet()
        house.put_back()
        before = house.everybody()
        async with house.daemon(recovery=True) as (bench, connection):
            await runs(connection)
            assert house.everybody() == before
            assert await bench.store.waiting(connection.plan.id) == []
            assert not connection.plan.recovery
            assert (await bench.store.counts(connection.plan.id)).links == 2

    story(fresh, tell)


def test_an_approval_of_then_makes_nobody_again_whose_address_has_changed_since(fresh: Path) -> None:
    async def tell(house: House) -> None:
        house.options["guard"] = Guard({"create": Limit(0, 0.0)})
        async with house.daemon() as (bench, connection):
            house.apps["crm"].create(person(1))
            await bench.until_quiet()
            house.apps["crm"].create(person(2))
            await runs(connection)
            await bench.store.approve(connection.plan.id)
            house.keep()
            await bench.until_quiet()
        (made,) = [each for each, values in house.apps["book"].state().items() if values["given"] == "P2"]
        house.apps["book"].edit(made, {"emails": (Item("other@example.org", ""),)})
        house.put_back()
        before = house.everybody()
        async with house.daemon(recovery=True) as (bench, connection):
            await runs(connection)
            assert house.everybody() == before
            assert sum(each.count for each in await bench.store.waiting(connection.plan.id)) == 2

    story(fresh, tell)


def test_a_first_sync_that_was_under_way_begins_again_and_asks(fresh: Path) -> None:
    async def tell(house: House) -> None:
        async with house.daemon() as (bench, connection):
            house.apps["crm"].create(person(1))
            house.apps["book"].create(card(1))
            house.apps["crm"].create(person(2))
            await bench.store.set_stage(connection.plan.id, Stage.CREATING, approved=True)
            house.keep()
        house.put_back()
        async with house.daemon(recovery=True) as (bench, connection):
            before = house.everybody()
            await runs(connection)
            assert connection.runner.stage is Stage.APPROVAL
            assert house.everybody() == before
            await connection.runner.approve()
            await runs(connection)
            assert connection.runner.stage is Stage.LIVE
            assert not connection.plan.recovery
            assert len(house.everybody()["book"]) == 2

    story(fresh, tell)


EDIT = st.tuples(
    st.sampled_from(["crm", "book", "crm", "book", "new crm", "new book", "delete crm", "delete book"]),
    st.integers(0, 5),
)
EDITS = st.lists(EDIT, max_size=5)


def act(house: House, what: str, which: int, mark: str) -> None:
    """A person does something to the record of that place in an app."""
    verb, _, name = what.rpartition(" ")
    app = house.apps[name]
    known = sorted(app.state())
    if verb == "new":
        number = int(mark)
        app.create(person(number) if name == "crm" else card(number))
    elif known and verb == "delete":
        app.delete(known[which % len(known)])
    elif known:
        app.edit(known[which % len(known)], {"Title" if name == "crm" else "title": f"title {mark}"})


@settings(max_examples=12, deadline=None)
@given(before=EDITS, since=EDITS, unseen=EDITS)
def test_whatever_happened_since_nobody_is_made_or_lost_and_no_edit_is_overwritten(
    fresh: Path, before: list[tuple[str, int]], since: list[tuple[str, int]], unseen: list[tuple[str, int]]
) -> None:
    """``since``: after the copy, and synced. ``unseen``: while no daemon ran."""

    async def tell(house: House) -> None:
        marks = iter(range(100, 200))
        async with house.daemon() as (_, connection):
            for number in range(4):
                house.apps["crm"].create(person(number, Title="at first"))
            for what, which in before:
                act(house, what, which, str(next(marks)))
            await runs(connection)
            house.keep()
            for what, which in since:
                act(house, what, which, str(next(marks)))
            await runs(connection)
        agreed = house.everybody()
        for what, which in unseen:
            act(house, what, which, str(next(marks)))
        house.put_back()
        found = house.everybody()
        async with house.daemon(recovery=True) as (bench, connection):
            with suppress(GuardTripped):  # a side that lacks too much is not even compared
                await runs(connection)
            now = house.everybody()
            for name, title in (("crm", "Title"), ("book", "title")):
                assert now[name].keys() == found[name].keys(), "nobody was made or deleted"
                edited = {
                    each
                    for each, values in found[name].items()
                    if values.get(title) != agreed[name].get(each, {}).get(title)
                }
                assert {each: now[name][each].get(title) for each in edited} == {
                    each: found[name][each].get(title) for each in edited
                }
            left = {values.get("Email") for values in now["crm"].values()}
            right = {item.value for values in now["book"].values() for item in values["emails"]}
            creates = sum(w.count for w in await bench.store.waiting(connection.plan.id) if w.guarded == "create")
            assert creates <= len(left ^ right), "nobody who stands on both sides shall be made"

    story(fresh, tell)
