"""Some stories have somebody who decides about what is held: links, lets make, leaves alone; and what must hold of it.

They know who is who, and never say anything wrong about it. They have an own chance: the rest of a story is the same as
it would be without.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.crash.virtual import VirtualClock
from tests.simulation.desks import Desk, Entry
from tests.simulation.operator import Operator
from tests.simulation.oracle import Told
from tests.simulation.process import Process
from zohosyncd.core.errors import SyncError
from zohosyncd.ports.store import HoldReason
from zohosyncd.supervisor.daemon import Daemon
from zohosyncd.web.dispatch import perform

ABOUT_RECORDS = frozenset(
    (
        HoldReason.AMBIGUOUS,
        HoldReason.LINKED_ELSEWHERE,
        HoldReason.TOMBSTONE,
        HoldReason.NO_KEY,
        HoldReason.UNEXPLAINED,
    )
)
Pair = tuple[str, str, str]
"""Connection, left record, right record."""


@dataclass
class Decider:
    """Who decides, and what they were told was done.

    Args:
        seed: decides whether there is anybody. clock: the world's. connections: their names. desks: all of them.
        operator: who else may part, and take decisions back.
    """

    seed: int
    clock: VirtualClock
    connections: Sequence[str]
    desks: Sequence[Desk]
    operator: Operator
    linked: set[Pair] = field(default_factory=set)
    left: set[tuple[str, str, str]] = field(default_factory=set)
    """Left alone: connection, side, record."""
    asked: set[tuple[str, str, str]] = field(default_factory=set)
    """The same, confirmed or not: the process may have died before it could answer."""
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(f"decisions/{self.seed}")
        self.there = self.chance.random() < 0.3

    async def work(self, daemon: Daemon, process: Process) -> None:
        """Decide now and then."""
        while self.there:
            await self.clock.sleep(self.chance.expovariate(1 / 6.0))
            try:
                await self._decide(daemon, process)
            except SyncError as error:
                self.done.append(error.message)

    async def _decide(self, daemon: Daemon, process: Process) -> None:
        name = self.chance.choice(list(self.connections))
        rows = (await perform(daemon.commands, "held", {"connection": name}))["held"]
        rows = [row for row in rows if row["reason"] in ABOUT_RECORDS]
        if not rows:
            return
        row = self.chance.choice(rows)
        desk = dict(zip(("left", "right"), name.split("-"), strict=True))
        other = {"left": "right", "right": "left"}[row["side"]]
        there = {each.name: {entry.id: entry for entry in each.entries()} for each in self.desks}
        entry = there[desk[row["side"]]].get(row["record_id"])
        if entry is None:
            return
        same = sorted(each.id for each in there[desk[other]].values() if each.marker == entry.marker)
        if len(self.connections) < 3 and self.chance.random() < 0.2:
            await self._leave(daemon, process, name, row)
        elif same:
            await self._link(daemon, process, name, row, self.chance.choice(same))
        else:
            await self._resolve(daemon, name, row, {"choice": "create"})
            self.done.append(f"create {row['record_id']}")

    async def _leave(self, daemon: Daemon, process: Process, name: str, row: Mapping[str, Any]) -> None:
        alone = (name, row["side"], row["record_id"])
        self.asked.add(alone)
        await self._resolve(daemon, name, row, {"choice": "leave"})
        self.done.append(f"leave {row['record_id']}")
        if not process.died:
            self.left.add(alone)

    async def _link(self, daemon: Daemon, process: Process, name: str, row: Mapping[str, Any], partner: str) -> None:
        ids = (row["record_id"], partner)[:: 1 if row["side"] == "left" else -1]
        pair = (name, ids[0], ids[1])
        if pair in self.operator.asked:
            return
        # Whatever else was said about the two is over, or may be.
        self.linked = {each for each in self.linked if each[0] != name or not {*each[1:]} & {*ids}}
        self.left -= {(name, "left", ids[0]), (name, "right", ids[1])}
        await self._resolve(daemon, name, row, {"partner": partner, "replace": "yes"})
        self.done.append(f"link {pair}")
        if not process.died:
            self.linked.add(pair)

    async def _resolve(self, daemon: Daemon, name: str, row: Mapping[str, Any], said: Mapping[str, str]) -> None:
        await perform(daemon.commands, "resolve", {"connection": name, "record": row["record_id"], **said})

    # --- the judge --------------------------------------------------------------------------------------------

    def tell(self, told: Told) -> None:
        """Whoever is left alone has no counterpart for a reason."""
        for name, side, record in self.asked:
            told.ending.books[name].parted.add((side, record))

    def wrongs(self, told: Told) -> list[str]:
        """What was decided and does not hold."""
        entries: Mapping[tuple[str, str], Entry] = told.by_id
        found = []
        for name, books in told.ending.books.items():
            links = {(name, *pair) for pair in books.links}
            found += [
                f"linked by a person, and not linked any more: {pair}"
                for pair in sorted(self.linked - links - self.operator.asked)
                if pair[0] == name and (books.left, pair[1]) in entries and (books.right, pair[2]) in entries
            ]
            found += [
                f"left alone by a person, and linked: {pair}"
                for pair in sorted(links)
                if {(name, "left", pair[1]), (name, "right", pair[2])} & self.left
                and (books.left, pair[1]) in entries
                and (books.right, pair[2]) in entries
                and "_retry" not in self.operator.done
            ]
        return found
