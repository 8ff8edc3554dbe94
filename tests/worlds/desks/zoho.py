"""Somebody at Zoho CRM."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.worlds.person import Person
from zohosyncd.sandbox.world import World
from zohosyncd.sandbox.zoho.app import ZohoApp
from zohosyncd.sandbox.zoho.crm import ZohoSetup

_FIELDS: Final = {
    "given": "First_Name",
    "family": "Last_Name",
    "title": "Title",
    "street": "Mailing_Street",
    "city": "Mailing_City",
    "code": "Mailing_Zip",
    "country": "Mailing_Country",
    "birthday": "Date_of_Birth",
    "notes": "Description",
    "out": "Email_Opt_Out",
}
_EMAILS: Final = ("Email", "Secondary_Email")
_PHONES: Final = ("Phone", "Mobile", "Home_Phone", "Other_Phone")


class ZohoDesk:
    """Contacts of an org. What a contact's company is stands in another module, and is left out here."""

    object = "Contacts"
    holds = frozenset({*_FIELDS, "emails", "phones"})
    settles = 120.0
    normalisation: tuple[str, Sequence[Mapping[str, Any]]] = (
        "Contacts",
        ({"field": "Phone", "do": "phone"}, {"field": "Email", "do": "lower"}),
    )

    def __init__(self, world: World, url: str, name: str = "zoho") -> None:
        self.name = name
        self._url = url
        self.setup = ZohoSetup(credits=5_000_000)
        self.app = ZohoApp(world.time, world.seed, url, self.setup)
        world.add(self.app)

    def account(self, folder: Path) -> str:
        return (
            f'app = "zoho_crm"\napi_url = "{self._url}"\naccounts_url = "{self._url}"\nallow_http = true\n'
            f'client_id = "{self.setup.client_id}"\nclient_secret = "file:{folder}/secrets/zoho-client-secret"\n'
            f'refresh_token = "file:{folder}/secrets/zoho-refresh-token"\ncredits_per_day = {self.setup.credits}\n'
        )

    def add(self, person: Person) -> str:
        return str(self.app.edit({"object": "Contacts", "create": _values(vars(person))})["id"])

    def change(self, record_id: str, **values: Any) -> None:
        self.app.edit({"object": "Contacts", "id": record_id, "set": _values(values)})

    def opt_out(self, record_id: str) -> None:
        self.app.edit({"object": "Contacts", "id": record_id, "set": {"Email_Opt_Out": True}})

    def remove(self, record_id: str) -> None:
        self.app.edit({"object": "Contacts", "id": record_id, "delete": True})

    def people(self) -> dict[str, Person]:
        return {each["id"]: _person(each) for each in self.app.state()["Contacts"]}


def _values(person: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {field: person[name] or None for name, field in _FIELDS.items() if name in person}
    if "Email_Opt_Out" in values:
        values["Email_Opt_Out"] = bool(values["Email_Opt_Out"])
    for name, slots in (("emails", _EMAILS), ("phones", _PHONES)):
        if name in person:
            values |= dict(zip(slots, (*person[name], *[None] * len(slots)), strict=False))
    return values


def _person(record: Mapping[str, Any]) -> Person:
    values = {name: record[field] or "" for name, field in _FIELDS.items()}
    return Person(
        **{**values, "out": bool(values["out"])},
        emails=tuple(record[each] for each in _EMAILS if record[each]),
        phones=tuple(record[each] for each in _PHONES if record[each]),
    )
