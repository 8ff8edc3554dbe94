"""Undoing writes: of each field that still shows what was written, the value before it comes back.

Three-way, by pairs: what was written against what stood there before, carried over to what stands there now. Whatever a
person has edited since stays. Of sets only those elements come and go that the write was about. Consent is a ratchet
here, too: an undo may opt somebody out, and never in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from zohosyncd.core.consent import ConsentState, undone_consent
from zohosyncd.core.lens import View
from zohosyncd.core.link import Base
from zohosyncd.core.mapping import ContactMapping, Pair
from zohosyncd.core.merging import Missing, view_of
from zohosyncd.core.name_sets import difference, names_of
from zohosyncd.core.record import Item, Owner, Postal, Value, Values
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.side import Side

_EMPTY: Final = (None, "", ())
_KINDS: Final[Mapping[FieldType, type | tuple[type, ...]]] = {
    FieldType.BOOLEAN: bool,
    FieldType.NUMBER: (int, float, str),
    FieldType.EMAILS: tuple,
    FieldType.PHONES: tuple,
    FieldType.URLS: tuple,
    FieldType.NAMES: tuple,
    FieldType.ADDRESS: Postal,
    FieldType.OWNER: Owner,
}
"""What values of these types are; all others are texts."""


@dataclass(frozen=True, slots=True)
class Written:
    """One write as history has it: the values of its fields before and after it."""

    before: Values
    after: Values


@dataclass(frozen=True, slots=True)
class Reversal:
    """What comes back.

    Attributes:
        patch: new values by field. kept: pairs or fields that stay because a person has edited them since.
        consent: whether the undo would have loosened consent, and leaves it.
    """

    patch: Mapping[str, Value] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    consent: bool = False


def reverse(
    mapping: ContactMapping, side: Side, schema: Schema, writes: Sequence[Written], present: Values, base: Base,
    only: str = "", keep_tag: str = "",
) -> Reversal:  # fmt: skip
    """What undoes writes to one record.

    Args:
        mapping, side, schema: where the record stands. writes: first the newest. present: what it shows now.
        base: the link's base of it: an app may show something else than it was sent.
        only: name of the only pair or field to undo, "" for all. keep_tag: a tag that means an opt-out, "" for none.
    """
    reversing = _Reversing(mapping, side, schema, present, base, only)
    for write in writes:
        reversing.undo(write)
    patch = {name: value for name, value in reversing.now.items() if value != present.get(name) and name in present}
    tightened, loosened = only_tightened(schema, patch, present, keep_tag)
    return Reversal(tightened, tuple(sorted(reversing.kept)), loosened)


class _Reversing:
    """One record on its way back."""

    def __init__(
        self, mapping: ContactMapping, side: Side, schema: Schema, present: Values, base: Base, only: str
    ) -> None:
        self.side, self.schema = side, schema
        self.now: dict[str, Value] = dict(present)
        self.kept: set[str] = set()
        self._pairs = {name: pair for pair in mapping.pairs for name in pair.fields(side)}
        self._base, self._present = base.values, present
        self._sent = {name: sent for name, sent in base.sent.items() if base.values.get(name) == present.get(name)}
        self._only = only

    def undo(self, write: Written) -> None:
        done: set[str] = set()
        for name in write.after:
            pair = self._pairs.get(name)
            what = pair.name if pair is not None else name
            wanted = not self._only or self._only in (what, name)
            if what in done or what in self.kept or not wanted or not self._may_write(name):
                continue
            done.add(what)
            if pair is None:
                self._field(name, write)
            elif all(each in self.now for each in pair.fields(self.side)):
                self._pair(pair, write)

    def _may_write(self, name: str) -> bool:
        known = self.schema.fields.get(name)
        return known is not None and known.writable

    def _field(self, name: str, write: Written) -> None:
        before, after, now = write.before.get(name), write.after[name], self.now.get(name)
        if isinstance(after, tuple) or isinstance(before, tuple):
            self.now[name] = without_news(_items(before), _items(after), _items(now)) or None
        elif now == after:
            self.now[name] = before
        elif now != before:
            self.kept.add(name)

    def _pair(self, pair: Pair, write: Written) -> None:
        lens, fields = pair.lens(self.side), pair.fields(self.side)
        after = {**self.now, **{name: write.after[name] for name in fields if name in write.after}}
        before = {**after, **{name: write.before.get(name) for name in fields if name in write.after}}
        if pair.multi:
            old, new, there = (_items(lens.get(values)) for values in (before, after, self.now))
            self.now.update(lens.put(without_news(old, new, there, pair), self.now))
            return
        shown = {**self.now, **{name: self._sent[name] for name in fields if name in self._sent}}
        canon = pair.canon
        written = canon(lens.get(after)) in (canon(lens.get(self.now)), canon(lens.get(shown)))
        if written and not self._is_edited(pair):
            self.now.update({name: before[name] for name in fields})
        elif canon(lens.get(self.now)) != canon(lens.get(before)):
            self.kept.add(pair.name)

    def _is_edited(self, pair: Pair) -> bool:
        """Whether a person has edited a group since, in a field that was not written, too: it travels as a whole."""
        lens, fields = pair.lens(self.side), pair.fields(self.side)
        now, then = (view_of(lens, fields, values) for values in (self._present, self._base))
        return not (isinstance(now, Missing) or isinstance(then, Missing)) and pair.canon(now) != pair.canon(then)


def without_news(
    before: tuple[Item, ...], after: tuple[Item, ...], now: tuple[Item, ...], pair: Pair | None = None
) -> tuple[Item, ...]:
    """The elements that are there now, without those that the write brought, and with those that it took."""

    def key(item: Item) -> str:
        return pair.canon_item(item) if pair is not None else item.value

    old, new, there = {key(each) for each in before}, {key(each) for each in after}, {key(each) for each in now}
    left = [each for each in now if key(each) in old or key(each) not in new]
    return (*left, *(each for each in before if key(each) not in new and key(each) not in there))


def _items(view: View) -> tuple[Item, ...]:
    return view if isinstance(view, tuple) else ()


def only_tightened(
    schema: Schema, patch: Mapping[str, Value], present: Values, keep_tag: str
) -> tuple[dict[str, Value], bool]:
    """The patch without what would opt somebody in, and whether there was such a thing.

    Args:
        schema, present: of the record, and what it shows now. patch: new values. keep_tag: a tag that means an opt-out.
    """
    rest, loosened = dict(patch), False
    fields = schema.consent
    for name in [*patch]:
        known = schema.fields.get(name)
        if known is not None and known.semantic == "opted_out" and not patch[name]:
            loosened |= bool(present.get(name))
            del rest[name]
        elif known is not None and known.type is FieldType.NAMES and keep_tag:
            kept = [each for each in _items(present.get(name)) if each.value == keep_tag]
            if kept and keep_tag not in {each.value for each in _items(patch[name])}:
                rest[name], loosened = (*_items(patch[name]), *kept), True
    if fields is not None and fields.state in patch:
        state = undone_consent(_state(patch[fields.state]), _state(present.get(fields.state)))
        for name in (fields.state, fields.at, fields.source):
            rest.pop(name, None)
        if state is not None:
            rest[fields.state] = state.value
        loosened |= state is None
    return {name: value for name, value in rest.items() if value != present.get(name)}, loosened


def brought_back(
    schema: Schema, names: Iterable[str], kept: Values, present: Values, base: Base, keep_tag: str
) -> Reversal:
    """What makes a record show again what a snapshot has kept of it.

    Args:
        schema: of the record. names: fields that may be written. kept, present: as the snapshot shows it, and the app.
        base: the link's base of it: an app may show something else than it was sent. keep_tag: as of reverse.

    Returns:
        The patch; ``kept`` names the fields whose value in the snapshot is none that the field can have.
    """
    patch: dict[str, Value] = {}
    strange: list[str] = []
    for name in names:
        known = schema.fields.get(name)
        if known is None or not known.writable or name not in kept or name not in present:
            continue
        if kept[name] == present[name]:
            continue
        if not _can_hold(known, kept[name], present[name]):
            strange.append(name)
        elif not _same(known, kept[name], present[name]) and not _was_sent(base, name, kept[name], present[name]):
            patch[name] = kept[name]
    tightened, loosened = only_tightened(schema, patch, present, keep_tag)
    return Reversal(tightened, tuple(sorted(strange)), loosened)


def made_anew(schema: Schema, values: Values, last: Values, *, opted_out: bool, keep_tag: str) -> dict[str, Value]:
    """What a record is made anew with: every opt-out that is known of it, and no consent but its last one.

    Args:
        schema: of the record. values: what it shall have. last: what it was last seen with. opted_out: whether the
            pair remembers an opt-out. keep_tag: a tag that means an opt-out, "" for none.
    """
    found: dict[str, Value] = {
        name: value for name, value in values.items()
        if value is not None and (known := schema.fields.get(name)) is not None and known.writable
    }  # fmt: skip
    for each in schema.meaning("opted_out"):
        if each.writable and (opted_out or last.get(each.name)):
            found[each.name] = True
    for each in schema:
        tagged = keep_tag and each.type is FieldType.NAMES and keep_tag in names_of(last.get(each.name))
        if tagged and keep_tag not in names_of(found.get(each.name)):
            found[each.name] = (*_items(found.get(each.name)), Item(keep_tag))
    fields = schema.consent
    if fields is not None:
        state, now = _state(values.get(fields.state)), _state(last.get(fields.state))
        for name in (fields.state, fields.at, fields.source):
            found.pop(name, None)
        if opted_out or {state, now} & {ConsentState.UNSUBSCRIBED, ConsentState.CLEANED}:
            state = now = ConsentState.UNSUBSCRIBED
        if state is now and state.value in fields.states:
            found[fields.state] = state.value
    return found


def _same(known: Field, one: Value, other: Value) -> bool:
    """Whether two values of a field show the same."""
    if one in _EMPTY and other in _EMPTY:
        return True
    if known.type is FieldType.NAMES:
        return difference(one, other) == ((), ())
    if isinstance(one, Owner) and isinstance(other, Owner):
        return bool(one.id) and one.id == other.id
    return False


def _was_sent(base: Base, name: str, value: Value, shown: Value) -> bool:
    """Whether just this value was sent last, and what is shown is what the app has made of it."""
    return name in base.sent and base.sent[name] == value and base.values.get(name) == shown


def _can_hold(known: Field, value: Value, present: Value) -> bool:
    """Whether a field can have a value of this kind: files can be edited, and fields can change."""
    if value is None or (present is not None and type(value) is type(present)):
        return True
    if isinstance(value, bool):
        return known.type is FieldType.BOOLEAN
    return isinstance(value, _KINDS.get(known.type, str))


def _state(value: Value) -> ConsentState:
    words = {each.value: each for each in ConsentState}
    return words.get(str(value), ConsentState.NEVER)
