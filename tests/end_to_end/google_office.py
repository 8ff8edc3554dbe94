"""An office with Zoho CRM and a Google mailbox, in virtual time: both simulated, the daemon between them over a real state."""

import base64
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.crash.virtual import VirtualClock
from tests.simulation.process import ALIVE, Death, Exchange, Job, Process
from tests.storage.tables import put_tables
from zohosyncd.sandbox.config_folder import write_config
from zohosyncd.sandbox.google.app import CLIENT_ID, CLIENT_SECRET, GoogleApp
from zohosyncd.sandbox.google.behaviour import GoogleBehaviour
from zohosyncd.sandbox.world import World
from zohosyncd.sandbox.zoho.app import ZohoApp

URL: Final = "http://127.0.0.1:1"
ANN: Final = "ann@example.org"
CONNECTION: Final = "crm-ann"

_ACCOUNT = f"""\
app = "google_contacts"
api_url = "{URL}/google"
accounts_url = "{URL}/google"
allow_http = true
client_id = "{CLIENT_ID}"
client_secret = "file:secrets/google-client-secret"
refresh_token = "file:secrets/google-refresh-token"
login = "{ANN}"
"""
_LINES = """\
left = { account = "zoho", object = "Contacts" }
right = { account = "ann" }
first_sync = "auto"
create_without_email = true
phone_region = "DE"
snapshot = false
"""


class Office:
    """Apps, clock and configuration; ``live`` lets the daemon work on them.

    Args:
        folder: for configuration and state. more: further lines of the connection. behaviour: of Google.
        lag: how long new contacts wait for lists that are late; without waiting, the newest contacts are looked at.
    """

    def __init__(self, folder: Path, more: str = "", behaviour: GoogleBehaviour | None = None, lag: str = "0s") -> None:
        self.folder = folder
        self.clock = VirtualClock()
        self.world = World(self.clock, 7)
        self.zoho = ZohoApp(self.world.time, 7, URL)
        self.google = GoogleApp(self.world.time, 7, (ANN,), behaviour, base_url=URL)
        self.world.add(self.zoho)
        self.world.add(self.google)
        write_config(folder, URL)
        put_tables(folder / "state.db")
        secrets = {
            "state-key": base64.b64encode(bytes(range(32))).decode(),
            "google-client-secret": CLIENT_SECRET,
            "google-refresh-token": self.google.refresh_tokens[ANN],
        }
        for name, value in secrets.items():
            (folder / "secrets" / name).write_text(value)
            (folder / "secrets" / name).chmod(0o600)
        (folder / "accounts.d/book.toml").unlink()
        (folder / "connections.d/zoho-book.toml").unlink()
        (folder / "accounts.d/ann.toml").write_text(f'{_ACCOUNT}lag = "{lag}"\n')
        self.connect(more)
        self.exchanges: list[Exchange] = []
        self._lives = 0

    def connect(self, more: str) -> None:
        """Give the connection these further lines."""
        (self.folder / f"connections.d/{CONNECTION}.toml").write_text(_LINES + more)

    def live(self, job: Job, death: Death = ALIVE) -> Process:
        """One life of the daemon."""
        process = self._process(death)
        process.live(job)
        self.exchanges += process.exchanges
        return process

    def _process(self, death: Death) -> Process:
        self._lives += 1
        return Process(self.world, self.clock, self.folder, self._lives, death=death)

    def sync(self, rounds: int = 1, pause: float = 400.0, death: Death = ALIVE) -> list[dict[str, Any]]:
        """So many runs in one life, with this pause before each, in which Google's lists catch up; their reports."""
        reports: list[dict[str, Any]] = []

        async def work(daemon: Any) -> None:
            for _ in range(rounds):
                await self.clock.sleep(pause)
                reports.append(dict((await daemon.commands.sync(CONNECTION))[CONNECTION]))

        self.live(work, death)
        return reports

    def rest(self) -> None:
        """Run, in one life, until nobody writes any more; all lists have caught up by then."""
        done = False

        async def work(daemon: Any) -> None:
            nonlocal done
            still = 0
            for _ in range(12):
                before = len(self.writes(process.exchanges))
                await self.clock.sleep(400.0)
                await daemon.commands.sync(CONNECTION)
                still = still + 1 if len(self.writes(process.exchanges)) == before else 0
                if still == 2:
                    done = True
                    return

        process = self._process(ALIVE)
        process.live(work)
        self.exchanges += process.exchanges
        assert done, f"no rest: {self.writes()[-5:]}"

    # --- what went over the wire --------------------------------------------------------------------------------

    def calls(self, exchanges: Sequence[Exchange] | None = None) -> list[str]:
        """Method and path of all requests, or of these; logins left out."""
        seen = self.exchanges if exchanges is None else exchanges
        sent = [f"{each.method} {each.url.removeprefix(URL).partition('?')[0]}" for each in seen]
        return [each for each in sent if not each.endswith(("/token", "coql"))]

    def writes(self, exchanges: Sequence[Exchange] | None = None) -> list[str]:
        """The requests that could change something. A read of many contacts goes as a POST that says it is a GET."""
        return [each for each in self.calls(exchanges) if not each.startswith("GET ") and not each.endswith("batchGet")]

    # --- people --------------------------------------------------------------------------------------------------

    def contact(self, **values: Any) -> str:
        """Somebody makes a contact in Zoho."""
        return str(self.zoho.edit({"object": "Contacts", "create": values})["id"])

    def edit_contact(self, id_: str, **values: Any) -> None:
        self.zoho.edit({"object": "Contacts", "id": id_, "set": values})

    def contacts(self) -> dict[str, dict[str, Any]]:
        """All contacts of Zoho, by id."""
        return {each["id"]: each for each in self.zoho.state()["Contacts"]}

    def person(self, **fields: Any) -> str:
        """Somebody makes a contact in Google."""
        return str(self.google.edit({"object": ANN, "create": fields})["resourceName"])

    def edit_person(self, id_: str, **fields: Any) -> None:
        self.google.edit({"object": ANN, "id": id_, "set": fields})

    def people(self) -> dict[str, dict[str, Any]]:
        """All contacts of Google, by resource name."""
        return dict(self.google.state()[ANN])

    def pairs(self, zoho: Callable[[Mapping[str, Any]], str], google: Callable[[Mapping[str, Any]], str]) -> Any:
        """Both sides by a key of each; raises where one is there twice."""
        left = {zoho(each): each for each in self.contacts().values()}
        right = {google(each): each for each in self.people().values()}
        assert len(left) == len(self.contacts()), "somebody is in Zoho twice"
        assert len(right) == len(self.people()), "somebody is in Google twice"
        return left, right


def clean(entries: Sequence[Mapping[str, Any]], *names: str) -> list[dict[str, Any]]:
    """Entries of a field of a person with these parts alone."""
    return [{name: each[name] for name in names if name in each} for each in entries]


GIVEN = ("Ann", "Béla", "Chloé", "Dörte", "Emre", "Fatima", "Greta", "Haruki", "Ingrid", "José")
FAMILY = ("Miller", "van der Berg", "O'Neil", "García Márquez", "Öztürk", "Smith-Jones", "Łukasiewicz", "Nowak")


def contact_of(number: int, chance: random.Random) -> dict[str, Any]:
    """A contact of Zoho with some of everything."""
    values: dict[str, Any] = {
        "First_Name": GIVEN[number % len(GIVEN)], "Last_Name": f"{FAMILY[number % len(FAMILY)]} {number}",
        "Email": f"zoho{number}@example.net",
    }  # fmt: skip
    more: dict[str, Any] = {
        "Secondary_Email": f"second{number}@example.net", "Phone": f"030 555{number:04}",
        "Mobile": f"+49 171 555{number:04}", "Home_Phone": f"040 555{number:04}", "Title": "Head of Things",
        "Department": "Things", "Mailing_Street": f"Main St {number}", "Mailing_City": "Berlin",
        "Mailing_Zip": "10115", "Mailing_Country": "Germany", "Date_of_Birth": "1980-03-05",
        "Description": "Likes tea.\nTwo lines.", "Salutation": "Dr.",
    }  # fmt: skip
    return values | {name: value for name, value in more.items() if chance.random() < 0.6}


def person_of(number: int, chance: random.Random) -> dict[str, Any]:
    """A contact of Google with some of everything."""
    fields: dict[str, Any] = {
        "names": [
            {"givenName": GIVEN[-number % len(GIVEN)], "familyName": f"{FAMILY[-number % len(FAMILY)]} G{number}"}
        ],
        "emailAddresses": [{"value": f"google{number}@example.com", "type": "home"}],
    }
    more: dict[str, Any] = {
        "phoneNumbers": [{"value": f"0172 444{number:04}", "type": "mobile"},
                         {"value": f"030 444{number:04}", "type": "work"}],
        "organizations": [{"name": "ACME", "title": "Queen", "current": True}],
        "addresses": [{"streetAddress": f"Side St {number}", "city": "Bonn", "country": "Germany", "type": "home"}],
        "birthdays": [{"date": {"year": 1975, "month": 12, "day": 24}}],
        "biographies": [{"value": "From Google."}],
        "urls": [{"value": f"https://example.com/{number}", "type": "homePage"}],
        "relations": [{"person": "Bob", "type": "spouse"}],
    }  # fmt: skip
    return fields | {name: value for name, value in more.items() if chance.random() < 0.6}
