"""What can be said survives being written out and read again, and an editor accepts all of it."""

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.settings.test_editor_schema import plain, wrong
from zohosyncd.settings import Connection
from zohosyncd.settings.toml_text import key_text, text_of
from zohosyncd.settings.values import format_duration, parse_duration

texts = st.text(min_size=1, max_size=8).filter(lambda text: text.strip() and "$" not in text)
scalars = st.one_of(texts, st.booleans(), st.integers(-(10**9), 10**9), st.floats(-1e6, 1e6))
containers = st.sampled_from(["tags", "labels", "groups", "lists", "categories"])
moments = st.one_of(st.dates().map(str), st.datetimes(timezones=st.timezones()).map(lambda each: each.isoformat()))
numbers = st.integers(-1000, 1000) | st.floats(-1e6, 1e6)
comparisons = st.one_of(
    *(
        st.fixed_dictionaries({"field": texts, operator: operands})
        for operators, operands in (
            (("is", "is_not"), scalars),
            (("in", "not_in"), st.lists(scalars, min_size=1, max_size=3)),
            (("contains", "starts_with"), texts),
            (("exists", "empty"), st.booleans()),
            (("before", "after"), moments),
            (("greater", "less"), numbers),
        )
        for operator in operators
    )
)
plain_clauses = st.one_of(
    comparisons,
    st.fixed_dictionaries({"owner": texts}),
    st.fixed_dictionaries({"opted_out": st.booleans()}),
    st.fixed_dictionaries({"has": containers, "value": texts}),
    st.fixed_dictionaries({"created": st.fixed_dictionaries({"after": moments})}),
)
clauses = st.recursive(
    plain_clauses,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=6,
)
SIDES = {"left": {"account": "zoho"}, "right": {"account": "book"}}


@given(st.lists(clauses, max_size=3))
def test_clauses_come_back_as_they_were_said(said: list[Any]) -> None:
    values = {**SIDES, "rules": [{"from": "zoho", "if": said}]}
    connection = Connection.model_validate({"name": "x", **values})
    shown = connection.model_dump(mode="json", by_alias=True, exclude_unset=True)
    text = "\n".join(f"{key_text(key)} = {text_of(value)}" for key, value in shown.items() if key != "name")
    again = tomllib.loads(text)
    assert Connection.model_validate({"name": "x", **again}) == connection
    assert wrong("connection", text) == []


@given(st.dictionaries(st.text(max_size=5), scalars | st.lists(scalars, max_size=3), max_size=4))
def test_any_value_is_written_as_toml(values: dict[str, Any]) -> None:
    text = "\n".join(f"{key_text(key)} = {text_of(value)}" for key, value in values.items())
    assert plain(tomllib.loads(text)) == values


@given(st.integers(1, 10**9).map(lambda milliseconds: milliseconds / 1000))
def test_durations_come_back(seconds: float) -> None:
    assert abs(parse_duration(format_duration(seconds)) - seconds) < 1e-6
