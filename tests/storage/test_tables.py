"""Tables: migrations equal the metadata, impossible rows are refused, and the frequent questions use an index."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from zohosyncd.core.link import LinkStatus
from zohosyncd.core.side import Side
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import HoldReason, IntentState, Stage
from zohosyncd.storage import schema
from zohosyncd.storage.tables import metadata

ID = "a" * 32


@pytest.fixture
def database(fresh: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A migrated database with one connection, spoken to past the store."""
    path = tmp_path / "copy.db"
    path.write_bytes(fresh.read_bytes())
    opened = sqlite3.connect(path, isolation_level=None)
    opened.execute("PRAGMA foreign_keys = ON")
    opened.execute("INSERT INTO account (name, shard) VALUES ('crm', 'main')")
    for number in (1, 2):
        opened.execute("INSERT INTO object (id, account, ref) VALUES (?, 'crm', ?)", (number, str(number)))
    opened.execute(
        "INSERT INTO connection (id, name, shard, left_object, right_object, stage) VALUES (1, 'c', 'main', 1, 2, 'live')"
    )
    yield opened
    opened.close()


def shape(connection: sa.Connection) -> dict[str, list[str]]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: parts(" ".join(sql.split())) for name, sql in rows if name != "alembic_version"}


def parts(statement: str) -> list[str]:
    """The definitions of a statement in alphabetical order: constraints mean the same in any order."""
    head, _, rest = statement.partition("(")
    body, _, tail = rest.rpartition(")")
    found, depth = [head + tail], 0
    for piece in body.split(","):
        if depth:
            found[-1] += "," + piece
        else:
            found.append(piece.strip())
        depth += piece.count("(") - piece.count(")")
    return sorted(each.strip() for each in found)


def test_migrations_lead_to_exactly_the_tables_of_the_code() -> None:
    by_migrations, by_metadata = sa.create_engine("sqlite://"), sa.create_engine("sqlite://")
    with by_migrations.begin() as migrated, by_metadata.begin() as made:
        schema.bring_up_to_date(migrated)
        metadata.create_all(made)
        assert shape(migrated) == shape(made)
        assert schema.version(migrated) == schema.HEAD
    by_migrations.dispose()
    by_metadata.dispose()


def test_an_older_state_keeps_its_rows_when_it_is_brought_up_to_date() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as sql:
        schema.bring_up_to_date(sql, "0001")
        sql.exec_driver_sql("INSERT INTO shard (name) VALUES ('one')")
        sql.exec_driver_sql("INSERT INTO account (name, shard) VALUES ('crm', 'one')")
        sql.exec_driver_sql("INSERT INTO object (id, account, ref) VALUES (1, 'crm', 'Contacts')")
        sql.exec_driver_sql(
            "INSERT INTO connection (id, name, shard, left_object, right_object, stage) VALUES (1, 'c', 'one', 1, 1, 'live')"
        )
        sql.exec_driver_sql(
            "INSERT INTO intent (id, connection_id, object_id, side, kind, state, body) "
            "VALUES ('1', 1, 1, 'left', 'create', 'sent', x'00')"
        )
        schema.bring_up_to_date(sql)
        assert sql.exec_driver_sql("SELECT id, state, replaces FROM intent").all() == [("1", "sent", "")]
        assert schema.version(sql) == schema.HEAD
    engine.dispose()


def test_every_table_and_index_can_be_made_on_postgresql() -> None:
    for table in metadata.sorted_tables:
        text = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        assert "CREATE TABLE" in text
        for index in table.indexes:
            text = str(CreateIndex(index).compile(dialect=postgresql.dialect()))
            assert ("WHERE" in text) == (index.dialect_options["sqlite"]["where"] is not None)


def insert(database: sqlite3.Connection, table: str, **columns: Any) -> None:
    marks = ", ".join("?" * len(columns))
    database.execute(f'INSERT INTO "{table}" ({", ".join(columns)}) VALUES ({marks})', tuple(columns.values()))


LINK = {
    "connection_id": 1,
    "id": 1,
    "left_id": "l",
    "right_id": "r",
    "status": "live",
    "left_base": b"",
    "right_base": b"",
}
INTENT = {"id": ID, "connection_id": 1, "object_id": 1, "side": "left", "kind": "update", "target_id": "1", "state": "planned", "body": b""}  # fmt: skip
MIRROR = {"object_id": 1, "record_id": "1", "seq": 1, "value_hash": b"", "keys_hash": b"", "body": b""}
HELD = {"connection_id": 1, "side": "left", "record_id": "1", "reason": "clash", "body": b""}
IMPOSSIBLE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    *(("link", LINK, wrong) for wrong in ({"left_id": ""}, {"right_id": ""}, {"status": "dead"}, {"id": 0}, {"connection_id": 9})),
    *(("intent", INTENT, wrong) for wrong in (
        {"kind": "create"}, {"target_id": ""}, {"kind": "delete", "target_id": ""}, {"kind": "merge"}, {"side": "both"},
        {"state": "done"}, {"source_seq": -1}, {"target_seq": -1}, {"object_id": 9}, {"connection_id": 9}, {"guarded": "x"},
    )),
    *(("mirror", MIRROR, wrong) for wrong in (
        {"seq": 0}, {"seq": -1}, {"taken": -1}, {"answered": -1}, {"record_id": ""}, {"object_id": 9}, {"body": None},
    )),
    *(("held", HELD, wrong) for wrong in ({"side": ""}, {"reason": "because"}, {"connection_id": 9})),
    ("create_claim", {"object_id": 1, "kind": "email", "digest": b"x"}, {"intent_id": "nobody"}),
    ("match_key", {"object_id": 1, "kind": "email", "digest": b"x"}, {"record_id": "nobody"}),
    ("reread", {"record_id": "1"}, {"object_id": 9}),
    ("connection", {"name": "d", "shard": "main", "left_object": 1, "right_object": 2}, {"stage": "asleep"}),
    ("connection", {"name": "d", "shard": "main", "left_object": 1, "stage": "live"}, {"right_object": 9}),
    ("account", {"name": "new"}, {"shard": "nowhere"}),
    ("meta", {"instance_id": "x", "application": "x", "key_check": b""}, {"id": 2}),
    ("journal", {"connection_id": 1, "kind": "updated", "body": b""}, {"side": "middle"}),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row", "wrong"), IMPOSSIBLE)
def test_an_impossible_row_is_refused(
    database: sqlite3.Connection, table: str, row: dict[str, Any], wrong: dict[str, Any]
) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        insert(database, table, **{**row, **wrong})


def test_possible_rows_are_accepted(database: sqlite3.Connection) -> None:
    for table, row in (("link", LINK), ("intent", INTENT), ("mirror", MIRROR), ("held", HELD)):
        insert(database, table, **row)
    insert(database, "create_claim", object_id=1, kind="email", digest=b"x", intent_id=ID)
    with pytest.raises(sqlite3.IntegrityError):
        insert(database, "create_claim", object_id=1, kind="email", digest=b"x", intent_id=ID)
    insert(database, "link", **{**LINK, "id": 2, "status": "tombstone", "right_id": ""})


def test_every_value_of_an_enumeration_is_accepted(database: sqlite3.Connection) -> None:
    for number, reason in enumerate(HoldReason):
        insert(database, "held", **{**HELD, "record_id": str(number), "reason": reason.value})
    for number, state in enumerate(IntentState):
        insert(database, "intent", **{**INTENT, "id": str(number), "state": state.value})
    for kind in (WriteKind.UPDATE, WriteKind.DELETE):
        insert(database, "intent", **{**INTENT, "id": kind.value, "kind": kind.value})
    for number, status in enumerate(LinkStatus, 1):
        insert(database, "link", **{**LINK, "id": number, "status": status.value})
    for stage in Stage:
        database.execute("UPDATE connection SET stage = ?", (stage.value,))
    for side in Side:
        insert(database, "journal", connection_id=1, kind="updated", body=b"", side=side.value)


def test_the_journal_outlives_its_connection(database: sqlite3.Connection) -> None:
    insert(database, "journal", connection_id=1, kind="updated", body=b"")
    insert(database, "held", **HELD)
    database.execute("DELETE FROM connection")
    assert database.execute("SELECT count(*) FROM journal").fetchone() == (1,)
    assert database.execute("SELECT count(*) FROM held").fetchone() == (0,)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT * FROM mirror WHERE object_id = 1 AND seq > 5 ORDER BY seq LIMIT 100", "ix_mirror_seq"),
        ("SELECT count(*) FROM mirror WHERE object_id = 1 AND seq > 5", "COVERING INDEX ix_mirror_seq"),
        ("SELECT * FROM link WHERE connection_id = 1 AND status = 'live' AND left_id IN (?, ?)", "ux_link_live_left"),
        ("SELECT * FROM link WHERE connection_id = 1 AND status = 'live' AND right_id IN (?)", "ux_link_live_right"),
        ("SELECT * FROM link WHERE connection_id = 1 AND status = 'tombstone' AND left_id IN (?)", "ix_link_tombstone"),
        ("SELECT count(*) FROM link WHERE connection_id = 1 AND status = 'live'", "COVERING INDEX ux_link_live"),
        ("SELECT count(*) FROM link WHERE connection_id = 1 AND stored_differently", "ix_link_stored_differently"),
        ("SELECT record_id FROM match_key WHERE object_id = 1 AND kind = ? AND digest IN (?)", "ix_match_key_digest"),
        ("SELECT target_id FROM intent WHERE object_id = 1 AND target_id IN (?) AND state IN (?)", "ix_intent_target"),
        ("SELECT state, count(*) FROM intent WHERE connection_id = 1 GROUP BY state", "COVERING INDEX ix_intent_state"),
        ("SELECT count(*) FROM journal WHERE connection_id = 1 AND kind IN (?) AND at >= 5", "ix_journal_kind"),
        ("SELECT reason, count(*) FROM held WHERE connection_id = 1 GROUP BY reason", "COVERING INDEX ix_held_reason"),
    ],
)
def test_frequent_questions_use_an_index(database: sqlite3.Connection, query: str, index: str) -> None:
    plan = " | ".join(
        row[3] for row in database.execute("EXPLAIN QUERY PLAN " + query, ("",) * query.count("?")).fetchall()
    )
    assert index in plan
    assert "SCAN" not in plan
