"""The decision: what two linked records should become, from what is seen, what was agreed, and the policy.

Pure and total. It has no clock; timestamps never decide *whether* somebody changed something, only, where the
operator asks for "newest", who wins a true clash. Two bases, one a side, each in that side's own spelling: with one
shared base a truncating server would seem to edit, and the damage would flow back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from zohosyncd.core.confirm import confirm
from zohosyncd.core.lens import View
from zohosyncd.core.lens.merge import merge_items
from zohosyncd.core.link import Base, Link, LinkStatus
from zohosyncd.core.mapping import ContactMapping, Pair
from zohosyncd.core.record import Item, Record, Value, Values
from zohosyncd.core.side import SIDES, Direction, Side, Winner


class Deletion(StrEnum):
    """What a deletion on one side does to the other."""

    OFF = "off"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator decided for a connection.

    Attributes:
        direction: which way records and values may travel.
        winner, first_sync_winner: who wins a clash, later and when there is no base yet.
        deletions: by the side on which a record would be deleted.
        exact_versions: by side, whether equal versions mean equal content.
    """

    direction: Direction = Direction.BOTH
    winner: Winner = Winner.NEWEST
    first_sync_winner: Winner = Winner.NEWEST
    deletions: Mapping[Side, Deletion] = field(default_factory=dict)
    exact_versions: Mapping[Side, bool] = field(default_factory=dict)


class Gone(StrEnum):
    """There is evidence that the record does not exist any more."""

    GONE = "gone"


class NotSeen(StrEnum):
    """Nothing is known about the record now; only a point read can tell."""

    NOT_SEEN = "not_seen"


Sight = Record | Gone | NotSeen


@dataclass(frozen=True, slots=True)
class Write:
    """Values for one side, and the bases that they move when they have arrived.

    Attributes:
        patch: the fields to write. before: what the target shows in them now.
        source: the source's raw values that it was decided from: its base afterwards.
        agreed: the target's base afterwards (for sets: without what the target itself added meanwhile).
        blanks: names of pairs that it empties.
    """

    patch: Mapping[str, Value]
    before: Mapping[str, Value]
    source: Mapping[str, Value]
    agreed: Mapping[str, Value]
    blanks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clash:
    """Both sides changed one field. ``held``: nobody wins before a person decides."""

    pair: str
    winner: Side
    fields: Mapping[Side, tuple[str, ...]]
    values: Mapping[Side, Values]
    held: bool = False


@dataclass(frozen=True, slots=True)
class Unfit:
    """A value that the side cannot store; ``reason`` is a fixed phrase."""

    pair: str
    side: Side
    reason: str


@dataclass(frozen=True, slots=True)
class Merged:
    """Both records exist. The link carries the bases of everything that agrees without a write."""

    link: Link
    writes: Mapping[Side, Write] = field(default_factory=dict)
    clashes: tuple[Clash, ...] = ()
    unfit: tuple[Unfit, ...] = ()
    revived: bool = False


@dataclass(frozen=True, slots=True)
class Recreate:
    """The record of ``side`` is gone, but the other one was edited since: an edit beats a deletion."""

    link: Link
    side: Side


@dataclass(frozen=True, slots=True)
class Delete:
    """The record of the other side is gone, and this one has not changed since: it goes too, if the guard lets it."""

    link: Link
    side: Side


@dataclass(frozen=True, slots=True)
class Bury:
    """The link becomes a tombstone; a survivor stays. ``gone``: the sides without a record."""

    link: Link
    gone: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be decided before ``side`` has been read."""

    side: Side


Outcome = Merged | Recreate | Delete | Bury | Wait


def reconcile(mapping: ContactMapping, policy: Policy, link: Link, left: Sight, right: Sight) -> Outcome:
    """Decide about one link.

    Args:
        mapping: the pairs of fields. policy: the operator's rules.
        link: the link with its two bases. left, right: what is known of the records now.

    Returns:
        What should be done; deciding again after it was done gives a ``Merged`` without writes.
    """
    for side, sight in ((Side.LEFT, left), (Side.RIGHT, right)):
        if isinstance(sight, NotSeen):
            return Wait(side)
    if isinstance(left, Record) and isinstance(right, Record):
        return _merge(mapping, policy, link, {Side.LEFT: left, Side.RIGHT: right})
    if isinstance(left, Record):
        return _one_gone(mapping, policy, link, Side.RIGHT, left)
    if isinstance(right, Record):
        return _one_gone(mapping, policy, link, Side.LEFT, right)
    return Bury(link, SIDES)


def is_settled(mapping: ContactMapping, link: Link, side: Side, values: Values, *, written: bool = False) -> bool:
    """Whether a record shows exactly its base in every mapped field, so that nothing has to be decided.

    The quick way through: raw values are compared, nothing is parsed. A base that a read has still to confirm is never
    quick, except for the echo of our own write (``written``), which confirms nothing.
    """
    base = link.base(side)
    if link.status is not LinkStatus.LIVE or base.also or (base.unconfirmed and not written):
        return False
    known = base.values
    try:
        return all(values[name] == known[name] for name in mapping.used_fields(side) if name in values)
    except KeyError:
        return False


def _one_gone(mapping: ContactMapping, policy: Policy, link: Link, gone: Side, survivor: Record) -> Outcome:
    if link.status is LinkStatus.TOMBSTONE:
        return Bury(link, (gone,))
    side = gone.other
    base = confirm(link.base(side), survivor, exact_versions=policy.exact_versions.get(side, False))
    current = link.with_base(side, base)
    if any(_changed(pair, side, base, survivor) for pair in mapping.pairs) and policy.direction.writes(gone):
        return Recreate(current, gone)
    if policy.deletions.get(side, Deletion.OFF) is Deletion.DELETE:
        return Delete(current, side)
    return Bury(current, (gone,))


def _changed(pair: Pair, side: Side, base: Base, record: Record) -> bool:
    now, then = _view(pair, side, record.values), _view(pair, side, base.values)
    return not (isinstance(now, _Missing) or isinstance(then, _Missing)) and pair.canon(now) != pair.canon(then)


class _Missing(StrEnum):
    MISSING = "missing"


def _view(pair: Pair, side: Side, values: Values) -> View | _Missing:
    lens = pair.lens(side)
    if any(name not in values for name in lens.fields):
        return _Missing.MISSING
    return lens.get(values)


class _Merge:
    """The merge of one link, pair by pair, on the way to its outcome."""

    def __init__(self, policy: Policy, link: Link, records: Mapping[Side, Record]) -> None:
        self.policy = policy
        self.records = records
        self.bases = {
            side: confirm(link.base(side), records[side], exact_versions=policy.exact_versions.get(side, False))
            for side in SIDES
        }
        self.rebased: dict[Side, dict[str, Value]] = {Side.LEFT: {}, Side.RIGHT: {}}
        self.parts: dict[Side, list[tuple[Pair, dict[str, Value], dict[str, Value]]]] = {Side.LEFT: [], Side.RIGHT: []}
        self.clashes: list[Clash] = []
        self.unfit: list[Unfit] = []

    def raw(self, pair: Pair, side: Side) -> dict[str, Value]:
        return {name: self.records[side].values[name] for name in pair.lens(side).fields}

    def agree(self, pair: Pair, *sides: Side) -> None:
        for side in sides or SIDES:
            self.rebased[side].update(self.raw(pair, side))

    def decide(self, pair: Pair) -> None:
        now = {side: _view(pair, side, self.records[side].values) for side in SIDES}
        self.forgive(pair, now)
        left, right = now[Side.LEFT], now[Side.RIGHT]
        if isinstance(left, _Missing) or isinstance(right, _Missing):
            return
        base_left = _view(pair, Side.LEFT, self.bases[Side.LEFT].values)
        base_right = _view(pair, Side.RIGHT, self.bases[Side.RIGHT].values)
        known = not (isinstance(base_left, _Missing) or isinstance(base_right, _Missing))
        if pair.multi:
            before = (base_left, base_right) if known else (None, None)
            self.decide_set(pair, _items(left), _items(right), before)  # type: ignore[arg-type]
            return
        canon = pair.canon
        if canon(left) == canon(right):
            self.agree(pair)
        elif isinstance(base_left, _Missing) or isinstance(base_right, _Missing):
            self.first_merge(pair, left, right)
        else:
            changed = (canon(left) != canon(base_left), canon(right) != canon(base_right))
            if changed == (False, False):
                self.agree(pair)
            elif changed == (True, True):
                self.clash(pair, left, right, pair.winner or self.policy.winner)
            else:
                self.carry(pair, Side.RIGHT if changed[0] else Side.LEFT, left if changed[0] else right)

    def forgive(self, pair: Pair, now: Mapping[Side, View | _Missing]) -> None:
        """What is stored in another spelling, but means the same as what was sent, is not stored differently."""
        for side in SIDES:
            sent, view = self.bases[side].sent, now[side]
            names = [name for name in pair.lens(side).fields if name in sent]
            if not names or isinstance(view, _Missing):
                continue
            meant = pair.lens(side).get({**self.records[side].values, **{name: sent[name] for name in names}})
            if pair.canon(meant) == pair.canon(view):
                left = {name: value for name, value in sent.items() if name not in names}
                self.bases[side] = replace(self.bases[side], sent=left)

    def first_merge(self, pair: Pair, left: View, right: View) -> None:
        """No base: equal values agree, a value fills an empty field, two values are a clash; nothing is erased."""
        empty = pair.canon(None)
        if self._carry_fuller(pair, left, right):
            return
        if pair.canon(left) == empty:
            self.carry(pair, Side.LEFT, right)
        elif pair.canon(right) == empty:
            self.carry(pair, Side.RIGHT, left)
        else:
            self.clash(pair, left, right, self.policy.first_sync_winner)

    def _carry_fuller(self, pair: Pair, left: View, right: View) -> bool:
        """A value that says all the other says and more wins without a clash (a full date, an uncut text)."""
        fuller = pair.fuller(self.records[Side.LEFT].values, self.records[Side.RIGHT].values)
        if fuller is not None:
            self.carry(pair, fuller.other, left if fuller is Side.LEFT else right)
        return fuller is not None

    def clash(self, pair: Pair, left: View, right: View, winner: Winner) -> None:
        if self._carry_fuller(pair, left, right):
            return
        allowed = [side for side in SIDES if pair.direction.writes(side)]
        if len(allowed) == 1:
            loser = allowed[0]
        elif winner is Winner.HOLD:
            self._note(pair, Side.LEFT, held=True)
            return
        else:
            loser = self._winner(winner).other
        self._note(pair, loser.other)
        self.carry(pair, loser, left if loser is Side.RIGHT else right)

    def _note(self, pair: Pair, winner: Side, *, held: bool = False) -> None:
        fields = {side: pair.lens(side).fields for side in SIDES}
        values = {side: self.raw(pair, side) for side in SIDES}
        self.clashes.append(Clash(pair.name, winner, fields, values, held))

    def _winner(self, winner: Winner) -> Side:
        if winner is Winner.LEFT:
            return Side.LEFT
        if winner is Winner.RIGHT:
            return Side.RIGHT
        left, right = self.records[Side.LEFT].modified, self.records[Side.RIGHT].modified
        if left is not None and right is not None and right > left:
            return Side.RIGHT
        return Side.LEFT  # a tie, or a side that tells no time

    def carry(self, pair: Pair, target: Side, view: View) -> None:
        """Bring a view to the target; where that is not allowed, what the source shows is taken note of only."""
        if not pair.direction.writes(target):
            self.agree(pair, target.other)
            return
        lens = pair.lens(target)
        reason = lens.refuses(view, self.records[target].values)
        if reason is not None:
            self.unfit.append(Unfit(pair.name, target, reason))
            return
        patch = lens.put(view, self.records[target].values)
        if patch:
            self.parts[target].append((pair, patch, patch))
        else:
            self.agree(pair)

    def decide_set(
        self,
        pair: Pair,
        left: tuple[Item, ...],
        right: tuple[Item, ...],
        bases: tuple[tuple[Item, ...] | None, tuple[Item, ...] | None],
    ) -> None:
        """Each side gets what the other added or removed. Only one side is written at a time.

        If both have news, the right is written first, and the left's turn comes when that has arrived: the base of
        the right moves only by the left's news, so that its own are not forgotten in between.
        """
        merged = dict(zip(SIDES, merge_items(bases[0], left, bases[1], right, pair.canon_item), strict=True))
        for target in (Side.RIGHT, Side.LEFT):
            if not pair.direction.writes(target):
                continue
            lens = pair.lens(target)
            reason = lens.refuses(merged[target], self.records[target].values)
            if reason is not None:
                self.unfit.append(Unfit(pair.name, target, reason))
                continue
            patch = lens.put(merged[target], self.records[target].values)
            if patch:
                self.parts[target].append((pair, patch, self._set_base(pair, target, (left, right), bases)))
                return
        self.agree(pair)

    def _set_base(
        self,
        pair: Pair,
        target: Side,
        now: tuple[tuple[Item, ...], tuple[Item, ...]],
        bases: tuple[tuple[Item, ...] | None, tuple[Item, ...] | None],
    ) -> dict[str, Value]:
        """The target's base once the source's news have arrived there: its old base with just these news."""
        lens = pair.lens(target)
        empty: dict[str, Value] = dict.fromkeys(lens.fields)
        source_now = now[0] if target is Side.RIGHT else now[1]
        target_base = bases[1] if target is Side.RIGHT else bases[0]
        if target_base is None:
            # No base: what both have is agreed, in the target's spelling; the rest of the target is its own news.
            shared = {pair.canon_item(item) for item in source_now}
            target_now = now[1] if target is Side.RIGHT else now[0]
            common = tuple(item for item in target_now if pair.canon_item(item) in shared)
            news = tuple(i for i in source_now if pair.canon_item(i) not in {pair.canon_item(c) for c in common})
            return {**empty, **lens.put(common + news, empty)}
        old = self.bases[target].values
        kept = {name: old[name] for name in lens.fields}
        if target is Side.RIGHT:
            merged = merge_items(bases[0], now[0], target_base, target_base, pair.canon_item)[1]
        else:
            merged = merge_items(target_base, target_base, bases[1], now[1], pair.canon_item)[0]
        return {**kept, **lens.put(merged, kept)}

    def writes(self) -> dict[Side, Write]:
        found: dict[Side, Write] = {}
        for target, parts in self.parts.items():
            if not parts:
                continue
            record = self.records[target]
            patch: dict[str, Value] = {}
            agreed: dict[str, Value] = {}
            source: dict[str, Value] = {}
            blanks: list[str] = []
            for pair, part, base in parts:
                patch.update(part)
                agreed.update({name: record.values[name] for name in pair.lens(target).fields} if base is part else {})
                agreed.update(base)
                source.update(self.raw(pair, target.other))
                if pair.canon(pair.lens(target).get({**record.values, **part})) == pair.canon(None):
                    blanks.append(pair.name)
            before = {name: record.values.get(name) for name in patch}
            found[target] = Write(patch, before, source, agreed, tuple(blanks))
        return found


def _items(view: View) -> tuple[Item, ...]:
    return view if isinstance(view, tuple) else ()


def _merge(mapping: ContactMapping, policy: Policy, link: Link, records: Mapping[Side, Record]) -> Merged:
    merge = _Merge(policy, link, records)
    for pair in mapping.pairs:
        merge.decide(pair)
    current = replace(link, status=LinkStatus.LIVE)
    for side in SIDES:
        base = merge.bases[side]
        values = {**base.values, **merge.rebased[side]}
        sent = {name: value for name, value in base.sent.items() if name in values}
        current = current.with_base(side, replace(base, values=values, sent=sent, version=records[side].version))
    return Merged(
        current,
        merge.writes(),
        tuple(merge.clashes),
        tuple(merge.unfit),
        revived=link.status is LinkStatus.TOMBSTONE,
    )
