"""The people of a simulated world, as each side has them, and who is who.

Everything follows from the seed and the number of people. It may import the standard library; ``worlds`` also the
simulated apps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from . import cards, zoho_side
from .people import Person, person
from .truth import count_duplicates

__all__ = ["Person", "Scene", "count_duplicates"]


@dataclass(frozen=True)
class Scene:
    """So many people from one seed: about half stand on both sides, the rest on one (at most 80 % in Zoho)."""

    people: int
    seed: int

    def everybody(self) -> Iterator[Person]:
        """The people, made as they are asked for."""
        return (person(self.seed, number, self.people) for number in range(self.people))

    def zoho_records(self, start: float) -> Iterator[dict[str, Any]]:
        """The records of Contacts for a world that begins at ``start`` (seconds since 1970)."""
        return (zoho_side.record(self.seed, p, self.people, start) for p in self.everybody() if p.in_zoho)

    def zoho_accounts(self, start: float) -> list[dict[str, Any]]:
        """The companies that those records name."""
        return zoho_side.accounts(start)

    def cards(self) -> Iterator[tuple[str, str]]:
        """Hrefs and vCard texts of the address book; beside the people it holds one group card."""
        if self.people:
            yield cards.team(self.seed, [0, 1])
        for p in self.everybody():
            if p.in_book:
                yield cards.href(self.seed, p.number), cards.card(self.seed, p)

    @cached_property
    def truth(self) -> dict[int, tuple[str | None, str | None]]:
        """By person: the Zoho id and the href of the card at the start, None where there is none."""
        return {
            p.number: (
                str(zoho_side.record_id(p.number)) if p.in_zoho else None,
                cards.href(self.seed, p.number) if p.in_book else None,
            )
            for p in self.everybody()
        }

    def duplicates(self, state: dict[str, Any]) -> dict[str, int]:
        """Records that were created of people who already stood on that side, by side; see `count_duplicates`."""
        return count_duplicates(state, self.truth, self.everybody())
