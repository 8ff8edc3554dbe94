"""The doorbell from an edit in Zoho to the write in the address book, with an hour between two polls.

What is measured are the events and not the time: who asked whom for what, in which order.
"""

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.connectors.inprocess import WorldSender
from tests.crash.company import URL, Company
from tests.crash.virtual import SeededEntropy, run
from tests.end_to_end.rehearsal import CONNECTION, Rehearsal, rehearse
from zohosyncd.cli.serving import opened
from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.ports.push import Ring
from zohosyncd.sandbox.wire import Answer, Outgoing, Request
from zohosyncd.sandbox.zoho.app import ZohoApp
from zohosyncd.settings import load
from zohosyncd.supervisor.daemon import Daemon, Seams, open_daemon
from zohosyncd.supervisor.doorbell import Doorbell

FILE = f"connections.d/{CONNECTION}.toml"
PUBLIC = "https://sync.example.org"
HOUR = 3600.0


# --- over HTTP, as an operator has it ---------------------------------------------------------------------------------


def with_hooks(rehearsal: Rehearsal) -> None:
    """An hour between two polls, and a listener that the sandbox reaches."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = f'[service]\nhooks_listen = "127.0.0.1:{port}"\npublic_url = "http://127.0.0.1:{port}"\n'
    rehearsal.rewrite("zohosyncd.toml", {"[service]\n": said, 'listen = "127.0.0.1:9595"': 'listen = "127.0.0.1:0"'})
    rehearsal.rewrite(FILE, {'every = "2s"': 'every = "1h"'})


@contextmanager
def overheard(rehearsal: Rehearsal) -> Iterator[list[str]]:
    """Requests to the apps and rings from them, in their order; without reads of what other things are for."""
    world, events = rehearsal.served.world, []
    handle, post = world.handle, world.post
    assert post is not None

    def heard(request: Request) -> Answer:
        events.append(f"{request.method} {request.path}")
        return handle(request)

    def rung(letter: Outgoing) -> None:
        events.append(f"ring {json.loads(letter.body)['operation']}")
        post(letter)

    world.handle, world.post = heard, rung  # type: ignore[method-assign]
    try:
        yield events
    finally:
        world.handle, world.post = handle, post  # type: ignore[method-assign]


async def until(condition: Callable[[], bool], what: str) -> None:
    with anyio.move_on_after(20):
        while not condition():
            await anyio.sleep(0.01)
        return
    raise AssertionError(f"never: {what}")


async def test_edit_ring_poll_write(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=10) as rehearsal:
        with_hooks(rehearsal)
        settings = load(rehearsal.folder, BY_NAME)
        async with opened(rehearsal.folder, settings) as (daemon, _), anyio.create_task_group() as tasks:
            tasks.start_soon(daemon.serve)
            await until(lambda: bool(daemon.bells.status("zoho")), "a bell")
            unit = daemon.connections[CONNECTION]
            await until(lambda: unit.last is not None and unit.last.converged, "the first sync")
            with overheard(rehearsal) as events:
                await rehearsal.new_contact(First_Name="Nova", Last_Name="Brandnew", Email="nova@example.net")
                await until(lambda: any(each.startswith("PUT ") for each in events), "a write")
            rung = events[events.index("ring insert") :]
            write = next(at for at, each in enumerate(rung) if each.startswith("PUT "))
            assert "GET /crm/v8/Contacts" in rung[:write]
            assert any("nova@example.net" in card for card in (await rehearsal.cards()).values())
            status = await daemon.commands.status()
            (channel,) = status["accounts"]["zoho"]["channels"]
            assert channel["state"] == "healthy"
            assert status["connections"][CONNECTION]["polled_every_seconds"] == {"left": 3600.0, "right": 3600.0}
            await daemon.refresh_metrics()
            page = daemon.metrics.render()[0].decode()
            assert 'zohosyncd_channels{account="zoho",state="healthy"} 1.0' in page
            assert 'zohosyncd_bell_missed_total{account="zoho"} 0.0' in page
            assert 'zohosyncd_hook_requests_total{outcome="stranger"} 0.0' in page
            daemon.stop()


# --- on made-up time, without sockets ---------------------------------------------------------------------------------


class Office(Company):
    """The small company, whose Zoho rings and whose daemon runs by itself."""

    def __init__(self, folder: Path, every: str = "1h") -> None:
        super().__init__(folder)
        file = folder / FILE
        text = file.read_text().replace('every = "2s"', f'every = "{every}"')
        assert f'every = "{every}"' in text
        file.write_text(text)
        self.sender = WorldSender(self.world, self.clock)
        self.doorbell: Doorbell | None = None
        self.knocked: anyio.Event | None = None
        self.service('hooks_listen = "127.0.0.1:0"', f'public_url = "{PUBLIC}"')

    def service(self, *lines: str) -> None:
        file = self.folder / "zohosyncd.toml"
        file.write_text(file.read_text().replace("[service]\n", "[service]\n" + "".join(f"{line}\n" for line in lines)))

    def work(self, story: Callable[[Daemon], Awaitable[None]]) -> None:
        """One life of the daemon, for as long as the story lasts."""

        async def life() -> None:
            async with self.at_work() as daemon:
                await story(daemon)

        run(self.clock, life())

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[Daemon]:
        self._lives += 1
        seams = Seams(self.clock, SeededEntropy(self._lives), self.sender, inline_storage=True)
        async with open_daemon(self.folder, serving=False, seams=seams) as daemon:
            self.doorbell, self.knocked = daemon.bells.doorbell, anyio.Event()
            self.world.post = self.ring
            ready = anyio.Event()

            async def on_ready() -> None:
                ready.set()

            async def serve() -> None:
                await daemon.serve(on_ready=on_ready)

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(serve)
                tasks.start_soon(self.keep_time)
                await ready.wait()
                await self.clock.sleep(30)
                yield daemon
                daemon.stop()
                tasks.cancel_scope.cancel()
            self.world.post = self.doorbell = self.knocked = None

    async def keep_time(self) -> None:
        """Let out late rings when their time has come."""
        while True:
            self.knocked = anyio.Event()
            with anyio.move_on_after(self.world.settle() or 30.0):
                await self.knocked.wait()

    def ring(self, letter: Outgoing) -> None:
        """What the sandbox server does over HTTP, as a plain call."""
        if self.doorbell is not None:
            path = letter.url.removeprefix(PUBLIC)
            self.doorbell.answer(path, Ring("POST", letter.url, body=letter.body, at=self.clock.now()))

    def tune(self, **knobs: Any) -> None:
        self.zoho.tune(knobs)

    def edit(self, title: str) -> None:
        contacts = self.zoho.state()["Contacts"]
        ann = next(each["id"] for each in contacts if each["Email"] == "ann@example.org")
        self.zoho.edit({"object": "Contacts", "id": ann, "set": {"Title": title}})
        self.world.settle()
        if self.knocked is not None:
            self.knocked.set()

    def in_the_book(self, title: str) -> bool:
        books = self.world.apps["carddav"].state()
        return any(f"TITLE:{title}" in card for book in books.values() for card in book.values())

    async def arrives(self, title: str, within: float) -> bool:
        ends = self.clock.monotonic() + within
        while self.clock.monotonic() < ends:
            if self.in_the_book(title):
                return True
            await self.clock.sleep(max(within / 40, 0.1))
        return self.in_the_book(title)

    def polls(self) -> int:
        return sum(each.method == "GET" and each.url.startswith(f"{URL}/crm/v8/Contacts?") for each in self.sender.sent)

    @property
    def channels(self) -> dict[str, Any]:
        self.zoho.bells.live()
        return self.zoho.bells.channels

    @property
    def zoho(self) -> ZohoApp:
        app = self.world.apps["zoho_crm"]
        assert isinstance(app, ZohoApp)
        return app

    def say(self, name: str, old: str, new: str) -> None:
        file = self.folder / name
        assert old in file.read_text(), old
        file.write_text(file.read_text().replace(old, new))


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """After the first sync, made by a command: no daemon has run yet."""
    office = Office(tmp_path_factory.mktemp("synced"))

    async def sync() -> None:
        seams = Seams(office.clock, SeededEntropy(99), office.sender, inline_storage=True)
        async with open_daemon(office.folder, serving=False, seams=seams) as daemon:
            await daemon.commands.approve(CONNECTION)
            await daemon.commands.sync(CONNECTION)

    run(office.clock, sync())
    return office


@pytest.fixture
def office(synced: Office, tmp_path: Path) -> Office:
    copied = synced.copy(tmp_path / "conf")
    assert isinstance(copied, Office)
    return copied


@pytest.fixture
def busy_office(office: Office) -> Office:
    """With a minute between two polls."""
    office.say(FILE, 'every = "1h"', 'every = "60s"')
    return office


def test_an_edit_arrives_within_two_seconds_and_a_second_one_and_one_right_after_our_own_write(office: Office) -> None:
    async def story(daemon: Daemon) -> None:
        await office.clock.sleep(300)
        for title in ("First", "Second", "Third"):
            office.edit(title)
            assert await office.arrives(title, within=2)
            await office.clock.sleep(5)

    office.work(story)


def test_late_and_double_rings_arrive_once_and_lost_ones_with_the_next_poll(office: Office) -> None:
    async def story(daemon: Daemon) -> None:
        await office.clock.sleep(300)
        office.tune(bell_delay=40, bell_times=3)
        office.edit("Late")
        assert not await office.arrives("Late", within=39)
        assert await office.arrives("Late", within=3)
        office.tune(bell_delay=0, bell_times=0)
        await office.clock.sleep(200)
        office.edit("Lost")
        assert not await office.arrives("Lost", within=200)
        assert await office.arrives("Lost", within=1.2 * HOUR)

    office.work(story)


def test_rings_do_not_hurry_an_app_that_asked_us_to_wait(office: Office) -> None:
    async def story(daemon: Daemon) -> None:
        office.edit("Before")
        assert await office.arrives("Before", within=2)
        busy = {"path": "/crm/v8/Contacts", "fault": "status", "status": 429, "headers": {"Retry-After": "600"}}
        office.world.faults.replace("zoho_crm", [{**busy, "body": {"code": "TOO_MANY_REQUESTS", "message": "x"}}])
        before = office.polls()
        for at in range(60):
            office.edit(f"Title {at}")
            await office.clock.sleep(5)
        assert office.polls() - before <= 2
        office.world.faults.replace("zoho_crm", [])
        assert await office.arrives("Title 59", within=700)

    office.work(story)


def test_idle_polling_is_slow_while_it_rings_and_as_before_when_it_does_not(busy_office: Office) -> None:
    office = busy_office

    async def story(daemon: Daemon) -> None:
        office.edit("Rung")
        assert await office.arrives("Rung", within=2)
        await office.clock.sleep(200)
        before = office.polls()
        await office.clock.sleep(HOUR / 2)
        assert office.polls() - before <= 3, "every quarter of an hour"
        office.tune(bell_times=0)
        office.edit("Missed")
        assert await office.arrives("Missed", within=1000)
        await office.clock.sleep(120)
        before = office.polls()
        await office.clock.sleep(HOUR / 4)
        assert office.polls() - before >= 12, "every minute"

    office.work(story)


def test_a_bell_that_nobody_can_ring_slows_nothing_down(busy_office: Office) -> None:
    office = busy_office
    office.tune(bell_times=0)

    async def story(daemon: Daemon) -> None:
        before = office.polls()
        await office.clock.sleep(HOUR / 4)
        assert office.polls() - before >= 12
        office.edit("Seen")
        assert await office.arrives("Seen", within=70)

    office.work(story)


def test_channels_follow_the_configuration_while_the_daemon_runs(office: Office) -> None:
    file = office.folder / FILE
    text = file.read_text()

    async def story(daemon: Daemon) -> None:
        assert len(office.channels) == 1
        first = next(iter(office.channels))
        file.write_text("enabled = false\n" + text)
        await daemon.reload()
        await office.clock.sleep(5)
        assert not office.channels
        file.write_text(text)
        await daemon.reload()
        await office.clock.sleep(30)
        assert len(office.channels) == 1
        assert first not in office.channels
        office.edit("Back")
        assert await office.arrives("Back", within=2)
        file.write_text(text.replace('every = "1h"', 'every = "2h"'))
        second = next(iter(office.channels))
        await daemon.reload()
        await office.clock.sleep(30)
        assert list(office.channels) == [second], "what is only changed keeps its bell"
        office.edit("Still")
        assert await office.arrives("Still", within=2)
        file.unlink()
        await daemon.reload()
        await office.clock.sleep(5)
        assert not office.channels

    office.work(story)


def test_a_connection_removed_while_the_daemon_was_off_leaves_no_channel(office: Office) -> None:
    async def nothing(daemon: Daemon) -> None:
        assert len(office.channels) == 1

    async def closed(daemon: Daemon) -> None:
        assert not office.channels

    office.work(nothing)
    (office.folder / FILE).unlink()
    office.work(closed)


def test_a_removed_account_takes_its_channel_along(office: Office) -> None:
    async def story(daemon: Daemon) -> None:
        (office.folder / FILE).unlink()
        (office.folder / "accounts.d/zoho.toml").unlink()
        await daemon.reload()
        await office.clock.sleep(5)
        assert not office.channels

    office.work(story)


def test_a_restart_asks_for_nothing_new(office: Office) -> None:
    async def story(daemon: Daemon) -> None:
        await office.clock.sleep(10)

    async def again(daemon: Daemon) -> None:
        office.edit("Again")
        assert await office.arrives("Again", within=2)

    office.work(story)
    asked = sum("/actions/watch" in each.url for each in office.sender.sent)
    office.work(again)
    assert sum("/actions/watch" in each.url for each in office.sender.sent) == asked == 1


@pytest.mark.parametrize("missing", ["hooks_listen", "public_url"])
def test_without_a_listener_or_an_address_nothing_is_asked_for(busy_office: Office, missing: str) -> None:
    office = busy_office
    file = office.folder / "zohosyncd.toml"
    file.write_text(
        "".join(line for line in file.read_text().splitlines(keepends=True) if not line.startswith(missing))
    )

    async def story(daemon: Daemon) -> None:
        before = office.polls()
        await office.clock.sleep(HOUR / 6)
        assert office.polls() - before >= 8
        assert daemon.bells.doorbell is None
        assert daemon.bells.status("zoho") == []

    office.work(story)
    assert not any("/actions/watch" in each.url for each in office.sender.sent)


def test_a_command_without_a_daemon_asks_for_no_channel(synced: Office) -> None:
    assert synced.in_the_book("In the CRM")
    assert not synced.channels
