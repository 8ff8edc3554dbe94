"""What a new record is made of: the mapped values of its source, or the reason why it cannot be made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from zohosyncd.core.mapping import ContactMapping
from zohosyncd.core.merging import Missing, view_of
from zohosyncd.core.name_sets import both
from zohosyncd.core.outcome import Unfit
from zohosyncd.core.record import Record, Value, Values
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import Side
from zohosyncd.core.unfit import left_out, unfit, without

NOTHING: Final[Values] = {}


@dataclass(frozen=True, slots=True)
class Creation:
    """A record to create: ``patch`` for the app, and the bases of both sides once it exists.

    ``given``: effects of rules in it that will be undone, by what they touch.
    """

    patch: Mapping[str, Value]
    source: Mapping[str, Value]
    agreed: Mapping[str, Value]
    unfit: tuple[Unfit, ...] = ()
    given: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Impossible:
    """The record lacks what the other app requires."""

    field: str
    reason: str


def create(
    mapping: ContactMapping, target: Side, schema: Schema, source: Record, beside: Values = NOTHING
) -> Creation | Impossible:
    """What would be created on ``target`` for a record of the other side.

    Args:
        mapping: the pairs. target: where it would be created. schema: the target's fields.
        source: the record; a field that was not read contributes nothing and gets no base.
        beside: what else is written: by rules, and consent. It wins over mapped values.
    """
    patch: dict[str, Value] = {}
    agreed: dict[str, Value] = {}
    read: dict[str, Value] = {}
    refused: list[Unfit] = []
    for pair in mapping.pairs:
        lens, fields, origins = pair.lens(target), pair.fields(target), pair.fields(target.other)
        view = view_of(pair.lens(target.other), origins, source.values)
        if isinstance(view, Missing):
            continue
        reason = lens.refuses(view)
        if reason is not None:
            refused.append(unfit(pair, target, reason, source.values))
            continue
        told, waiting = left_out(pair, target, view, NOTHING)
        if told is not None:
            refused.append(told)
        for name in origins:
            read[name] = without(waiting, source.values[name]) if waiting else source.values[name]
        empty: dict[str, Value] = {name: agreed.get(name) for name in fields}
        agreed.update(empty)
        if pair.direction.writes(target):
            part = lens.put(view, empty)
            patch.update(part)
            agreed.update(part)
    for name, value in beside.items():
        mapped = patch.get(name)
        patch[name] = both(None, mapped, value) if isinstance(value, tuple) and isinstance(mapped, tuple) else value
        agreed[name] = patch[name]
    for required in schema.required:
        if not patch.get(required.name):
            meaning = required.semantic.replace("_", " ") or required.name
            return Impossible(required.name, f"no {meaning}, which the other app requires")
    return Creation(patch, read, agreed, tuple(refused))
