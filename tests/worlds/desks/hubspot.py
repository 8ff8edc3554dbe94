"""Somebody at HubSpot."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.worlds.person import Person
from zohosyncd.sandbox.hubspot.app import HubSpotApp
from zohosyncd.sandbox.hubspot.setup import HubSpotSetup
from zohosyncd.sandbox.world import World

_FIELDS: Final = {
    "given": "firstname",
    "family": "lastname",
    "company": "company",
    "title": "jobtitle",
    "street": "address",
    "city": "city",
    "code": "zip",
    "country": "country",
    "out": "hs_email_optout",
}
_PHONES: Final = ("phone", "mobilephone")


class HubSpotDesk:
    """Contacts of an account. Notes are records of their own there, and a birthday is a text that is only shown."""

    object = ""
    holds = frozenset({*_FIELDS, "emails", "phones"})
    settles = 180.0
    normalisation: tuple[str, Sequence[Mapping[str, Any]]] = (
        "contacts",
        ({"field": "phone", "do": "phone"}, {"field": "jobtitle", "do": "truncate", "length": 60}),
    )

    def __init__(self, world: World, url: str, name: str = "hubspot") -> None:
        self.name = name
        self._url = url
        self.setup = HubSpotSetup(index_lag=20.0, consent_lag=20.0)
        self.app = HubSpotApp(world.time, world.seed, url, self.setup)
        world.add(self.app)

    def account(self, folder: Path) -> str:
        secret = folder / "secrets/hubspot"
        secret.write_text(self.setup.token + "\n")
        secret.chmod(0o600)
        return (
            f'app = "hubspot"\napi_url = "{self._url}"\nallow_http = true\n'
            f'access_token = "file:{folder}/secrets/hubspot"\n'
        )

    def add(self, person: Person) -> str:
        return str(self.app.edit({"create": _values(vars(person))})["id"])

    def change(self, record_id: str, **values: Any) -> None:
        self.app.edit({"id": record_id, "set": _values(values)})

    def opt_out(self, record_id: str) -> None:
        self.app.edit({"id": record_id, "set": {"hs_email_optout": True}})

    def remove(self, record_id: str) -> None:
        self.app.edit({"id": record_id, "delete": True})

    def people(self) -> dict[str, Person]:
        return {each["id"]: _person(each) for each in self.app.state()["contacts"]}


def _values(person: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {field: person[name] or None for name, field in _FIELDS.items() if name in person}
    if not values.get("hs_email_optout"):
        values.pop("hs_email_optout", None)
    if "emails" in person:
        values["email"] = next(iter(person["emails"]), None)
    if "phones" in person:
        values |= dict(zip(_PHONES, (*person["phones"], None, None), strict=False))
    return values


def _person(record: Mapping[str, Any]) -> Person:
    values = {name: record.get(field) or "" for name, field in _FIELDS.items()}
    return Person(
        **{**values, "out": values["out"] == "true"},
        emails=(record["email"],) if record.get("email") else (),
        phones=tuple(record[each] for each in _PHONES if record.get(each)),
    )
