"""The decision: what two linked records should become, from what is seen, what was agreed, and the policy.

Pure and total. It has no clock; timestamps never decide *whether* somebody changed something, only, where the
operator asks for "newest", who wins a true clash. Two bases, one a side, each in that side's own spelling: with one
shared base a truncating server would seem to edit, and the damage would flow back.

The types stand in ``core.outcome``, the merge of two records that both exist in ``core.merging``.
"""

from collections.abc import Mapping, Sequence

from zohosyncd.core.confirm import confirm
from zohosyncd.core.link import Base, Link, LinkStatus
from zohosyncd.core.mapping import ContactMapping, Pair
from zohosyncd.core.meaning import Change
from zohosyncd.core.merging import Missing, merge, view_of
from zohosyncd.core.outcome import (
    Bury,
    Clash,
    Delete,
    Deletion,
    Gone,
    Merged,
    NotSeen,
    Outcome,
    Policy,
    Recreate,
    Sight,
    Unfit,
    Wait,
    Write,
)
from zohosyncd.core.rebase import rebased
from zohosyncd.core.record import Record, Values
from zohosyncd.core.rules.scope import Standing
from zohosyncd.core.side import SIDES, Side

__all__ = [
    "Bury",
    "Clash",
    "Delete",
    "Deletion",
    "Gone",
    "Merged",
    "NotSeen",
    "Outcome",
    "Policy",
    "Recreate",
    "Sight",
    "Unfit",
    "Wait",
    "Write",
    "changed_since_base",
    "is_settled",
    "reconcile",
]


def reconcile(
    mapping: ContactMapping,
    policy: Policy,
    link: Link,
    left: Sight,
    right: Sight,
    changed: Mapping[str, Change] | None = None,
    watched: Mapping[Side, Sequence[str]] | None = None,
) -> Outcome:
    """Decide about one link.

    Args:
        mapping: the pairs of fields. policy: the operator's rules.
        link: the link with its two bases. left, right: what is known of the records now.
        changed: by name, the pairs that mean something else than when the link was decided last; None if the link was
            decided under this very meaning.
        watched: by side, fields beside the mapping that have bases, too.

    Returns:
        What should be done, with ``Delete`` for every mode of deletion but off; deciding again after it was done gives
        a ``Merged`` without writes.
    """
    for side, sight in ((Side.LEFT, left), (Side.RIGHT, right)):
        if isinstance(sight, NotSeen):
            return Wait(side)
    if isinstance(left, Record) and isinstance(right, Record):
        current = link if changed is None else rebased(mapping, link, changed, watched or {})
        return merge(mapping, policy, current, left, right)
    if isinstance(left, Record):
        return _one_gone(mapping, policy, link, Side.RIGHT, left)
    if isinstance(right, Record):
        return _one_gone(mapping, policy, link, Side.LEFT, right)
    return Bury(link, SIDES)


def is_settled(
    mapping: ContactMapping,
    link: Link,
    side: Side,
    values: Values,
    *,
    written: bool = False,
    watched: Sequence[str] = (),
) -> bool:
    """Whether a record shows exactly its base in all mapped and watched fields, so that nothing has to be decided.

    The quick way through: raw values are compared, nothing is parsed. A base that a read has still to confirm is never
    quick, except for the echo of our own write (``written``), which confirms nothing.
    """
    base = link.base(side)
    if (
        link.status is not LinkStatus.LIVE
        or link.standing is Standing.LEAVING
        or base.also
        or (base.unconfirmed and not written)
    ):
        return False
    known = base.values
    try:
        return all(values[name] == known[name] for name in (*mapping.used_fields(side), *watched) if name in values)
    except KeyError:
        return False


def _one_gone(mapping: ContactMapping, policy: Policy, link: Link, gone: Side, survivor: Record) -> Outcome:
    if link.status is LinkStatus.TOMBSTONE:
        return Bury(link, (gone,))
    side = gone.other
    exact, locked = policy.exact_versions.get(side, False), policy.locked.get(side, ())
    base = confirm(link.base(side), survivor, exact_versions=exact, locked=locked)
    current = link.with_base(side, base)
    if any(changed_since_base(pair, side, base, survivor) for pair in mapping.pairs) and policy.direction.writes(gone):
        return Recreate(current, gone)
    if policy.deletions.get(side, Deletion.OFF) is not Deletion.OFF:
        return Delete(current, side)
    return Bury(current, (gone,))


def changed_since_base(pair: Pair, side: Side, base: Base, record: Record) -> bool:
    """Whether a record shows something else than its base in the fields of a pair."""
    lens, fields = pair.lens(side), pair.fields(side)
    now, then = view_of(lens, fields, record.values), view_of(lens, fields, base.values)
    return not (isinstance(now, Missing) or isinstance(then, Missing)) and pair.canon(now) != pair.canon(then)
