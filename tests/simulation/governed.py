"""Some stories have rules, consent and tags for what was deleted: what is configured, what people do there, the judge.

It has its own chance: the rest of a story is the same as it would be without.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.simulation.desks import BookDesk, Desk, Entry, ZohoDesk
from tests.simulation.oracle import Books, Told

UNSUBSCRIBED, TRASH, LEFT = "Zohosyncd Unsubscribes", "Zohosyncd Trash", "Zohosyncd Left"
OWNERS = ("ann@example.com", "ben@example.com")
SOURCES = ("Web Download", "Trade Show")
_ALL = '[[rules]]\nfrom = "left"\nIFthen = [{ add = "categories", value = "CRM", revert = true }]\n'
_PRESS = '[[rules]]\nfrom = "right"\nif = [{ has = "categories", value = "Press" }]\n'
_GIVES = 'then = [{ add = "tags", value = "Book", revert = true }]\n'
_SOME = """\
[[rules]]
from = "left"
if = [{ field = "TITLE_FIELD", contains = "1" }]
then = [{ add = "categories", value = "One", revert = true }]
"""
_OPEN = '[[rules]]\nfrom = "right"\n'
"""A side without a rule creates nobody in the other, if that has one."""
_BACK = '[[rules]]\nfrom = "right"\nthen = [{ add = "CONTAINER", value = "Book", revert = true }]\n'
_CONSENT = '[consent]\nleft_to_right = "tag"\n'
_TRASH = '[deletions]\nleft_to_right = "tag"\nright_to_left = "tag"\n'


@dataclass
class Law:
    """What a seed has configured beyond pairs, and what its people did about it.

    Args:
        seed: decides whether there is anything at all.
    """

    seed: int
    chance: Random = field(init=False)
    own: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """By desk and record: tags that a human has put there."""
    out: set[str] = field(default_factory=set)
    """Contacts that a human has opted out."""
    matched: set[tuple[str, str]] = field(default_factory=set)
    """By desk and person: who has matched a rule of that side at some time."""
    untagged: set[tuple[str, str]] = field(default_factory=set)
    """By desk and record: where a human has taken the mark of those who left away."""

    def __post_init__(self) -> None:
        self.chance = Random(f"rules/{self.seed}")
        self.holds = self.chance.random() < 0.4
        self.one, self.back, self.consent, self.trash = (self.chance.random() < 0.5 for _ in range(4))
        scope = Random(f"scope/{self.seed}")
        self.scoped = self.holds and scope.random() < 0.6
        self.by_owner, self.leave = scope.random() < 0.5, scope.choice(("freeze", "tag"))
        self.scope = scope

    def text(self, connection: str) -> str:
        """What a connection's file says of it."""
        if not self.holds:
            return ""
        zoho = connection.startswith("zoho")
        scoped = self.scoped and zoho
        parts = [f'leave = "{self.leave}"\n'] if scoped else []
        parts.append(_ALL.replace("IF", self._condition() if scoped else ""))
        parts += [_SOME.replace("TITLE_FIELD", "Title" if zoho else "TITLE")] if self.one else []
        if scoped:
            parts.append(_PRESS + (_GIVES if self.back else ""))
        else:
            parts.append(_BACK.replace("CONTAINER", "tags" if zoho else "categories") if self.back else _OPEN)
        parts += [_CONSENT] if self.consent and zoho else []
        parts += [_TRASH] if self.trash else []
        return "\n".join(parts)

    def _condition(self) -> str:
        test = f'owner = "{OWNERS[0]}"' if self.by_owner else f'field = "Lead_Source", is = "{SOURCES[0]}"'
        return f"if = [{{ {test} }}]\n"

    # --- scope ------------------------------------------------------------------------------------------------

    def matches(self, left: str, desk: str, entry: Entry) -> bool:
        """Whether a record matches a rule of its side, in a connection whose left side is ``left``."""
        if not self.scoped or left != "zoho":
            return True
        if desk != "zoho":
            return "Press" in entry.tags
        return self._crm(entry) or (self.one and "1" in " ".join(entry.values["title"]))

    def _crm(self, entry: Entry) -> bool:
        return entry.owner == OWNERS[0] if self.by_owner else entry.source == SOURCES[0]

    def inside(self, books: Books, left: Entry, right: Entry) -> bool:
        """Whether a pair is in scope."""
        return self.matches(books.left, books.left, left) or self.matches(books.left, books.right, right)

    def remember(self, desks: Sequence[Desk]) -> None:
        """Take note of who matches now."""
        if self.scoped:
            found = ((desk.name, entry) for desk in desks for entry in desk.entries())
            self.matched |= {(desk, entry.marker) for desk, entry in found if self.matches("zoho", desk, entry)}

    def move(self, desks: Sequence[Desk]) -> None:
        """Now and then somebody enters a rule of either side, or leaves it."""
        if not self.scoped or self.scope.random() > 0.5:
            return
        desk = self.scope.choice(list(desks))
        entries = desk.entries()
        if not entries:
            return
        entry = self.scope.choice(entries)
        if isinstance(desk, ZohoDesk):
            values = ("Owner", OWNERS) if self.by_owner else ("Lead_Source", SOURCES)
            desk.set(entry.id, values[0], self.scope.choice(values[1]))
        elif isinstance(desk, BookDesk):
            mine = self.own.setdefault((desk.name, entry.id), set())
            mine.symmetric_difference_update({"Press"} if ("Press" in mine) == ("Press" in entry.tags) else ())
            desk.tag(entry.id, entry.tags ^ {"Press"})

    # --- people -----------------------------------------------------------------------------------------------

    def act(self, desks: Sequence[Desk]) -> None:
        """Now and then somebody opts out, tags a record, or takes a category off a card."""
        if not self.holds or self.chance.random() > 0.35:
            return
        desk = self.chance.choice(list(desks))
        entries = desk.entries()
        if not entries:
            return
        entry = self.chance.choice(entries)
        if isinstance(desk, ZohoDesk) and self.chance.random() < 0.5:
            desk.opt_out(entry.id)
            self.out.add(entry.id)
            return
        assert isinstance(desk, ZohoDesk | BookDesk)
        mine = f"Own {self.chance.randrange(1000)}"
        if isinstance(desk, BookDesk) and entry.tags and self.chance.random() < 0.5:
            gone = self.chance.choice(sorted(entry.tags))
            self.own.get((desk.name, entry.id), set()).discard(gone)
            self.untagged |= {(desk.name, entry.id)} if gone == LEFT else set()
            desk.tag(entry.id, entry.tags - {gone})
            return
        self.own.setdefault((desk.name, entry.id), set()).add(mine)
        desk.tag(entry.id, entry.tags | {mine})

    # --- the judge --------------------------------------------------------------------------------------------

    def wrongs(self, told: Told) -> list[str]:
        """What is not as the rules say."""
        if not self.holds:
            return []
        entries: Mapping[tuple[str, str], Entry] = told.by_id
        removed = {(act.desk, act.record) for act in told.humans.acts}  # and perhaps back under its old name
        found = [
            f"{desk} {record}: a person's own tag is lost: {sorted(mine - entries[desk, record].tags)}"
            for (desk, record), mine in self.own.items()
            if (desk, record) in entries.keys() - removed and not mine <= entries[desk, record].tags
        ]
        found += [
            f"zoho {record}: opted out by a person, and opted in again"
            for record in sorted(self.out)
            if ("zoho", record) in entries and not entries["zoho", record].out
        ]
        shared = "ann-bob" in told.ending.books
        for name, books in told.ending.books.items():
            for pair in books.links:
                found += [f"{name}: {wrong}" for wrong in self._pair(books, pair, entries, shared=shared)]
        return found + self._strangers(entries) + self._opened(told) + self._uninvited(told, shared=shared)

    def _pair(
        self, books: Books, pair: tuple[str, str], entries: Mapping[tuple[str, str], Entry], *, shared: bool
    ) -> Iterator[str]:
        """``shared``: another connection writes these cards too, and may give them what this one would not."""
        left, right = entries.get((books.left, pair[0])), entries.get((books.right, pair[1]))
        if left is None or right is None or pair[0] in books.told["left"] or pair[1] in books.told["right"]:
            return
        here = self.scoped and books.left == "zoho"
        wanted = {"CRM": not here or self._crm(left), "One": self.one and "1" in " ".join(left.values["title"])}
        if self.consent and books.left == "zoho":
            wanted[UNSUBSCRIBED] = left.out
        for tag, there in wanted.items():
            if there and tag not in right.tags:
                yield f"{left.marker}: {right.id} has no {tag}"
            if tag in ("CRM", "One") and not there and tag in right.tags and not shared:
                yield f"{left.marker}: {right.id} has still {tag}"
        if self.back and self.matches(books.left, books.right, right) and "Book" not in left.tags:
            yield f"{left.marker}: {left.id} has no Book"
        gone = here and self.leave == "tag" and not self.inside(books, left, right)
        if gone and LEFT not in left.tags | right.tags and (books.right, right.id) not in self.untagged:
            yield f"{left.marker}: {left.id} and {right.id} have left, and neither is marked"

    def _strangers(self, entries: Mapping[tuple[str, str], Entry]) -> list[str]:
        known = {"CRM", "One", "Book", "Press", UNSUBSCRIBED, TRASH}
        known |= {LEFT} if self.scoped and self.leave == "tag" else set()
        return [
            f"{desk} {record}: nobody asked for {sorted(tags)}"
            for (desk, record), entry in entries.items()
            if (tags := {tag for tag in entry.tags if not tag.startswith("Own ")} - known)
        ]

    def _opened(self, told: Told) -> list[str]:
        """An address book knows no consent: nothing that is written to Zoho may opt anybody in."""
        return [
            f"opted in at Zoho at {each.executed:.1f}: {row.get('id')}"
            for each in told.exchanges
            if each.method == "PUT" and "/crm/" in each.url and b"Email_Opt_Out" in each.body
            for row in json.loads(each.body)["data"]
            if row.get("Email_Opt_Out") is False
        ]

    def _uninvited(self, told: Told, *, shared: bool) -> list[str]:
        """Nobody is created across who has never matched a rule."""
        if not self.scoped or shared:
            return []
        found = []
        for each in told.exchanges:
            for marker in told.humans.persons:
                if marker.encode() not in each.body:
                    continue
                if each.method == "POST" and each.url.rstrip("/").endswith("/Contacts"):
                    target, sources = "zoho", {("ann", marker), ("bob", marker)}
                elif each.method == "PUT" and "If-None-Match" in each.headers:
                    target, sources = each.url.rsplit("/", 3)[1], {("zoho", marker)}
                else:
                    continue
                if any((act.desk, act.marker, act.created) == (target, marker, False) for act in told.humans.acts):
                    sources |= {(target, marker)}  # made anew: it may have kept the pair in scope until it was deleted
                if not sources & self.matched:
                    found.append(f"{marker} was created at {each.executed:.1f} and has never matched a rule")
        return found
