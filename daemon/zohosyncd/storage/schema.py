"""Which version of the tables a database has, and how it gets the newest one."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa

from zohosyncd.core.errors import StateError

HEAD: Final = "0003"
"""The newest migration."""

KNOWN: Final = ("0001", "0002", "0003")
_FOLDER: Final = Path(__file__).parent / "migrations"


def version(sql: sa.Connection) -> str:
    """The version that the database has, "" for none."""
    if not sa.inspect(sql).has_table("alembic_version"):
        return ""
    return str(sql.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")


def refuse_newer(found: str) -> None:
    """Raises StateError if a database was written by a newer version of this program."""
    if found and found not in KNOWN:
        raise StateError(
            f"the state was written by a newer version of this program (tables {found}, known {HEAD})",
            hint="install the newer version again, or restore the backup made before it",
        )


def bring_up_to_date(sql: sa.Connection, to: str = HEAD) -> None:
    """Run the migrations that are missing, within the caller's transaction. Raises StateError for a newer database.

    Args:
        sql: the database. to: the migration to stop at.
    """
    found = version(sql)
    if found == to:
        return
    refuse_newer(found)
    # Alembic is imported only when there is something to do: it costs a noticeable part of a start.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = sql
    command.upgrade(config, to)
