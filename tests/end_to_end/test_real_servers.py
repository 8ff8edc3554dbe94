"""The main job against real CardDAV servers, which differ in status codes, tokens, locks and the order of properties."""

import quopri
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.end_to_end.rehearsal import CONNECTION, Rehearsal, rehearse
from tests.servers.real import PASSWORD, USER, Book, radicale, xandikos

SERVERS = {"radicale": radicale, "xandikos": xandikos}


@dataclass
class Company:
    """The sandbox's Zoho and a real server's book, and who of the scene stood where at the beginning."""

    rehearsal: Rehearsal
    book: Book
    names: frozenset[str]  # of the cards that the book began with

    @property
    def scene(self) -> Any:
        scene = self.rehearsal.served.scene
        assert scene is not None
        return scene

    def standing(self) -> list[tuple[Any, str, str]]:
        """People with the Zoho id and the href that they began with, "" where they did not stand."""
        found = []
        for person in self.scene.everybody():
            contact, href = self.scene.truth[person.number]
            name = (href or "").rpartition("/")[2]
            found.append((person, contact or "", self.book.path + name if name in self.names else ""))
        return [(person, contact, href) for person, contact, href in found if contact or href]

    async def duplicates(self) -> dict[str, int]:
        state = await self.rehearsal.state()
        base = "/ann/contacts/"
        state["apps"]["carddav"] = {base: {base + name: card for name, card in (await self.book.cards()).items()}}
        return dict(self.scene.duplicates(state))

    async def links(self) -> list[tuple[str, str]]:
        async with self.rehearsal.daemon() as daemon:
            await daemon.commands.mapping(CONNECTION)
            plan = daemon.connections[CONNECTION].plan
            assert plan is not None
            return [(each.left_id, each.right_id) for each in await daemon.store.links_after(plan.id, 0, 100_000)]

    async def waiting(self) -> tuple[dict[str, str], dict[str, str]]:
        """What is held and what is quarantined: record id -> reason."""
        async with self.rehearsal.daemon() as daemon:
            held = (await daemon.commands.held(CONNECTION))["held"]
            refused = (await daemon.commands.quarantine(CONNECTION))["quarantine"]
        return {each["record_id"]: each["reason"] for each in held}, {
            each["record_id"]: each["code"] for each in refused
        }

    async def edit_card(self, href: str, **values: str) -> None:
        """Give the card properties these values, as a person's address book app would."""
        name = href.rpartition("/")[2]
        rows = re.sub(r"\r?\n[ \t]", "", await self.book.get(name)).splitlines()
        kept = [row for row in rows if re.split("[;:]", row)[0] not in values]
        new = [f"{key}:{value}" for key, value in values.items()]
        await self.book.put(name, "\r\n".join([*kept[:-1], *new, "END:VCARD", ""]))

    async def card_says(self, href: str, line: str) -> bool:
        card = await self.book.get(href.rpartition("/")[2])
        return line in re.sub(r"\r?\n[ \t]", "", card).splitlines()

    async def contact(self, record_id: str) -> dict[str, Any]:
        return (await self.rehearsal.contacts())[record_id]


@asynccontextmanager
async def company(folder: Path, server: str, people: int, cards: int) -> AsyncIterator[Company]:
    """The sandbox's Zoho, and a real server with cards of the same scene."""
    async with rehearse(folder, people=people, seed=5) as rehearsal:
        scene = rehearsal.served.scene
        assert scene is not None
        filled = [(href.rpartition("/")[2], card) for href, card in scene.cards()][:cards]
        filled = [(name, as_old_outlook(card) if at % 2 else card) for at, (name, card) in enumerate(filled)]
        async with SERVERS[server](folder, filled) as book:
            secret = rehearsal.folder / "secrets/real-password"
            secret.write_text(PASSWORD)
            secret.chmod(0o600)
            (rehearsal.folder / "accounts.d/book.toml").write_text(
                f'app = "carddav"\nurl = "{book.url}/"\nallow_http = true\nusername = "{USER}"\npassword = "file:{secret}"\n'
            )
            connection = f"connections.d/{CONNECTION}.toml"
            rehearsal.rewrite(connection, {"/ann/contacts/": book.path}, append='winner = "zoho"\n')
            yield Company(rehearsal, book, frozenset(name for name, _card in filled))


def as_old_outlook(card: str) -> str:
    """A card of Outlook's as its desktop program exports it: 2.1, bare types, quoted-printable; others as they are."""
    if "X-MS-OL-" not in card:
        return card
    lines = re.sub(r"\r\n[ \t]", "", card).replace("VERSION:3.0", "VERSION:2.1").splitlines()
    return "".join(_in_21(line) + "\r\n" for line in lines)


def _in_21(line: str) -> str:
    head, _, value = line.partition(":")
    name, *params = head.split(";")
    types = ["".join(f";{kind}" for kind in p[5:].split(",")) if p.startswith("TYPE=") else f";{p}" for p in params]
    head = name + "".join(types)
    if name in {"NOTE", "FN", "TITLE", "ORG", "N", "ADR"} and (not value.isascii() or "\\" in value):
        value = value.replace("\\n", "\n").replace("\\,", ",")
        coded = quopri.encodestring(value.replace("\n", "\r\n").encode(), quotetabs=False).decode()
        value = coded.replace("\r\n", "=0D=0A").replace("=\n", "=\r\n").replace("\n", "")
        head += ";CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE"
    return f"{head}:{value}"


async def main_job(folder: Path, server: str, *, people: int, cards: int, contacts: int) -> None:
    async with company(folder, server, people, cards) as here:
        assert len(here.names) == cards
        assert sum(bool(contact) for _person, contact, _href in here.standing()) >= contacts
        began = time.monotonic()
        first = await here.rehearsal.sync()
        print(f"\n{server}: first sync {time.monotonic() - began:.1f} s {first}")
        assert first["converged"], first
        await everyone_is_linked_who_can_be(here)
        assert await here.duplicates() == {"zoho": 0, "book": 0}
        await nothing_is_left_to_write(here)
        await edits_arrive(here)
        await an_edit_in_the_second_of_our_own_write_arrives(here)
        assert await here.duplicates() == {"zoho": 0, "book": 0}
        await nothing_is_left_to_write(here)
        print(f"{server}: everything {time.monotonic() - began:.1f} s")


async def everyone_is_linked_who_can_be(here: Company) -> None:
    links = set(await here.links())
    linked = {record for pair in links for record in pair}
    held, refused = await here.waiting()
    for person, contact, href in here.standing():
        mine = {contact, href} - {""}
        if person.shares_email:  # two records of one side have this address: who is who, only a person can tell
            assert {held.get(record) for record in mine} == {"ambiguous"}, person
        elif contact and href:
            assert (contact, href) in links, person
        elif contact in linked or href in linked:
            pass
        else:  # a card without a family name cannot be a contact
            assert {refused.get(record) for record in mine} == {"required"}, person
    assert len({contact for contact, _href in links}) == len({href for _contact, href in links}) == len(links)
    assert linked.isdisjoint(held)
    print(f"{len(links)} links, {len(held)} held, {len(refused)} quarantined")


async def nothing_is_left_to_write(here: Company) -> None:
    """A second sync writes nothing; the one before may still end what the edits have begun."""
    await here.rehearsal.sync()
    await here.rehearsal.forget_calls()
    cards = await here.book.cards()
    began = time.monotonic()
    again = await here.rehearsal.sync()
    print(f"second sync {time.monotonic() - began:.1f} s")
    assert again["converged"], again
    assert again["writes"] == {"left": 0, "right": 0}
    assert await here.rehearsal.writes() == 0
    assert await here.book.cards() == cards


async def edits_arrive(here: Company) -> None:
    """Different fields of some persons from both sides; then clashes of one field."""
    links = set(await here.links())
    some = [(contact, href) for _person, contact, href in here.standing() if (contact, href) in links][:8]
    for contact, href in some:
        await here.edit_card(href, NOTE="From the book")
        await here.rehearsal.edit_contact(contact, Title="From the CRM")
    await here.rehearsal.sync()
    for contact, href in some:
        assert (await here.contact(contact))["Description"] == "From the book"
        assert (await here.contact(contact))["Title"] == "From the CRM"
        assert await here.card_says(href, "TITLE:From the CRM")
        assert await here.card_says(href, "NOTE:From the book")
    for contact, href in some:
        await here.edit_card(href, TITLE="From the other side")
        await here.rehearsal.edit_contact(contact, Title="Wins")
    await here.rehearsal.sync()
    async with here.rehearsal.daemon() as daemon:
        told = [await daemon.commands.explain(CONNECTION, contact) for contact, _href in some]
    for (contact, href), about in zip(some, told, strict=True):
        assert await here.card_says(href, "TITLE:Wins")
        assert (await here.contact(contact))["Title"] == "Wins"
        assert any(entry["lost"] == {"TITLE": "From the other side"} for entry in about["persons"][0]["history"])


async def an_edit_in_the_second_of_our_own_write_arrives(here: Company) -> None:
    """Once on Zoho's side, whose times are whole seconds, and once on the book's, as soon as our write is seen."""
    links = set(await here.links())
    both = [(contact, href) for _person, contact, href in here.standing() if (contact, href) in links]
    (contact, href), (other_contact, other_href) = both[-1], both[-2]
    await here.rehearsal.control("POST", "clock", {"freeze": True})
    await here.edit_card(href, NOTE="written by us")
    await here.rehearsal.edit_contact(other_contact, Title="Written by us")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_edit_once_written, here, other_href)
        await here.rehearsal.sync()
    assert (await here.contact(contact))["Description"] == "written by us"
    await here.rehearsal.edit_contact(contact, Title="Edited at once", Description="and this too")
    await here.rehearsal.control("POST", "clock", {"freeze": False})
    await here.rehearsal.sync()
    await here.rehearsal.sync()
    assert await here.card_says(href, "TITLE:Edited at once")
    assert await here.card_says(href, "NOTE:and this too")
    assert (await here.contact(other_contact))["Title"] == "Edited at once too"
    assert (await here.contact(other_contact))["Description"] == "and this"


async def _edit_once_written(here: Company, href: str) -> None:
    while not await here.card_says(href, "TITLE:Written by us"):
        await anyio.sleep(0.01)
    await here.edit_card(href, TITLE="Edited at once too", NOTE="and this")


@pytest.mark.parametrize("server", SERVERS)
async def test_a_small_company(server: str, tmp_path: Path) -> None:
    await main_job(tmp_path, server, people=60, cards=30, contacts=45)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("server", SERVERS)
async def test_two_thousand_people_and_a_thousand_cards(server: str, tmp_path: Path) -> None:
    await main_job(tmp_path, server, people=2580, cards=1000, contacts=2000)
