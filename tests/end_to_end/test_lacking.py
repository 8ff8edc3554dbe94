"""A complete read that lacks too much stops its connection, from the simulated app to what an operator is told."""

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.rehearsal import CONNECTION, Rehearsal, rehearse
from tests.end_to_end.test_sync import settle
from zohosyncd.core.errors import GuardTripped, UsageError
from zohosyncd.sandbox.carddav.app import CardDavApp
from zohosyncd.supervisor.daemon import Daemon

BOOK = "/ann/contacts/"


async def lose_cards(rehearsal: Rehearsal, count: int) -> None:
    """As after a backup of the server that is older than they are: nothing tells of their removal."""
    cards = await rehearsal.cards()
    hrefs = sorted(href for href, card in cards.items() if href.startswith(BOOK) and "KIND:group" not in card)
    for href in hrefs[:count]:
        await rehearsal.control("POST", "edit", {"app": "carddav", "object": BOOK, "id": href, "delete": True})
    app = rehearsal.served.world.apps["carddav"]
    assert isinstance(app, CardDavApp)
    app.forget_tokens(BOOK)


async def told(daemon: Daemon, what: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []

    async def hear(page: list[dict[str, Any]]) -> None:
        lines.extend(page)

    await daemon.commands.waiting(what, hear)
    return lines


async def test_it_is_shown_who_is_lacking_and_a_person_decides(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=40) as rehearsal:
        await settle(rehearsal)
        before = await rehearsal.contacts()
        await lose_cards(rehearsal, 15)
        record = next(iter(before))
        await rehearsal.edit_contact(record, Title="Written by nobody yet")
        for _ in range(2):
            with pytest.raises(GuardTripped, match="the right side lacks 15 of") as stopped:
                await rehearsal.sync()
            assert f"approve {CONNECTION} --show" in stopped.value.hint
        assert "Written by nobody yet" not in "".join((await rehearsal.cards()).values())
        async with rehearsal.daemon() as daemon:
            status = (await daemon.commands.status())["connections"][CONNECTION]
            assert "approve" in status["do_now"]
            lines = await told(daemon, CONNECTION)
            assert [(each["line"], each["side"]) for each in lines] == [("lacking", "right")] * 15
            assert all(each["who"] for each in lines)
            with pytest.raises(UsageError):
                await daemon.commands.approve("read-7-77")
            answer = await daemon.commands.approve(lines[0]["batch"])
            assert (answer["accepted"], answer["gone"]) == (True, 15)
            assert await told(daemon, CONNECTION) == []
        await settle(rehearsal)
        assert set(await rehearsal.contacts()) == set(before)  # deletions are off: whoever is there stays


async def test_whoever_is_there_after_all_is_not_gone_although_a_person_believed_it(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=20) as rehearsal:
        await settle(rehearsal)
        before = await rehearsal.cards()
        app = rehearsal.served.world.apps["carddav"]
        assert isinstance(app, CardDavApp)
        app.forget_tokens(BOOK)
        empty = {"method": "*", "path": f"{BOOK}*", "fault": "empty", "count": 6}
        await rehearsal.faults("carddav", empty)
        with pytest.raises(GuardTripped, match="the right side shows none of"):
            await rehearsal.sync()
        await rehearsal.faults("carddav")
        async with rehearsal.daemon() as daemon:
            answer = await daemon.commands.approve(CONNECTION)
            assert (answer["accepted"], answer["gone"]) == (True, 0)
        report = await settle(rehearsal)
        assert report["links"]
        assert await rehearsal.cards() == before
