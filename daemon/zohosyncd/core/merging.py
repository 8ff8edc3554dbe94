"""The merge of two linked records that both exist: pair by pair, each side against its own base."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from zohosyncd.core.cleared import emptied_side, would_empty
from zohosyncd.core.confirm import confirm
from zohosyncd.core.lens import Lens, View
from zohosyncd.core.lens.merge import merge_items
from zohosyncd.core.link import Base, Link, LinkStatus
from zohosyncd.core.mapping import ContactMapping, Pair
from zohosyncd.core.outcome import Clash, Merged, Policy, Unfit, Write
from zohosyncd.core.record import Item, Postal, Record, Value, Values
from zohosyncd.core.side import SIDES, Cleared, Side, Winner
from zohosyncd.core.unfit import left_out, unfit, without


class Missing(StrEnum):
    """Stands for the view of a pair whose fields were not all read."""

    MISSING = "missing"


_MISSING: Final = Missing.MISSING


def view_of(lens: Lens, fields: Sequence[str], values: Values) -> View | Missing:
    """What the lens shows of these values; ``fields``: those of the lens."""
    for name in fields:
        if name not in values:
            return _MISSING
    return lens.get(values)


def merge(mapping: ContactMapping, policy: Policy, link: Link, left: Record, right: Record) -> Merged:
    """What two linked records should become.

    Args:
        mapping: the pairs of fields. policy: the operator's rules. link: with its two bases.
        left, right: the records as they are now.
    """
    merging = _Merge(policy, link, left, right)
    for pair in mapping.pairs:
        merging.decide(pair)
    return Merged(
        merging.link(link),
        merging.writes(),
        tuple(merging.clashes),
        tuple(merging.unfit),
        revived=link.status is LinkStatus.TOMBSTONE,
    )


class _Merge:
    """The merge of one link on the way to its outcome."""

    def __init__(self, policy: Policy, link: Link, left: Record, right: Record) -> None:
        self.policy = policy
        self.records = {Side.LEFT: left, Side.RIGHT: right}
        self.bases = {
            side: confirm(
                link.base(side),
                record,
                exact_versions=policy.exact_versions.get(side, False),
                locked=policy.locked.get(side, ()),
            )
            for side, record in self.records.items()
        }
        self.doubtful = any(base.sent for base in self.bases.values())
        self.rebased: dict[Side, dict[str, Value]] = {Side.LEFT: {}, Side.RIGHT: {}}
        self.parts: dict[Side, list[tuple[Pair, dict[str, Value], dict[str, Value]]]] = {Side.LEFT: [], Side.RIGHT: []}
        self.clashes: list[Clash] = []
        self.unfit: list[Unfit] = []
        self.waiting: dict[tuple[str, Side], frozenset[str]] = {}

    def values(self, side: Side) -> Values:
        return self.records[side].values

    def raw(self, pair: Pair, side: Side) -> dict[str, Value]:
        """What the side shows, as far as it is agreed or arrives: without names that the other one cannot hold."""
        values, waiting = self.records[side].values, self.waiting.get((pair.name, side))
        shown = {name: values[name] for name in pair.fields(side)}
        return {name: without(waiting, value) for name, value in shown.items()} if waiting else shown

    def agree(self, pair: Pair) -> None:
        for side in SIDES:
            self.note(pair, side)

    def note(self, pair: Pair, side: Side) -> None:
        """What this side shows is its base from now on."""
        self.rebased[side].update(self.raw(pair, side))

    def decide(self, pair: Pair) -> None:
        if self.doubtful:
            self.forgive(pair)
        if self.is_unchanged(pair, Side.LEFT) and self.is_unchanged(pair, Side.RIGHT):
            return  # agreed as it is; nothing has to be parsed to see that
        left = view_of(pair.left, pair.left_fields, self.values(Side.LEFT))
        right = view_of(pair.right, pair.right_fields, self.values(Side.RIGHT))
        if isinstance(left, Missing) or isinstance(right, Missing):
            return
        if _is_same(pair, left, right):
            self.agree(pair)
            if self.doubtful:
                self.forget_sent(pair)
            return
        base_left = view_of(pair.left, pair.left_fields, self.bases[Side.LEFT].values)
        base_right = view_of(pair.right, pair.right_fields, self.bases[Side.RIGHT].values)
        if isinstance(base_left, Missing) or isinstance(base_right, Missing):
            if pair.multi:
                self.decide_set(pair, _items(left), _items(right), (None, None))
            else:
                self.first_merge(pair, left, right)
        elif pair.multi:
            self.decide_set(pair, _items(left), _items(right), (_items(base_left), _items(base_right)))
        else:
            self.decide_one(pair, (left, right), (base_left, base_right))

    def is_unchanged(self, pair: Pair, side: Side) -> bool:
        """Whether the side shows exactly its base, letter by letter."""
        now, then = self.records[side].values, self.bases[side].values
        differing = [
            name for name in pair.fields(side) if name not in then or name not in now or now[name] != then[name]
        ]
        return not differing

    def decide_one(self, pair: Pair, now: tuple[View, View], then: tuple[View, View]) -> None:
        """A single value that is not the same on both sides, each against its base."""
        canon = pair.canon
        changed = (canon(now[0]) != canon(then[0]), canon(now[1]) != canon(then[1]))
        if changed == (False, False):
            self.agree(pair)
        elif (side := emptied_side(pair, now, changed)) is not None:
            self.keep_or_hold(pair, side, now[1] if side is Side.LEFT else now[0], clash=changed == (True, True))
        elif changed == (True, True):
            self.clash(pair, *now, pair.winner or self.policy.winner)
        else:
            self.carry(pair, Side.RIGHT if changed[0] else Side.LEFT, now[0] if changed[0] else now[1])

    def forgive(self, pair: Pair) -> None:
        """What is stored in another spelling, but means the same as what was sent, is not stored differently."""
        for side in SIDES:
            sent, lens, values = self.bases[side].sent, pair.lens(side), self.values(side)
            names = [name for name in pair.fields(side) if name in sent]
            if not names:
                continue
            view = view_of(lens, pair.fields(side), values)
            if isinstance(view, Missing):
                continue
            meant = lens.get({**values, **{name: sent[name] for name in names}})
            if pair.canon(meant) == pair.canon(view):
                self.forget_sent(pair, (side,))

    def forget_sent(self, pair: Pair, sides: Sequence[Side] = SIDES) -> None:
        """The pair's fields are not stored differently any more: both sides show the same, or it means the same."""
        for side in sides:
            base, fields = self.bases[side], pair.fields(side)
            self.bases[side] = replace(base, sent={name: base.sent[name] for name in base.sent if name not in fields})

    def first_merge(self, pair: Pair, left: View, right: View) -> None:
        """No base: equal values agree, a value fills an empty field, two values are a clash; nothing is erased."""
        empty = pair.canon(None)
        if pair.canon(left) == empty:
            self.carry(pair, Side.LEFT, right)
        elif pair.canon(right) == empty:
            self.carry(pair, Side.RIGHT, left)
        else:
            self.clash(pair, left, right, pair.winner or self.policy.first_sync_winner)

    def _carry_fuller(self, pair: Pair, left: View, right: View) -> bool:
        """A value that says all the other says and more wins without a clash (a full date, an uncut text)."""
        fuller = pair.fuller_of(left, right)
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
            self._note_clash(pair, Side.LEFT, held=True)
            return
        else:
            loser = self._winner(winner).other
        self._note_clash(pair, loser.other)
        self.carry(pair, loser, left if loser is Side.RIGHT else right)

    def keep_or_hold(self, pair: Pair, emptied: Side, value: View, *, clash: bool) -> None:
        """Somebody emptied a field that does not let that travel: the other side keeps its value, or a person decides.

        A kept value fills the emptied side again only when it is changed.
        """
        if pair.cleared is Cleared.HOLD and pair.direction.writes(emptied.other):
            self._note_clash(pair, emptied.other, held=True, cleared=emptied)
        elif clash and pair.direction.writes(emptied):
            self._note_clash(pair, emptied.other, cleared=emptied)
            self.carry(pair, emptied, value)
        else:
            self.agree(pair)

    def _note_clash(self, pair: Pair, winner: Side, *, held: bool = False, cleared: Side | None = None) -> None:
        fields = {side: pair.fields(side) for side in SIDES}
        values = {side: self.raw(pair, side) for side in SIDES}
        self.clashes.append(Clash(pair.name, winner, fields, values, held, cleared))

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
            self.note(pair, target.other)
            return
        lens = pair.lens(target)
        reason = lens.refuses(view, self.values(target))
        if reason is not None:
            self.unfit.append(unfit(pair, target, reason, self.values(target.other)))
            return
        patch = lens.put(view, self.values(target))
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
        now = (left, right)
        if bases[0] is not None and bases[1] is not None:
            changed = (bool(bases[0]) and not left, bool(bases[1]) and not right)
            side = emptied_side(pair, now, changed)
            if side is not None and pair.cleared is Cleared.HOLD and pair.direction.writes(side.other):
                self._note_clash(pair, side.other, held=True, cleared=side)
                return
            if side is not None:  # kept: what it lost is no news, only what the other side adds
                bases = ((), bases[1]) if side is Side.LEFT else (bases[0], ())
        merged = dict(zip(SIDES, merge_items(bases[0], left, bases[1], right, pair.canon_item), strict=True))
        for target in (Side.RIGHT, Side.LEFT):
            if not pair.direction.writes(target):
                continue
            if would_empty(pair, now[SIDES.index(target)], merged[target]):
                if pair.cleared is Cleared.HOLD:
                    self._note_clash(pair, target, held=True, cleared=target.other)
                    return
                continue
            lens = pair.lens(target)
            reason = lens.refuses(merged[target], self.values(target))
            if reason is not None:
                self.unfit.append(unfit(pair, target, reason, self.values(target.other)))
                continue
            told, waiting = left_out(pair, target, merged[target], self.values(target))
            if told is not None:
                self.unfit.append(told)
                self.waiting[pair.name, target.other] = waiting
            patch = lens.put(merged[target], self.values(target))
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
            known = {pair.canon_item(item) for item in common}
            news = tuple(item for item in source_now if pair.canon_item(item) not in known)
            return {**empty, **lens.put(common + news, empty)}
        old = self.bases[target].values
        kept = {name: old[name] for name in lens.fields}
        if target is Side.RIGHT:
            merged = merge_items(bases[0], now[0], target_base, target_base, pair.canon_item)[1]
        else:
            merged = merge_items(target_base, target_base, bases[1], now[1], pair.canon_item)[0]
        return {**kept, **lens.put(merged, kept)}

    def writes(self) -> dict[Side, Write]:
        return {target: self._write(target, parts) for target, parts in self.parts.items() if parts}

    def _write(self, target: Side, parts: Sequence[tuple[Pair, dict[str, Value], dict[str, Value]]]) -> Write:
        values = self.values(target)
        patch: dict[str, Value] = {}
        agreed: dict[str, Value] = {}
        source: dict[str, Value] = {}
        blanks: list[str] = []
        for pair, part, base in parts:
            patch.update(part)
            if base is part:
                agreed.update(self.raw(pair, target))
            agreed.update(base)
            source.update(self.raw(pair, target.other))
            if pair.canon(pair.lens(target).get({**values, **part})) == pair.canon(None):
                blanks.append(pair.name)
        return Write(patch, {name: values.get(name) for name in patch}, source, agreed, tuple(blanks))

    def link(self, before: Link) -> Link:
        """The link with the bases of everything that agrees without a write."""
        left, right = (self._base(side) for side in SIDES)
        return replace(before, left=left, right=right, status=LinkStatus.LIVE)

    def _base(self, side: Side) -> Base:
        base, rebased = self.bases[side], self.rebased[side]
        values: Mapping[str, Value] = {**base.values, **rebased} if rebased else base.values
        sent = {name: value for name, value in base.sent.items() if name in values} if base.sent else base.sent
        return Base(values, self.records[side].version, base.unconfirmed, sent, base.also)


def _is_same(pair: Pair, left: View, right: View) -> bool:
    """Whether a person would say that both show the same. What is equal letter by letter needs no canon."""
    if left is right or (isinstance(left, str | Postal) and left == right):
        return True
    if pair.multi:
        ours, theirs = _items(left), _items(right)
        if not ours and not theirs:
            return True
        return _keys(pair, ours) == _keys(pair, theirs)
    return pair.canon(left) == pair.canon(right)


def _keys(pair: Pair, items: tuple[Item, ...]) -> set[str]:
    return {key for item in items if (key := pair.canon_item(item))}


def _items(view: View) -> tuple[Item, ...]:
    return view if isinstance(view, tuple) else ()
