"""Compiled conditions: whether a record matches, and why, clause by clause.

``truth`` is the quick way; ``explain`` looks at every clause, also at those that can decide nothing any more, and
always comes to the same truth.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from zohosyncd.core.record import UNREAD, Item, Postal, Unread, Value
from zohosyncd.core.rules.predicates import Predicate
from zohosyncd.core.rules.subject import Owner, Subject
from zohosyncd.core.rules.truth import Truth, every, some


@dataclass(frozen=True, slots=True)
class Finding:
    """What one clause says about one record. It shows the record's values: for the operator's eyes only.

    Attributes:
        path: the clause's place, "rules[1].if[0].any[2]".
        words: the clause as a person would say it.
        seen: the value that was seen, as text; "" for an empty one, UNREAD where it was not read.
        truth: whether the clause holds.
        parts: the findings of the clauses inside.
    """

    path: str
    words: str
    seen: str | Unread
    truth: Truth
    parts: tuple["Finding", ...] = ()


class Compiled(Protocol):
    """A condition ready for use."""

    def truth(self, subject: Subject) -> Truth:
        """Whether it holds for this record."""
        ...

    def explain(self, subject: Subject) -> Finding:
        """The same, with the value that each clause has seen."""
        ...


@dataclass(frozen=True, slots=True)
class FieldTest:
    """A clause about one field, or about several that mean the same: one that fits is enough."""

    path: str
    words: str
    fields: tuple[tuple[str, Predicate], ...]
    negated: bool

    def truth(self, subject: Subject) -> Truth:
        """Whether it holds; a field that was not read leaves it unknown unless another one decides."""
        values = subject.record.values
        found = some(test(values[name]) if name in values else Truth.UNKNOWN for name, test in self.fields)
        return found.negated() if self.negated else found

    def explain(self, subject: Subject) -> Finding:
        """With the values of its fields."""
        values = subject.record.values
        seen = [shown(values[name]) for name, _ in self.fields if name in values]
        text = ", ".join(each for each in seen if each)
        return Finding(self.path, self.words, text if seen else UNREAD, self.truth(subject))


@dataclass(frozen=True, slots=True)
class Fact:
    """A clause about something beside the fields: owner, consent, containers, moments."""

    path: str
    words: str
    look: Callable[[Subject], str | Unread] = field(repr=False)
    test: Callable[[Subject], Truth] = field(repr=False)
    negated: bool = False

    def truth(self, subject: Subject) -> Truth:
        """Whether it holds."""
        found = self.test(subject)
        return found.negated() if self.negated else found

    def explain(self, subject: Subject) -> Finding:
        """With what was seen."""
        return Finding(self.path, self.words, self.look(subject), self.truth(subject))


@dataclass(frozen=True, slots=True)
class Group:
    """All or some of several conditions."""

    path: str
    words: str
    parts: tuple[Compiled, ...]
    needs_all: bool

    def truth(self, subject: Subject) -> Truth:
        """By Kleene's logic: an unknown part leaves the whole unknown only where it could still decide."""
        return (every if self.needs_all else some)(part.truth(subject) for part in self.parts)

    def explain(self, subject: Subject) -> Finding:
        """With every part."""
        parts = tuple(part.explain(subject) for part in self.parts)
        truth = (every if self.needs_all else some)(part.truth for part in parts)
        return Finding(self.path, self.words, "", truth, parts)


@dataclass(frozen=True, slots=True)
class Negation:
    """The opposite of a condition."""

    path: str
    part: Compiled

    def truth(self, subject: Subject) -> Truth:
        """The opposite; unknown stays unknown."""
        return self.part.truth(subject).negated()

    def explain(self, subject: Subject) -> Finding:
        """With the condition that is denied."""
        part = self.part.explain(subject)
        return Finding(self.path, "not", "", part.truth.negated(), (part,))


def shown(value: Value | Owner | Unread) -> str:
    """A value as text for the operator, "" for an empty one."""
    if value is None or isinstance(value, Unread):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(item.value for item in value if isinstance(item, Item))
    if isinstance(value, Postal):
        parts = (value.street, value.code, value.city, value.region, value.country)
        return ", ".join(part for part in parts if part)
    return str(value)
