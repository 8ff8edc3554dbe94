"""A layout of Zoho that wants more than the system: told before the first sync, and no reason to stop the others."""

from pathlib import Path
from typing import Any

from tests.bench.company import Company
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.sandbox.zoho.layouts import Layout
from zohosyncd.supervisor.checking import check

WANTS = Layout(mandatory=frozenset({"Title", "Lead_Source"}))
SET = """
[[rules]]
from = "user0"
if = []
then = [{ set = "Lead_Source", value = "Chat", on = "create" }]
"""


def looked(company: Company) -> list[str]:
    """What ``check`` says of the connection."""
    notes: list[str] = []

    async def look(daemon: Any) -> None:
        notes.extend((await check(daemon))["connections"]["zoho-user0"]["notes"])

    company.live(look)
    return [note for note in notes if "layout" in note]


def test_check_names_what_a_layout_wants_and_nothing_fills(tmp_path: Path) -> None:
    setup = ZohoSetup(layouts=(WANTS,))
    (note,) = looked(Company(tmp_path / "bare", setup=setup))
    assert note.startswith('zoho: the layout "Standard" wants Lead_Source filled')
    assert looked(Company(tmp_path / "ruled", more=SET, setup=setup)) == []
    assert looked(Company(tmp_path / "one way", more='direction = "left_to_right"', setup=setup)) == []


def test_where_zoho_insists_only_who_lacks_it_waits_and_is_told(tmp_path: Path) -> None:
    company = Company(tmp_path, more=SET, setup=ZohoSetup(layouts=(WANTS,), layout_always=True))
    for n in range(5):
        company.card(n)
    cards = company.cards()
    for href in [*cards][:3]:
        company.edit_card(href, cards[href].replace("END:VCARD", "TITLE:Judge\r\nEND:VCARD"))
    company.serve(300.0)
    assert [each["Title"] for each in company.contacts().values()] == ["Judge"] * 3
    told: list[dict[str, Any]] = []

    async def ask(daemon: Any) -> None:
        told.extend((await daemon.commands.quarantine("zoho-user0"))["quarantine"])

    company.live(ask)
    assert [(each["code"], each["field"]) for each in told] == [("MANDATORY_NOT_FOUND", "Title")] * 2
    for href in [*cards][3:]:
        company.edit_card(href, cards[href].replace("END:VCARD", "TITLE:Clerk\r\nEND:VCARD"))
    company.serve(300.0)
    assert len(company.contacts()) == 5
