"""Some stories have rules, consent and tags for what was deleted: what is configured, what people do there, the judge.

It has its own chance: the rest of a story is the same as it would be without.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.simulation.desks import BookDesk, Desk, Entry, ZohoDesk
from tests.simulation.oracle import Books, Told

UNSUBSCRIBED, TRASH = "Zohosyncd Unsubscribes", "Zohosyncd Trash"
_ALL = '[[rules]]\nfrom = "left"\nthen = [{ add = "categories", value = "CRM", revert = true }]\n'
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

    def __post_init__(self) -> None:
        self.chance = Random(f"rules/{self.seed}")
        self.holds = self.chance.random() < 0.4
        self.one, self.back, self.consent, self.trash = (self.chance.random() < 0.5 for _ in range(4))

    def text(self, connection: str) -> str:
        """What a connection's file says of it."""
        if not self.holds:
            return ""
        zoho = connection.startswith("zoho")
        parts = [_ALL]
        parts += [_SOME.replace("TITLE_FIELD", "Title" if zoho else "TITLE")] if self.one else []
        parts.append(_BACK.replace("CONTAINER", "tags" if zoho else "categories") if self.back else _OPEN)
        parts += [_CONSENT] if self.consent and zoho else []
        parts += [_TRASH] if self.trash else []
        return "\n".join(parts)

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
        return found + self._strangers(entries)

    def _pair(
        self, books: Books, pair: tuple[str, str], entries: Mapping[tuple[str, str], Entry], *, shared: bool
    ) -> Iterator[str]:
        """``shared``: another connection writes these cards too, and may give them what this one would not."""
        left, right = entries.get((books.left, pair[0])), entries.get((books.right, pair[1]))
        if left is None or right is None or pair[0] in books.told["left"] or pair[1] in books.told["right"]:
            return
        wanted = {"CRM": True, "One": self.one and "1" in " ".join(left.values["title"])}
        if self.consent and books.left == "zoho":
            wanted[UNSUBSCRIBED] = left.out
        for tag, there in wanted.items():
            if there and tag not in right.tags:
                yield f"{left.marker}: {right.id} has no {tag}"
            if tag == "One" and not there and tag in right.tags and not shared:
                yield f"{left.marker}: {right.id} has still {tag}"
        if self.back and "Book" not in left.tags:
            yield f"{left.marker}: {left.id} has no Book"

    def _strangers(self, entries: Mapping[tuple[str, str], Entry]) -> list[str]:
        known = {"CRM", "One", "Book", UNSUBSCRIBED, TRASH}
        return [
            f"{desk} {record}: nobody asked for {sorted(tags)}"
            for (desk, record), entry in entries.items()
            if (tags := {tag for tag in entry.tags if not tag.startswith("Own ")} - known)
        ]
