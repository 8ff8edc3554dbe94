"""What an operator can say in a rule, as values: conditions on one side, actions on the other."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from zohosyncd.core.consent import Opt
from zohosyncd.core.record import Value
from zohosyncd.core.side import Side

Operand = str | bool | int | float
"""What a value is compared with. Dates are texts: "2026-03-01", or a moment "2026-03-01T09:00:00+01:00"."""


class Operator(StrEnum):
    """How a value is compared. With several operands one that fits is enough, with the negative ones none may fit."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    EXISTS = "exists"
    EMPTY = "empty"
    BEFORE = "before"
    AFTER = "after"
    GREATER = "greater"
    LESS = "less"


WITHOUT_OPERAND: Final = (Operator.EXISTS, Operator.EMPTY)
WITH_SEVERAL: Final = (Operator.IN, Operator.NOT_IN)


@dataclass(frozen=True, slots=True)
class Test:
    """One clause: a name, an operator, and what is compared with.

    Attributes:
        name: a field by the app's own name, or a word: ``owner``, ``opted_out``, ``created``, ``changed``, a kind of
            container ("labels"), or what a field means ("title"). An app's own name wins over a word.
        operator: how it is compared. operands: with what; () for ``exists`` and ``empty``.
    """

    __test__ = False

    name: str
    operator: Operator
    operands: tuple[Operand, ...] = ()


@dataclass(frozen=True, slots=True)
class Has:
    """The record is in a container: has this label or tag, is in this group or list."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of these hold."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class NotThat:
    """This does not hold."""

    condition: "Condition"


Condition = Test | Has | AnyOf | AllOf | NotThat


class On(StrEnum):
    """When a value is set: on the record we create, on one that existed before, or on either."""

    CREATE = "create"
    UPDATE = "update"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class SetField:
    """Set a field, by the app's own name or by what it means, or the ``owner``; None empties it.

    ``create`` sets it once, when the record is made. ``update`` and ``always`` hold it at that value as long as the
    rule matches: what somebody else writes there is set back at the next look.
    """

    name: str
    value: Value
    on: On = On.ALWAYS
    revert: bool = False


@dataclass(frozen=True, slots=True)
class AddTo:
    """Put the record into a container."""

    kind: str
    name: str
    revert: bool = False


@dataclass(frozen=True, slots=True)
class RemoveFrom:
    """Take the record out of a container."""

    kind: str
    name: str
    revert: bool = False


@dataclass(frozen=True, slots=True)
class SetConsent:
    """Opt the person out or in on the other side."""

    opt: Opt
    revert: bool = False


Action = SetField | AddTo | RemoveFrom | SetConsent


@dataclass(frozen=True, slots=True)
class Rule:
    """IF all conditions hold for a record of ``side``, THEN the actions are done to its partner on the other side."""

    side: Side
    conditions: tuple[Condition, ...] = ()
    actions: tuple[Action, ...] = ()
