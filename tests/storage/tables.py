"""A state file with tables and without rows: the migrations of a first start take longer than many a test."""

import sqlite3
import tempfile
from functools import cache
from pathlib import Path
from typing import cast

import sqlalchemy as sa

from zohosyncd.storage import schema, sqlite


def put_tables(path: Path) -> None:
    """Make this state file. Whoever opens it finds a first start whose migrations are done."""
    path.touch(0o600)
    path.write_bytes(_tables())


@cache
def _tables() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        engine = sa.create_engine(f"sqlite:///{path}")
        with engine.begin() as sql:
            sql.exec_driver_sql("PRAGMA auto_vacuum = INCREMENTAL")
            sqlite.sign_file(cast("sqlite3.Connection", sql.connection.driver_connection))
            schema.bring_up_to_date(sql)
        engine.dispose()
        return path.read_bytes()
