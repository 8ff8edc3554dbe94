"""An hour of work with edits on both sides, faults and reloads: memory, tasks and files stay flat, nothing is lost.

``pytest -m soak -s tests/soak``; ``--soak-minutes 5`` for a shorter one.
"""

import asyncio
import contextlib
import json
import random
import re
import signal
import socket
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from tests.end_to_end.rehearsal import CONNECTION, Rehearsal, rehearse
from zohosyncd.sandbox.zoho.crm import ZohoSetup

PEOPLE, OWN = 500, 200
EDITS_A_SECOND = 3.0
TROUBLE_EVERY, TROUBLE_FOR = 25.0, 8.0
MOST_MORE_MB, MOST_MORE_TASKS, MOST_MORE_FILES = 10.0, 5, 8
EMAIL, TITLE = re.compile(r"^EMAIL[^:]*:(.*?)\r?$", re.MULTILINE), re.compile(r"^TITLE[^:]*:(.*?)\r?$", re.MULTILINE)
CARD = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:soak-{0}\r\nN:Soak;Card {0};;;\r\nFN:Card {0} Soak\r\nEMAIL:{1}\r\nEND:VCARD\r\n"
)
TROUBLE = (
    {"fault": "status", "status": 503, "rate": 0.5},
    {"fault": "status", "status": 500, "executed": True, "rate": 0.3},
    {"fault": "status", "status": 429, "headers": {"Retry-After": "2"}, "rate": 0.3},
    {"fault": "reset", "rate": 0.3},
    {"fault": "reset", "executed": True, "rate": 0.3},
    {"fault": "html", "rate": 0.3},
    {"fault": "truncate", "rate": 0.3},
    {"fault": "slow", "seconds": 2.0, "rate": 0.5},
    {"fault": "hang", "executed": True, "rate": 0.1, "count": 3},
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What the daemon holds at a moment: resident memory in MB, tasks of its event loop, open files, threads."""

    memory: float
    tasks: float
    files: int
    threads: int


@dataclass
class Soak:
    """A company at work for a while, and what its people have written."""

    rehearsal: Rehearsal
    pid: int
    seed: int
    titles: dict[str, str] = field(default_factory=dict)
    series: list[Measured] = field(default_factory=list)
    edits: int = 0
    troubles: int = 0
    reloads: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    # --- people -----------------------------------------------------------------------------------------------

    async def hire(self) -> None:
        """Half of our own people are made in Zoho, the others as cards."""
        for number in range(OWN):
            email = f"soak{number}@example.org"
            if number % 2:
                await self.rehearsal.new_card(CARD.format(number, email))
            else:
                await self.rehearsal.new_contact(First_Name=f"Contact {number}", Last_Name="Soak", Email=email)

    async def edit(self) -> None:
        """Somebody is given another title, always on the side where they were made."""
        number = self.chance.randrange(OWN)
        email, title = f"soak{number}@example.org", f"Title {self.edits}"
        if number % 2:
            href, card = next(each for each in (await self.rehearsal.cards()).items() if email in addresses(each[1]))
            without = TITLE.sub("", card).replace("\r\n\r\n", "\r\n")
            await self.rehearsal.edit_card(href, without.replace("END:VCARD", f"TITLE:{title}\r\nEND:VCARD"))
        else:
            found = await self.rehearsal.contacts()
            record = next(each for each, values in found.items() if values["Email"] == email)
            await self.rehearsal.edit_contact(record, Title=title)
        self.titles[email] = title
        self.edits += 1

    # --- trouble ----------------------------------------------------------------------------------------------

    async def make_trouble(self) -> None:
        while True:
            await asyncio.sleep(TROUBLE_EVERY)
            app = self.chance.choice(["zoho_crm", "carddav"])
            await self.rehearsal.faults(app, self.chance.choice(TROUBLE), self.chance.choice(TROUBLE))
            await asyncio.sleep(TROUBLE_FOR)
            await self.rehearsal.faults(app)
            self.troubles += 1

    async def reload(self) -> None:
        """The operator changes how often it polls, and sometimes makes a mistake."""
        path = self.rehearsal.folder / f"connections.d/{CONNECTION}.toml"
        whole = path.read_text()
        while True:
            await asyncio.sleep(60.0)
            every = self.chance.choice(["2s", "3s", "4s"])
            path.write_text(re.sub(r'every = ".*"', f'every = "{every}"', whole))
            if not self.chance.randrange(4):
                path.write_text(whole + "\nnonsense = 1\n")
                await asyncio.sleep(10.0)
                path.write_text(whole)
            self.reloads += 1

    # --- what is measured -------------------------------------------------------------------------------------

    async def measure(self, url: str, every: float) -> None:
        async with aiohttp.ClientSession() as http:
            while True:
                await asyncio.sleep(every)
                async with http.get(f"{url}/metrics") as answer:
                    text = await answer.text()
                tasks = re.search(r"^zohosyncd_event_loop_tasks (\S+)$", text, re.MULTILINE)
                assert tasks is not None, "no gauge of tasks"
                status = Path(f"/proc/{self.pid}/status").read_text()
                memory, threads = (int(re.search(rf"{name}:\s+(\d+)", status)[1]) for name in ("VmRSS", "Threads"))  # type: ignore[index]
                files = sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())
                self.series.append(Measured(memory * 1024 / 1e6, float(tasks[1]), files, threads))

    async def arrived(self) -> list[str]:
        """Addresses of our people whose last title is not on both sides, or who are not there exactly once."""
        contacts = list((await self.rehearsal.contacts()).values())
        cards = (await self.rehearsal.cards()).values()
        wrong = []
        for number in range(OWN):
            email = f"soak{number}@example.org"
            there = [each["Title"] for each in contacts if each["Email"] == email]
            here = [(TITLE.findall(card) or [None])[0] for card in cards if email in addresses(card)]
            wished = self.titles.get(email)
            if there != [wished] or here != [wished]:
                wrong.append(f"{email}: {there} {here}, wished {wished}")
        return wrong


def addresses(card: str) -> list[str]:
    return EMAIL.findall(card)


def growth(series: list[float]) -> float:
    """How much more it is in the last quarter than in the second one."""
    part = max(len(series) // 4, 1)
    return statistics.median(series[-part:]) - statistics.median(series[part : 2 * part])


@pytest.mark.soak
@pytest.mark.timeout(3 * 3600)
async def test_an_hour_leaves_nothing_behind(
    tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    minutes = float(request.config.getoption("--soak-minutes"))
    async with rehearse(tmp_path, people=PEOPLE, seed=11, setup=ZohoSetup(credits=50_000_000)) as rehearsal:
        listen = f"127.0.0.1:{free_port()}"
        rehearsal.rewrite("zohosyncd.toml", {"127.0.0.1:9595": listen})
        log = (tmp_path / "log").open("wb")
        daemon = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "zohosyncd", "run", "--config", str(rehearsal.folder), stdout=log, stderr=log
        )
        soak = Soak(rehearsal, daemon.pid, 11)
        try:
            await work(soak, minutes * 60.0, f"http://{listen}")
            for _ in range(120):
                wrong = await soak.arrived()
                if not wrong:
                    break
                await asyncio.sleep(2.0)
        finally:
            daemon.send_signal(signal.SIGTERM)
            code = await asyncio.wait_for(daemon.wait(), 60.0)
            log.close()
        twice = await rehearsal.duplicates()
    more = {name: growth([float(getattr(each, name)) for each in soak.series]) for name in Measured.__slots__}
    with capsys.disabled():
        first, last = soak.series[0], soak.series[-1]
        print(
            f"\n{minutes:.0f} minutes, {soak.edits} edits, {soak.troubles} troubles, {soak.reloads} reloads; {first} -> {last}"
        )
        print(f"last quarter against the second: {json.dumps(more)}; duplicates {twice}; not arrived: {len(wrong)}")
    assert code == 0
    assert not wrong, wrong[:5]
    assert not any(twice.values())
    assert more["memory"] < MOST_MORE_MB
    assert more["tasks"] <= MOST_MORE_TASKS
    assert more["files"] <= MOST_MORE_FILES
    assert more["threads"] <= 0


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def begun(url: str) -> None:
    """Wait until the daemon listens."""
    async with aiohttp.ClientSession() as http:
        for _ in range(150):
            with contextlib.suppress(aiohttp.ClientError):
                async with http.get(f"{url}/livez") as answer:
                    if answer.ok:
                        return
            await asyncio.sleep(0.2)
    raise AssertionError("the daemon does not listen")


async def work(soak: Soak, seconds: float, url: str) -> None:
    """Edits, troubles and reloads for so long; then everything is healed."""
    await soak.hire()
    await begun(url)
    until = time.monotonic() + seconds
    beside = [
        asyncio.create_task(each)
        for each in (soak.make_trouble(), soak.reload(), soak.measure(url, min(30.0, seconds / 40)))
    ]
    while time.monotonic() < until:
        await asyncio.sleep(soak.chance.expovariate(EDITS_A_SECOND))
        await soak.edit()
        for each in beside:
            assert not each.done(), each.exception()
    for each in beside:
        each.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    for app in ("zoho_crm", "carddav"):
        await soak.rehearsal.faults(app)
