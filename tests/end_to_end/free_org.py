"""A small company with a free org and three address books, the daemon between them, all on one made-up clock."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.connectors.inprocess import WorldSender
from tests.crash.virtual import SeededEntropy, VirtualClock
from tests.storage.tables import put_tables
from zohosyncd.sandbox.carddav.app import CardDavApp
from zohosyncd.sandbox.config_folder import write_config
from zohosyncd.sandbox.world import World
from zohosyncd.sandbox.zoho.app import ZohoApp
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.supervisor.daemon import Daemon, Seams, open_daemon
from zohosyncd.transport.sender import HttpRequest, Outcome

URL = "http://127.0.0.1:1"
BOOKS = ("one", "two", "three")
HOUR, DAY = 3_600.0, 86_400.0


class Counting(WorldSender):
    """Remembers the most credits that the org ever saw used in 24 hours, and who was refused."""

    def __init__(self, world: World, clock: VirtualClock, zoho: ZohoApp, latency: float) -> None:
        super().__init__(world, clock, latency)
        self.zoho = zoho
        self.most = 0
        self.statuses: Counter[int] = Counter()
        self.spent: Counter[str] = Counter()

    async def send(self, request: HttpRequest) -> Outcome:
        before = self.zoho.purse.used()
        outcome = await super().send(request)
        self.statuses[getattr(outcome, "status", 0)] += 1
        self.most = max(self.most, self.zoho.purse.used())
        self.spent[request.method] += max(0, self.zoho.purse.used() - before)
        return outcome


class FreeOrg:
    """The company. ``people``: of each book, and as many in Zoho. ``credits_per_day``: of the org.

    ``says``: more of its account. ``every``: how often is polled, by default and here.
    """

    def __init__(
        self, folder: Path, people: int, credits_per_day: int = 5_000, *, says: str = "", every: str = "60s"
    ) -> None:
        self.clock = VirtualClock()
        self.folder = folder
        self.people = people
        self.world = World(self.clock, 1)
        self.zoho = ZohoApp(self.world.time, 1, URL, ZohoSetup(edition="free", credits=credits_per_day))
        self.world.add(self.zoho)
        self.books = CardDavApp(self.world.time, 1, users={"ann": "sandbox-password"})
        self.world.add(self.books)
        for book in BOOKS:
            cards = {f"/ann/{book}/{at}.vcf": card(f"{book}{at}") for at in range(people)}
            self.books.load(f"/ann/{book}/", cards)
        write_config(folder, URL)
        put_tables(folder / "state.db")
        account = folder / "accounts.d/zoho.toml"
        account.write_text(account.read_text() + says)
        (folder / "connections.d/zoho-book.toml").unlink()
        for book in BOOKS:
            (folder / f"connections.d/{book}.toml").write_text(
                f"""\
left = {{ account = "zoho", object = "Contacts" }}
right = {{ account = "book", object = "/ann/{book}/" }}
direction = "right_to_left"
first_sync = "auto"
phone_region = "DE"
snapshot = false
every = "{every}"
"""
            )
        self.sender = Counting(self.world, self.clock, self.zoho, 0.05)

    @asynccontextmanager
    async def living(self, seed: int = 1) -> AsyncIterator[Daemon]:
        """A daemon at work until the block ends."""
        seams = Seams(self.clock, SeededEntropy(seed), self.sender, inline_storage=True)
        async with open_daemon(self.folder, serving=False, seams=seams) as daemon:
            work = asyncio.create_task(daemon.serve())
            try:
                yield daemon
            finally:
                daemon.stop()
                await work

    def contacts(self) -> list[Mapping[str, Any]]:
        return self.zoho.state()["Contacts"]

    def edit(self, number: str, **values: Any) -> None:
        self.zoho.edit({"object": "Contacts", "id": number, "set": values})


def card(name: str) -> str:
    return (
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}\r\nN:{name};Ann;;;\r\nFN:Ann {name}\r\n"
        f"EMAIL:{name}@example.org\r\nTITLE:Buyer\r\nEND:VCARD\r\n"
    )
