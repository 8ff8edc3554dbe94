"""Everything that survives a restart: the store port over SQLAlchemy Core, on SQLite.

The one entry is :func:`open_store`. The room's order, from the bottom: ``tables`` (what is stored), ``codec`` (how
values become bytes that nobody else can read), ``work`` (what a unit of work is handed), one module per topic with the
statements (``objects``, ``mirror``, ``observe``, ``links``, ``intents``, ``holds``, ``journal``, ``decisions``),
``writer`` (merges waiting units into transactions) and ``readers``, ``sqlite`` and ``inline`` (the connections),
``schema`` (migrations), ``lock``, ``scratch`` (copies to rehearse on), ``opening``, ``store`` (the port).
Only ``sqlite``, ``inline``, ``scratch`` and ``opening`` know which database it is.

It may import core and ports, and of the libraries sqlalchemy, alembic, aiosqlite, anyio, msgspec and cryptography.
"""

from zohosyncd.storage.lock import LockHolder, lock_holder
from zohosyncd.storage.opening import open_store
from zohosyncd.storage.store import SqlStore
from zohosyncd.storage.writer import StoreObserver

__all__ = ["LockHolder", "SqlStore", "StoreObserver", "lock_holder", "open_store"]
