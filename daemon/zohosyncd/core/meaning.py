"""What a connection means: everything that decides what becomes of two records, as a version that can be remembered.

A link says under which version it was last decided. When the configuration changes, links are looked at anew, and only
the pairs of fields whose own meaning has changed get other bases (``core.rebase``).
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Final

from zohosyncd.core.mapping import ContactMapping, Pair
from zohosyncd.core.side import SIDES, Direction

_LENGTH: Final = 16


class Change(StrEnum):
    """How the meaning of a pair differs from what it was."""

    OTHER = "other"  # new, or its values are seen otherwise
    WIDER = "wider"  # the same, and values travel to a side where they did not


@dataclass(frozen=True, slots=True)
class Meaning:
    """A connection's meaning. ``version``: changes with everything that decides. ``pairs``: one text a pair."""

    version: str
    pairs: tuple[str, ...]


def meaning_of(mapping: ContactMapping, *deciding: object) -> Meaning:
    """The meaning of a mapping together with everything else that decides.

    Args:
        mapping: the pairs. deciding: texts, flags, numbers, enums, mappings, sequences, sets and dataclasses of them.

    Raises:
        TypeError: something else is among them.
    """
    text = "\n".join((mapping.version, *map(_told, deciding)))
    version = hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
    return Meaning(version, tuple(_remembered(pair) for pair in mapping.pairs))


def changes(mapping: ContactMapping, remembered: Collection[str]) -> dict[str, Change]:
    """The pairs that mean something else than they did, by name.

    Args:
        mapping: the pairs as they are. remembered: ``Meaning.pairs`` of then.
    """
    before = dict(each.split(":", 1) for each in remembered)
    found: dict[str, Change] = {}
    for pair in mapping.pairs:
        was = before.get(pair.meaning)
        if was is None:
            found[pair.name] = Change.OTHER
        elif any(pair.direction.writes(side) and not Direction(was).writes(side) for side in SIDES):
            found[pair.name] = Change.WIDER
    return found


def everything(mapping: ContactMapping) -> dict[str, Change]:
    """All pairs as changed: nobody knows what they meant."""
    return {pair.name: Change.OTHER for pair in mapping.pairs}


def _remembered(pair: Pair) -> str:
    return f"{pair.meaning}:{pair.direction.value}"


def _told(value: object) -> str:
    """A value as text; equal values give equal texts, in every process."""
    if value is None or isinstance(value, str | bool | int | float):
        return f"{type(value).__name__}:{value}" if not isinstance(value, StrEnum) else f"str:{value.value}"
    if is_dataclass(value) and not isinstance(value, type):
        parts = (f"{each.name}={_told(getattr(value, each.name))}" for each in fields(value) if each.compare)
        return f"{type(value).__name__}({','.join(parts)})"
    if isinstance(value, Mapping):
        return "{" + ",".join(sorted(f"{_told(key)}:{_told(each)}" for key, each in value.items())) + "}"
    if isinstance(value, AbstractSet):
        return "{" + ",".join(sorted(map(_told, value))) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join(map(_told, value)) + "]"
    raise TypeError(f"{type(value).__name__} cannot be part of a meaning")
