"""A firm whose operator edits the configuration all day: many address books on one Zoho org, on made-up time.

Beside the operator, people edit their contacts and apps go away and come back. Each edit of a file is judged at once, and
everything once all files are right again.
"""

import asyncio
import base64
import gc
import re
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import anyio

from tests.bench.company import Company, kind_of
from tests.connectors.inprocess import WorldSender, _request
from tests.crash.virtual import SeededEntropy, run
from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.settings import load
from zohosyncd.supervisor.accounts import AccountUnit
from zohosyncd.supervisor.connections import ConnectionUnit
from zohosyncd.supervisor.daemon import Daemon, Seams, open_daemon
from zohosyncd.transport.sender import HttpRequest, Lost, Outcome, Undelivered

EVERY = 60.0
LATEST = 3.0
"""Seconds that a reload may take, whatever the apps do."""

CALM = 330.0
"""A person is edited again only after so long, so that the latest edit is the one that has to be everywhere."""


class Wires(WorldSender):
    """The network: who was asked when, and who cannot be reached."""

    def __init__(self, company: Company) -> None:
        super().__init__(company.world, company.clock, 0.02)
        self.company = company
        self.asked: dict[str, list[float]] = {}
        self.away: dict[str, str] = {}
        self.slow = 0.0
        """Seconds that a card takes to be written."""

    async def send(self, request: HttpRequest) -> Outcome:
        asked = _request(request)
        who = "zoho"
        if (login := asked.headers.get("authorization", "")).startswith("Basic "):
            who = base64.b64decode(login[6:]).decode().partition(":")[0]
        elif not asked.path.startswith("/crm/"):
            who = ""
        if who != "zoho" or kind_of(asked) == "feed":
            self.asked.setdefault(who, []).append(self.company.clock.elapsed)
        match self.away.get(who):
            case "refuses":
                return Undelivered("connection refused")
            case "hangs":
                await self.company.clock.sleep(request.deadline)
                return Lost("deadline")
        if request.method == "PUT":
            await self.company.clock.sleep(self.slow)
        return await super().send(request)


@dataclass
class Touched:
    """Whom an edit concerns: connections that may start anew, and accounts."""

    connections: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)


class Firm(Company):
    """The firm.

    Args:
        folder: for configuration and state. seed: of everything random. many: connections. people: contacts.
    """

    def __init__(self, folder: Path, seed: int, many: int, people: int = 4) -> None:
        super().__init__(folder, ("60s",) * many)
        self.chance = Random(f"edited/{seed}")
        self.seed = seed
        self.wires = Wires(self)
        self.users = [f"user{n}" for n in range(many)]
        for user in self.users:
            secret = self.folder / f"secrets/{user}"
            secret.write_text("sandbox-password")
            secret.chmod(0o600)
            file = self.file("accounts", user)
            file.write_text(file.read_text().replace("secrets/book-password", f"secrets/{user}"))
        self.titles = {f"zoho{n}@example.net": "Buyer" for n in range(people)}
        self.ids = {f"zoho{n}@example.net": self.contact(n, Title="Buyer") for n in range(people)}
        self.edited = dict.fromkeys(self.titles, -CALM)
        self.files = {path: path.read_text() for path in sorted(self.folder.glob("*.d/*.toml"))}
        """As they should be: what the operator means."""
        self.first = dict(self.files)
        self.broken: dict[Path, str] = {}
        self.touched = Touched()
        self.done: list[str] = []
        self.seen: weakref.WeakSet[ConnectionUnit | AccountUnit] = weakref.WeakSet()
        self.wrong: list[str] = []
        self.applied = self.refused = 0
        self.always = set(self.users)
        """Whose connection and account have not been touched since the beginning."""

    def file(self, kind: str, name: str) -> Path:
        return self.folder / f"{kind}.d/{name}.toml"

    def connection_file(self, user: str) -> Path:
        return self.file("connections", f"zoho-{user}")

    def day(self, story: Callable[[Daemon], Any]) -> None:
        """One life of the daemon, for as long as the story lasts."""

        async def life() -> None:
            async with self.at_work() as daemon:
                await story(daemon)

        run(self.clock, life())

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[Daemon]:
        seams = Seams(self.clock, SeededEntropy(self.seed), self.wires, inline_storage=True)
        async with open_daemon(self.folder, serving=False, seams=seams) as daemon:
            work = asyncio.create_task(daemon.serve())
            try:
                yield daemon
            finally:
                daemon.stop()
                await work

    # --- people -----------------------------------------------------------------------------------------------

    def somebody_edits(self, daemon: Daemon) -> None:
        """In Zoho, or in a book that is being synced."""
        now = self.clock.elapsed
        calm = [email for email, at in self.edited.items() if now - at > CALM]
        if not calm:
            return
        email, title = self.chance.choice(calm), f"Title {len(self.done)}.{self.chance.randrange(10**6)}"
        working = [unit for unit in daemon.connections.values() if unit.last is not None and unit.last.converged]
        if self.chance.random() < 0.5 or not working:
            self.zoho.edit({"object": "Contacts", "id": self.ids[email], "set": {"Title": title}})
        else:
            user = self.chance.choice(sorted(unit.name for unit in working)).removeprefix("zoho-")
            href, card = next((href, card) for href, card in self.cards(user).items() if email in card)
            self.edit_card(href, re.sub(r"TITLE:[^\r]*", f"TITLE:{title}", card), user)
        self.titles[email], self.edited[email] = title, now

    def strange_books(self, daemon: Daemon) -> list[str]:
        """What is not everywhere as it was said last, or is there twice."""
        found = [f"contact {each['Email']}: {each['Title']}" for each in self.zoho.state()["Contacts"]
                 if self.titles.get(each["Email"]) != each["Title"]]  # fmt: skip
        if len(self.zoho.state()["Contacts"]) != len(self.titles):
            found.append("a contact too many or too few")
        for name in daemon.connections:
            cards = list(self.cards(name.removeprefix("zoho-")).values())
            if len(cards) != len(self.titles):
                found.append(f"{name}: {len(cards)} cards")
            for email, title in self.titles.items():
                mine = [card for card in cards if email in card]
                if len(mine) != 1 or f"TITLE:{title}\r" not in mine[0]:
                    found.append(f"{name}: {email} is not {title}, or {len(mine)} times there")
        return found

    # --- the operator -----------------------------------------------------------------------------------------

    def edit(self) -> None:
        """One edit of the files, good or bad, or of the world."""
        good = (
            self._other_interval, self._other_interval, self._other_mapping, self._comment, self._disable, self._remove,
            self._bring_back, self._bring_back, self._rotate_secret, self._edit_account, self._remove_both,
        )  # fmt: skip
        bad = (self._spoil_syntax, self._spoil_key, self._spoil_account, self._spoil_field, self._half_written)
        world = (self._go_away, self._go_away, self._come_back, self._come_back)
        kinds = self.chance.choices((good, bad, world, (self._heal,)), (6, 2, 2, 4 if self.broken else 0))[0]
        act = self.chance.choice(kinds)
        if self.chance.random() < 0.01:
            act = self._edit_zoho
        act()
        self.done.append(f"{self.clock.elapsed:.0f} {act.__name__}")

    def _some(self) -> str:
        return self.chance.choice(self.users)

    def _write(self, path: Path, text: str | None) -> None:
        """Mean this file to be so, and write it; None: to be gone."""
        if text is None:
            self.files.pop(path, None)
            path.unlink(missing_ok=True)
        else:
            self.files[path] = text
            path.write_text(text)
        self.broken.pop(path, None)
        user = path.stem.removeprefix("zoho-")
        if path.parent.name == "accounts.d":
            self.touched.accounts.add(user)
        of_all = self.users if path == self.file("accounts", "zoho") else [user]
        self.touched.connections |= {f"zoho-{each}" for each in of_all}
        self.always -= {*of_all}

    def _other_interval(self) -> None:
        path = self.connection_file(self._some())
        if (text := self.files.get(path)) is not None:
            seconds = self.chance.choice((20, 30, 45, 60))
            self._write(path, re.sub(r'every = "\d+s"', f'every = "{seconds}s"', text))

    def _other_mapping(self) -> None:
        path = self.connection_file(self._some())
        if (text := self.files.get(path)) is not None:
            lines = '[mapping]\nwithout = ["birthday"]\n'
            self._write(path, text.replace(lines, "") if lines in text else text + lines)

    def _comment(self) -> None:
        """Says the same: whoever it concerns goes on."""
        path = self.connection_file(self._some())
        if path in self.files and path not in self.broken:
            self.files[path] += "# looked at\n"
            path.write_text(self.files[path])

    def _disable(self) -> None:
        path = self.connection_file(self._some())
        if (text := self.files.get(path)) is not None:
            line = "enabled = false\n"
            self._write(path, text.removeprefix(line) if text.startswith(line) else line + text)

    def _remove(self) -> None:
        self._write(self.connection_file(self._some()), None)

    def _remove_both(self) -> None:
        user = self._some()
        self._write(self.connection_file(user), None)
        self._write(self.file("accounts", user), None)

    def _bring_back(self) -> None:
        gone = [user for user in self.users if self.connection_file(user) not in self.files]
        for user in self.chance.sample(gone, min(len(gone), 2)):
            for path in (self.file("accounts", user), self.connection_file(user)):
                self._write(path, self.first[path])

    def _rotate_secret(self) -> None:
        user = self._some()
        word = f"word-{self.chance.randrange(10**6)}"
        self.books._shelf.users[user] = word
        (self.folder / f"secrets/{user}").write_text(word)
        if self.file("accounts", user) in self.files:
            self.touched.accounts.add(user)
            self.touched.connections.add(f"zoho-{user}")
        self.always.discard(user)

    def _edit_account(self) -> None:
        path = self.file("accounts", self._some())
        if (text := self.files.get(path)) is not None:
            text = re.sub(r"timeout = .*\n", "", text)
            self._write(path, f'timeout = "{self.chance.randrange(20, 60)}s"\n' + text)

    def _edit_zoho(self) -> None:
        path = self.file("accounts", "zoho")
        self._write(
            path, re.sub(r"timeout = .*\n", "", self.files[path]) + f'timeout = "{self.chance.randrange(20, 60)}s"\n'
        )

    # --- mistakes ---------------------------------------------------------------------------------------------

    def _spoil(self, change: Callable[[str], str], *, up: bool = False) -> None:
        paths = [self.connection_file(user) for user in self.users if user not in self.wires.away or not up]
        paths = [path for path in paths if path in self.files and "enabled = false" not in self.files[path]]
        if paths:
            path = self.chance.choice(paths)
            self.broken[path] = change(self.files[path])
            path.write_text(self.broken[path])

    def _spoil_syntax(self) -> None:
        self._spoil(lambda text: text + "[[rules\n")

    def _spoil_key(self) -> None:
        self._spoil(lambda text: text + 'evry = "5s"\n' if "[mapping]" not in text else text + "evry = 5\n")

    def _spoil_account(self) -> None:
        self._spoil(lambda text: text.replace('account = "zoho"', 'account = "nobody"'))

    def _spoil_field(self) -> None:
        self._spoil(lambda text: text + '[[fields]]\nleft = "Custmer_Number"\nright = "NOTE"\n', up=True)

    def _half_written(self) -> None:
        self._spoil(lambda text: text[: text.index("right = ") + 12])

    def _heal(self) -> None:
        for path in list(self.broken):
            path.write_text(self.files[path])
        self.broken.clear()

    # --- the world --------------------------------------------------------------------------------------------

    def _go_away(self) -> None:
        if len(self.wires.away) < 2 + len(self.users) // 10:
            user = self._some()
            self.wires.away[user] = self.chance.choice(("refuses", "hangs"))
            self.always.discard(user)

    def _come_back(self) -> None:
        if self.wires.away:
            del self.wires.away[self.chance.choice(sorted(self.wires.away))]

    def restore(self) -> None:
        """As everything was in the beginning."""
        self.wires.away.clear()
        for path, text in self.first.items():
            if self.files.get(path) != text or path in self.broken:
                self._write(path, text)

    # --- the judge --------------------------------------------------------------------------------------------

    async def reload(self, daemon: Daemon) -> None:
        """Have it loaded, and look who noticed."""
        units, accounts, settings = dict(daemon.connections), dict(daemon.accounts), daemon.settings
        self.seen |= {*units.values(), *accounts.values()}
        began, answer = self.clock.elapsed, {}
        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                answer.update(await daemon.commands.reload())

            for _ in range(self.chance.choice((1, 1, 3))):
                tasks.start_soon(ask)
        if self.clock.elapsed - began > LATEST:
            self.wrong.append(f"a reload took {self.clock.elapsed - began:.1f} s")
        if answer["applied"] is bool(self.broken):
            self.wrong.append(f"applied: {answer['applied']}, broken: {self.broken}, {answer['errors']}")
        if not answer["applied"]:
            self.refused += 1
            if daemon.settings is not settings or daemon.connections != units or daemon.accounts != accounts:
                self.wrong.append("refused, and yet something has changed")
            if not answer["errors"]:
                self.wrong.append("refused without a reason")
            return
        self.applied += 1
        touched, self.touched = self.touched, Touched()
        for name, unit in units.items():
            if name not in touched.connections and daemon.connections.get(name) is not unit:
                self.wrong.append(f"{name} started anew, though nobody had touched it")
        for name, account in accounts.items():
            if name not in touched.accounts and daemon.accounts.get(name) is not account:
                self.wrong.append(f"account {name} was opened anew, though nobody had touched it")
        meant = load(self.folder, BY_NAME)
        enabled = {name: each for name, each in meant.connections.items() if each.enabled}
        if {name: unit.settings for name, unit in daemon.connections.items()} != enabled:
            self.wrong.append("what runs is not what the files say")
        self._series(daemon, set(enabled), set(meant.accounts))
        readers = {name for each in daemon.accounts.values() for feed in each.feeds.values() for name in feed.wishes}
        if gone := readers - enabled.keys():
            self.wrong.append(f"something is still read for {gone}")

    def _series(self, daemon: Daemon, connections: set[str], accounts: set[str]) -> None:
        page = daemon.metrics.render()[0].decode()
        if set(re.findall(r'connection="([^"]*)"', page)) != connections:
            self.wrong.append(f"series of connections: {set(re.findall(r'connection=.([^,}]*).', page)) ^ connections}")
        if extra := set(re.findall(r'account="([^"]*)"', page)) - accounts:
            self.wrong.append(f"series of accounts: {extra}")

    async def quiet(self, daemon: Daemon) -> dict[str, object]:
        """What there is while nothing happens."""
        tasks = []
        for _ in range(int(1.5 * EVERY)):
            await self.clock.sleep(1.0)
            tasks.append(len(asyncio.all_tasks()))
        await daemon.refresh_metrics()
        gc.collect()
        alive = [each for each in self.seen if each not in {*daemon.connections.values(), *daemon.accounts.values()}]
        return {
            "tasks": min(tasks), "files": len(list(Path("/proc/self/fd").iterdir())), "alive": len(alive),
            "claims": len(daemon.world.claims), "leaving": len(daemon.change.leaving),
            "retiring": len(daemon.change.retiring), "connections": sorted(daemon.connections),
            "accounts": sorted(daemon.accounts), "budgets": sorted(daemon.budgets),
        }  # fmt: skip

    def gaps(self, who: str, since: float) -> float:
        """The longest time for which nobody was asked."""
        times = [since, *(each for each in self.wires.asked[who] if each > since), self.clock.elapsed]
        return max(later - earlier for earlier, later in pairwise(times))
