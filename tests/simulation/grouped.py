"""Some stories pair a field of their own: a customer group in Zoho, an X-property with other words in the cards.

It has an own chance: the rest of a story is the same as it would be without.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.simulation.desks import GROUPS, Desk
from tests.simulation.oracle import Told
from tests.simulation.people import Edit, Humans

ODD = "Odd"
"""A word on a card that is no customer group: it cannot travel to Zoho, and somebody is told."""
_WORDS = ", ".join(f'{name} = "{word}"' for name, word in GROUPS.items())
_PAIR = f'[[fields]]\nleft = "Customer_Group"\nright = "X-GROUP"\nvalues = {{ {_WORDS} }}\n'
_SAME = '[[fields]]\nleft = "X-GROUP"\nright = "X-GROUP"\n'


@dataclass
class Groups:
    """The pair, if a seed has it, and what its people say in it."""

    seed: int
    chance: Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = Random(f"groups/{self.seed}")
        self.there = self.chance.random() < 0.3
        self.account = 'custom = ["X-GROUP"]\n' if self.there else ""

    def text(self, connection: str) -> str:
        """What a connection's file says of it."""
        if not self.there:
            return ""
        return _PAIR if connection.startswith("zoho") else _SAME

    def act(self, desks: Sequence[Desk], humans: Humans, now: float) -> None:
        """Now and then somebody puts a person into a group, and seldom into one that Zoho does not know."""
        if not self.there or self.chance.random() > 0.4:
            return
        desk = self.chance.choice(list(desks))
        entries = desk.entries()
        if not entries:
            return
        entry = self.chance.choice(entries)
        odd = desk.name != "zoho" and self.chance.random() < 0.1
        group = ODD if odd else self.chance.choice(sorted(GROUPS))
        desk.regroup(entry.id, group)
        if entry.values["group"] == {group}:
            return  # nothing that anybody could see: no edit
        gone = entry.values["group"] - {group}
        humans.edits.append(Edit(len(humans.edits), now, desk.name, entry.id, entry.marker, "group", group, gone))

    def wrongs(self, told: Told) -> list[str]:
        """Groups that nobody has put the person into; two who share an address may have become one."""
        typed = {(edit.marker, edit.typed) for edit in told.humans.edits if edit.field == "group"}
        return [
            f"{desk} {record}: nobody has put {entry.marker} into {group}"
            for (desk, record), entry in told.by_id.items()
            for group in entry.values["group"]
            if (entry.marker, group) not in typed and entry.marker not in told.humans.unmatched
        ]
