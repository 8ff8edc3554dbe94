"""Values as plain data: whatever is shown can be read again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.plain import plain, value_of
from zohosyncd.core.record import Item, Owner, Postal, Value

TEXTS = st.text(max_size=20)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**53), max_value=2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
    st.builds(Postal, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS),
    st.builds(Owner, TEXTS, TEXTS, TEXTS),
    st.lists(st.builds(Item, TEXTS, TEXTS), max_size=4).map(tuple),
)


@given(VALUES)
def test_what_is_written_to_a_file_is_read_as_it_was(value: Value) -> None:
    assert value_of(json.loads(json.dumps(plain(value)))) == value


@pytest.mark.parametrize(
    "nonsense", [[1], ["text"], {"street": "x"}, {"id": 1, "name": "", "email": ""}, [{"value": 1}]]
)
def test_what_nobody_wrote_is_refused(nonsense: object) -> None:
    with pytest.raises(ValueError, match="is not"):
        value_of(nonsense)
