"""Changed files are noticed, however they change."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import pytest

from zohosyncd.cli.watching import SETTLE_SECONDS, watch
from zohosyncd.settings.files import fingerprint, fingerprint_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "conf"
    (path / "connections.d").mkdir(parents=True)
    (path / "zohosyncd.toml").write_text("a = 1\n")
    return path


@asynccontextmanager
async def counted(folder: Path, *secrets: Path) -> AsyncIterator[list[None]]:
    def look() -> object:
        return fingerprint_of(folder), fingerprint(secrets)

    def news() -> object:
        return None if (now := look()) == loaded[-1] else now

    async def count() -> None:
        loaded.append(look())
        seen.append(None)

    seen: list[None] = []
    loaded = [look()]

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(partial(watch, folder, news, count, beside=secrets, look_again=1.0))
        await anyio.sleep(0.3)
        yield seen
        tasks.cancel_scope.cancel()


async def noticed(seen: list[None], seconds: float = 10.0) -> bool:
    with anyio.move_on_after(seconds):
        while not seen:
            await anyio.sleep(0.05)
    return bool(seen)


async def test_a_saved_file_is_noticed(folder: Path) -> None:
    async with counted(folder) as seen:
        (folder / "connections.d/a.toml").write_text("b = 1\n")
        assert await noticed(seen)


async def test_a_file_that_an_editor_replaces_is_noticed(folder: Path) -> None:
    async with counted(folder) as seen:
        (folder / ".zohosyncd.toml.swp").write_text("a = 2\n")
        (folder / ".zohosyncd.toml.swp").replace(folder / "zohosyncd.toml")
        assert await noticed(seen)


async def test_the_state_beside_is_not_taken_for_a_change(folder: Path) -> None:
    async with counted(folder) as seen:
        (folder / "state.db").write_text("x")
        os.utime(folder / "zohosyncd.toml")  # touched: an operator wants it to be looked at
        assert await noticed(seen)
        assert len(seen) == 1
    async with counted(folder) as seen:
        (folder / "state.db-wal").write_text("x")
        assert not await noticed(seen, 1.0)


async def test_a_mount_that_swaps_its_link_is_noticed(tmp_path: Path) -> None:
    # As a container platform mounts configuration: conf/zohosyncd.toml -> ..data/zohosyncd.toml, ..data -> ..v1
    conf = tmp_path / "conf"
    for version in ("1", "2"):
        (conf / f"..v{version}").mkdir(parents=True)
        (conf / f"..v{version}" / "zohosyncd.toml").write_text(f"a = {version}\n")
    (conf / "..data").symlink_to("..v1")
    (conf / "zohosyncd.toml").symlink_to("..data/zohosyncd.toml")
    async with counted(conf) as seen:
        (conf / "..next").symlink_to("..v2")
        (conf / "..next").replace(conf / "..data")
        assert await noticed(seen)


async def test_a_folder_that_is_itself_swapped_is_noticed(tmp_path: Path) -> None:
    for version in ("1", "2"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "zohosyncd.toml").write_text(f"a = {version}\n")
    conf = tmp_path / "conf"
    conf.symlink_to("1")
    before = fingerprint_of(conf)
    async with counted(conf) as seen:
        (tmp_path / "next").symlink_to("2")
        (tmp_path / "next").replace(conf)
        assert fingerprint_of(conf) != before
        assert await noticed(seen, 15.0)


async def test_a_file_that_is_being_written_is_waited_for(folder: Path) -> None:
    async with counted(folder) as seen:
        file, longest, last = folder / "connections.d/a.toml", 0.0, anyio.current_time()
        for part in range(8):  # longer than it is waited for nothing
            with file.open("a") as stream:
                stream.write(f"b{part} = 1\n")
            longest, last = max(longest, anyio.current_time() - last), anyio.current_time()
            await anyio.sleep(SETTLE_SECONDS / 3)
        assert await noticed(seen)
        await anyio.sleep(2 * SETTLE_SECONDS)
        assert len(seen) == 1 or longest > SETTLE_SECONDS / 2, "this machine was too busy to tell"


async def test_a_secret_that_rotates_is_noticed_wherever_it_is_kept(folder: Path, tmp_path: Path) -> None:
    # As a container platform mounts secrets: run/token -> ..data/token, ..data -> ..v1
    run = tmp_path / "run"
    for version in ("1", "2"):
        (run / f"..v{version}").mkdir(parents=True)
        (run / f"..v{version}" / "token").write_text(f"token {version}")
    (run / "..data").symlink_to("..v1")
    (run / "token").symlink_to("..data/token")
    async with counted(folder, run / "token") as seen:
        (run / "..next").symlink_to("..v2")
        (run / "..next").replace(run / "..data")
        assert await noticed(seen, 3.0)
