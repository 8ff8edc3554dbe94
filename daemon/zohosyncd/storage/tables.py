"""The tables, with the constraints that keep impossible states out.

Columns of type ``LargeBinary`` named ``body``, ``left_base``, ``right_base``, ``remembered`` and ``value`` are
encrypted by :mod:`zohosyncd.storage.codec`; no statement looks into them. Times are wall seconds. An empty text says
"none", so that unique indexes mean the same on every database; a version is NULL where the app has none.

A change here needs a migration: a test compares both.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

from zohosyncd.core.link import LinkStatus
from zohosyncd.core.rules.scope import Standing
from zohosyncd.core.side import Side
from zohosyncd.ports.connector import WriteKind
from zohosyncd.ports.store import HoldReason, IntentState, Stage

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_TEXT = String().with_variant(String(collation="C"), "postgresql")
"""Ids and names compare by bytes everywhere."""

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""Whole numbers that grow for ever; SQLite numbers rows by itself only in INTEGER columns."""

LIVE = f"status = '{LinkStatus.LIVE}'"
TOMBSTONE = f"status = '{LinkStatus.TOMBSTONE}'"
OUTSIDE = f"standing <> '{Standing.IN}'"
MOVED = "moved_to <> ''"
"""Conditions of partial indexes; a query is served by them only if it spells them as literals, too."""


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    names = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({names})", name=column)


def _not_negative(*columns: str) -> CheckConstraint:
    return CheckConstraint(" AND ".join(f"{column} >= 0" for column in columns), name="not_negative")


def _text(name: str, default: str | None = "", **options: Any) -> Column[str]:
    if default is None:
        return Column(name, _TEXT, nullable=False, **options)
    return Column(name, _TEXT, nullable=False, server_default=default, **options)


def _number(name: str, **options: Any) -> Column[int]:
    return Column(name, _NUMBER, nullable=False, server_default="0", **options)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("false"))


def _time(name: str) -> Column[float]:
    return Column(name, Float, nullable=False, server_default="0")


def _blob(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def _where(condition: str, name: str, *columns: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(condition), postgresql_where=text(condition))


def _belongs_to_connection() -> Column[int]:
    return Column("connection_id", _NUMBER, ForeignKey("connection.id", ondelete="CASCADE"), nullable=False)


def _belongs_to_object() -> Column[int]:
    return Column("object_id", _NUMBER, ForeignKey("object.id", ondelete="CASCADE"), nullable=False)


meta = Table(
    "meta",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _text("instance_id", None),
    _text("application", None),
    _blob("key_check"),
    _number("ordinals"),
    _number("generation"),
    CheckConstraint("id = 1", name="one_row"),
    _not_negative("ordinals"),
)
"""One row. ``ordinals``: no ordinal beyond it has been stored. ``generation``: grows with each opening, closing and
backup; a copy that is put back is known by a smaller one than stands beside the file."""

shard = Table("shard", metadata, _text("name", None, primary_key=True), _number("epoch"), _not_negative("epoch"))
"""Connections that share accounts; ``epoch`` is the fencing number of the replica that may write."""

account = Table(
    "account",
    metadata,
    _text("name", None, primary_key=True),
    Column("shard", _TEXT, ForeignKey("shard.name"), nullable=False),
    _text("identity"),
    _text("spending"),
)
"""``spending``: JSON, the API credits of the last 24 hours."""

object_ = Table(
    "object",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("account", _TEXT, ForeignKey("account.name"), nullable=False),
    _text("ref", None),
    Column("cursor", _TEXT),
    _flag("complete"),
    _text("fields"),
    _number("scan"),
    Column("scan_cursor", _TEXT),
    _time("swept_at"),
    _number("last_seq"),
    _number("missing"),
    _number("missing_of"),
    UniqueConstraint("account", "ref"),
    _not_negative("scan", "last_seq"),
)
"""``fields``: JSON list. ``last_seq``: the seq given last. ``missing``, ``missing_of``: how many of how many records a
complete read lacked, if that was so much that a person has to look at it."""

connection = Table(
    "connection",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    _text("name", None, unique=True),
    Column("shard", _TEXT, ForeignKey("shard.name"), nullable=False),
    Column("left_object", _NUMBER, ForeignKey("object.id"), nullable=False),
    Column("right_object", _NUMBER, ForeignKey("object.id"), nullable=False),
    _text("stage", None),
    _flag("approved"),
    _number("left_offset"),
    _number("right_offset"),
    _text("mapping_version"),
    _number("last_link"),
    _time("paused"),
    _text("meanings"),
    _text("forecast"),
    _time("recovery"),
    _one_of("stage", Stage),
    _not_negative("left_offset", "right_offset", "last_link"),
)
"""``last_link``: the number of the link made last. ``meanings``: JSON, by version the hashes of its pairs of fields.
``paused``: since when a person lets it write nothing, 0 while it may.
``forecast``: JSON, what a first sync that waits for approval would do, in numbers.
``recovery``: since when it recovers from an old state that was put back, 0 if it does not."""

mirror = Table(
    "mirror",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    _belongs_to_object(),
    _text("record_id", None),
    _number("seq"),
    Column("version", _TEXT),
    Column("modified", Float),
    _number("taken"),
    _number("answered"),
    _number("scan"),
    _flag("gone"),
    _text("moved_to"),
    _time("changed_at"),
    _blob("value_hash"),
    _blob("keys_hash"),
    _blob("body"),
    UniqueConstraint("object_id", "record_id"),
    CheckConstraint("record_id <> ''", name="has_id"),
    CheckConstraint("seq > 0", name="has_seq"),
    _not_negative("taken", "answered", "scan"),
    Index("ix_mirror_seq", "object_id", "seq", unique=True),
    _where(MOVED, "ix_mirror_moved_to", "object_id", "moved_to"),
)
"""``answered``: ordinal of the last answer to our own write. ``changed_at``: when the row got its seq."""

match_key = Table(
    "match_key",
    metadata,
    Column("object_id", _NUMBER, primary_key=True),
    _text("record_id", None, primary_key=True),
    _text("kind", None, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    ForeignKeyConstraint(["object_id", "record_id"], ["mirror.object_id", "mirror.record_id"], ondelete="CASCADE"),
    Index("ix_match_key_digest", "object_id", "digest", "kind", "record_id"),
    sqlite_with_rowid=False,
)

link = Table(
    "link",
    metadata,
    Column("connection_id", _NUMBER, ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True),
    Column("id", _NUMBER, primary_key=True, autoincrement=False),
    _text("left_id"),
    _text("right_id"),
    _text("status", None),
    _flag("by_hand"),
    _flag("stored_differently"),
    _blob("left_base"),
    _blob("right_base"),
    _text("standing", "in"),
    _text("version"),
    Column("remembered", LargeBinary),
    _one_of("status", LinkStatus),
    CheckConstraint(f"NOT ({LIVE}) OR (left_id <> '' AND right_id <> '')", name="live_has_both"),
    CheckConstraint("id > 0", name="has_id"),
    _where(LIVE, "ux_link_live_left", "connection_id", "left_id", "status", unique=True),
    _where(LIVE, "ux_link_live_right", "connection_id", "right_id", unique=True),
    _where(TOMBSTONE, "ix_link_tombstone_left", "connection_id", "left_id", "status"),
    _where(TOMBSTONE, "ix_link_tombstone_right", "connection_id", "right_id"),
    _where("stored_differently", "ix_link_stored_differently", "connection_id", "stored_differently"),
    _where(OUTSIDE, "ix_link_outside", "connection_id", "standing"),
)
"""Two records of a connection; a tombstone outlives its records. ``id`` counts within the connection.
``remembered``: of rules and consent, encrypted, NULL for nothing.

The indexes name the column of their own condition too: only then do counts need nothing but the index.
"""

intent = Table(
    "intent",
    metadata,
    Column("number", _NUMBER, primary_key=True),
    _text("id", None, unique=True),
    _belongs_to_connection(),
    _text("run"),
    _belongs_to_object(),
    _text("side", None),
    _text("kind", None),
    _text("source_id"),
    _text("target_id"),
    _number("source_seq"),
    _number("target_seq"),
    _text("guarded"),
    _text("state", None),
    _text("batch"),
    _time("created_at"),
    _time("sent_at"),
    Column("version", _TEXT),
    _text("replaces"),
    _blob("body"),
    _one_of("side", Side),
    _one_of("kind", WriteKind),
    _one_of("state", IntentState),
    CheckConstraint("(kind = 'create') = (target_id = '')", name="target"),
    CheckConstraint("guarded IN ('', 'delete', 'blank', 'create', 'opt_out', 'undo', 'restore')", name="guarded"),
    _not_negative("source_seq", "target_seq"),
    Index("ix_intent_state", "connection_id", "state"),
    Index("ix_intent_target", "object_id", "target_id"),
)

create_claim = Table(
    "create_claim",
    metadata,
    Column("object_id", _NUMBER, ForeignKey("object.id", ondelete="CASCADE"), primary_key=True),
    _text("kind", None, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("intent_id", _TEXT, ForeignKey("intent.id", ondelete="CASCADE"), nullable=False, index=True),
    sqlite_with_rowid=False,
)
"""Match keys that an open create reserves in its target object: two creates of one person cannot both be open."""

held = Table(
    "held",
    metadata,
    Column("connection_id", _NUMBER, ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True),
    _text("side", None, primary_key=True),
    _text("record_id", None, primary_key=True),
    _text("field", primary_key=True),
    _text("reason", None),
    _time("since"),
    _blob("body"),
    _text("decision"),
    _one_of("side", Side),
    _one_of("reason", HoldReason),
    Index("ix_held_reason", "connection_id", "reason"),
)

"""``decision``: what a person has decided about it and the next look carries out, "" for nothing yet."""

apart = Table(
    "apart",
    metadata,
    Column("connection_id", _NUMBER, ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True),
    _text("left_id", None, primary_key=True),
    _text("right_id", None, primary_key=True),
    _flag("strangers"),
    _time("since"),
    Index("ix_apart_right", "connection_id", "right_id"),
    sqlite_with_rowid=False,
)
"""Pairs that a person has parted for good. ``strangers``: two people, and each may get a partner of its own."""

_HELD = ("connection_id", "side", "record_id", "field")


def _of_a_hold() -> tuple[Any, ...]:
    return (
        Column("connection_id", _NUMBER, primary_key=True),
        _text("side", None, primary_key=True),
        _text("record_id", None, primary_key=True),
        _text("field", primary_key=True),
        ForeignKeyConstraint(_HELD, [f"held.{name}" for name in _HELD], ondelete="CASCADE"),
    )


held_on_record = Table(
    "held_on_record",
    metadata,
    *_of_a_hold(),
    _text("on_side", None, primary_key=True),
    _text("on_id", None, primary_key=True),
    _one_of("on_side", Side),
    Index("ix_held_on_record_on", "connection_id", "on_side", "on_id"),
    sqlite_with_rowid=False,
)
"""Records whose change re-examines a hold."""

held_on_key = Table(
    "held_on_key",
    metadata,
    *_of_a_hold(),
    _text("on_kind", None, primary_key=True),
    Column("on_digest", LargeBinary, primary_key=True),
    Index("ix_held_on_key_on", "connection_id", "on_digest", "on_kind"),
    sqlite_with_rowid=False,
)
"""Match keys whose appearance or loss re-examines a hold."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("connection_id", _NUMBER, ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True),
    _text("side", None, primary_key=True),
    _text("record_id", None, primary_key=True),
    _text("field", primary_key=True),
    _text("code", None),
    _text("message"),
    _time("since"),
    _one_of("side", Side),
    Index("ix_quarantine_code", "connection_id", "code"),
)

journal = Table(
    "journal",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("connection_id", _NUMBER, nullable=False),
    _text("kind", None),
    _text("run"),
    Column("side", _TEXT),
    _text("left_id"),
    _text("right_id"),
    _text("fields"),
    _text("reason"),
    _time("at"),
    _blob("body"),
    _one_of("side", Side),
    Index("ix_journal_kind", "connection_id", "kind", "at"),
    Index("ix_journal_left", "connection_id", "left_id"),
    Index("ix_journal_right", "connection_id", "right_id"),
    sqlite_autoincrement=True,
)
"""Append only; it points at nothing, so that it outlives everything. ``fields``: JSON list."""

reread = Table(
    "reread",
    metadata,
    Column("object_id", _NUMBER, ForeignKey("object.id", ondelete="CASCADE"), primary_key=True),
    _text("record_id", None, primary_key=True),
    sqlite_with_rowid=False,
)
"""Records whose observation was not accepted."""

suppressed = Table(
    "suppressed",
    metadata,
    Column("subject", LargeBinary, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Index("ix_suppressed_digest", "digest"),
    sqlite_with_rowid=False,
)
"""Keyed hashes of addresses and records of people who were erased: what has one of them is not stored.

``subject``: the hash of the address that was named; it is one of the hashes itself.
"""

secret = Table("secret", metadata, _text("name", None, primary_key=True), _blob("value"))

notice = Table(
    "notice",
    metadata,
    _text("trouble", None, primary_key=True),
    _text("subject", None, primary_key=True),
    _time("since"),
    _text("told"),
    sqlite_with_rowid=False,
)
"""Troubles that stand, with the channels by which people were told of them. ``subject``: an account or a connection."""
