"""Accounts, objects and connections: where each of them stands."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from zohosyncd.core.errors import StateError
from zohosyncd.ports.store import ConnectionState, ObjectState, Stage
from zohosyncd.storage.tables import account, connection, link, object_, secret
from zohosyncd.storage.work import Columns, Work

SHARD = "main"
"""All accounts are on one shard as long as one process runs them all."""

_OBJECT = sa.select(
    object_.c.id,
    object_.c.account,
    object_.c.ref,
    object_.c.cursor,
    object_.c.complete,
    object_.c.fields,
    object_.c.scan,
    object_.c.scan_cursor,
    object_.c.swept_at,
    object_.c.missing,
    object_.c.missing_of,
)
_CONNECTION = sa.select(
    connection.c.id,
    connection.c.name,
    connection.c.left_object,
    connection.c.right_object,
    connection.c.stage,
    connection.c.approved,
    connection.c.left_offset,
    connection.c.right_offset,
    connection.c.mapping_version,
    connection.c.paused,
    connection.c.recovery,
)


def identity(work: Work, name: str) -> str:
    """Who the account is, "" before the first check."""
    return work.value(sa.select(account.c.identity).where(account.c.name == name)) or ""


def spending(work: Work, name: str) -> str:
    """What the account has spent, "" for nothing."""
    return work.value(sa.select(account.c.spending).where(account.c.name == name)) or ""


def set_spending(work: Work, name: str, told: str) -> None:
    """Remember what the account has spent."""
    work.upsert(account, [{"name": name, "shard": SHARD, "spending": told}], key=["name"])


def set_identity(work: Work, name: str, found: str) -> None:
    """Remember who the account is."""
    work.upsert(account, [{"name": name, "shard": SHARD, "identity": found}], key=["name"])


def open_object(work: Work, name: str, ref: str) -> ObjectState:
    """The object's state, made if it is new."""
    query = _OBJECT.where(object_.c.account == name, object_.c.ref == ref)
    rows = work.all(query)
    if not rows:
        work.add(account, [{"name": name, "shard": SHARD}])
        work.add(object_, [{"account": name, "ref": ref}])
        rows = work.all(query)
    return _object(rows[0])


def begin_scan(work: Work, object_id: int, *, forget_cursor: bool) -> ObjectState:
    """Next scan number, no scan cursor; ``forget_cursor`` also drops the feed's cursor."""
    change: dict[str, Any] = {"scan": object_.c.scan + 1, "scan_cursor": None}
    if forget_cursor:
        change["cursor"] = None
    work.sql.execute(sa.update(object_).where(object_.c.id == object_id).values(change))
    return _object(_existing(work, object_id))


def set_needs(work: Work, object_id: int, needs: frozenset[str]) -> None:
    """Which fields and kinds of keys all rows of an object have."""
    work.sql.execute(sa.update(object_).where(object_.c.id == object_id).values(fields=fields_to(needs)))


def set_missing(work: Work, object_id: int, missing: int, known: int) -> None:
    """How many of how many records a complete read lacked, (0, 0) for nothing worth a word."""
    change = {"missing": missing, "missing_of": known}
    work.sql.execute(sa.update(object_).where(object_.c.id == object_id).values(change))


def _existing(work: Work, object_id: int) -> Columns:
    rows = work.all(_OBJECT.where(object_.c.id == object_id))
    if not rows:
        raise StateError(f"the state knows no object {object_id}")
    return rows[0]


def _object(row: Columns) -> ObjectState:
    values = row._asdict()
    return ObjectState(**{**values, "fields": fields_from(values["fields"])})


def fields_from(text: str) -> frozenset[str]:
    """Field names as stored."""
    return frozenset(json.loads(text)) if text else frozenset()


def fields_to(fields: frozenset[str]) -> str:
    """Field names to be stored."""
    return json.dumps(sorted(fields)) if fields else ""


def open_connection(work: Work, name: str, left_object: int, right_object: int) -> ConnectionState:
    """The connection's state, made if it is new. Raises StateError if it joined other objects before."""
    query = _CONNECTION.where(connection.c.name == name)
    rows = work.all(query)
    if not rows:
        new = {
            "name": name,
            "shard": SHARD,
            "left_object": left_object,
            "right_object": right_object,
            "stage": Stage.READING.value,
        }
        work.sql.execute(sa.insert(connection), new)
        rows = work.all(query)
    state = _connection(rows[0])
    if (state.left_object, state.right_object) != (left_object, right_object):
        raise StateError(
            f"the connection {name} joined other objects before",
            hint="give the connection another name: links of the old objects mean nothing for the new ones",
        )
    return state


def connections(work: Work) -> list[ConnectionState]:
    """Every connection ever opened."""
    return [_connection(row) for row in work.all(_CONNECTION.order_by(connection.c.id))]


def _connection(row: Columns) -> ConnectionState:
    return ConnectionState(**{**row._asdict(), "stage": Stage(row.stage)})


def set_stage(work: Work, connection_id: int, stage: Stage, approved: bool | None) -> None:
    """Move the first sync on."""
    change: dict[str, Any] = {"stage": stage.value} | ({} if approved is None else {"approved": approved})
    _change(work, connection_id, change)


def set_offsets(work: Work, connection_id: int, left: int, right: int, mapping_version: str) -> None:
    """Both sides are settled up to these seqs under this mapping."""
    _change(work, connection_id, {"left_offset": left, "right_offset": right, "mapping_version": mapping_version})


def remember_meaning(work: Work, connection_id: int, version: str, pairs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Remember the pairs of this version, and forget versions that no link has; everything that is remembered."""
    text = work.value(sa.select(connection.c.meanings).where(connection.c.id == connection_id))
    before = {each: tuple(told) for each, told in json.loads(text or "{}").items()}
    found = {**before, version: tuple(pairs)}
    if len(found) > 1:
        query = sa.select(link.c.version).where(link.c.connection_id == connection_id).distinct()
        used = {version, *(row.version for row in work.all(query))}
        found = {each: told for each, told in found.items() if each in used}
    if found != before:
        _change(work, connection_id, {"meanings": json.dumps(found, separators=(",", ":"))})
    return found


def pause(work: Work, connection_id: int, since: float) -> None:
    """Let a connection write nothing since that moment; 0.0 lets it write again."""
    _change(work, connection_id, {"paused": since})


def forecast(work: Work, connection_id: int) -> str:
    """What the first sync would do, as it was told; "" for nothing told yet."""
    return work.value(sa.select(connection.c.forecast).where(connection.c.id == connection_id)) or ""


def set_forecast(work: Work, connection_id: int, told: str) -> None:
    """Remember what the first sync would do."""
    _change(work, connection_id, {"forecast": told})


def _change(work: Work, connection_id: int, change: dict[str, Any]) -> None:
    update = sa.update(connection).where(connection.c.id == connection_id).values(change)
    if not work.sql.execute(update).rowcount:
        raise StateError(f"the state knows no connection {connection_id}")


def read_secret(work: Work, name: str) -> str | None:
    """A stored secret, None if there is none."""
    sealed = work.value(sa.select(secret.c.value).where(secret.c.name == name))
    return None if sealed is None else work.codec.open(sealed, "secret", name).decode()


def read_secrets(work: Work) -> dict[str, str]:
    """All stored secrets by name."""
    rows = work.all(sa.select(secret.c.name, secret.c.value).order_by(secret.c.name))
    return {row.name: work.codec.open(row.value, "secret", row.name).decode() for row in rows}


def set_secret(work: Work, name: str, value: str | None) -> None:
    """Store or remove a secret."""
    if value is None:
        work.sql.execute(sa.delete(secret).where(secret.c.name == name))
        return
    sealed = work.codec.seal(value.encode(), "secret", name)
    work.upsert(secret, [{"name": name, "value": sealed}], key=["name"])
