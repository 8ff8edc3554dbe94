"""Lost records that were made anew: where they have moved to."""

import sqlalchemy as sa
from alembic import op

from zohosyncd.storage.migrations.versions.first_0001 import TEXT

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what an intent replaces, and find records that have moved."""
    op.add_column("intent", sa.Column("replaces", TEXT, server_default="", nullable=False))
    op.create_index(
        "ix_mirror_moved_to",
        "mirror",
        ["object_id", "moved_to"],
        unique=False,
        sqlite_where=sa.text("moved_to <> ''"),
        postgresql_where=sa.text("moved_to <> ''"),
    )
