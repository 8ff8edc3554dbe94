"""What accounts spend, what links remember, pairs that were parted, pauses, decisions, recovery, who was erased."""

import sqlalchemy as sa
from alembic import op

from zohosyncd.storage.migrations.versions.first_0001 import NUMBER, TEXT

revision = "0003"
down_revision = "0002"

_HELD = "'ambiguous', 'linked_elsewhere', 'clash', 'tombstone', 'no_key', 'unexplained', "


def upgrade() -> None:
    """Add columns and a table, and let two columns take more words."""
    no = sa.text("false")
    op.add_column("account", sa.Column("spending", TEXT, server_default="", nullable=False))
    op.add_column("connection", sa.Column("paused", sa.Float(), server_default="0", nullable=False))
    op.add_column("connection", sa.Column("meanings", TEXT, server_default="", nullable=False))
    op.add_column("connection", sa.Column("forecast", TEXT, server_default="", nullable=False))
    op.add_column("connection", sa.Column("recovery", sa.Float(), server_default="0", nullable=False))
    op.add_column("meta", sa.Column("generation", NUMBER, server_default="0", nullable=False))
    op.create_table(
        "suppressed",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "digest", name=op.f("pk_suppressed")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_suppressed_digest", "suppressed", ["digest"], unique=False)
    op.add_column("object", sa.Column("missing", NUMBER, server_default="0", nullable=False))
    op.add_column("object", sa.Column("missing_of", NUMBER, server_default="0", nullable=False))
    op.add_column("link", sa.Column("standing", TEXT, server_default="in", nullable=False))
    op.add_column("link", sa.Column("version", TEXT, server_default="", nullable=False))
    op.add_column("link", sa.Column("remembered", sa.LargeBinary(), nullable=True))
    op.create_index(
        "ix_link_outside",
        "link",
        ["connection_id", "standing"],
        unique=False,
        sqlite_where=sa.text("standing <> 'in'"),
        postgresql_where=sa.text("standing <> 'in'"),
    )
    op.add_column("held", sa.Column("decision", TEXT, server_default="", nullable=False))
    op.create_table(
        "apart",
        sa.Column("connection_id", NUMBER, nullable=False),
        sa.Column("left_id", TEXT, nullable=False),
        sa.Column("right_id", TEXT, nullable=False),
        sa.Column("strangers", sa.Boolean(), server_default=no, nullable=False),
        sa.Column("since", sa.Float(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_apart_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "left_id", "right_id", name=op.f("pk_apart")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notice",
        sa.Column("trouble", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("since", sa.Float(), server_default="0", nullable=False),
        sa.Column("told", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("trouble", "subject", name=op.f("pk_notice")),
        sqlite_with_rowid=False,
    )
    # Access tokens have another place since then, in which no secret of a person can stand; they are made anew.
    op.execute(sa.text("DELETE FROM secret WHERE name LIKE '%.access-token'"))
    op.create_index("ix_apart_right", "apart", ["connection_id", "right_id"], unique=False)
    guarded = "guarded IN ('', 'delete', 'blank', 'create'{})"
    _reword("intent", "guarded", guarded.format(""), guarded.format(", 'opt_out', 'undo', 'restore'"))
    reason = f"reason IN ({_HELD}{{}}'oscillation')"
    _reword("held", "reason", reason.format(""), reason.format("'consent', 'leaving', 'shared_mailbox', "))


def _reword(table: str, column: str, old: str, new: str) -> None:
    """Replace a CHECK. SQLite cannot, except in the text of its schema; what it stores is the same before and after.

    Source: SQLite, "ALTER TABLE", the procedure for changes that do not affect the content on disk.
    """
    sql = op.get_bind()
    if sql.dialect.name != "sqlite":
        op.drop_constraint(op.f(f"ck_{table}_{column}"), table)
        op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, sa.text(new))
        return
    sql.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = sql.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ? AND instr(sql, ?)",
        (old, new, table, old),
    )
    if changed.rowcount != 1:
        raise RuntimeError(f"the table {table} is not as the first migrations made it")
    sql.exec_driver_sql("PRAGMA writable_schema = RESET")
