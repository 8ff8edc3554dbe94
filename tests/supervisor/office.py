"""A daemon that serves a small company on virtual time, and somebody who gets its messages."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import anyio

from tests.connectors.inprocess import WorldSender
from tests.crash.company import CONNECTION, Company
from tests.crash.virtual import SeededEntropy, run
from zohosyncd.supervisor.connections import ConnectionUnit
from zohosyncd.supervisor.daemon import Daemon, Seams, open_daemon
from zohosyncd.transport.sender import Answered, HttpRequest, Lost, Outcome

HOST = "hooks.example.org"
NOTIFY = f'\n[notify]\nsilent_after = "60s"\nheld_above = 100\n\n[notify.webhook]\nurl = "https://{HOST}/sync"\n'


class Receiver:
    """Gets what is posted to its host; every other request goes into the world. ``status``: its answer, 0 for none.

    ``delay``: seconds until it answers.
    """

    def __init__(self, company: Company) -> None:
        self.world = WorldSender(company.world, company.clock)
        self.company = company
        self.status = 204
        self.delay = 0.0
        self.got: list[dict[str, Any]] = []
        self.asked: list[HttpRequest] = []

    async def send(self, request: HttpRequest) -> Outcome:
        if urlsplit(request.url).hostname != HOST:
            return await self.world.send(request)
        self.asked.append(request)
        if not self.status:
            await self.company.clock.sleep(request.deadline)
            return Lost("deadline")
        await self.company.clock.sleep(self.delay)
        if self.status < 300:
            self.got.append(json.loads(request.body))
        return Answered(self.status)

    @property
    def said(self) -> list[tuple[str, str, str]]:
        """Type, subject and state of each message that was taken."""
        return [(each["type"], each.get("account") or each["connection"], each["state"]) for each in self.got]


class Office:
    """One company, with as many lives of its daemon as a test asks for."""

    def __init__(self, company: Company, *, notify: str = NOTIFY) -> None:
        self.company = company
        self.receiver = Receiver(company)
        file = company.folder / "zohosyncd.toml"
        file.write_text(file.read_text() + notify)
        every = company.folder / f"connections.d/{CONNECTION}.toml"
        every.write_text(every.read_text().replace('every = "2s"', 'every = "20s"'))
        self._lives = 0

    def live(self, story: Callable[[Daemon], Awaitable[None]]) -> None:
        """One life of the daemon, while the story goes on; then an orderly stop."""
        self._lives += 1
        seams = Seams(self.company.clock, SeededEntropy(self._lives), self.receiver, inline_storage=True)

        async def living() -> None:
            async with open_daemon(self.company.folder, serving=True, seams=seams) as daemon:
                serving = asyncio.create_task(daemon.serve())
                try:
                    await story(daemon)
                finally:
                    daemon.stop()
                    await serving

        run(self.company.clock, living())

    async def until(self, what: Callable[[], bool], seconds: float = 600) -> None:
        """Let time pass until it is so."""
        with anyio.fail_after(seconds):
            while not what():
                await self.company.clock.sleep(1)

    async def in_sync(self, daemon: Daemon) -> ConnectionUnit:
        """Wait until the connection has done all that it can."""
        await self.until(lambda: CONNECTION in daemon.connections)
        unit = daemon.connections[CONNECTION]
        await self.until(lambda: bool(unit.last and unit.last.converged))
        return unit

    async def told(self, *said: tuple[str, str, str]) -> None:
        """Wait for exactly these messages, and for a while longer that no other one comes."""
        await self.until(lambda: len(self.receiver.got) >= len(said))
        await self.company.clock.sleep(45)
        assert self.receiver.said == list(said)

    def faults(self, app: str, *rules: dict[str, Any]) -> None:
        self.company.control("faults", {"app": app, "rules": list(rules)})
