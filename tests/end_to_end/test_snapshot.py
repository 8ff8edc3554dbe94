"""Both sides in files, before the first sync writes anything."""

import json
import stat
from pathlib import Path

import pytest

from tests.end_to_end.rehearsal import CONNECTION, rehearse
from tests.worlds.desks.book import BookDesk
from tests.worlds.desks.zoho import ZohoDesk
from tests.worlds.town import Town
from zohosyncd.core.errors import StateError
from zohosyncd.supervisor.daemon import Daemon

FILE = f"connections.d/{CONNECTION}.toml"


def snapshots(folder: Path) -> list[Path]:
    return sorted(each for each in folder.rglob("snapshots/*") if each.is_dir())


async def test_a_first_sync_leaves_both_sides_as_they_were_in_files(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=30) as rehearsal:
        rehearsal.rewrite(FILE, {'first_sync = "auto"': 'first_sync = "approve"'})
        before = await rehearsal.contacts()
        await rehearsal.sync()
        assert not snapshots(tmp_path)
        async with rehearsal.daemon() as daemon:
            await daemon.commands.plan(CONNECTION)
            assert not snapshots(tmp_path)
            await daemon.commands.approve(CONNECTION)
            await daemon.commands.sync(CONNECTION)
        (folder,) = snapshots(tmp_path)
        assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
        files = sorted(folder.iterdir())
        assert [each.name for each in files] == ["left.jsonl", "right.jsonl"]
        assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
        header, *records, end = (json.loads(line) for line in files[0].read_text().splitlines())
        assert (header["account"], header["side"], end["records"]) == ("zoho", "left", len(before))
        assert {each["id"]: each["values"]["Last_Name"] for each in records} == {
            record_id: each["Last_Name"] for record_id, each in before.items()
        }
        await rehearsal.sync()
        assert snapshots(tmp_path) == [folder]


async def test_another_one_is_made_when_it_is_asked_for_and_none_when_not_wanted(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=10) as rehearsal:
        rehearsal.rewrite(FILE, {'first_sync = "auto"': 'first_sync = "auto"\nsnapshot = false'})
        await rehearsal.sync()
        assert not snapshots(tmp_path)
        async with rehearsal.daemon() as daemon:
            taken = await daemon.commands.snapshot(CONNECTION)
        assert [str(each) for each in snapshots(tmp_path)] == [taken["folder"]]
        assert taken["records"]["left"] == len(await rehearsal.contacts())


async def test_nothing_is_written_to_an_app_without_the_snapshot(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=10) as rehearsal, rehearsal.daemon() as daemon:
        blocked(daemon)
        with pytest.raises(StateError, match="no snapshot can be written") as told:
            await daemon.commands.sync(CONNECTION)
        assert "snapshot = false" in told.value.hint
        assert await rehearsal.writes() == 0
        daemon.snapshots.unlink()
        report = (await daemon.commands.sync(CONNECTION))[CONNECTION]
        assert report["stage"] == "live"


def blocked(daemon: Daemon) -> None:
    """Something else stands where the folder should be."""
    daemon.snapshots.write_text("")


async def test_what_a_killed_process_left_stands_in_nobodys_way(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=10) as rehearsal, rehearsal.daemon() as daemon:
        part = daemon.snapshots / f".{CONNECTION}.part"
        part.mkdir(parents=True)
        (part / "left.jsonl").write_text("half a line")
        assert (await daemon.commands.sync(CONNECTION))[CONNECTION]["stage"] == "live"
        assert not part.exists()
        (folder,) = snapshots(tmp_path)
        assert '"line": "end"' in (folder / "left.jsonl").read_text()


def test_a_snapshot_beside_the_daemon_brings_about_no_run(tmp_path: Path) -> None:
    town = Town(tmp_path, [ZohoDesk, BookDesk])
    name = town.connect(*town.desks)
    town.settle_in(5)
    zoho, book = town.desks

    async def asked() -> None:
        async with town.living() as daemon:
            await town.rest(daemon)
            await town.clock.sleep(10.0)
            for record_id in zoho.people():
                zoho.change(record_id, title="Typed just now")
            await daemon.commands.snapshot(name)
            await town.clock.sleep(30.0)
            assert "Typed just now" not in {each.title for each in book.people().values()}
            await town.clock.sleep(120.0)
            assert {each.title for each in book.people().values()} == {"Typed just now"}

    town.run(asked())
