"""Names of tags as sets within the limits of either app, and what can only be shown as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.lens.containers import NamesLens
from zohosyncd.core.lens.items import ItemsCanon
from zohosyncd.core.mapping import FieldPair, compile_mapping
from zohosyncd.core.name_sets import as_value
from zohosyncd.core.record import Item, Owner
from zohosyncd.core.schema import Containers, Field, FieldType, Schema
from zohosyncd.core.side import Direction
from zohosyncd.core.spelling import fold

T = FieldType
CANON = ItemsCanon(fold)
NAMES = st.lists(st.sampled_from(["VIP", "vip", "Straße", "STRASSE", "b2b", "long" * 9, "x", " "]), max_size=6)
VIEWS = NAMES.map(as_value)
LIMITS = st.builds(
    Containers,
    names=st.none() | st.just(("Vip", "b2b")),
    creatable=st.booleans(),
    max_length=st.none() | st.just(25),
    most=st.none() | st.integers(0, 3),
)


@given(LIMITS, VIEWS, VIEWS)
def test_laws(limits: Containers, view: tuple[Item, ...], now: tuple[Item, ...]) -> None:
    lens, values = NamesLens("t", limits), {"t": now}
    assert lens.put(lens.get(values), values) == {}
    after = {**values, **lens.put(view, values)}
    missing = {fold(item.value) for item, _reason in lens.left_out(view, values)}
    wanted = {fold(item.value) for item in view}
    assert {fold(item.value) for item in lens.get(after)} == wanted - missing
    assert lens.put(view, after) == {}
    kept = {fold(item.value) for item in now} & wanted
    assert kept & missing == set(), "what is there already stays, whatever the limits"
    if missing:
        assert limits.most is not None or limits.max_length is not None or not limits.creatable


def test_what_stays_keeps_its_spelling_and_what_comes_has_that_of_the_app() -> None:
    lens = NamesLens("t", Containers(names=("Key Account",)))
    put = lens.put((Item("VIP"), Item("key account"), Item("new")), {"t": (Item("old"), Item("vip"))})
    assert put == {"t": (Item("vip"), Item("Key Account"), Item("new"))}


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Containers(max_length=2), "longer than 2 characters"),
        (Containers(names=("a",), creatable=False), "the app has none of this name, and makes none"),
        (Containers(most=0), "more than 0 on one record"),
    ],
)
def test_what_has_no_place_is_told_with_the_reason(limits: Containers, reason: str) -> None:
    assert NamesLens("t", limits).left_out((Item("VIP"),), {"t": ()}) == ((Item("VIP"), reason),)


def test_a_view_of_what_fits_is_part_of_the_whole() -> None:
    lens, whole = NamesLens("t", Containers(max_length=3)), (Item("VIP"), Item("Partner"))
    assert lens.shows_part((Item("vip"),), whole)
    assert not lens.shows_part((), whole)
    assert not lens.shows_part((Item("other"),), whole)


ZOHO = Schema.of(
    Field("Owner", T.OWNER), Field("Created_Time", T.MOMENT, writable=False), Field("Tag", T.NAMES),
    Field("Score", T.NUMBER), containers={"tags": Containers(field="Tag", max_length=25, most=10)}, owner="Owner",
)  # fmt: skip
BOOK = Schema.of(Field("NOTE", T.TEXT), Field("CATEGORIES", T.NAMES), containers={"c": Containers(field="CATEGORIES")})


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Owner", Owner("7", "Ann Lee", "ann@x.org"), "Ann Lee"),
        ("Owner", Owner("7", "", "ann@x.org"), "ann@x.org"),
        ("Owner", Owner("7"), "7"),
        ("Owner", None, None),
        ("Created_Time", "2026-11-24T08:00:00+00:00", "2026-11-24T08:00:00+00:00"),
        ("Tag", (Item("vip"), Item("B2B")), "B2B, vip"),
        ("Tag", (), None),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_owners_moments_and_names_are_shown_as_text_one_way(name, value, shown, turned) -> None:
    sides, fields = (ZOHO, BOOK), (name, "NOTE")
    if turned:
        sides, fields = sides[::-1], fields[::-1]
    mapping = compile_mapping(*sides, pairs=[FieldPair(*fields)], direction=Direction.BOTH, region="")
    (pair,) = mapping.pairs
    assert pair.direction is (Direction.RIGHT_TO_LEFT if turned else Direction.LEFT_TO_RIGHT)
    assert pair.narrowed.startswith(f"{name} is a")
    assert "which a text can only show" in pair.narrowed
    source = pair.right if turned else pair.left
    assert source.get({name: value}) == shown
    assert source.put("other", {name: value}) == {}
    assert source.refuses("other", {name: value}) is not None


@pytest.mark.parametrize("fields", [("Owner", "CATEGORIES"), ("Score", "CATEGORIES"), ("Created_Time", "CATEGORIES")])
def test_nothing_else_goes_with_them(fields) -> None:
    from zohosyncd.core.errors import UsageError

    with pytest.raises(UsageError, match="different kinds of values"):
        compile_mapping(ZOHO, BOOK, pairs=[FieldPair(*fields)], direction=Direction.BOTH, region="")


def test_tags_and_categories_are_a_set_with_the_limits_of_either_app() -> None:
    pairs = [FieldPair("Tag", "CATEGORIES")]
    (pair,) = compile_mapping(ZOHO, BOOK, pairs=pairs, direction=Direction.BOTH, region="").pairs
    assert pair.multi
    assert pair.direction is Direction.BOTH
    assert pair.narrowed == ""
    assert pair.left.limits.most == 10
    assert pair.canon_item(Item("VIP")) == pair.canon_item(Item("vip"))
