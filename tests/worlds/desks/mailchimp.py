"""Somebody at Mailchimp, and the people who are in its audience."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.worlds.person import Person
from zohosyncd.sandbox.mailchimp.app import MailchimpApp
from zohosyncd.sandbox.mailchimp.setup import MailchimpSetup
from zohosyncd.sandbox.world import World

_AUDIENCE: Final = "Customers"
_PLAIN: Final = {"given": "FNAME", "family": "LNAME", "company": "COMPANY", "title": "JTITLE"}
_FIELDS: Final = (
    {"tag": "FNAME", "name": "First Name", "type": "text"},
    {"tag": "LNAME", "name": "Last Name", "type": "text"},
    {"tag": "PHONE", "name": "Phone Number", "type": "phone"},
    {"tag": "COMPANY", "name": "Company", "type": "text"},
    {"tag": "JTITLE", "name": "Job Title", "type": "text"},
)


class MailchimpDesk:
    """An audience whose form asks for no address: Mailchimp takes none without a state."""

    fields: Sequence[Mapping[str, Any]] = _FIELDS
    object = _AUDIENCE
    holds = frozenset({"emails", "phones", "given", "family", "out"})
    settles = 60.0
    normalisation: tuple[str, Sequence[Mapping[str, Any]]] = (_AUDIENCE, ({"field": "PHONE", "do": "phone"},))

    def __init__(self, world: World, url: str, name: str = "list") -> None:
        self.name = name
        self._url = url
        setup = MailchimpSetup(audiences=(_AUDIENCE,), fields=tuple(map(dict, self.fields)), list_lag=5.0)
        self.app = MailchimpApp(world.time, world.seed, url, setup)
        world.add(self.app)

    def account(self, folder: Path) -> str:
        key = folder / f"secrets/{self.name}-key"
        key.write_text(self.app.setup.api_key + "\n")
        key.chmod(0o600)
        return f'app = "mailchimp"\nurl = "{self._url}"\nallow_http = true\napi_key = "file:{key}"\n'

    def add(self, person: Person) -> str:
        made = self.app.edit(
            {"object": _AUDIENCE, "create": {"email_address": person.emails[0], **_typed(vars(person))}}
        )
        return str(made["contact_id"])

    def change(self, record_id: str, **values: Any) -> None:
        self.app.edit({"object": _AUDIENCE, "id": record_id, "set": _typed(values)})

    def opt_out(self, record_id: str) -> None:
        self.app.edit({"object": _AUDIENCE, "id": record_id, "set": {"status": "unsubscribed"}})

    def remove(self, record_id: str) -> None:
        self.app.edit({"object": _AUDIENCE, "id": record_id, "delete": True})

    def people(self) -> dict[str, Person]:
        return {each["contact_id"]: _person(each) for each in self.app.state()[_AUDIENCE]}


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    typed = {tag: values[name] for name, tag in _PLAIN.items() if name in values}
    if "phones" in values:
        typed["PHONE"] = next(iter(values["phones"]), "")
    return typed


def _person(member: Mapping[str, Any]) -> Person:
    merge = member["merge_fields"]
    return Person(
        emails=(member["email_address"],),
        phones=(merge["PHONE"],) if merge.get("PHONE") else (),
        out=member["status"] in {"unsubscribed", "cleaned"},
        **{name: str(merge[tag]) for name, tag in _PLAIN.items() if name in {"given", "family"}},
    )
