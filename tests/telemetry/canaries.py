"""Persons and secrets that must not be found anywhere but in the apps and in the encrypted state."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.connectors.inprocess import WorldSender
from tests.crash.company import Company
from zohosyncd.sandbox.zoho.standard import modules

_WORDS = ("kanari", "zeisig")
_DIGITS = "77995550"
BIRTH = "1931-07-29"
_TEXTS = {"text", "textarea", "email", "phone", "website"}
_SKIPPED = {"Full_Name", "Tag", "Account_Name"}


def person(number: int) -> dict[str, Any]:
    """A contact with a canary in every field that takes a text, and in the birthday."""
    values: dict[str, Any] = {"Date_of_Birth": BIRTH}
    for each in modules()["Contacts"].fields.values():
        if each.system or each.kind not in _TEXTS or each.name in _SKIPPED:
            continue
        match each.kind:
            case "email":
                values[each.name] = f"kanari{number}.{each.name[:1].lower()}@zeisig.example"
            case "phone":
                values[each.name] = f"+49 7799 5550{number:02d}{len(each.name):02d}"
            case "website":
                values[each.name] = f"https://zeisig.example/kanari/{number}"
            case _:
                values[each.name] = f"Kanari {each.name[:8]} Zeisig{number}"[: min(each.length, 39)]
    return values | {"Last_Name": f"Zeisig{number}", "First_Name": "Kanari", "Customer_Number": f"KANARI-{number}"}


def card(number: int, *, email: str = "") -> str:
    """A card with a canary in every property, the name of its owner in its UID as well."""
    lines = (
        "BEGIN:VCARD", "VERSION:3.0", f"UID:kanari-zeisig-{number}", f"N:Zeisigmann{number};Kanari;Zeisigmid;Dr. Kanari;Zeisigjr",
        f"FN:Kanari Zeisigmann{number}", "NICKNAME:Kanarimatz", "ORG:Kanari Zeisig GmbH;Kanaridept", "TITLE:Oberkanari",
        f"EMAIL;TYPE=WORK:{email or f'zeisigmann{number}@kanari.example'}", f"TEL;TYPE=CELL:+49 7799 5550{number:02d}99",
        "ADR;TYPE=WORK:;;Zeisigweg 7;Kanaristadt;;77995;Zeisigland", "NOTE:Kanari wants no calls\\, says Zeisig",
        "URL:https://kanari.example/zeisig", "IMPP:xmpp:kanari@zeisig.example", "CATEGORIES:Kanarifreunde,Zeisigclub",
        f"BDAY:{BIRTH}", f"X-CUSTOMER-NUMBER:ZEISIG-{number}", "X-KANARI:zeisig", "END:VCARD", "",
    )  # fmt: skip
    return "\r\n".join(lines)


SAYS = """
[deletions]
left_to_right = "delete"
right_to_left = "delete"

[guard]
deletes = { more_than = 1, percent = 0 }

[[rules]]
from = "zoho"
if = [ { any = [ { field = "Title", contains = "a" }, { field = "Last_Name", empty = false } ] } ]
then = [ { add = "categories", value = "CRM" } ]

[[rules]]
from = "book"

[[fields]]
left = "Customer_Number"
right = "X-CUSTOMER-NUMBER"

[[fields]]
left = "Tag"
right = "CATEGORIES"
"""


def company(folder: Path) -> Company:
    """A company of canaries: some on both sides, some on one, some ambiguous."""
    made = Company(folder, SAYS)
    book = folder / "accounts.d/book.toml"
    book.write_text(book.read_text() + 'custom = ["X-CUSTOMER-NUMBER"]\ntimeout = "5s"\n')
    ids = []
    for number in range(6):
        edit = {"app": "zoho_crm", "object": "Contacts", "create": person(number % 5)}
        ids.append(made.control("edit", edit)["id"])
    for number in range(6):
        email = str(person(number)["Email"]) if number in (1, 2) else ""
        made.control(
            "edit", {"app": "carddav", "object": "/ann/contacts/", "create": {"vcard": card(number, email=email)}}
        )
    twins = {"First_Name": "Kanari", "Last_Name": "Zeisigtwin", "Email": "zeisigmann5@kanari.example"}
    for _ in range(2):
        made.control("edit", {"app": "zoho_crm", "object": "Contacts", "create": twins})
    return made


TELLING = (
    {"method": "POST", "path": "/crm/v8/Contacts*", "fault": "status", "status": 400, "count": 2, "body": {
        "code": "INVALID_DATA", "status": "error", "message": "the value Kanari Zeisig of kanari@zeisig.example is wrong",
        "details": {"api_name": "Last_Name", "value": "Kanari Zeisig", "expected_data_type": "kanari"}}},
    {"path": "/crm/v8/Contacts*", "fault": "status", "status": 503, "count": 3, "body": "Sorry, Kanari Zeisig"},
    {"path": "/crm/v8/Contacts*", "fault": "status", "status": 403, "count": 1, "body": {
        "code": "NO_PERMISSION", "message": "Kanari Zeisig may not", "status": "error", "details": {"permissions": ["Kanari"]}}},
    {"method": "GET", "path": "/crm/v8/Contacts*", "fault": "status", "status": 302, "count": 1,
     "headers": {"Location": "https://127.0.0.1:1/kanari?name=zeisig"}},
    {"method": "POST", "path": "/crm/v8/Contacts*", "fault": "rows", "count": 2, "share": 0.7, "code": "INVALID_DATA"},
    {"method": "GET", "path": "/crm/v8/Contacts*", "fault": "truncate", "count": 1},
    {"method": "GET", "path": "/crm/v8/Contacts*", "fault": "status", "status": 200, "count": 1, "body": {
        "data": [{"id": 5, "Last_Name": ["Kanari"], "Modified_Time": "Zeisig"}], "info": {"more_records": "kanari"}}},
    {"path": "/oauth/*", "fault": "status", "status": 400, "count": 1, "body": {"error": "kanari zeisig is locked"}},
    {"path": "/crm/v8/org", "fault": "status", "status": 401, "count": 1, "body": {"code": "INVALID_TOKEN", "message": "Kanari"}},
)  # fmt: skip
BOOKISH = (
    {"method": "PUT", "path": "*", "fault": "status", "status": 403, "count": 2, "body":
     "<d:error xmlns:d='DAV:'><d:displayname>Kanari Zeisig</d:displayname></d:error>"},
    {"method": "PUT", "path": "*", "fault": "status", "status": 400, "count": 1, "body": "kanari@zeisig.example is no address"},
    {"method": "REPORT", "path": "*", "fault": "status", "status": 207, "count": 1, "body":
     "<d:multistatus xmlns:d='DAV:'><d:response><d:href>/kanari</d:href><d:status>HTTP/1.1 507 Zeisig</d:status>"},
    {"path": "*", "fault": "status", "status": 401, "count": 1, "body": "Kanari, your password is wrong"},
    {"path": "*", "fault": "status", "status": 503, "count": 2, "body": "Kanari Zeisig"},
    {"method": "PUT", "path": "*", "fault": "reset", "executed": True, "count": 1},
    {"method": "REPORT", "path": "*", "fault": "html", "count": 1},
)  # fmt: skip
"""Faults whose answers name people."""


@dataclass(slots=True)
class Aviary:
    """What must not be found."""

    secrets: set[str] = field(default_factory=set)

    def learn(self, folder: Path, sender: WorldSender) -> None:
        """Know every secret of the files, and every login that was sent."""
        self.secrets |= {file.read_text().strip() for file in (folder / "secrets").iterdir()}
        for request in sender.sent:
            login = request.headers.get("Authorization", "")
            self.secrets |= {login, *login.split(" ")[1:]} - {""}
        assert len(self.secrets) > 6

    def found(self, text: str) -> list[str]:
        """The canaries in a text, each with what stands around it."""
        flat = text.lower()
        words = [*_WORDS, BIRTH, *(each.lower() for each in self.secrets)]
        hits = [flat[max(0, at - 150) : at + 60] for word in words if (at := flat.find(word)) >= 0]
        number = re.search(r"\D{0,2}".join(_DIGITS), flat)
        return hits + ([flat[max(0, number.start() - 80) : number.end()]] if number else [])

    def assert_none_in(self, place: str, texts: str | Iterable[str]) -> None:
        """Nobody's name, address, number or secret stands there, and something does."""
        text = texts if isinstance(texts, str) else "\n".join(texts)
        assert text, f"{place}: nothing to look at"
        assert not self.found(text), f"{place}: {self.found(text)}"
