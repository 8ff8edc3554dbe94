"""A small company: five kinds of people on two sides, the daemon between them, and a process that can die."""

import asyncio
import copy
import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio

from tests.connectors.inprocess import WorldSender
from tests.crash.virtual import SeededEntropy, VirtualClock, run
from tests.storage.tables import put_tables
from zohosyncd.core.errors import SyncError
from zohosyncd.sandbox.carddav.app import CardDavApp
from zohosyncd.sandbox.config_folder import write_config
from zohosyncd.sandbox.wire import Request, Response
from zohosyncd.sandbox.world import World
from zohosyncd.sandbox.zoho.app import ZohoApp
from zohosyncd.supervisor import daemon as daemon_module
from zohosyncd.supervisor.daemon import Daemon, Seams, open_daemon
from zohosyncd.transport.sender import HttpRequest, Outcome
from zohosyncd.web.dispatch import perform

CONNECTION = "zoho-book"
URL = "http://127.0.0.1:1"
CONTACTS = (
    {"First_Name": "Ann", "Last_Name": "Both", "Email": "ann@example.org", "Title": "In the CRM"},
    {"First_Name": "Bob", "Last_Name": "Crm", "Email": "bob@example.org"},
    {"First_Name": "Kim", "Last_Name": "Keyless", "Date_of_Birth": "1980-01-02"},
)
CARDS = (
    ("Both;Ann", "EMAIL:Ann@Example.org\r\nNOTE:in the book\r\n"),
    ("Book;Eve", "EMAIL:eve@example.org\r\n"),
    ("Nokey;Cy", "BDAY:1970-03-04\r\n"),
    ("Namesake;Dan", "TEL:+493023125001\r\n"),
    ("Namesake;Dan", "TEL:+493023125002\r\n"),
    ("Twin;Lee", "BDAY:1990-05-06\r\n"),
    ("Twin;Lee", "BDAY:1991-05-06\r\n"),
)


Said = Sequence[tuple[str, Mapping[str, str]]]
"""Commands with their arguments, as they reach the control socket."""

STATE = ("state.db", "state.db-wal", "state.db.generation")
"""What a disk keeps of a process that died."""


class Died(Exception):
    """The process is gone."""


class MortalSender:
    """Sends into the world until the process dies; a dead process sends nothing."""

    def __init__(self, inner: WorldSender) -> None:
        self._inner = inner
        self.sent: list[HttpRequest] = []
        self.dead = False
        self.die_after_request = 0
        self.writes = 0
        self.on_death = asyncio.Event()

    async def send(self, request: HttpRequest) -> Outcome:
        if self.dead:
            await anyio.sleep_forever()
        self.sent.append(request)
        outcome = await self._inner.send(request)
        if request.method in ("POST", "PUT", "DELETE") and "/oauth/" not in request.url:
            self.writes += 1
            if self.writes == self.die_after_request:
                self.die()
        if self.dead:
            await anyio.sleep_forever()
        return outcome

    def die(self) -> None:
        self.dead = True
        self.on_death.set()


class Company:
    """Both apps and the daemon's folder. Deaths of processes leave both as they are. ``says``: more of the connection."""

    def __init__(self, folder: Path, says: str = "") -> None:
        self.clock = VirtualClock()
        self.folder = folder
        self.world = World(self.clock, 1)
        self.world.add(ZohoApp(self.world.time, 1, URL))
        book = CardDavApp(self.world.time, 1, users={"ann": "sandbox-password"})
        book.load("/ann/contacts/", {f"/ann/contacts/seed-{at}.vcf": card(at) for at in range(len(CARDS))})
        self.world.add(book)
        for values in CONTACTS:
            self.control("edit", {"app": "zoho_crm", "object": "Contacts", "create": values})
        write_config(folder, URL)
        put_tables(folder / "state.db")
        file = folder / f"connections.d/{CONNECTION}.toml"
        file.write_text(file.read_text() + says)
        self._lives = 0

    def copy(self, folder: Path) -> "Company":
        """The same company once more, in another folder. Whatever happens to it, this one stays as it is."""
        twin = copy.deepcopy(self)
        twin.folder = folder
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("*.sock", "snapshots"))
        for file in folder.rglob("*.toml"):
            file.write_text(file.read_text().replace(str(self.folder), str(folder)))
        return twin

    def control(self, path: str, body: dict[str, Any]) -> Any:
        answer = self.world.handle(Request("POST", f"/_sandbox/{path}", body=json.dumps(body).encode()))
        assert isinstance(answer, Response)
        assert answer.status < 400, answer.body
        return json.loads(answer.body) if answer.body else None

    def people(self) -> tuple[Counter[tuple[Any, ...]], Counter[tuple[Any, ...]]]:
        """Everybody on both sides by what a person would recognise them by: no ids."""
        contacts = self.world.apps["zoho_crm"].state()["Contacts"]
        left = Counter(
            (
                each["First_Name"],
                each["Last_Name"],
                each["Email"],
                each["Date_of_Birth"],
                each["Title"],
                each["Description"],
            )
            for each in contacts
        )
        cards = self.world.apps["carddav"].state()["/ann/contacts/"]
        right: Counter[tuple[Any, ...]] = Counter()
        for text in cards.values():
            keep = [line for line in text.splitlines() if line.partition(":")[0] in ("N", "NOTE", "TITLE", "BDAY")]
            right[tuple(sorted(keep))] += 1
        return left, right

    def live(
        self, *, commit: int = 0, durable: bool = True, request: int = 0, rounds: int = 1, said: Said = ()
    ) -> "Life":
        """One process: it syncs ``rounds`` times, or dies at a commit or after a request was executed.

        ``said``: commands of a person before that; what is not possible (any more) is passed over.
        """
        self._lives += 1
        life = Life(self, commit, durable, request)
        sender = MortalSender(WorldSender(self.world, self.clock))
        sender.die_after_request = request
        life.sender = sender
        try:
            run(self.clock, life.run(sender, self._lives, rounds, said))
        except Died:
            life.died = True
            life.restore()
        return life

    def until_quiet(self) -> int:
        """Live on without dying until a life writes nothing; how many lives that took."""
        for number in range(1, 9):
            life = self.live()
            if life.report.get("converged") and life.sender.writes == 0:
                return number
        raise AssertionError(f"no rest: {life.report}")


class Life:
    """One process and how it ended."""

    def __init__(self, company: Company, commit: int, durable: bool, request: int) -> None:
        self.commits = 0
        self.died = False
        self.report: dict[str, Any] = {}
        self.sender: MortalSender
        self._company = company
        self._at = commit
        self._durable = durable
        self._kept: dict[str, bytes] = self._files()

    @property
    def sent(self) -> list[HttpRequest]:
        """Every request of this life."""
        return self.sender.sent

    async def run(self, sender: MortalSender, seed: int, rounds: int, said: Said) -> None:
        seams = Seams(self._company.clock, SeededEntropy(seed), sender, inline_storage=True)
        watched = daemon_module.StoreMetrics.committed

        def committed(metrics: Any, units: int, rows: int, seconds: float) -> None:
            watched(metrics, units, rows, seconds)
            self._committed(sender)

        original = daemon_module.StoreMetrics.committed
        daemon_module.StoreMetrics.committed = committed  # type: ignore[method-assign]
        try:
            async with open_daemon(self._company.folder, serving=False, seams=seams) as daemon:
                work = asyncio.create_task(self._work(daemon, rounds, said))
                death = asyncio.create_task(sender.on_death.wait())
                await asyncio.wait({work, death}, return_when=asyncio.FIRST_COMPLETED)
                for task in (work, death):
                    task.cancel()
                results = await asyncio.gather(work, death, return_exceptions=True)
            if sender.dead:  # or while it was being stopped
                raise Died
            for result in results:
                if isinstance(result, Exception):
                    raise result
        finally:
            daemon_module.StoreMetrics.committed = original  # type: ignore[method-assign]

    async def _work(self, daemon: Daemon, rounds: int, said: Said) -> None:
        for command, arguments in said:
            with suppress(SyncError):
                await perform(daemon.commands, command, {"connection": CONNECTION, **arguments})
        for _ in range(rounds):
            try:
                self.report = (await daemon.commands.sync(CONNECTION))[CONNECTION]
            except SyncError:
                continue

    def _committed(self, sender: MortalSender) -> None:
        if sender.dead:
            return
        self.commits += 1
        if self.commits == self._at:
            if self._durable:
                self._kept = self._files()
            sender.die()
        elif self._at or sender.die_after_request:
            self._kept = self._files()

    def _files(self) -> dict[str, bytes]:
        folder = self._company.folder
        return {name: (folder / name).read_bytes() for name in STATE if (folder / name).exists()}

    def restore(self) -> None:
        """The disk as it was at the moment of death."""
        folder = self._company.folder
        for name in (*STATE, "state.db-shm"):
            (folder / name).unlink(missing_ok=True)
        for name, content in self._kept.items():
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o600)


def card(at: int) -> str:
    name, rest = CARDS[at]
    family, given = name.split(";")
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:seed-{at}\r\nN:{family};{given};;;\r\nFN:{given} {family}\r\n{rest}END:VCARD\r\n"
