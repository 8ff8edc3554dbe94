"""Snapshots as large as an app: a page of them is in memory, and others have their turn while one is read."""

import json
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import anyio
import pytest

from zohosyncd.connectors.memory.schemas import SLOTS_SCHEMA
from zohosyncd.core.errors import UsageError
from zohosyncd.core.side import Side
from zohosyncd.pipeline.plan import Plan
from zohosyncd.supervisor.snapshot_file import SnapshotFile

MANY = 20_000
HEAD = {
    "line": "snapshot", "format": 1, "connection": "pair", "side": "left", "account": "crm", "app": "memory",
    "object": "Contacts", "at": 1.5, "fields": [],
}  # fmt: skip


def plan() -> Plan:
    """As much of a connection as a file is compared with."""
    end = SimpleNamespace(account="crm", ref="Contacts", schema=SLOTS_SCHEMA, connector=SimpleNamespace(app="memory"))
    return cast("Plan", SimpleNamespace(name="pair", endpoint=lambda _side: end))


def written(path: Path, records: int) -> Path:
    with path.open("w") as file:
        file.write(json.dumps(HEAD) + "\n")
        for at in range(records):
            values = {"First": "Ann", "Email": f"P{at}@Example.org", "Notes": "n" * 200}
            file.write(json.dumps({"line": "record", "id": f"r{at}", "values": values}) + "\n")
        file.write(json.dumps({"line": "end", "records": records}) + "\n")
    return path


async def test_only_a_page_is_in_memory_and_others_have_their_turn(tmp_path: Path) -> None:
    path, turns, over = written(tmp_path / "left.jsonl", MANY), 0, False

    async def others() -> None:
        nonlocal turns
        while not over:
            turns += 1
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(others)
        with SnapshotFile.opened(path) as file:
            tracemalloc.start()
            assert await file.check(plan(), Side.LEFT, "p77@example.org") == {"r77"}
            sizes = [len(page) async for page in file.pages()]
            _now, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        over = True
    assert (file.at, sum(sizes), max(sizes)) == (1.5, MANY, 100)
    assert peak < 1_000_000  # the file has more than five
    assert turns > MANY / 100


async def test_of_a_few_persons_only_they_are_read_out(tmp_path: Path) -> None:
    with SnapshotFile.opened(written(tmp_path / "left.jsonl", 300)) as file:
        await file.check(plan(), Side.LEFT)
        pages = [page async for page in file.pages({"r3", "r299", "nobody"})]
    assert [list(page) for page in pages] == [["r3", "r299"]]


@pytest.mark.parametrize("kind", ["folder", "nothing"])
def test_what_is_no_file_is_told(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "left.jsonl"
    if kind == "folder":
        path.mkdir()
    with pytest.raises(UsageError, match=r"left\.jsonl cannot be read"), SnapshotFile.opened(path):
        pass


async def test_a_header_without_its_time_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "left.jsonl"
    path.write_text(json.dumps(cast("dict[str, Any]", HEAD) | {"at": "yesterday"}) + "\n")
    with SnapshotFile.opened(path) as file, pytest.raises(UsageError, match=r"left\.jsonl:1: it does not say when"):
        await file.check(plan(), Side.LEFT)
