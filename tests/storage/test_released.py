"""States that earlier versions have written, as they wrote them (``released/``), are opened by this one and go on.

Each file is the dump of a state that the code of then has made: two records, a link with bases, a hold, a refusal, a
planned write, an entry of the journal, secrets, and places in feeds.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.storage.conftest import Opener
from tests.storage.world import KEY, World, email, shown
from zohosyncd.core.errors import StateError
from zohosyncd.core.link import LinkStatus
from zohosyncd.core.side import Side
from zohosyncd.ports.store import HoldReason, IntentState, Stage
from zohosyncd.storage import put_back, schema, sqlite

RELEASED = Path(__file__).parent / "released"
VERSIONS = sorted(each.stem for each in RELEASED.glob("*.sql"))


def written_by(version: str, path: Path) -> None:
    """The state of an earlier version."""
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript((RELEASED / f"{version}.sql").read_text(encoding="utf-8"))
        raw.execute(f"PRAGMA application_id = {sqlite.APPLICATION_ID}")
        raw.commit()


def test_there_is_one_of_every_earlier_version() -> None:
    assert [*VERSIONS, schema.HEAD] == list(schema.KNOWN)


@pytest.mark.parametrize("version", VERSIONS)
async def test_everything_in_it_is_there_and_it_goes_on(opener: Opener, path: Path, version: str) -> None:
    written_by(version, path)
    async with opener() as store:
        assert (await store.facts())["schema"] == schema.HEAD
        world = await World(store).begin()
        (state,) = await store.connections()
        assert (state.name, state.stage, state.left_offset, state.recovery) == ("crm-book", Stage.LIVE, 1, 0.0)
        rows = await store.rows(world.left, ["l1", "l2"])
        assert {each: row.values for each, row in rows.items()} == {"l1": {"Name": "Ann"}, "l2": {"Name": "Bob"}}
        assert await store.holders(world.right, store.digests([email("ann@example.org")]))
        link = (await store.links(world.connection, Side.LEFT, ["l1"]))["l1"]
        assert (link.right_id, link.status, link.left.values) == ("r1", LinkStatus.LIVE, {"Name": "Ann"})
        (hold,) = await store.held(world.connection)
        assert (hold.reason, hold.decision) == (HoldReason.AMBIGUOUS, None)
        (refused,) = await store.quarantined(world.connection)
        assert refused.message == "missing"
        (intent,) = await store.open_intents(world.connection)
        assert (intent.state, intent.patch) == (IntentState.PLANNED, {"Name": "Anne"})
        (entry,) = await store.journal(world.connection)
        assert (entry.before, entry.after) == ({"Name": "An"}, {"Name": "Ann"})
        assert await store.secret("client") == "s3cret"
        assert (await store.open_object("crm", "Contacts")).cursor == "feed"
        await world.see(shown("l3", "Cat", "v1", email("cat@example.org")))
        assert (await store.subjects.find("cat@example.org")).records
    async with opener() as store:
        assert len(await store.rows(world.left, ["l1", "l2", "l3"])) == 3


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_the_earlier_version_left_is_kept_for_it(opener: Opener, path: Path, version: str) -> None:
    written_by(version, path)
    async with opener():
        pass
    (kept,) = (path.parent / "backups").iterdir()
    assert kept.name.startswith(f"before-upgrade-of-{version}-")
    assert kept.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(kept)) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == (version,)
    async with opener():
        pass
    assert len(list((path.parent / "backups").iterdir())) == 1, "once"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_backup_of_an_earlier_version_can_be_put_back(
    opener: Opener, path: Path, tmp_path: Path, version: str
) -> None:
    old = tmp_path / "old.db"
    written_by(version, old)
    done = put_back(path, old, KEY, 5.0)
    assert done.contents.version == version
    async with opener() as store:
        (state,) = await store.connections()
        assert state.recovery == 5.0
        assert await store.open_intents(state.id) == []


async def test_without_room_for_that_copy_nothing_is_changed(opener: Opener, path: Path) -> None:
    written_by(VERSIONS[0], path)
    (path.parent / "backups").write_text("in the way")
    with pytest.raises(StateError, match="before it is brought up to date") as caught:
        async with opener():
            pass
    assert caught.value.hint
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == (VERSIONS[0],)
