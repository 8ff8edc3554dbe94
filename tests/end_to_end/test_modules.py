"""Every kind of module that can be synced with an address book: records are made, edited and deleted both ways."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.bench.company import Company

BOTH = '[deletions]\nleft_to_right = "delete"\nright_to_left = "delete"\n'
MODULES: dict[str, tuple[str, dict[str, Any], str]] = {
    "Contacts": ("", {"First_Name": "Zoe", "Last_Name": "Zoho"}, "Title"),
    "Leads": ('[[rules]]\nfrom = "left"\nif = []\n[[rules]]\nfrom = "right"\nif = []\nthen = [ { set = "Company", value = "ACME", on = "create" } ]\n',
              {"First_Name": "Zoe", "Last_Name": "Zoho", "Company": "ACME"}, "Designation"),
    "Members": ('[[fields]]\nleft = "Position"\nright = "TITLE"\n', {"Name": "Zoe Zoho"}, "Position"),
}  # fmt: skip
"""By module: more of the connection's file, somebody in Zoho, and the field of a title."""


def addresses(company: Company) -> list[str]:
    return sorted(re.findall(r"EMAIL[^:]*:(\S+)", "".join(company.cards().values())))


@pytest.mark.parametrize("module", MODULES)
def test_records_travel_both_ways(tmp_path: Path, module: str) -> None:
    more, somebody, title = MODULES[module]
    company = Company(tmp_path, more=BOTH + more)
    file = tmp_path / "connections.d/zoho-user0.toml"
    file.write_text(file.read_text().replace('object = "Contacts"', f'object = "{module}"'))

    def people() -> dict[str, dict[str, Any]]:
        return {str(each["Email"]): each for each in company.zoho.state()[module]}

    made = company.zoho.edit({"object": module, "create": {**somebody, "Email": "zoe@example.net"}})
    for number in range(1, 4):
        company.card(number)
    company.serve(300.0)
    everybody = ["card1@example.net", "card2@example.net", "card3@example.net", "zoe@example.net"]
    assert sorted(people()) == addresses(company) == everybody
    company.zoho.edit({"object": module, "id": made["id"], "set": {title: "Judge"}})
    (href,) = [href for href, card in company.cards().items() if "card1@" in card]
    company.edit_card(href, company.cards()[href].replace("END:VCARD", "TITLE:Clerk\r\nEND:VCARD"))
    company.serve(300.0)
    assert people()["card1@example.net"][title] == "Clerk"
    (card,) = [card for card in company.cards().values() if "zoe@" in card]
    assert "TITLE:Judge" in card
    company.zoho.edit({"object": module, "id": made["id"], "delete": True})
    company.delete_card(href)
    company.serve(600.0)
    assert people().keys() == set(addresses(company)) == {"card2@example.net", "card3@example.net"}


def test_companies_travel_both_ways(tmp_path: Path) -> None:
    """An account has no person and no address: it is recognised by its phone."""
    company = Company(tmp_path, more='match = ["phone"]\ncreate_without_email = true\n')
    file = tmp_path / "connections.d/zoho-user0.toml"
    file.write_text(file.read_text().replace('object = "Contacts"', 'object = "Accounts"'))
    made = company.zoho.edit({"object": "Accounts", "create": {"Account_Name": "ACME Ltd", "Phone": "+49 30 1234567"}})
    book = {"app": "carddav", "object": "/user0/contacts/"}
    for name, phone in (("Bolt plc", "+49 30 7654321"), ("ACME", "+49 30 1234567")):
        card = f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}\r\nN:;;;;\r\nFN:{name}\r\nORG:{name}\r\nTEL:{phone}\r\nEND:VCARD\r\n"
        company._control("edit", {**book, "create": {"vcard": card}})
    company.serve(300.0)
    assert len(company.cards()) == 2
    assert sorted(each["Account_Name"] for each in company.zoho.state()["Accounts"])[1] == "Bolt plc"
    company.zoho.edit({"object": "Accounts", "id": made["id"], "set": {"Website": "https://acme.example"}})
    company.serve(300.0)
    (card,) = [card for card in company.cards().values() if "1234567" in card]
    assert "https://acme.example" in card
    assert len(company.zoho.state()["Accounts"]) == len(company.cards()) == 2
