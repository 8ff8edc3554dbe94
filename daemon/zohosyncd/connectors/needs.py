"""What the connections want of an account, without the app's own words: from it a connector tells the scopes."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Need:
    """What one connection does with one object of an account.

    Attributes:
        connection: its name.
        object: as the file names it, "" for the default.
        creates, updates, deletes: whether records of it are made, changed, deleted.
        tags: whether tags, labels, groups or lists are given or taken.
        rings: whether the app is to tell us when something changes.
        fields: the app's own names of fields that the file mentions on this side.
    """

    connection: str
    object: str = ""
    creates: bool = False
    updates: bool = False
    deletes: bool = False
    tags: bool = False
    rings: bool = False
    fields: frozenset[str] = frozenset()


def named(needs: Iterable[Need]) -> str:
    """The connections of these needs, for a reason; they are named once each."""
    return ", ".join(dict.fromkeys(need.connection for need in needs))
