"""Snapshots: both sides of a connection in files, as they were last seen. They cost no calls: the mirror has them.

A folder of its own for each, ``NAME-TIME`` in ``snapshots`` beside the state, with one file a side: a header, a line of
JSON for each record, the number of records at the end. Only the daemon's user can read them; they are not encrypted:
they shall be of use also where the state is lost.
"""

import json
import os
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

from zohosyncd.core.errors import StateError
from zohosyncd.core.plain import plain_values
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Plan
from zohosyncd.pipeline.reading import UNREADABLE
from zohosyncd.ports.store import Store

FORMAT: Final = 1
_PAGE: Final = 200


async def take_snapshot(store: Store, plan: Plan, root: Path, now: float) -> dict[str, Any]:
    """Write both sides of a connection to files.

    Args:
        store, plan: the connection. root: folder of all snapshots, made if it is missing. now: wall seconds.

    Returns:
        The folder of this snapshot, and the number of records by side.

    Raises:
        StateError: a side was never read completely, or the files cannot be written.
    """
    for side in SIDES:
        if not plan.endpoint(side).complete:
            raise StateError(f"the {side} side has not been read completely", hint=f"zohosyncd sync {plan.name}")
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    folder, part = _free(root, f"{plan.name}-{stamp}"), root / f".{plan.name}.part"
    try:
        root.mkdir(mode=0o700, exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)  # what a killed process has left
        part.mkdir(mode=0o700)
        counts = {side.value: await _write(store, plan, side, part / f"{side.value}.jsonl", now) for side in SIDES}
        part.rename(folder)
    except OSError as error:
        raise StateError(
            f"no snapshot can be written to {root}: {error.strerror}",
            hint="make room there, or say snapshot = false in the connection's file to do without",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return {"connection": plan.name, "folder": str(folder), "records": counts}


def _free(root: Path, name: str) -> Path:
    """A folder that does not exist yet: a clock may show the same moment twice."""
    names = (name if not number else f"{name}-{number}" for number in count())
    return next(root / each for each in names if not (root / each).exists())


async def _write(store: Store, plan: Plan, side: Side, path: Path, now: float) -> int:
    records = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        async for line in _lines(store, plan, side, now):
            records += line["line"] == "record"
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        file.write(json.dumps({"line": "end", "records": records}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return records


async def _lines(store: Store, plan: Plan, side: Side, now: float) -> AsyncIterator[dict[str, Any]]:
    end = plan.endpoint(side)
    yield {
        "line": "snapshot", "format": FORMAT, "connection": plan.name, "side": side.value, "account": end.account,
        "app": end.connector.app, "object": end.ref, "at": round(now, 3), "fields": sorted(end.feed.fields),
    }  # fmt: skip
    after = 0
    while rows := await store.changes(end.object_id, after, _PAGE):
        after = rows[-1].seq
        for row in rows:
            if not row.gone and UNREADABLE not in row.values:
                yield {"line": "record", "id": row.record_id, "values": plain_values(row.values)}
