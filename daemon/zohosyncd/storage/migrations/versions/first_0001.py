"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "journal",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("connection_id", NUMBER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("run", TEXT, server_default="", nullable=False),
        sa.Column("side", TEXT, nullable=True),
        sa.Column("left_id", TEXT, server_default="", nullable=False),
        sa.Column("right_id", TEXT, server_default="", nullable=False),
        sa.Column("fields", TEXT, server_default="", nullable=False),
        sa.Column("reason", TEXT, server_default="", nullable=False),
        sa.Column("at", sa.Float(), server_default="0", nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("side IN ('left', 'right')", name=op.f("ck_journal_side")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_journal_kind", "journal", ["connection_id", "kind", "at"], unique=False)
    op.create_index("ix_journal_left", "journal", ["connection_id", "left_id"], unique=False)
    op.create_index("ix_journal_right", "journal", ["connection_id", "right_id"], unique=False)
    op.create_table(
        "meta",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance_id", TEXT, nullable=False),
        sa.Column("application", TEXT, nullable=False),
        sa.Column("key_check", sa.LargeBinary(), nullable=False),
        sa.Column("ordinals", NUMBER, server_default="0", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_meta_one_row")),
        sa.CheckConstraint("ordinals >= 0", name=op.f("ck_meta_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meta")),
    )
    op.create_table(
        "secret",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secret")),
    )
    op.create_table(
        "shard",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("epoch", NUMBER, server_default="0", nullable=False),
        sa.CheckConstraint("epoch >= 0", name=op.f("ck_shard_not_negative")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_shard")),
    )
    op.create_table(
        "account",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("shard", TEXT, nullable=False),
        sa.Column("identity", TEXT, server_default="", nullable=False),
        sa.ForeignKeyConstraint(["shard"], ["shard.name"], name=op.f("fk_account_shard")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
    )
    op.create_table(
        "object",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("ref", TEXT, nullable=False),
        sa.Column("cursor", TEXT, nullable=True),
        sa.Column("complete", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("fields", TEXT, server_default="", nullable=False),
        sa.Column("scan", NUMBER, server_default="0", nullable=False),
        sa.Column("scan_cursor", TEXT, nullable=True),
        sa.Column("swept_at", sa.Float(), server_default="0", nullable=False),
        sa.Column("last_seq", NUMBER, server_default="0", nullable=False),
        sa.CheckConstraint("scan >= 0 AND last_seq >= 0", name=op.f("ck_object_not_negative")),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_object_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_object")),
        sa.UniqueConstraint("account", "ref", name=op.f("uq_object_account_ref")),
    )
    op.create_table(
        "connection",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("shard", TEXT, nullable=False),
        sa.Column("left_object", NUMBER, nullable=False),
        sa.Column("right_object", NUMBER, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("approved", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("left_offset", NUMBER, server_default="0", nullable=False),
        sa.Column("right_offset", NUMBER, server_default="0", nullable=False),
        sa.Column("mapping_version", TEXT, server_default="", nullable=False),
        sa.Column("last_link", NUMBER, server_default="0", nullable=False),
        sa.CheckConstraint(
            "stage IN ('reading', 'matching', 'approval', 'merging', 'creating', 'live')",
            name=op.f("ck_connection_stage"),
        ),
        sa.CheckConstraint(
            "left_offset >= 0 AND right_offset >= 0 AND last_link >= 0", name=op.f("ck_connection_not_negative")
        ),
        sa.ForeignKeyConstraint(["left_object"], ["object.id"], name=op.f("fk_connection_left_object")),
        sa.ForeignKeyConstraint(["right_object"], ["object.id"], name=op.f("fk_connection_right_object")),
        sa.ForeignKeyConstraint(["shard"], ["shard.name"], name=op.f("fk_connection_shard")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection")),
        sa.UniqueConstraint("name", name=op.f("uq_connection_name")),
    )
    op.create_table(
        "mirror",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("object_id", NUMBER, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("seq", NUMBER, server_default="0", nullable=False),
        sa.Column("version", TEXT, nullable=True),
        sa.Column("modified", sa.Float(), nullable=True),
        sa.Column("taken", NUMBER, server_default="0", nullable=False),
        sa.Column("answered", NUMBER, server_default="0", nullable=False),
        sa.Column("scan", NUMBER, server_default="0", nullable=False),
        sa.Column("gone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("moved_to", TEXT, server_default="", nullable=False),
        sa.Column("changed_at", sa.Float(), server_default="0", nullable=False),
        sa.Column("value_hash", sa.LargeBinary(), nullable=False),
        sa.Column("keys_hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("record_id <> ''", name=op.f("ck_mirror_has_id")),
        sa.CheckConstraint("seq > 0", name=op.f("ck_mirror_has_seq")),
        sa.CheckConstraint("taken >= 0 AND answered >= 0 AND scan >= 0", name=op.f("ck_mirror_not_negative")),
        sa.ForeignKeyConstraint(["object_id"], ["object.id"], name=op.f("fk_mirror_object_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mirror")),
        sa.UniqueConstraint("object_id", "record_id", name=op.f("uq_mirror_object_id_record_id")),
    )
    op.create_index("ix_mirror_seq", "mirror", ["object_id", "seq"], unique=True)
    op.create_table(
        "reread",
        sa.Column("object_id", NUMBER, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["object_id"], ["object.id"], name=op.f("fk_reread_object_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("object_id", "record_id", name=op.f("pk_reread")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "held",
        sa.Column("connection_id", NUMBER, nullable=False),
        sa.Column("side", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("field", TEXT, server_default="", nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("since", sa.Float(), server_default="0", nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('ambiguous', 'linked_elsewhere', 'clash', 'tombstone', 'no_key', 'unexplained', 'oscillation')",
            name=op.f("ck_held_reason"),
        ),
        sa.CheckConstraint("side IN ('left', 'right')", name=op.f("ck_held_side")),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_held_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "side", "record_id", "field", name=op.f("pk_held")),
    )
    op.create_index("ix_held_reason", "held", ["connection_id", "reason"], unique=False)
    op.create_table(
        "intent",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("connection_id", NUMBER, nullable=False),
        sa.Column("run", TEXT, server_default="", nullable=False),
        sa.Column("object_id", NUMBER, nullable=False),
        sa.Column("side", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("source_id", TEXT, server_default="", nullable=False),
        sa.Column("target_id", TEXT, server_default="", nullable=False),
        sa.Column("source_seq", NUMBER, server_default="0", nullable=False),
        sa.Column("target_seq", NUMBER, server_default="0", nullable=False),
        sa.Column("guarded", TEXT, server_default="", nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("batch", TEXT, server_default="", nullable=False),
        sa.Column("created_at", sa.Float(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.Float(), server_default="0", nullable=False),
        sa.Column("version", TEXT, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(kind = 'create') = (target_id = '')", name=op.f("ck_intent_target")),
        sa.CheckConstraint("guarded IN ('', 'delete', 'blank', 'create')", name=op.f("ck_intent_guarded")),
        sa.CheckConstraint("kind IN ('create', 'update', 'delete')", name=op.f("ck_intent_kind")),
        sa.CheckConstraint("side IN ('left', 'right')", name=op.f("ck_intent_side")),
        sa.CheckConstraint(
            "state IN ('planned', 'waiting', 'approved', 'sent', 'unknown')", name=op.f("ck_intent_state")
        ),
        sa.CheckConstraint("source_seq >= 0 AND target_seq >= 0", name=op.f("ck_intent_not_negative")),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_intent_connection_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["object_id"], ["object.id"], name=op.f("fk_intent_object_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_intent")),
        sa.UniqueConstraint("id", name=op.f("uq_intent_id")),
    )
    op.create_index("ix_intent_state", "intent", ["connection_id", "state"], unique=False)
    op.create_index("ix_intent_target", "intent", ["object_id", "target_id"], unique=False)
    op.create_table(
        "link",
        sa.Column("connection_id", NUMBER, nullable=False),
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("left_id", TEXT, server_default="", nullable=False),
        sa.Column("right_id", TEXT, server_default="", nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("by_hand", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("stored_differently", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("left_base", sa.LargeBinary(), nullable=False),
        sa.Column("right_base", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "NOT (status = 'live') OR (left_id <> '' AND right_id <> '')", name=op.f("ck_link_live_has_both")
        ),
        sa.CheckConstraint("status IN ('live', 'tombstone')", name=op.f("ck_link_status")),
        sa.CheckConstraint("id > 0", name=op.f("ck_link_has_id")),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_link_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "id", name=op.f("pk_link")),
    )
    op.create_index(
        "ix_link_stored_differently",
        "link",
        ["connection_id", "stored_differently"],
        unique=False,
        sqlite_where=sa.text("stored_differently"),
        postgresql_where=sa.text("stored_differently"),
    )
    op.create_index(
        "ix_link_tombstone_left",
        "link",
        ["connection_id", "left_id", "status"],
        unique=False,
        sqlite_where=sa.text("status = 'tombstone'"),
        postgresql_where=sa.text("status = 'tombstone'"),
    )
    op.create_index(
        "ix_link_tombstone_right",
        "link",
        ["connection_id", "right_id"],
        unique=False,
        sqlite_where=sa.text("status = 'tombstone'"),
        postgresql_where=sa.text("status = 'tombstone'"),
    )
    op.create_index(
        "ux_link_live_left",
        "link",
        ["connection_id", "left_id", "status"],
        unique=True,
        sqlite_where=sa.text("status = 'live'"),
        postgresql_where=sa.text("status = 'live'"),
    )
    op.create_index(
        "ux_link_live_right",
        "link",
        ["connection_id", "right_id"],
        unique=True,
        sqlite_where=sa.text("status = 'live'"),
        postgresql_where=sa.text("status = 'live'"),
    )
    op.create_table(
        "match_key",
        sa.Column("object_id", NUMBER, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["object_id", "record_id"],
            ["mirror.object_id", "mirror.record_id"],
            name=op.f("fk_match_key_object_id_record_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("object_id", "record_id", "kind", "digest", name=op.f("pk_match_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_match_key_digest", "match_key", ["object_id", "digest", "kind", "record_id"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("connection_id", NUMBER, nullable=False),
        sa.Column("side", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("field", TEXT, server_default="", nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("message", TEXT, server_default="", nullable=False),
        sa.Column("since", sa.Float(), server_default="0", nullable=False),
        sa.CheckConstraint("side IN ('left', 'right')", name=op.f("ck_quarantine_side")),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_quarantine_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "side", "record_id", "field", name=op.f("pk_quarantine")),
    )
    op.create_index("ix_quarantine_code", "quarantine", ["connection_id", "code"], unique=False)
    op.create_table(
        "create_claim",
        sa.Column("object_id", NUMBER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("intent_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["intent.id"], name=op.f("fk_create_claim_intent_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["object_id"], ["object.id"], name=op.f("fk_create_claim_object_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("object_id", "kind", "digest", name=op.f("pk_create_claim")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_create_claim_intent_id"), "create_claim", ["intent_id"], unique=False)
    op.create_table(
        "held_on_key",
        sa.Column("connection_id", NUMBER, nullable=False),
        sa.Column("side", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("field", TEXT, server_default="", nullable=False),
        sa.Column("on_kind", TEXT, nullable=False),
        sa.Column("on_digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id", "side", "record_id", "field"],
            ["held.connection_id", "held.side", "held.record_id", "held.field"],
            name=op.f("fk_held_on_key_connection_id_side_record_id_field"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "connection_id", "side", "record_id", "field", "on_kind", "on_digest", name=op.f("pk_held_on_key")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_held_on_key_on", "held_on_key", ["connection_id", "on_digest", "on_kind"], unique=False)
    op.create_table(
        "held_on_record",
        sa.Column("connection_id", NUMBER, nullable=False),
        sa.Column("side", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("field", TEXT, server_default="", nullable=False),
        sa.Column("on_side", TEXT, nullable=False),
        sa.Column("on_id", TEXT, nullable=False),
        sa.CheckConstraint("on_side IN ('left', 'right')", name=op.f("ck_held_on_record_on_side")),
        sa.ForeignKeyConstraint(
            ["connection_id", "side", "record_id", "field"],
            ["held.connection_id", "held.side", "held.record_id", "held.field"],
            name=op.f("fk_held_on_record_connection_id_side_record_id_field"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "connection_id", "side", "record_id", "field", "on_side", "on_id", name=op.f("pk_held_on_record")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_held_on_record_on", "held_on_record", ["connection_id", "on_side", "on_id"], unique=False)
