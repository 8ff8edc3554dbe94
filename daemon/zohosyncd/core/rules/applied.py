"""What a link remembers of the effects of rules, so that they can be taken back."""

from dataclasses import dataclass, field, replace

from zohosyncd.core.name_sets import names_of
from zohosyncd.core.normalised import may_be_normalised
from zohosyncd.core.record import Owner, Value, Values
from zohosyncd.core.schema import Schema
from zohosyncd.core.spelling import fold


@dataclass(frozen=True, slots=True)
class Applied:
    """The effects in force on one record that will be undone, by what they touch. Part of the link.

    Attributes:
        before: what was there before the first rule gave the effect. given: what the rules gave. Both by the same
            keys: a field's value, an owner's id, the name of a container or None for "not in it".
    """

    before: Values = field(default_factory=dict)
    given: Values = field(default_factory=dict)


def still_applied(applied: Applied, schema: Schema, shown: Values) -> Applied:
    """The effects without those that the record contradicts: they have been undone, or somebody has changed it.

    Args:
        applied: the effects. schema: of the record's object. shown: its values; a field that is missing says nothing.
    """
    gone = {key for key, given in applied.given.items() if not _is_shown(key, given, schema, shown)}
    if not gone:
        return applied
    return Applied(_without(applied.before, gone), _without(applied.given, gone))


def kept(before: Applied, now: Applied, schema: Schema, shown: Values) -> Applied:
    """What is remembered while a decision is on its way: what it gives, and what it takes back as long as it is there.

    Args:
        before, now: what was remembered, and what will be. schema, shown: as in :func:`still_applied`.
    """
    leaving = {key: given for key, given in before.given.items() if key not in now.given}
    left = still_applied(replace(before, given=leaving), schema, shown)
    if not left.given:
        return now
    return Applied({**{key: before.before[key] for key in left.given}, **now.before}, {**left.given, **now.given})


def is_still(given: Value, shown: Value) -> bool:
    """Whether this is what we gave; what is empty now was emptied by somebody."""
    return shown == given or (not _is_blank(shown) and may_be_normalised(given, shown))


def _is_shown(key: str, given: Value, schema: Schema, shown: Values) -> bool:
    what, _, rest = key.partition(":")
    if what == "in":
        kind, _, name = rest.partition(":")
        found = schema.containers.get(kind)
        if found is None or found.field not in shown:
            return True
        return (name in map(fold, names_of(shown[found.field]))) is (given is not None)
    if what == "field":
        return rest not in shown or is_still(given, shown[rest])
    owner = shown.get(schema.owner) if schema.owner in shown else None
    return schema.owner not in shown or (isinstance(owner, Owner) and owner.id == given)


def _is_blank(value: Value) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _without(values: Values, keys: set[str]) -> Values:
    return {key: value for key, value in values.items() if key not in keys}
