"""Rows read together are what they are one value at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.connectors.zoho_crm.fields import ModuleSchema
from zohosyncd.connectors.zoho_crm.records import record_of
from zohosyncd.connectors.zoho_crm.row_reader import RowReader
from zohosyncd.core.errors import DataError
from zohosyncd.core.schema import Field, FieldType

KINDS = {kind.name: kind for kind in FieldType}
SCHEMA = ModuleSchema(
    {name: Field(name, kind) for name, kind in KINDS.items()}, hidden=frozenset({"URL", "NAMES", "NUMBER"})
)
NAMES = (*KINDS, "Unknown")

texts = st.sampled_from(["", "-None-", "x", "2026-11-24T12:00:00+01:00", "2026-11-24"]) | st.text(max_size=5)
plain = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | texts
linked = st.fixed_dictionaries({"id": texts, "name": texts | st.none()}) | st.just({})
values = plain | linked | st.lists(texts | linked | plain, max_size=3)
rows = st.dictionaries(st.sampled_from([*NAMES, "Modified_Time"]), values).map(lambda row: {**row, "id": "1"})


@given(rows, st.lists(st.sampled_from(NAMES), max_size=len(NAMES)))
def test_a_row_is_read_as_its_values_are_one_by_one(row, fields):
    assert RowReader(fields, SCHEMA).record(row) == record_of(row, fields, SCHEMA)


PLAIN = ["TEXT", "EMAIL", "CHOICE", "BOOLEAN", "NUMBER"]
complete = st.fixed_dictionaries({"id": st.just("1"), **dict.fromkeys(PLAIN, plain)})


@given(complete)
def test_so_is_a_row_with_nothing_but_plain_values(row):
    assert RowReader(PLAIN, SCHEMA).record(row) == record_of(row, PLAIN, SCHEMA)


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("odd", ["", "-None-", None, [], {}, ["a", "b"], {"id": "2", "name": "Acme"}])
def test_one_odd_value_among_plain_ones(kind, odd):
    row = {"id": "1", **dict.fromkeys(PLAIN, "x"), kind: odd}
    assert RowReader(PLAIN, SCHEMA).record(row) == record_of(row, PLAIN, SCHEMA)


@pytest.mark.parametrize("record_id", [None, "", 5545974000002000001])
def test_a_row_without_a_textual_id_is_no_record(record_id):
    with pytest.raises(DataError, match="without a textual id"):
        RowReader(["TEXT"], SCHEMA).record({"id": record_id, "TEXT": "x"})


@given(st.lists(rows, max_size=4), st.lists(st.sampled_from(NAMES), max_size=len(NAMES)))
def test_what_a_row_teaches_changes_none_of_the_next(rows, fields):
    reader = RowReader(fields, SCHEMA)
    for row in rows:
        assert reader.record(row) == record_of(row, fields, SCHEMA)
