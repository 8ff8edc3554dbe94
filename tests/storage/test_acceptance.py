"""The rules of acceptance against a model: whatever order reads, writes and answers come in."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.world import KEY, Clock, World, shown
from zohosyncd.core.record import Record
from zohosyncd.ports.store import Intent, SeenGone
from zohosyncd.storage import open_store

IDS = ("1", "2")
STEP = st.one_of(
    st.tuples(st.just("request"), st.sampled_from(IDS)),
    st.tuples(st.just("arrive"), st.integers(0, 3)),
    st.tuples(st.just("edit"), st.sampled_from(IDS)),
    st.tuples(st.just("delete"), st.sampled_from(IDS)),
    st.tuples(st.just("send"), st.sampled_from(IDS)),
    st.tuples(st.just("answer"), st.integers(0, 1)),
)


@dataclass
class App:
    """An app whose reads show what it holds when they are served, and arrive later, in any order."""

    world: World
    holds: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(IDS, "first"))
    reads: list[tuple[int, str, str | None]] = field(default_factory=list)
    sent: list[tuple[Intent, str]] = field(default_factory=list)
    edits: int = 0

    async def step(self, kind: str, what: object) -> None:
        if kind == "request":
            self.reads.append((self.world.store.ordinal(), str(what), self.holds[str(what)]))
        elif kind == "arrive" and self.reads:
            await self.arrive(self.reads.pop(int(str(what)) % len(self.reads)))
        elif kind in ("edit", "delete"):
            self.edits += 1
            self.holds[str(what)] = f"edit {self.edits}" if kind == "edit" else None
        elif kind == "send" and str(what) not in {intent.target_id for intent, _ in self.sent}:
            await self.send(str(what))
        elif kind == "answer" and self.sent:
            await self.answer(*self.sent.pop(int(str(what)) % len(self.sent)))

    async def arrive(self, read: tuple[int, str, str | None]) -> None:
        taken, record_id, name = read
        seen = SeenGone(record_id) if name is None else shown(record_id, name, name)
        await self.world.see(seen, taken=taken)

    async def send(self, record_id: str) -> None:
        row = (await self.world.store.rows(self.world.left, [record_id])).get(record_id)
        if row is None or self.holds[record_id] is None:
            return
        intent = self.world.update(record_id, target_seq=row.seq)
        assert await self.world.send(intent) == {intent.id}
        self.edits += 1
        self.holds[record_id] = f"ours {self.edits}"
        self.sent.append((intent, f"ours {self.edits}"))

    async def answer(self, intent: Intent, name: str) -> None:
        record = Record(intent.target_id, {"Name": name}, name, 1.0)
        answered = self.world.store.ordinal()
        await self.world.settle(intent, object_id=self.world.left, record=record, answered=answered)
        row = (await self.world.store.rows(self.world.left, [intent.target_id]))[intent.target_id]
        assert row.values == {"Name": name}

    async def settle_down(self) -> None:
        """Everything arrives; what was not accepted is read again; then the feed has shown all that changed."""
        while self.sent:
            await self.answer(*self.sent.pop())
        while self.reads:
            await self.arrive(self.reads.pop())
        for record_id in await self.world.store.rereads(self.world.left, 10):
            await self.arrive((self.world.store.ordinal(), record_id, self.holds[record_id]))
        assert await self.world.store.rereads(self.world.left, 10) == []


async def play(steps: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_store(Path(folder) / "state.db", KEY, clock=Clock(), inline=True) as store:
            app = App(await World(store).begin())
            last, shown_last = 0, dict.fromkeys(IDS, 0)
            for step in steps:
                await app.step(*step)
                rows = await store.rows(app.world.left, IDS)
                for record_id, row in rows.items():
                    assert row.seq >= shown_last[record_id]
                    shown_last[record_id] = row.seq
                assert await store.last_seq(app.world.left) >= last
                last = await store.last_seq(app.world.left)
            await app.settle_down()
            newest = [(store.ordinal(), record_id, app.holds[record_id]) for record_id in IDS]
            for read in newest:
                await app.arrive(read)
            rows = await store.rows(app.world.left, IDS)
            for record_id in IDS:
                found = rows.get(record_id)
                name = None if found is None or found.gone else found.values["Name"]
                assert name == app.holds[record_id]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEP, max_size=25))
def test_no_order_of_reads_and_answers_brings_the_past_back(steps: list[tuple[str, object]]) -> None:
    asyncio.run(play(steps))
