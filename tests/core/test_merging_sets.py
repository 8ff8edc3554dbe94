"""Sets of items, each side against its own base: whatever is added or removed, and whichever write comes first."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zohosyncd.core.link import Base, Link
from zohosyncd.core.mapping import ContactMapping, compile_mapping
from zohosyncd.core.outcome import Merged, Policy, Write
from zohosyncd.core.reconcile import is_settled, reconcile
from zohosyncd.core.record import Item, Record, Values
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.settle import arrived
from zohosyncd.core.side import SIDES, Direction, Side

LISTS = Schema.of(Field("emails", FieldType.EMAILS, semantic="emails"))
SLOTS = Schema.of(*(Field(f"mail{slot}", FieldType.EMAIL, semantic="emails", slot=slot) for slot in range(6)))
MAPPINGS = {
    (left is SLOTS, right is SLOTS): compile_mapping(left, right, direction=Direction.BOTH, region="DE")
    for left in (LISTS, SLOTS)
    for right in (LISTS, SLOTS)
}
NAMES = ("a", "b", "c", "d")
POLICY = Policy(exact_versions=dict.fromkeys(SIDES, True))

Names = tuple[str, ...]


def address(name: str) -> str:
    return f"{name}@example.org"


def shown(names: Names, *, slots: bool) -> Values:
    """A record's values with the addresses of these names."""
    if slots:
        return {f"mail{slot}": address(names[slot]) if slot < len(names) else None for slot in range(6)}
    return {"emails": tuple(Item(address(name)) for name in names)}


def names_in(values: Values) -> set[str]:
    found: set[str] = set()
    for value in values.values():
        items = value if isinstance(value, tuple) else (value,)
        found |= {str(getattr(item, "value", item)).removesuffix("@example.org") for item in items if item}
    return found


@dataclass
class Desk:
    """Two people, each with a record of the same contact, and the daemon between them."""

    mapping: ContactMapping
    link: Link
    records: dict[Side, Record]

    @classmethod
    def of(cls, slots: tuple[bool, bool], base: Names | None, left: Names, right: Names) -> "Desk":
        values = [shown(names, slots=each) for names, each in zip((left, right), slots, strict=True)]
        bases = [Base() if base is None else Base(shown(base, slots=each), "0") for each in slots]
        records = {side: Record(side.value, each, "1", 1.0) for side, each in zip(SIDES, values, strict=True)}
        return cls(MAPPINGS[slots], Link(1, "left", "right", *bases), records)

    def names(self, side: Side) -> set[str]:
        return names_in(self.records[side].values)

    def edit(self, side: Side, values: Values) -> None:
        old = self.records[side]
        self.records[side] = Record(old.id, {**old.values, **values}, f"{old.version}+", 1.0)

    def add(self, side: Side, name: str) -> None:
        self._show(side, tuple(sorted(self.names(side) | {name})))

    def remove(self, side: Side, name: str) -> None:
        values = self.records[side].values
        if "emails" in values:
            self._show(side, tuple(sorted(self.names(side) - {name})))
        else:  # a person empties that field, the others stay where they are
            self.edit(side, {slot: None for slot, value in values.items() if value == address(name)})

    def _show(self, side: Side, names: Names) -> None:
        self.edit(side, shown(names, slots="emails" not in self.records[side].values))

    def decide(self) -> Merged:
        outcome = reconcile(self.mapping, POLICY, self.link, self.records[Side.LEFT], self.records[Side.RIGHT])
        assert isinstance(outcome, Merged)
        assert len(outcome.writes) <= 1, "one side at a time"
        return outcome

    def carry_out(self) -> bool:
        """Decide and write; whether anything was written."""
        outcome = self.decide()
        self.link = outcome.link
        for side, write in outcome.writes.items():
            assert write.before == {name: self.records[side].values[name] for name in write.patch}
            self.edit(side, write.patch)
            self.link = arrived(
                self.link, side, patch=write.patch, source=write.source, agreed=write.agreed,
                version=self.records[side].version, stored=self.records[side], exact_versions=True,
            )  # fmt: skip
        return bool(outcome.writes)

    def come_to_rest(self) -> None:
        for _ in range(4):
            if not self.carry_out():
                break
        for side in SIDES:
            assert is_settled(self.mapping, self.link, side, self.records[side].values), "nothing is left to be done"


SETS = st.lists(st.sampled_from(NAMES), unique=True).map(tuple)
PLACES = st.sampled_from([*MAPPINGS])


@settings(max_examples=300, deadline=None)
@given(slots=PLACES, base=st.none() | SETS, left=SETS, right=SETS, side=st.sampled_from(SIDES), data=st.data())
def test_what_either_side_adds_or_removes_happens_to_both_whenever_it_comes(
    slots: tuple[bool, bool], base: Names | None, left: Names, right: Names, side: Side, data: st.DataObject
) -> None:
    desk = Desk.of(slots, base, left, right)
    kept = {*left} & {*right} if base is not None else {*left, *right}
    wanted = kept | ({*left, *right} - {*(base or ())})
    desk.carry_out()
    if data.draw(st.booleans(), label="somebody adds one between the two writes"):
        desk.add(side, "z")
        wanted.add("z")
    elif desk.names(side) and data.draw(st.booleans(), label="somebody removes one between the two writes"):
        name = data.draw(st.sampled_from(sorted(desk.names(side))))
        desk.remove(side, name)
        wanted.discard(name)
    desk.come_to_rest()
    assert desk.names(Side.LEFT) == desk.names(Side.RIGHT) == wanted


@pytest.mark.parametrize("slots", MAPPINGS)
@pytest.mark.parametrize("base", [None, ("a", "b")], ids=["no base", "a base"])
def test_news_of_both_sides_are_written_to_the_right_first(slots: tuple[bool, bool], base: Names | None) -> None:
    desk = Desk.of(slots, base, ("a", "b", "l"), ("a", "b", "r"))
    outcome = desk.decide()
    assert [*outcome.writes] == [Side.RIGHT]
    assert names_in({**desk.records[Side.RIGHT].values, **outcome.writes[Side.RIGHT].patch}) == {"a", "b", "l", "r"}


def only_write(desk: Desk) -> tuple[Side, Write]:
    ((side, write),) = desk.decide().writes.items()
    return side, write


@settings(max_examples=100, deadline=None)
@given(slots=PLACES, source=SETS, target=SETS, side=st.sampled_from(SIDES), first=st.booleans())
def test_a_target_without_news_of_its_own_shows_its_base_letter_by_letter_afterwards(
    slots: tuple[bool, bool], source: Names, target: Names, side: Side, first: bool
) -> None:
    """Else its own echo would have to be decided about."""
    if first:
        source = (*source, *(name for name in target if name not in source))
    if {*source} == {*target}:
        return
    records = (source, target) if side is Side.RIGHT else (target, source)
    desk = Desk.of(slots, None if first else target, *records)
    found, write = only_write(desk)
    assert found is side
    after = {**desk.records[side].values, **write.patch}
    assert {**desk.link.base(side).values, **write.agreed} == after
    assert write.source == desk.records[side.other].values


def test_where_there_is_no_room_for_all_it_comes_to_rest_and_what_is_missing_is_no_deletion() -> None:
    narrow = Schema.of(*(Field(f"mail{slot}", FieldType.EMAIL, semantic="emails", slot=slot) for slot in range(2)))
    mapping = compile_mapping(narrow, LISTS, direction=Direction.BOTH, region="DE")
    base, now = {"mail0": address("a"), "mail1": None}, shown(("a", "b", "c"), slots=False)
    link = Link(1, "left", "right", Base(base, "0"), Base(shown(("a",), slots=False), "0"))
    desk = Desk(mapping, link, {Side.LEFT: Record("left", base, "1", 1.0), Side.RIGHT: Record("right", now, "1", 1.0)})
    desk.come_to_rest()
    assert desk.names(Side.LEFT) == {"a", "b"}
    assert desk.names(Side.RIGHT) == {"a", "b", "c"}
    desk.add(Side.RIGHT, "d")
    assert desk.decide().writes == {}
    desk.come_to_rest()
    desk.remove(Side.RIGHT, "b")
    desk.come_to_rest()
    assert "b" not in desk.names(Side.LEFT)
    assert desk.names(Side.RIGHT) == {"a", "c", "d"}


def test_the_base_of_the_written_side_keeps_its_own_labels_and_what_the_other_has_no_room_for() -> None:
    """Else they would count as its news."""
    mapping = MAPPINGS[True, False]
    old = (Item(address("a"), "home"), Item(address("b"), "work"), Item(address("z"), "other"))
    left = shown(("a", "b"), slots=True)
    link = Link(1, "left", "right", Base(left, "0"), Base({"emails": old}, "0"))
    now = {**left, "mail2": address("c")}
    desk = Desk(mapping, link, {Side.LEFT: Record("left", now), Side.RIGHT: Record("right", {"emails": old})})
    side, write = only_write(desk)
    assert side is Side.RIGHT
    assert write.agreed == write.patch == {"emails": (*old, Item(address("c")))}
