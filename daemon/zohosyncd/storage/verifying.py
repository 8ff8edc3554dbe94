"""Whether a file is a whole state that this program and this key can work with. Reads only."""

import sqlite3
from pathlib import Path

from zohosyncd.core.errors import StateError
from zohosyncd.ports.keeping import Contents
from zohosyncd.storage import schema, sqlite
from zohosyncd.storage.codec import Codec

_CHECK = b"this is the key of this state"
_TAKE_ANOTHER = "take another backup"
_META = "SELECT instance_id, key_check FROM meta"
_GENERATION = "SELECT generation FROM meta"  # the first versions had none
_NUMBERS = (
    "SELECT (SELECT count(*) FROM connection), (SELECT count(*) FROM mirror), (SELECT count(*) FROM link), "
    "max((SELECT coalesce(max(changed_at), 0) FROM mirror), (SELECT coalesce(max(at), 0) FROM journal))"
)


def key_check(codec: Codec, instance: str) -> bytes:
    """What is stored so that another key is noticed."""
    return codec.seal(_CHECK, "meta", instance)


def has_key(codec: Codec, check: bytes, instance: str) -> bool:
    """Whether the state belongs to this key."""
    try:
        return codec.open(check, "meta", instance) == _CHECK
    except StateError:
        return False


def verify(path: Path, codec: Codec) -> Contents:
    """Read a file that nobody writes, from its first page to its last, and try the key.

    Raises:
        StateError: it is no state, damaged, newer than this program, or of another key.
    """
    try:
        # Immutable: no -wal and no -shm come into being beside a file that may lie on a medium that cannot be written.
        raw = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    try:
        return _verified(raw, path, codec)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    finally:
        raw.close()


def _verified(raw: sqlite3.Connection, path: Path, codec: Codec) -> Contents:
    (number,) = raw.execute("PRAGMA application_id").fetchone()
    if number != sqlite.APPLICATION_ID:
        raise StateError(f"{path} is not a state file of this program", hint="name a file that `backup` has written")
    (found,) = raw.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok" or raw.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise StateError(f"{path} is damaged", hint=_TAKE_ANOTHER)
    (version,) = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    schema.refuse_newer(version)
    columns = {row[1] for row in raw.execute("PRAGMA table_info(meta)")}
    instance, check = raw.execute(_META).fetchone()
    (generation,) = raw.execute(_GENERATION).fetchone() if "generation" in columns else (0,)
    if not has_key(codec, check, instance):
        raise StateError(
            f"{path} was made with another state key",
            hint="use the key that was in force then; without it the file cannot be read",
        )
    connections, records, links, newest = raw.execute(_NUMBERS).fetchone()
    return Contents(version, instance, generation, connections, records, links, newest)


def _unusable(path: Path, error: sqlite3.Error) -> StateError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in sqlite.DAMAGED:
        return StateError(f"{path} is damaged, or no state file at all", hint=_TAKE_ANOTHER)
    return StateError(f"{path} cannot be read: {error}", hint="the file has to exist and to be readable")
