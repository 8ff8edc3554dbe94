"""The main job against real CardDAV servers, which differ in status codes, tokens, locks and the order of properties."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.end_to_end.rehearsal import CONNECTION, Rehearsal, rehearse
from tests.servers.real import PASSWORD, USER, Book, radicale, xandikos

SERVERS = {"radicale": radicale, "xandikos": xandikos}


@asynccontextmanager
async def company(folder: Path, server: str, people: int, cards: int) -> AsyncIterator[tuple[Rehearsal, Book]]:
    """The sandbox's Zoho, and a real server with cards of the same scene."""
    async with rehearse(folder, people=people, seed=5) as rehearsal:
        scene = rehearsal.served.scene
        assert scene is not None
        filled = [(href.rpartition("/")[2], card) for href, card in scene.cards()][:cards]
        async with SERVERS[server](folder, filled) as book:
            secret = rehearsal.folder / "secrets/real-password"
            secret.write_text(PASSWORD)
            secret.chmod(0o600)
            (rehearsal.folder / "accounts.d/book.toml").write_text(
                f'app = "carddav"\nurl = "{book.url}/"\nallow_http = true\nusername = "{USER}"\npassword = "file:{secret}"\n'
            )
            connection = f"connections.d/{CONNECTION}.toml"
            rehearsal.rewrite(connection, {"/ann/contacts/": book.path}, append='winner = "zoho"\n')
            yield rehearsal, book


async def duplicates(rehearsal: Rehearsal, book: Book) -> dict[str, int]:
    scene = rehearsal.served.scene
    assert scene is not None
    state = await rehearsal.state()
    base = "/ann/contacts/"
    state["apps"]["carddav"] = {base: {base + name: card for name, card in (await book.cards()).items()}}
    return scene.duplicates(state)


async def main_job(folder: Path, server: str, *, people: int, cards: int, at_least: int) -> None:
    async with company(folder, server, people, cards) as (rehearsal, book):
        first = await rehearsal.sync()
        assert first["converged"], first
        assert first["links"] >= at_least
        assert first["held"] > 0
        assert await duplicates(rehearsal, book) == {"zoho": 0, "book": 0}
        await rehearsal.sync()
        await rehearsal.forget_calls()
        again = await rehearsal.sync()
        assert again["writes"] == {"left": 0, "right": 0}
        assert await rehearsal.writes() == 0
        await edits_arrive(rehearsal, book)


async def edits_arrive(rehearsal: Rehearsal, book: Book) -> None:
    """Different fields of one person from both sides; then a clash."""
    async with rehearsal.daemon() as daemon:
        await daemon.commands.mapping(CONNECTION)
        plan = daemon.connections[CONNECTION].plan
        assert plan is not None
        link = (await daemon.store.links_after(plan.id, 5, 1))[0]
    name = link.right_id.rpartition("/")[2]
    card = await book.get(name)
    kept = [line for line in card.splitlines() if not line.startswith(("NOTE", " ", "TITLE"))]
    plain = "\r\n".join([*kept[:-1], "NOTE:From the book", "END:VCARD", ""])
    await book.put(name, plain)
    await rehearsal.edit_contact(link.left_id, Title="From the CRM")
    await rehearsal.sync()
    assert (await rehearsal.contacts())[link.left_id]["Description"] == "From the book"
    assert "TITLE:From the CRM" in await book.get(name)
    await book.put(name, (await book.get(name)).replace("From the CRM", "From the other side"))
    await rehearsal.edit_contact(link.left_id, Title="Wins")
    await rehearsal.sync()
    assert "TITLE:Wins" in await book.get(name)
    async with rehearsal.daemon() as daemon:
        told = await daemon.commands.explain(CONNECTION, link.left_id)
    assert any(entry["lost"] == {"TITLE": "From the other side"} for entry in told["persons"][0]["history"])


@pytest.mark.parametrize("server", SERVERS)
async def test_a_small_company(server: str, tmp_path: Path) -> None:
    await main_job(tmp_path, server, people=60, cards=30, at_least=45)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("server", SERVERS)
async def test_two_thousand_people_and_a_thousand_cards(server: str, tmp_path: Path) -> None:
    await main_job(tmp_path, server, people=2560, cards=1000, at_least=2000)
