"""A whole company in a temporary folder: the sandbox over real HTTP, the daemon over a real state file."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.storage.tables import put_tables
from zohosyncd.sandbox.server import Served, run_sandbox
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.supervisor.daemon import Daemon, Seams, open_daemon
from zohosyncd.supervisor.world import SystemClock

CONNECTION = "zoho-book"


class HastyClock(SystemClock):
    """For those who wait out something that nobody cures: each wait ends after a tenth of its time."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 10)


HASTY = Seams(clock=HastyClock())


class Rehearsal:
    """A served sandbox with its configuration, and what a test does to it as a person or as a broken network."""

    def __init__(self, served: Served, folder: Path, http: aiohttp.ClientSession) -> None:
        self.served = served
        self.folder = folder
        self._http = http

    async def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        async with self._http.request(method, f"{self.served.base_url}/_sandbox/{path}", json=body) as answer:
            text = await answer.text()
            assert answer.status < 400, text
            return json.loads(text) if text else None

    async def state(self) -> dict[str, Any]:
        return await self.control("GET", "state")

    async def contacts(self) -> dict[str, dict[str, Any]]:
        return {each["id"]: each for each in (await self.state())["apps"]["zoho_crm"]["Contacts"]}

    async def cards(self) -> dict[str, str]:
        return {href: card for book in (await self.state())["apps"]["carddav"].values() for href, card in book.items()}

    async def edit_contact(self, record_id: str, **values: Any) -> None:
        await self.control("POST", "edit", {"app": "zoho_crm", "object": "Contacts", "id": record_id, "set": values})

    async def new_contact(self, **values: Any) -> str:
        answer = await self.control("POST", "edit", {"app": "zoho_crm", "object": "Contacts", "create": values})
        return str(answer["id"])

    async def delete_contact(self, record_id: str) -> None:
        await self.control("POST", "edit", {"app": "zoho_crm", "object": "Contacts", "id": record_id, "delete": True})

    async def edit_card(self, href: str, card: str) -> None:
        body = {"app": "carddav", "object": "/ann/contacts/", "id": href, "set": {"vcard": card}}
        await self.control("POST", "edit", body)

    async def new_card(self, card: str) -> str:
        body = {"app": "carddav", "object": "/ann/contacts/", "create": {"vcard": card}}
        answer = await self.control("POST", "edit", body)
        return str(answer.get("href", answer.get("id")))

    async def faults(self, app: str, *rules: Mapping[str, Any]) -> None:
        await self.control("POST", "faults", {"app": app, "rules": list(rules)})

    async def calls(self) -> dict[str, dict[str, Any]]:
        return (await self.control("GET", "calls"))["apps"]

    async def writes(self) -> int:
        """Requests that could change something, seen by the apps since the counters were reset."""
        return sum(
            numbers["calls"]
            for app in (await self.calls()).values()
            for name, numbers in app.items()
            if name.split()[0] in ("POST", "PUT", "PATCH", "DELETE") and "oauth" not in name
        )

    async def forget_calls(self) -> None:
        await self.control("DELETE", "calls")

    async def duplicates(self) -> dict[str, int]:
        scene = self.served.scene
        assert scene is not None
        return scene.duplicates(await self.state())

    def rewrite(self, name: str, change: Mapping[str, str] | None = None, *, append: str = "") -> None:
        """Edit a file of the configuration as an operator would."""
        path = self.folder / name
        text = path.read_text()
        for old, new in (change or {}).items():
            assert old in text, old
            text = text.replace(old, new)
        path.write_text(text + append)

    @asynccontextmanager
    async def daemon(self, *, hasty: bool = False) -> AsyncIterator[Daemon]:
        async with open_daemon(self.folder, serving=False, seams=HASTY if hasty else None) as daemon:
            yield daemon

    async def sync(self, name: str = CONNECTION) -> dict[str, Any]:
        """What ``zohosyncd sync NAME`` does, in a process of its own as far as the state is concerned."""
        async with self.daemon() as daemon:
            return dict((await daemon.commands.sync(name))[name])


@asynccontextmanager
async def rehearse(
    folder: Path, *, people: int, seed: int = 1, setup: ZohoSetup | None = None
) -> AsyncIterator[Rehearsal]:
    async with (
        run_sandbox(0, people, seed, write_config=folder / "conf", setup=setup) as served,
        aiohttp.ClientSession() as http,
    ):
        put_tables(folder / "conf/state.db")
        yield Rehearsal(served, folder / "conf", http)
