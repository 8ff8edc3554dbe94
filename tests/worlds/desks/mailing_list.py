"""Somebody who looks after a mailing list of Mailman."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.worlds.person import Person
from zohosyncd.sandbox.mailman.app import LOGIN, MailmanApp
from zohosyncd.sandbox.world import World

_LIST = "news.example.com"


class ListDesk:
    """A list. It knows a person's address, whether mail is delivered, and one name, which nobody takes apart here."""

    object = "news@example.com"
    holds = frozenset({"emails", "out"})
    settles = 0.0
    normalisation: tuple[str, Sequence[Mapping[str, Any]]] = (_LIST, ())

    def __init__(self, world: World, url: str, name: str = "list") -> None:
        self.name = name
        self._url = url
        self.app = MailmanApp(world.time, world.seed, base_url=url)
        world.add(self.app)

    def account(self, folder: Path) -> str:
        (folder / "secrets/list-password").write_text(LOGIN[1])
        (folder / "secrets/list-password").chmod(0o600)
        return f'app = "mailman"\nurl = "{self._url}/"\nallow_http = true\npassword = "file:{folder}/secrets/list-password"\n'

    def add(self, person: Person) -> str:
        status = "by_user" if person.out else "enabled"
        name = f"{person.emails[0].partition('@')[0].title()} Of-the-List"
        given = {"email": person.emails[0], "display_name": name, "delivery_status": status}
        return str(self.app.edit({"object": _LIST, "create": given})["member_id"])

    def change(self, record_id: str, **values: Any) -> None:
        raise NotImplementedError("a list holds no details")

    def rename(self, record_id: str, name: str) -> None:
        """Somebody types another name."""
        self.app.edit({"object": _LIST, "id": record_id, "set": {"display_name": name}})

    def confirm(self, email: str) -> None:
        """The person follows the link in Mailman's mail."""
        self.app.edit({"object": _LIST, "confirm": email})

    def names(self) -> dict[str, str]:
        """The names by address."""
        return {each["email"]: each["display_name"] for each in self.app.state()[_LIST].values()}

    def opt_out(self, record_id: str) -> None:
        self.app.edit({"object": _LIST, "id": record_id, "set": {"delivery_status": "by_user"}})

    def remove(self, record_id: str) -> None:
        self.app.edit({"object": _LIST, "id": record_id, "delete": True})

    def people(self) -> dict[str, Person]:
        return {each: _person(shown) for each, shown in self.app.state()[_LIST].items()}


def _person(shown: Mapping[str, Any]) -> Person:
    return Person(emails=(shown["email"],), out=shown.get("delivery_status") == "by_user")
