"""What must be true when everything has come to rest, judged from the apps, the humans' log and the daemon's books."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from tests.simulation.desks import GROUPS, SETS, Desk, Entry, Shown
from tests.simulation.people import Edit, Humans
from tests.simulation.process import Exchange
from zohosyncd.core.side import SIDES
from zohosyncd.ports.store import JournalEntry
from zohosyncd.supervisor.daemon import Daemon

ROOM = {"emails": 2, "phones": 4}
"""How many items Zoho's fields can hold."""

RACE = 25.0
"""Seconds between a human's act and a write of ours that did not know of it and could not be guarded: a point read
may be ten seconds old, and a request may take a while."""


@dataclass
class Books:
    """What the daemon says about one connection."""

    left: str
    right: str
    links: list[tuple[str, str]] = field(default_factory=list)
    told: dict[str, set[str]] = field(default_factory=lambda: {side.value: set() for side in SIDES})
    """By side: records that it says need a person (held, quarantined)."""
    lost_values: list[str] = field(default_factory=list)
    parted: set[tuple[str, str]] = field(default_factory=set)
    """By side: records that have no partner because somebody wanted it so."""
    undone: list[JournalEntry] = field(default_factory=list)
    """What an undo has written."""


@dataclass(frozen=True)
class Ending:
    """How a story ended: rounds until it was quiet (0: never), writes after that, and the books."""

    rounds: int
    late_writes: int
    books: Mapping[str, Books]
    journal: Sequence[JournalEntry]


async def look(daemon: Daemon, connections: Sequence[str], rounds: int, late_writes: int) -> Ending:
    books: dict[str, Books] = {}
    journal: list[JournalEntry] = []
    for name in connections:
        plan, _runner = await daemon.connection(name).prepare()
        mine = books[name] = Books(*name.split("-"))
        mine.links = [(link.left_id, link.right_id) for link in await daemon.store.links_after(plan.id, 0, 10_000)]
        for hold in await daemon.store.held(plan.id):
            mine.told[hold.side.value].add(hold.record_id)
            for side, record in hold.others:
                mine.told[side.value].add(record)
            mine.lost_values.append(repr(hold.detail))
        for refused in await daemon.store.quarantined(plan.id):
            mine.told[refused.side.value].add(refused.record_id)
        entries = await daemon.store.journal(plan.id, limit=10_000)
        kept = [each for each in entries if each.kind in ("clash", "truncated")]
        mine.lost_values += [repr((each.other, each.before)) for each in kept]
        for each in entries:
            if each.kind == "tombstoned":
                mine.told["left"].add(each.left_id)
                mine.told["right"].add(each.right_id)
        mine.undone = [each for each in entries if each.kind == "undone"]
        journal += entries
    return Ending(rounds, late_writes, books, journal)


class Scope(Protocol):
    """Who is to be kept the same, by what the rules say of the records as they are."""

    def matches(self, left: str, desk: str, entry: Entry) -> bool: ...
    def inside(self, books: Books, left: Entry, right: Entry) -> bool: ...


class Told:
    """The end of a story, to be judged."""

    def __init__(
        self,
        desks: Sequence[Desk],
        humans: Humans,
        exchanges: Sequence[Exchange],
        ending: Ending,
        spelling: tuple[str, str, Mapping[str, Any]] | None,
        refusals: int,
        scope: "Scope",
    ) -> None:
        self.refusals, self.scope = refusals, scope
        self.humans, self.exchanges, self.ending, self.spelling = humans, exchanges, ending, spelling
        self.entries = {desk.name: desk.entries() for desk in desks}
        self.by_id = {(name, entry.id): entry for name, found in self.entries.items() for entry in found}
        self.undone: dict[tuple[str, str, str], list[Edit]] = {}
        """By connection and pair: what an undo took out of one of the two, and left in the other."""
        self.unmade: dict[tuple[str, str], float] = {}
        """Records that an undo has deleted, and when."""

    def wrongs(self) -> list[str]:
        """Every broken promise, in words."""
        found = self._unrest() + self._deleted() + self._doubles() + self._apart() + self._forgotten()
        return found + [wrong for edit in self.humans.edits for wrong in self._lost(edit)]

    # --- rest and safety --------------------------------------------------------------------------------------

    def _unrest(self) -> list[str]:
        if self.refusals:
            return [f"the state refused {self.refusals} transactions: see the log"]
        if not self.ending.rounds:
            return ["it never came to rest"]
        return [f"{self.ending.late_writes} writes after it had come to rest"] if self.ending.late_writes else []

    def _deleted(self) -> list[str]:
        deletes = [each for each in self.exchanges if each.method == "DELETE"]
        unmade = {record for _desk, record in self.unmade}
        return [f"deleted: {each.url}" for each in deletes if not unmade.issuperset(_deleted_by(each))]

    def _doubles(self) -> list[str]:
        """Nobody is created where they stood already, and nobody twice.

        Where nothing tells that two records are one person, each of them is copied.
        """
        wrongs = []
        for name, found in self.entries.items():
            there = Counter(entry.marker for entry in found)
            for marker in sorted({*there, *self.humans.persons}):
                if marker not in self.humans.persons:
                    wrongs.append(f"a stranger at {name}: born {marker!r}")
                    continue
                acts = [act for act in self.humans.acts if (act.desk, act.marker) == (name, marker)]
                made, removed = sum(act.created for act in acts), sum(not act.created for act in acts)
                ours = there[marker] + removed - made
                elsewhere = sum(act.created for act in self.humans.acts if act.marker == marker) - made
                copies = elsewhere if marker in self.humans.unmatched else made == 0
                allowed = removed + copies + self._raced(name, marker)
                if ours > allowed:
                    wrongs.append(
                        f"{marker} stands {there[marker]} times at {name}: {ours} made by us, {made} by humans"
                    )
        return wrongs

    def _raced(self, name: str, marker: str) -> bool:
        """Whether a human wrote the person down while our create, which could not know of it, was on its way."""
        moments = [act.at for act in self.humans.acts if act.created and (act.desk, act.marker) == (name, marker)]
        return any(
            moment <= each.finished <= moment + RACE
            for each in self.exchanges
            if each.writes and about(each, name) and marker.encode() in each.body
            for moment in moments
        )

    # --- the same on both sides --------------------------------------------------------------------------------

    def _apart(self) -> list[str]:
        wrongs = []
        for name, books in self.ending.books.items():
            for left_id, right_id in books.links:
                left, right = self.by_id.get((books.left, left_id)), self.by_id.get((books.right, right_id))
                if left_id in books.told["left"] or right_id in books.told["right"]:
                    continue
                if left is None or right is None:
                    wrongs.append(f"{name}: a live link of {left_id} and {right_id} has lost a record")
                    continue
                if not self.scope.inside(books, left, right):
                    continue  # nor are those the same whose shared address has linked them before they left
                if left.marker != right.marker and not _told_apart(books, left, right):
                    wrongs.append(f"{name}: {left.marker} and {right.marker} are linked")
                wrongs += [
                    f"{name}: {left.marker} {each}: {sorted(left.values[each])} and {sorted(right.values[each])}"
                    for each in left.values
                    if not self._same(each, left.values[each], right.values[each])
                    and not self._full(books, each, left.values[each], right.values[each])
                    and not self._undone((name, left_id, right_id), books, each, left.values[each] ^ right.values[each])
                ]
        return wrongs

    def _full(self, books: Books, name: str, left: Shown, right: Shown) -> bool:
        """Zoho has no room for more of them."""
        return books.left == "zoho" and name in ROOM and len(left) == ROOM[name] and left < right

    def _undone(self, pair: tuple[str, str, str], books: Books, name: str, differing: Shown) -> bool:
        """Somebody wanted it to differ, and nobody has typed anything there since; of sets, just these items."""
        undone = [each for each in self.undone.get(pair, ()) if each.field == name]
        if name in SETS:
            return differing <= frozenset[str]().union(*(each.gone for each in undone))
        last = max((each.at for each in undone), default=None)
        places = {(books.left, pair[1]), (books.right, pair[2])}
        typed = (each.at for each in self.humans.edits if each.field == name and (each.desk, each.record) in places)
        return last is not None and not any(at > last for at in typed)

    def _same(self, name: str, left: Shown, right: Shown) -> bool:
        return self._spelt(name, left) == self._spelt(name, right)

    def _spelt(self, name: str, shown: Shown) -> Shown:
        """As the one app spells it that spells differently."""
        if self.spelling is None:
            return shown
        rule = self.spelling[2]
        if {"Title": "title", "TITLE": "title", "Description": "notes", "NOTE": "notes"}.get(rule["field"]) != name:
            return shown
        match rule["do"]:
            case "truncate":
                return frozenset(text[: rule["length"]].rstrip() for text in shown)
            case _:
                return frozenset(text.lower() for text in shown)

    def _forgotten(self) -> list[str]:
        """Every record has its counterpart, or the daemon says why not."""
        wrongs = []
        for name, books in self.ending.books.items():
            for at, desk in enumerate((books.left, books.right)):
                linked = {pair[at] for pair in books.links}
                side = "left" if at == 0 else "right"
                told = books.told[side] | {record for where, record in books.parted if where == side}
                wrongs += [
                    f"{name}: {entry.marker} at {desk} ({entry.id}) has no counterpart, and nobody is told"
                    for entry in self.entries[desk]
                    if entry.id not in linked | told and self.scope.matches(books.left, desk, entry)
                ]
        return wrongs

    # --- no lost edit -----------------------------------------------------------------------------------------

    def _lost(self, edit: Edit) -> list[str]:
        """An edit is visible everywhere, was replaced by somebody who saw it, or is kept where a person can find it."""
        if self._deleted_later(edit) or self._replaced(edit) or self._kept(edit) or self._overrun(edit):
            return []
        wrongs = []
        reached = self._reach(edit)
        full = [self.by_id[each].values for each in reached if each[0] == "zoho"]
        if edit.field in ROOM and any(len(values[edit.field]) == ROOM[edit.field] for values in full):
            return []  # it got no further than its own desk
        for desk, record in sorted(reached):
            shown = self.by_id[desk, record].values[edit.field]
            if not self._spelt(edit.field, frozenset((edit.text,))) <= self._spelt(edit.field, shown):
                wrongs.append(f"lost at {desk}, {record}: {edit}; there: {sorted(shown)}")
        return wrongs

    def _reach(self, edit: Edit) -> set[tuple[str, str]]:
        """The records in which an edit has to be seen: its own, and wherever links carry it."""
        reached = {(edit.desk, edit.record)}
        for _ in self.ending.books:
            for books in self.ending.books.values():
                for left, right in books.links:
                    if left in books.told["left"] or right in books.told["right"]:
                        continue
                    pair = {(books.left, left), (books.right, right)}
                    if pair & reached and self._inside(books, left, right):
                        reached |= pair
        return {each for each in reached if each in self.by_id}

    def _inside(self, books: Books, left_id: str, right_id: str) -> bool:
        left, right = self.by_id.get((books.left, left_id)), self.by_id.get((books.right, right_id))
        return left is None or right is None or self.scope.inside(books, left, right)

    def _deleted_later(self, edit: Edit) -> bool:
        """A card that was deleted may stand there again under its old name, if our create of it had no answer yet."""
        return any((act.desk, act.record) == (edit.desk, edit.record) and act.at >= edit.at for act in self.humans.acts)

    def _replaced(self, edit: Edit) -> bool:
        """No two edits type the same."""
        text = self._spelt(edit.field, frozenset((edit.text,)))
        undone = [each for found in self.undone.values() for each in found if each.at >= edit.at]
        later = [each for each in (*self.humans.edits[edit.number + 1 :], *undone) if each.field == edit.field]
        return any(text <= self._spelt(edit.field, each.gone) for each in later)

    def _kept(self, edit: Edit) -> bool:
        """As it was typed, or as the app spells it."""
        spellings = {edit.typed, *self._spelt(edit.field, frozenset((edit.typed,)))}
        if edit.field == "group":
            spellings.add(GROUPS.get(edit.typed, edit.typed))
        kept = [text for books in self.ending.books.values() for text in books.lost_values]
        kept += [text.lower() for text in kept]
        return any(spelling in text for spelling in spellings for text in kept)

    def _overrun(self, edit: Edit) -> bool:
        """Zoho takes a batch without looking at versions: what was typed since our read, and never shown to us, is
        gone. Cards have etags: there it may not happen."""
        if edit.desk != "zoho":
            return False
        typed = edit.typed.encode()
        overrun = [
            each
            for each in self.exchanges
            if each.method == "PUT"
            and about(each, "zoho")
            and edit.record.encode() in each.body
            and each.executed - RACE <= edit.at <= each.finished
        ]
        return bool(overrun) and not any(
            typed in each.answer and each.answered is not None and each.answered < overrun[0].executed
            for each in self.exchanges
        )


def _told_apart(books: Books, left: Entry, right: Entry) -> bool:
    """Whether an undo has given one of two who share an address the date of birth back that it shows now."""
    marker = {"left": left.marker, "right": right.marker}
    return any(
        (each.left_id, each.right_id) == (left.id, right.id) and marker[each.side.value] in _births(each)
        for each in books.undone
        if each.side is not None
    )


def _births(entry: JournalEntry) -> list[object]:
    return [entry.after[name] for name in ("Date_of_Birth", "BDAY") if name in entry.after]


def _deleted_by(exchange: Exchange) -> list[str]:
    """The records that a request is to delete."""
    url = urlsplit(exchange.url)
    return parse_qs(url.query)["ids"][0].split(",") if "/crm/" in url.path else [url.path]


def about(exchange: Exchange, desk: str) -> bool:
    return "/crm/" in exchange.url if desk == "zoho" else f"/{desk}/contacts/" in exchange.url
