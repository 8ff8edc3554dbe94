"""Through servers that cut, lower or reformat what they store, three round trips settle and carry no damage back."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.lens.merge import merge_items
from zohosyncd.core.mapping import Pair, compile_mapping
from zohosyncd.core.phones import canonical_phone
from zohosyncd.core.record import Item, Postal, Value
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.side import Direction, Side

LEFT = Schema.of(
    Field("Last_Name", FieldType.TEXT, semantic="family_name", required=True, max_length=80),
    Field("Email", FieldType.EMAIL, semantic="emails"),
    Field("Second", FieldType.EMAIL, semantic="emails", slot=1),
    Field("Phone", FieldType.PHONE, semantic="phones", item_label="work", max_length=30),
    Field("Mobile", FieldType.PHONE, semantic="phones", slot=1, item_label="mobile", max_length=30),
    Field("City", FieldType.TEXT, semantic="address", part="city", max_length=8),
    Field("Birth", FieldType.DATE, semantic="birthday"),
    Field("Notes", FieldType.TEXT, semantic="notes"),
)
RIGHT = Schema.of(
    Field("family", FieldType.TEXT, semantic="family_name", max_length=6),
    Field("email", FieldType.EMAILS, semantic="emails"),
    Field("tel", FieldType.PHONES, semantic="phones"),
    Field("adr", FieldType.ADDRESS, semantic="address"),
    Field("bday", FieldType.DATE, semantic="birthday", yearless=True),
    Field("note", FieldType.TEXT, semantic="notes"),
)
MAPPING = compile_mapping(LEFT, RIGHT, direction=Direction.BOTH, region="DE")
word = st.text(min_size=1, max_size=12).filter(str.strip)
left_values = st.fixed_dictionaries(
    {
        "Last_Name": word,
        "Email": st.sampled_from([None, "Ann@Example.org", "b@x.de"]),
        "Second": st.sampled_from([None, "ann@example.org", "C@x.de"]),
        "Phone": st.sampled_from([None, "030 123456", "+49 (0)30 654321"]),
        "Mobile": st.sampled_from([None, "0171-55 55 555", "ask"]),
        "City": st.one_of(st.none(), word),
        "Birth": st.sampled_from([None, "1980-03-05"]),
        "Notes": st.one_of(st.none(), word),
    }
)
right_values = st.fixed_dictionaries(
    {
        "family": word,
        "email": st.lists(st.sampled_from(["d@x.de", "ann@EXAMPLE.org", "e@x.de"]).map(Item), max_size=3).map(tuple),
        "tel": st.lists(st.sampled_from(["+4930123456", "030 777777"]).map(Item), max_size=2).map(tuple),
        "adr": st.one_of(st.none(), st.builds(Postal, street=word, city=word)),
        "bday": st.sampled_from([None, "--03-05", "1980-03-05", "--04-06"]),
        "note": st.one_of(st.none(), word),
    }
)


def _texts(change: Callable[[str], str]) -> Callable[[Value], Value]:
    def apply(value: Value) -> Value:
        if isinstance(value, str):
            return change(value)
        if isinstance(value, tuple):
            return tuple(Item(change(item.value), item.label) for item in value)
        return value

    return apply


def _phone(text: str) -> str:
    return canonical_phone(text, "DE").replace("+49", "+49 ") if any(c.isdigit() for c in text) else text


SERVERS = {
    "cuts": _texts(lambda text: text[:5]),
    "lowers": _texts(str.lower),
    "reformats phones": _texts(_phone),
    "trims": _texts(str.strip),
}


def _step(pair: Pair, bases, values, server) -> bool:
    """One sync of one pair by the two-base rule, the base being what the app shows; whether anything was written."""
    views = {side: pair.lens(side).get(values[side]) for side in Side}
    old = {side: pair.lens(side).get(bases[side]) if bases else None for side in Side}
    wanted = dict(views)
    if pair.multi:
        left, right = merge_items(
            old[Side.LEFT], views[Side.LEFT] or (), old[Side.RIGHT], views[Side.RIGHT] or (), pair.canon_item
        )
        wanted = {Side.LEFT: left, Side.RIGHT: right}
    else:
        changed = {side: not bases or pair.canon(views[side]) != pair.canon(old[side]) for side in Side}
        if changed[Side.LEFT] or changed[Side.RIGHT]:
            source = pair.fuller(values[Side.LEFT], values[Side.RIGHT]) or (
                Side.LEFT if changed[Side.LEFT] else Side.RIGHT
            )
            if pair.canon(views[source]) is None and not bases:
                source = source.other
            wanted[source.other] = views[source]
    written = False
    for side in Side:
        patch = pair.lens(side).put(wanted[side], values[side])
        written = written or bool(patch)
        values[side].update({name: server(value) for name, value in patch.items()} if side is Side.RIGHT else patch)
    return written


@pytest.mark.parametrize("server", SERVERS)
@given(left=left_values, right=right_values)
def test_three_round_trips_settle(server, left, right):
    values = {Side.LEFT: dict(left), Side.RIGHT: dict(right)}
    bases = None
    for _ in range(3):
        seen = [_step(pair, bases, values, SERVERS[server]) for pair in MAPPING.pairs]
        bases = {side: dict(values[side]) for side in Side}
    assert not any(seen)


@pytest.mark.parametrize("server", SERVERS)
@given(left=left_values)
def test_no_damage_travels_back(server, left):
    values = {Side.LEFT: dict(left), Side.RIGHT: dict.fromkeys(RIGHT.fields)}
    bases = None
    for _ in range(3):
        for pair in MAPPING.pairs:
            _step(pair, bases, values, SERVERS[server])
        bases = {side: dict(values[side]) for side in Side}
    assert values[Side.LEFT] == left
