"""Somebody at Google Contacts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.worlds.person import Person
from zohosyncd.sandbox.google.app import CLIENT_ID, CLIENT_SECRET, GoogleApp
from zohosyncd.sandbox.world import World

_ADDRESS = {"street": "streetAddress", "city": "city", "code": "postalCode", "country": "country"}


class GoogleDesk:
    """A mailbox. ``app``: one Google for several of them."""

    object = ""
    holds = frozenset({
        "given", "family", "emails", "phones", "company", "title", *_ADDRESS, "birthday", "notes",
    })  # fmt: skip
    settles = 180.0

    def __init__(
        self, world: World, url: str, name: str = "ann", *, login: str = "ann@example.org", app: GoogleApp | None = None
    ) -> None:
        self.name = name
        self.login = login
        self._url = url
        self.app = app or GoogleApp(world.time, world.seed, (login,), base_url=url)
        self.normalisation: tuple[str, Sequence[Mapping[str, Any]]] = (
            login,
            ({"field": "emailAddresses.value", "do": "lower"},),
        )
        if app is None:
            world.add(self.app)

    def account(self, folder: Path) -> str:
        for key, text in (("client", CLIENT_SECRET), (self.name, self.app.refresh_tokens[self.login])):
            secret = folder / f"secrets/google-{key}"
            secret.write_text(f"{text}\n")
            secret.chmod(0o600)
        return (
            f'app = "google_contacts"\napi_url = "{self._url}/google"\naccounts_url = "{self._url}/google"\n'
            f'allow_http = true\nclient_id = "{CLIENT_ID}"\nclient_secret = "file:{folder}/secrets/google-client"\n'
            f'refresh_token = "file:{folder}/secrets/google-{self.name}"\n'
        )

    def add(self, person: Person) -> str:
        return str(self.app.edit({"object": self.login, "create": _typed({}, vars(person))})["resourceName"])

    def change(self, record_id: str, **values: Any) -> None:
        shown = self.app.state()[self.login][record_id]
        self.app.edit({"object": self.login, "id": record_id, "set": _typed(shown, values)})

    def opt_out(self, record_id: str) -> None:
        raise NotImplementedError("a contact knows no consent")

    def remove(self, record_id: str) -> None:
        self.app.edit({"object": self.login, "id": record_id, "delete": True})

    def people(self) -> dict[str, Person]:
        return {name: _person(each) for name, each in self.app.state()[self.login].items()}


def _typed(shown: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What the page of a contact sends: the fields that were touched, each as a whole."""
    typed: dict[str, Any] = {}
    if {"given", "family"} & values.keys():
        name = _first(shown, "names")
        given, family = values.get("given", name.get("givenName", "")), values.get("family", name.get("familyName", ""))
        typed["names"] = [{"givenName": given, "familyName": family}]
    if {"company", "title"} & values.keys():
        work = {key: value for key, value in _first(shown, "organizations").items() if key in ("name", "title")}
        work |= {key: values[name] for name, key in (("company", "name"), ("title", "title")) if name in values}
        typed["organizations"] = [work] if any(work.values()) else []
    if _ADDRESS.keys() & values.keys():
        home = {key: value for key, value in _first(shown, "addresses").items() if key in _ADDRESS.values()}
        home |= {key: values[name] for name, key in _ADDRESS.items() if name in values}
        typed["addresses"] = [{**home, "type": "work"}] if any(home.values()) else []
    if "birthday" in values:
        typed["birthdays"] = [{"date": _date(values["birthday"])}] if values["birthday"] else []
    if "notes" in values:
        typed["biographies"] = [{"value": values["notes"]}] if values["notes"] else []
    if "emails" in values:
        typed["emailAddresses"] = [{"value": each, "type": "work"} for each in values["emails"]]
    if "phones" in values:
        typed["phoneNumbers"] = [{"value": each, "type": "work"} for each in values["phones"]]
    return typed


def _date(text: str) -> dict[str, int]:
    month, day = int(text[-5:-3]), int(text[-2:])
    return (
        {"month": month, "day": day} if text.startswith("--") else {"year": int(text[:4]), "month": month, "day": day}
    )


def _first(shown: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(iter(shown.get(field, ())), {})
    return found


def _person(shown: Mapping[str, Any]) -> Person:
    name, work, home = (_first(shown, field) for field in ("names", "organizations", "addresses"))
    day = _first(shown, "birthdays").get("date", {})
    year = f"{day['year']:04d}" if day.get("year") else "-"
    return Person(
        given=name.get("givenName", ""),
        family=name.get("familyName", ""),
        emails=tuple(each["value"] for each in shown.get("emailAddresses", ())),
        phones=tuple(each["value"] for each in shown.get("phoneNumbers", ())),
        company=work.get("name", ""),
        title=work.get("title", ""),
        **{name: home.get(key, "") for name, key in _ADDRESS.items()},
        birthday=f"{year}-{day['month']:02d}-{day['day']:02d}" if day else "",
        notes=_first(shown, "biographies").get("value", ""),
    )
