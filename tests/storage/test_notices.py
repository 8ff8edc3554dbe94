"""What people were told outlives a restart."""

from pathlib import Path

from tests.crash.virtual import VirtualClock
from zohosyncd.core.notices import Notice, Topic, Trouble
from zohosyncd.storage import open_store

KEY = bytes(32)
LOGIN, SILENT = Topic(Trouble.AUTHORISATION, "zoho"), Topic(Trouble.SILENT, "zoho")


async def test_notices_are_kept_replaced_and_forgotten(tmp_path: Path) -> None:
    path, clock = tmp_path / "state.db", VirtualClock()
    async with open_store(path, KEY, clock=clock, inline=True) as store:
        assert await store.notices() == []
        await store.keep_notices([Notice(LOGIN, 1.5), Notice(SILENT, 2.5)], [])
        await store.keep_notices([Notice(LOGIN, 1.5, frozenset({"mail", "webhook"}))], [])
    async with open_store(path, KEY, clock=clock, inline=True) as store:
        kept = {each.topic: each for each in await store.notices()}
        assert kept[LOGIN] == Notice(LOGIN, 1.5, frozenset({"mail", "webhook"}))
        assert kept[SILENT] == Notice(SILENT, 2.5)
        await store.keep_notices([], [LOGIN, Topic(Trouble.HELD, "nobody")])
        assert [each.topic for each in await store.notices()] == [SILENT]
