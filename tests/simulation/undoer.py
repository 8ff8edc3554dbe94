"""Some stories have somebody who undoes runs, and what must hold of it: later edits stay, and what is undone is undone.

Only where there are neither rules nor rings: there an undone value is written by nobody else. They have an own chance:
the rest of a story is the same as it would be without.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.crash.virtual import VirtualClock
from tests.simulation.desks import SETS, Desk, group_of, number
from tests.simulation.governed import Law
from tests.simulation.oracle import RACE, Told
from tests.simulation.people import Act, Edit, Humans
from tests.simulation.process import Process
from zohosyncd.core.errors import SyncError
from zohosyncd.core.side import SIDES, Side
from zohosyncd.ports.store import JournalEntry
from zohosyncd.supervisor.daemon import Daemon
from zohosyncd.web.dispatch import perform

FIELDS: Final[Mapping[str, str]] = {
    "Title": "title",
    "TITLE": "title",
    "Description": "notes",
    "NOTE": "notes",
    "First_Name": "given",
    "N.given": "given",
    "Last_Name": "family",
    "N.family": "family",
    "Email": "emails",
    "Secondary_Email": "emails",
    "EMAIL": "emails",
    "Phone": "phones",
    "Mobile": "phones",
    "Home_Phone": "phones",
    "Other_Phone": "phones",
    "TEL": "phones",
    "Customer_Group": "group",
    "X-GROUP": "group",
}
"""What the apps' fields are called at the desks."""

Place = tuple[str, str]
"""A desk and a record."""


@dataclass
class Undoer:
    """Who undoes, and what they saw of it.

    Args:
        seed: decides whether there is anybody. clock: the world's. connections: their names. desks: all of them.
        humans: what everybody has typed. law: what else is configured. skew: of the daemon's clock.
    """

    seed: int
    clock: VirtualClock
    connections: Sequence[str]
    desks: Sequence[Desk]
    humans: Humans
    law: Law
    skew: float
    markers: dict[Place, str] = field(default_factory=dict)
    """Who each record was."""
    by_humans: set[Place] = field(default_factory=set)
    kept: list[str] = field(default_factory=list)
    """What was confirmed as undone, and was not."""
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(f"undo/{self.seed}")
        self.there = self.chance.random() < 0.4 and not self.law.holds and len(self.connections) < 3

    async def work(self, daemon: Daemon, process: Process) -> None:
        """Undo a run now and then."""
        while self.there:
            await self.clock.sleep(self.chance.expovariate(1 / 12.0))
            try:
                await self._undo(daemon, process)
            except SyncError as error:
                self.done.append(error.message)

    def remember(self) -> None:
        """Take note of who is who."""
        for desk in self.desks if self.there else ():
            for entry in desk.entries():
                self.markers[desk.name, entry.id] = entry.marker
                if entry.by_human:
                    self.by_humans.add((desk.name, entry.id))

    async def _undo(self, daemon: Daemon, process: Process) -> None:
        name = self.chance.choice(list(self.connections))
        plan, _runner = await daemon.connection(name).prepare()
        journal = await daemon.store.journal(plan.id, limit=1000)
        runs = sorted({each.run for each in journal if each.run and each.side is not None})
        if not runs:
            return
        run = self.chance.choice(runs)
        written = [each for each in journal if each.run == run and each.kind == "updated"]
        before, typed = self._shown(), len(self.humans.edits)
        answer = await perform(daemon.commands, "undo", {"connection": name, "run": run})
        self.done.append(f"undo {run}: {answer['update']} {answer['delete']} {answer['create']} {answer['stays']}")
        if process.died or answer["stays"]:
            return
        edited = {(each.desk, each.record) for each in self.humans.edits[typed:]}
        after = self._shown()
        for entry in written:
            assert entry.side is not None
            place = (name.split("-")[SIDES.index(entry.side)], _target(entry))
            for app_field in {"Title", "TITLE"}.intersection(entry.fields):
                text = str(entry.after[app_field])
                if place not in edited and {text} == before.get(place, set()) == after.get(place, set()):
                    self.kept.append(f"{place} still shows {text}, though {run} was undone")

    def _shown(self) -> dict[Place, set[str]]:
        """The titles of everybody."""
        return {(desk.name, entry.id): set(entry.values["title"]) for desk in self.desks for entry in desk.entries()}

    # --- the judge --------------------------------------------------------------------------------------------

    def tell(self, told: Told) -> None:
        """What was undone was taken out of the records by somebody who knew of it; what was unmade is gone."""
        for name, books in told.ending.books.items():
            for entry in books.undone:
                assert entry.side is not None
                place = (name.split("-")[SIDES.index(entry.side)], _target(entry))
                pair = (name, entry.left_id, entry.right_id)
                told.undone.setdefault(pair, []).extend(self._edits(entry, place))
                if not entry.after:
                    books.parted |= {("left", entry.left_id), ("right", entry.right_id)}
                    told.unmade[place] = min(
                        (each.executed for each in told.exchanges if each.method == "DELETE" and place[1] in each.url),
                        default=0.0,
                    )
                    act = Act(told.unmade[place], place[0], self.markers[place], created=False, record=place[1])
                    self.humans.acts.append(act)

    def _edits(self, entry: JournalEntry, place: Place) -> list[Edit]:
        """An undo is like edits of somebody who has seen what they replace."""
        at = entry.at - self.skew - (self.clock.now() - self.clock.elapsed)
        edits = []
        for name in entry.fields:
            if (shown := FIELDS.get(name)) is not None:
                before, after = _texts(shown, entry.before.get(name)), _texts(shown, entry.after.get(name))
                gone = before ^ after if shown in SETS else before - after
                edits.append(Edit(0, at, *place, self.markers[place], shown, "", gone))
        return edits

    def wrongs(self, told: Told) -> list[str]:
        """Records that were deleted though a human had made or edited them, and what was not undone."""
        found = list(self.kept)
        for place, at in told.unmade.items():
            slack = RACE if place[0] == "zoho" else 0.0
            found += [
                f"{place} was unmade at {at:.1f}, though it was edited at {edit.at:.1f}: {edit.typed}"
                for edit in self.humans.edits
                if (edit.desk, edit.record) == place and edit.at < at - slack
            ]
            if place in self.by_humans:
                found.append(f"{place} was unmade, and a human had made it")
        return found


def _target(entry: JournalEntry) -> str:
    return entry.left_id if entry.side is Side.LEFT else entry.right_id


def _texts(name: str, value: object) -> frozenset[str]:
    """A value of the journal as a desk shows it."""
    items = value if isinstance(value, tuple) else (value,)
    texts = [str(getattr(item, "value", item)) for item in items if item is not None]
    spell = {"phones": number, "emails": str.lower, "group": group_of}.get(name, str)
    return frozenset(spell(text) for text in texts)
