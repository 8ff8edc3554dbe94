"""Somebody at Outlook."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.worlds.person import Person
from zohosyncd.sandbox.microsoft.app import CLIENT_ID, CLIENT_SECRET, GraphApp
from zohosyncd.sandbox.microsoft.behaviour import Behaviour
from zohosyncd.sandbox.world import World

_TEXTS = {"given": "givenName", "family": "surname", "company": "companyName", "title": "jobTitle", "notes": "personalNotes"}  # fmt: skip
_ADDRESS = {"street": "street", "city": "city", "code": "postalCode", "country": "countryOrRegion"}


class MicrosoftDesk:
    """A mailbox, and in front of it a program that stores birthdays as midnight in Berlin."""

    object = ""
    holds = frozenset({*_TEXTS, *_ADDRESS, "emails", "phones", "birthday"})
    settles = 30.0

    def __init__(self, world: World, url: str, name: str = "outlook", *, login: str = "ann@example.org") -> None:
        self.name = name
        self._url = url
        self._place = f"{login}/Contacts"
        habits = Behaviour(birthdays="midnight", delay=20.0, replays=2, empty_pages=1, sparse=True)
        self.app = GraphApp(world.time, world.seed, url, users=(login,), behaviour=habits)
        self.normalisation: tuple[str, Sequence[Mapping[str, Any]]] = (
            self._place,
            ({"field": "mobilePhone", "do": "phone"},),
        )
        world.add(self.app)

    def account(self, folder: Path) -> str:
        for key, text in (("secret", CLIENT_SECRET), ("refresh", self.app.login.granted(CLIENT_ID))):
            secret = folder / f"secrets/{self.name}-{key}"
            secret.write_text(f"{text}\n")
            secret.chmod(0o600)
        return (
            f'app = "microsoft365"\napi_url = "{self._url}"\nlogin_url = "{self._url}"\nallow_http = true\n'
            f'client_id = "{CLIENT_ID}"\nclient_secret = "file:{folder}/secrets/{self.name}-secret"\n'
            f'refresh_token = "file:{folder}/secrets/{self.name}-refresh"\n'
        )

    def add(self, person: Person) -> str:
        return str(self.app.edit({"object": self._place, "create": _typed({}, vars(person))})["id"])

    def change(self, record_id: str, **values: Any) -> None:
        shown = next(each for each in self._rows() if each["id"] == record_id)
        self.app.edit({"id": record_id, "set": _typed(shown, values)})

    def opt_out(self, record_id: str) -> None:
        raise NotImplementedError("a contact knows no consent")

    def remove(self, record_id: str) -> None:
        self.app.edit({"id": record_id, "delete": True})

    def people(self) -> dict[str, Person]:
        return {each["id"]: _person(each) for each in self._rows()}

    def _rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.app.state()[self._place]
        return rows


def _typed(shown: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What Outlook sends: the fields that were touched, each as a whole."""
    typed: dict[str, Any] = {theirs: values[ours] or None for ours, theirs in _TEXTS.items() if ours in values}
    if _ADDRESS.keys() & values.keys():
        before = shown.get("businessAddress", {})
        typed["businessAddress"] = {**before, **{_ADDRESS[name]: values[name] for name in _ADDRESS if name in values}}
    if "birthday" in values:
        typed["birthday"] = values["birthday"] or None
    if "emails" in values:
        typed["emailAddresses"] = [{"address": each} for each in values["emails"]]
    if "phones" in values:
        typed |= {"mobilePhone": None, "homePhones": [], "businessPhones": list(values["phones"])}
    return typed


def _person(shown: Mapping[str, Any]) -> Person:
    """What the screen shows in Berlin: a birthday is the day of its moment there."""
    moment = shown["birthday"]
    day = (datetime.fromisoformat(moment) + timedelta(hours=1)).date().isoformat() if moment else ""
    address = shown["businessAddress"]
    phones = [*shown["businessPhones"], *shown["homePhones"], shown["mobilePhone"]]
    return Person(
        **{ours: shown[theirs] or "" for ours, theirs in _TEXTS.items()},
        **{ours: address.get(theirs, "") for ours, theirs in _ADDRESS.items()},
        emails=tuple(each["address"] for each in shown["emailAddresses"]),
        phones=tuple(each for each in phones if each),
        birthday=day,
    )
