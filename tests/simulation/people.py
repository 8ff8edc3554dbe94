"""A seeded handful of people, where each of them stands at the beginning, and what the humans do about them later."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.crash.virtual import VirtualClock
from tests.simulation.desks import FIELDS, SETS, Desk, Entry, Person, Shown

_GIVEN = ("Ann", "Bob", "Cy", "Dan", "Eve", "Flo", "Gus", "Hal")


@dataclass(frozen=True)
class Edit:
    """What a human did to a field: what stood there before, what was typed, and when."""

    number: int
    at: float
    desk: str
    record: str
    marker: str
    field: str
    typed: str
    gone: Shown

    @property
    def text(self) -> str:
        """The typed value without its spelling: unique in the story."""
        return self.typed.lower() if self.field == "emails" else self.typed


@dataclass(frozen=True)
class Act:
    """A human created or deleted somebody's record. ``record``: the one that was deleted."""

    at: float
    desk: str
    marker: str
    created: bool
    record: str = ""


class Humans:
    """The people at the desks, and the log of what they did."""

    def __init__(self, desks: Sequence[Desk], clock: VirtualClock, chance: Random) -> None:
        self.persons: dict[str, Person] = {}
        self.edits: list[Edit] = []
        self.acts: list[Act] = []
        self.unmatched: set[str] = set()
        """Persons who cannot be told apart or recognised by any key, or whose keys were edited."""
        self._desks, self._clock, self._chance = desks, clock, chance

    def settle_in(self) -> None:
        """Three to eight people; most stand in several places, each place with its own spelling."""
        chance = self._chance
        wanted = chance.randint(3, 8)
        while len(self.persons) < wanted:
            kind = chance.choice(("plain", "plain", "plain", "phone", "keyless", "namesakes", "family"))
            pair = [self._somebody(kind)]
            if kind in ("namesakes", "family"):
                twin = self._somebody(kind, like=pair[0])
                pair.append(twin)
            for person in pair:
                for desk in chance.sample(list(self._desks), chance.randint(1, len(self._desks))):
                    self._create(desk, person)

    def _somebody(self, kind: str, like: Person | None = None) -> Person:
        at = len(self.persons)
        marker = f"19{50 + at // 28:02d}-03-{1 + at % 28:02d}"
        given, family = _GIVEN[at % len(_GIVEN)], f"Family{at:02d}"
        email, phone = f"person{at:02d}@example.org", f"+49 30 12{at:02d}777"
        if kind == "phone":
            email = ""
        elif kind == "keyless":
            email = phone = ""
            self.unmatched.add(marker)
        elif kind == "namesakes":
            email = ""
            given, family = (like.given, like.family) if like else (given, family)
        elif kind == "family":
            email, phone = like.email if like else email, ""
            self.unmatched.add(marker)
        person = Person(marker, given, family, email, phone)
        self.persons[marker] = person
        return person

    def _create(self, desk: Desk, person: Person) -> None:
        texts = {name: f"{name} {person.marker[5:]}" for name in ("title", "notes") if self._chance.random() < 0.3}
        desk.create(person, texts)
        self.acts.append(Act(self._clock.elapsed, desk.name, person.marker, created=True))

    # --- later ------------------------------------------------------------------------------------------------

    def act(self) -> None:
        """Somebody does something."""
        dice = self._chance.random()
        if dice < 0.12:
            self._welcome()
        elif dice < 0.17:
            self._remove()
        else:
            self._edit()

    def _welcome(self) -> None:
        """A new person, written down at one desk or, at the same moment, at several."""
        person = self._somebody(self._chance.choice(("plain", "plain", "phone", "keyless")))
        for desk in self._chance.sample(list(self._desks), self._chance.choice((1, 1, 1, 2))):
            self._create(desk, person)

    def _remove(self) -> None:
        desk, entry = self._somewhere()
        if entry is not None:
            desk.delete(entry.id)
            self.acts.append(Act(self._clock.elapsed, desk.name, entry.marker, created=False, record=entry.id))

    def _edit(self) -> None:
        desk, entry = self._somewhere()
        if entry is None:
            return
        field = self._chance.choices(FIELDS, (6, 6, 1, 1, 3, 2))[0]
        number = len(self.edits)
        value = {"phones": f"+4930555{number:04d}", "emails": f"New{number:04d}@example.net"}.get(
            field, f"{number:04d}th {field} that was typed"
        )
        desk.edit(entry.id, field, value)
        shown = self._shown(desk, entry.id).values[field]
        gone = entry.values[field] - shown
        typed = next(iter(shown - entry.values[field]), "") if field not in SETS else value
        if field == "phones":
            typed = value[-7:]
        if field in ("phones", "emails", "family"):
            self.unmatched.add(entry.marker)
        edit = Edit(number, self._clock.elapsed, desk.name, entry.id, entry.marker, field, typed, gone)
        self.edits.append(edit)

    def _somewhere(self) -> tuple[Desk, Entry | None]:
        desk = self._chance.choice(list(self._desks))
        entries = desk.entries()
        return desk, self._chance.choice(entries) if entries else None

    def _shown(self, desk: Desk, record: str) -> Entry:
        return next(entry for entry in desk.entries() if entry.id == record)
