"""Everything that survives a restart: the store port over SQLAlchemy Core, on SQLite.

The entries are :func:`open_store` and :func:`put_back`. The room's order, from the bottom: ``tables`` (what is stored),
``codec`` (how values become bytes that nobody else can read), ``work`` (what a unit of work is handed), one module per
topic with the statements (``objects``, ``mirror``, ``observe``, ``links``, ``intents``, ``holds``, ``journal``,
``decisions``, ``recovering``, ``suppressed``, ``erasing``), ``writer`` (merges waiting units into transactions) and
``readers``, ``sqlite`` and ``inline`` (the connections), ``schema`` (migrations), ``lock``, ``generation`` (which of
two copies is the older one), ``scratch`` (copies to rehearse on), ``verifying``, ``backup``, ``putting_back``,
``upkeep`` (of all of it), ``subjects`` (all about one person), ``opening``, ``store`` (the port).
Only ``sqlite``, ``inline``, ``scratch``, ``verifying``, ``backup``, ``putting_back``, ``upkeep`` and ``opening`` know
which database it is.

It may import core and ports, and of the libraries sqlalchemy, alembic, aiosqlite, anyio, msgspec and cryptography.
"""

from zohosyncd.storage.lock import LockHolder, lock_holder
from zohosyncd.storage.opening import open_store
from zohosyncd.storage.putting_back import look_into, put_back
from zohosyncd.storage.store import SqlStore
from zohosyncd.storage.writer import StoreObserver

__all__ = ["LockHolder", "SqlStore", "StoreObserver", "lock_holder", "look_into", "open_store", "put_back"]
