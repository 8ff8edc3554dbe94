"""The main job, from files of configuration to records on both sides."""

from pathlib import Path

import aiohttp
import anyio
import pytest

from tests.end_to_end.rehearsal import CONNECTION, Rehearsal, rehearse


def lines(card: str, name: str) -> list[str]:
    unfolded = card.replace("\r\n ", "").replace("\n ", "").splitlines()
    return [line for line in unfolded if line.upper().startswith(name) or f".{name}" in line.upper()]


async def settle(rehearsal: Rehearsal, rounds: int = 4) -> dict[str, object]:
    for _ in range(rounds):
        report = await rehearsal.sync()
        if report["converged"] and report["writes"] == {"left": 0, "right": 0}:
            return report
    raise AssertionError(f"no rest: {report}")


async def test_a_first_sync_links_everybody_it_can_and_duplicates_nobody(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=120) as rehearsal:
        report = await rehearsal.sync()
        assert report["converged"]
        assert report["stage"] == "live"
        assert report["held"] > 0, "the scene has people who share an address"
        assert report["links"] > 100
        assert await rehearsal.duplicates() == {"zoho": 0, "book": 0}
        await settle(rehearsal)
        await rehearsal.forget_calls()
        again = await rehearsal.sync()
        assert again["writes"] == {"left": 0, "right": 0}
        assert await rehearsal.writes() == 0


async def test_edits_of_different_fields_of_one_person_both_arrive(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=40) as rehearsal:
        await settle(rehearsal)
        record_id, href = await a_linked_pair(rehearsal)
        card = (await rehearsal.cards())[href]
        await rehearsal.edit_contact(record_id, Title="Keeper of Keys")
        await rehearsal.edit_card(href, card.replace("END:VCARD", "NOTE:Likes tea\r\nEND:VCARD"))
        await settle(rehearsal)
        assert (await rehearsal.contacts())[record_id]["Description"] == "Likes tea"
        assert lines((await rehearsal.cards())[href], "TITLE")[0].endswith("Keeper of Keys")


async def test_a_clash_follows_the_winner_and_the_other_value_is_kept_in_the_journal(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=40) as rehearsal:
        rehearsal.rewrite(f"connections.d/{CONNECTION}.toml", append='winner = "zoho"\n')
        await settle(rehearsal)
        record_id, href = await a_linked_pair(rehearsal)
        card = (await rehearsal.cards())[href]
        kept = "".join(line for line in card.splitlines(keepends=True) if not line.startswith("TITLE"))
        await rehearsal.edit_contact(record_id, Title="From the CRM")
        await rehearsal.edit_card(href, kept.replace("END:VCARD", "TITLE:From the book\r\nEND:VCARD"))
        await settle(rehearsal)
        assert lines((await rehearsal.cards())[href], "TITLE")[0].endswith("From the CRM")
        async with rehearsal.daemon() as daemon:
            told = await daemon.commands.explain(CONNECTION, record_id)
        clashes = [entry for entry in told["persons"][0]["history"] if entry["kind"] == "clash"]
        assert clashes[0]["lost"] == {"TITLE": "From the book"}
        assert clashes[0]["after"] == {"Title": "From the CRM"}


async def test_an_edit_in_the_second_of_our_own_write_is_not_lost(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=40) as rehearsal:
        await settle(rehearsal)
        record_id, href = await a_linked_pair(rehearsal)
        await rehearsal.control("POST", "clock", {"freeze": True})
        card = (await rehearsal.cards())[href]
        await rehearsal.edit_card(href, card.replace("END:VCARD", "NOTE:written by us\r\nEND:VCARD"))
        await rehearsal.sync()
        assert (await rehearsal.contacts())[record_id]["Description"] == "written by us"
        await rehearsal.edit_contact(record_id, Title="Edited at once", Description="and this too")
        await rehearsal.control("POST", "clock", {"freeze": False})
        await settle(rehearsal)
        card = (await rehearsal.cards())[href]
        assert lines(card, "TITLE")[0].endswith("Edited at once")
        assert lines(card, "NOTE")[0].endswith("and this too")


async def test_a_deletion_leaves_the_other_side_alone_and_an_edit_beats_it(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=40) as rehearsal:
        before = await settle(rehearsal)
        record_id, href = await a_linked_pair(rehearsal)
        await rehearsal.delete_contact(record_id)
        after = await settle(rehearsal)
        assert after["links"] == before["links"] - 1  # type: ignore[operator]
        assert href in await rehearsal.cards()
        card = (await rehearsal.cards())[href]
        await rehearsal.edit_card(href, card.replace("END:VCARD", "NOTE:later\r\nEND:VCARD"))
        await settle(rehearsal)
        assert record_id not in await rehearsal.contacts(), "a survivor is never created anew"

        record_id, href = await a_linked_pair(rehearsal)
        card = (await rehearsal.cards())[href]
        await rehearsal.delete_contact(record_id)
        await rehearsal.edit_card(href, card.replace("END:VCARD", "NOTE:edit beats delete\r\nEND:VCARD"))
        await settle(rehearsal)
        assert [each for each in (await rehearsal.contacts()).values() if each["Description"] == "edit beats delete"]


async def test_two_connections_that_share_the_zoho_account_create_each_person_once(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=30) as rehearsal:
        first = rehearsal.folder / f"connections.d/{CONNECTION}.toml"
        await make_book(rehearsal, "second", CARD)
        text = first.read_text()
        assert "/ann/contacts/" in text or "Contacts" in text
        (rehearsal.folder / "connections.d/zoho-second.toml").write_text(
            text.replace("/ann/contacts/", "/ann/second/").replace("zoho-book", "zoho-second")
        )
        await rehearsal.new_card(CARD)
        async with rehearsal.daemon() as daemon:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(daemon.commands.sync, CONNECTION)
                tasks.start_soon(daemon.commands.sync, "zoho-second")
            await daemon.commands.sync(CONNECTION)
            await daemon.commands.sync("zoho-second")
        news = [each for each in (await rehearsal.contacts()).values() if each["Email"] == "nova.brandnew@example.org"]
        assert len(news) == 1


async def make_book(rehearsal: Rehearsal, name: str, card: str) -> None:
    """A second address book, made and filled with a CardDAV client's own requests."""
    url = f"{rehearsal.served.base_url}/ann/{name}/"
    login = {"Authorization": aiohttp.encode_basic_auth("ann", "sandbox-password")}
    body = (
        '<mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><set><prop><resourcetype><collection/>'
        f"<C:addressbook/></resourcetype><displayname>{name}</displayname></prop></set></mkcol>"
    )
    async with aiohttp.ClientSession(headers=login) as http:
        async with http.request("MKCOL", url, data=body, headers={"Content-Type": "application/xml"}) as answer:
            assert answer.status == 201
        async with http.put(f"{url}nova.vcf", data=card, headers={"Content-Type": "text/vcard"}) as answer:
            assert answer.status == 201


CARD = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:nova-1\r\nN:Brandnew;Nova;;;\r\nFN:Nova Brandnew\r\n"
    "EMAIL:nova.brandnew@example.org\r\nEND:VCARD\r\n"
)


async def a_linked_pair(rehearsal: Rehearsal) -> tuple[str, str]:
    """Some person who stands on both sides."""
    contacts, cards = await rehearsal.contacts(), await rehearsal.cards()
    by_mail: dict[str, list[str]] = {}
    for record_id, record in contacts.items():
        if record["Email"]:
            by_mail.setdefault(record["Email"].lower(), []).append(record_id)
    for href, card in cards.items():
        mails = [line.rpartition(":")[2].lower() for line in lines(card, "EMAIL")]
        found = [ids for mail in mails if len(ids := by_mail.get(mail, [])) == 1]
        holders = [each for each in cards.values() if mails and mails[0] in each.lower()]
        if found and len(holders) == 1 and not lines(card, "NOTE") and not contacts[found[0][0]]["Description"]:
            return found[0][0], href
    pytest.fail("nobody stands on both sides")
