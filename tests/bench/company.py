"""A company in virtual time: a simulated Zoho org, address books, and the daemon between them; every call is counted."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.crash.virtual import VirtualClock
from tests.simulation.process import Exchange, Job, Process
from tests.storage.tables import put_tables
from zohosyncd.sandbox.carddav.app import CardDavApp
from zohosyncd.sandbox.config_folder import write_config
from zohosyncd.sandbox.wire import Request, Response
from zohosyncd.sandbox.world import World
from zohosyncd.sandbox.zoho.app import ZohoApp
from zohosyncd.sandbox.zoho.crm import ZohoSetup

URL, PASSWORD = "http://127.0.0.1:1", "sandbox-password"
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{0}\r\nN:Person;Card {0};;;\r\nFN:Card {0} Person\r\nEMAIL:card{0}@example.net\r\nEND:VCARD\r\n"
_CONNECTION = """\
left = {{ account = "zoho", object = "Contacts" }}
right = {{ account = "{book}", object = "/{book}/contacts/" }}
first_sync = "auto"
phone_region = "DE"
snapshot = false
every = "{every}"
{more}
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Calls and credits."""

    calls: int = 0
    credits: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.calls + other.calls, self.credits + other.credits)


def kind_of(request: Request) -> str:
    """What a call to Zoho is for: ``feed``, ``point``, ``deleted``, ``write``, ``tag`` or ``about``."""
    path = request.path.removeprefix("/crm/v8/")
    if path.endswith("_tags"):
        return "tag"
    if path.endswith("/deleted"):
        return "deleted"
    if path == "coql" or (request.method == "GET" and any(name == "sort_by" for name, _ in request.query)):
        return "feed"
    if any(name == "ids" for name, _ in request.query) and request.method == "GET":
        return "point"
    return "about" if request.method == "GET" else "write"


class Company:
    """Apps, clock and configuration; ``live`` lets the daemon work on them.

    Args:
        folder: for configuration and state. every: by connection, its interval; connection n keeps book ``user<n>``.
        more: further lines of every connection. setup: of the org.
    """

    def __init__(
        self, folder: Path, every: tuple[str, ...] = ("60s",), more: str = "", setup: ZohoSetup | None = None
    ) -> None:
        self.folder = folder
        self.clock = VirtualClock()
        self.world = World(self.clock, 7)
        self.zoho = ZohoApp(self.world.time, 7, URL, setup)
        users = [f"user{n}" for n in range(len(every))]
        self.books = CardDavApp(self.world.time, 7, users=dict.fromkeys(users, PASSWORD))
        self.world.add(self.zoho)
        self.world.add(self.books)
        write_config(folder, URL, setup=setup)
        put_tables(folder / "state.db")
        (folder / "secrets/state-key").write_text(base64.b64encode(bytes(range(32))).decode())
        book = (folder / "accounts.d/book.toml").read_text()
        (folder / "accounts.d/book.toml").unlink()
        (folder / "connections.d/zoho-book.toml").unlink()
        for user, interval in zip(users, every, strict=True):
            (folder / f"accounts.d/{user}.toml").write_text(book.replace('"ann"', f'"{user}"'))
            text = _CONNECTION.format(book=user, every=interval, more=more)
            (folder / f"connections.d/zoho-{user}.toml").write_text(text)
        self._lives = 0
        self._exchanges: list[Exchange] = []

    def live(self, job: Job) -> None:
        """One life of the daemon."""
        self._lives += 1
        process = Process(self.world, self.clock, self.folder, self._lives)
        process.live(job)
        self._exchanges += process.exchanges

    def serve(self, seconds: float) -> None:
        """Let the daemon serve for so long."""

        async def serving(daemon: Any) -> None:
            async def stop() -> None:
                await self.clock.sleep(seconds)
                daemon.stop()

            daemon._tasks.start_soon(stop)
            await daemon.serve()

        self.live(serving)

    # --- people -----------------------------------------------------------------------------------------------

    def contact(self, number: int, **values: Any) -> str:
        """Somebody makes a contact."""
        made = {"First_Name": f"Person {number}", "Last_Name": "Zoho", "Email": f"zoho{number}@example.net", **values}
        return str(self.zoho.edit({"object": "Contacts", "create": made})["id"])

    def contacts(self) -> dict[str, dict[str, Any]]:
        """All contacts by id."""
        return {each["id"]: each for each in self.zoho.state()["Contacts"]}

    def card(self, number: int, user: str = "user0") -> None:
        """Somebody makes a card."""
        self._control(
            "edit", {"app": "carddav", "object": f"/{user}/contacts/", "create": {"vcard": CARD.format(number)}}
        )

    def cards(self, user: str = "user0") -> dict[str, str]:
        """All cards by href."""
        return dict(self.books.state()[f"/{user}/contacts/"])

    def edit_card(self, href: str, text: str, user: str = "user0") -> None:
        """Somebody edits a card."""
        self._control("edit", {"app": "carddav", "object": f"/{user}/contacts/", "id": href, "set": {"vcard": text}})

    def delete_card(self, href: str, user: str = "user0") -> None:
        """Somebody deletes a card."""
        self._control("edit", {"app": "carddav", "object": f"/{user}/contacts/", "id": href, "delete": True})

    # --- what it cost -----------------------------------------------------------------------------------------

    def spent(self) -> Mapping[str, Cost]:
        """Calls to Zoho since the last time, by what they are for: see ``kind_of``."""
        found: dict[str, Cost] = {}
        for each in self._exchanges:
            parts = urlsplit(each.url)
            request = Request(each.method, parts.path, tuple(parse_qsl(parts.query)), {}, each.body)
            if parts.path.startswith("/crm/"):
                kind = kind_of(request)
                found[kind] = found.get(kind, Cost()) + Cost(1, self.zoho.credits(request))
        self._exchanges.clear()
        return found

    def _control(self, path: str, body: Mapping[str, Any]) -> None:
        answer = self.world.handle(Request("POST", f"/_sandbox/{path}", body=json.dumps(body).encode()))
        assert isinstance(answer, Response)
        assert answer.status < 400, answer.body
