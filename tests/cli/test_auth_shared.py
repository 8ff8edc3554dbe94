"""``auth`` for an app that logs in by the shared pieces: codes for devices, shared clients, pinned logins, no secret shown."""

import asyncio
import re
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.conftest import Ran, Starting, Zohosyncd
from tests.cli.test_auth import Person, printed_url
from tests.login_app import ANN, BEN, HABITS, ROBOT, SECRET, SPEC, PeopleApp
from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.sandbox.microsoft.app import GraphApp
from zohosyncd.sandbox.server import HOST, WallClock, bind, serve
from zohosyncd.sandbox.world import World

SERVICE = """\
[service]
state = "state.db"
state_key = "file:secrets/key"
control = "control.sock"
[oauth_clients.people]
client_id = "shared"
client_secret = "file:secrets/client"
"""


class Office:
    """A small app that is served, and a configuration with an account of it."""

    def __init__(self, folder: Path, run: Zohosyncd, port: int) -> None:
        self.folder, self._run = folder, run
        self.base = f"http://{HOST}:{port}"
        self.world = World(WallClock(), 7)
        self.app = PeopleApp(self.world.time, self.base, replace(HABITS, interval=1, device_life=60))
        self.world.add(self.app)
        (folder / "secrets").mkdir(mode=0o700)
        (folder / "accounts.d").mkdir()
        (folder / "zohosyncd.toml").write_text(SERVICE)
        self.secret("key", "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")
        self.secret("client", SECRET + "-2")
        self.secret("robot", ROBOT.key_file("x"))
        self.account()

    def secret(self, name: str, text: str) -> None:
        file = self.folder / "secrets" / name
        file.write_text(text)
        file.chmod(0o600)

    def account(self, *keys: str, client: str = 'oauth_client = "people"') -> None:
        lines = ('app = "people"', "allow_http = true", f'base_url = "{self.base}"', client, *keys)
        (self.folder / "accounts.d/ann.toml").write_text("\n".join(lines) + "\n")

    def __call__(self, *arguments: object) -> Ran:
        return self._run(*arguments, "--config", self.folder)

    def enter(self, capsys: pytest.CaptureFixture[str]) -> "Browser":
        return Browser(capsys)


class Browser(threading.Thread):
    """Somebody who reads an address and a code, and enters it there."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(daemon=True)
        self._capsys, self.said = capsys, ""
        self.start()

    def run(self) -> None:
        until = time.monotonic() + 20
        while "Waiting for" not in self.said and time.monotonic() < until:
            self.said += self._capsys.readouterr().err
            time.sleep(0.02)
        code = re.search(r"^[0-9A-F]{4}-[0-9A-F]{4}$", self.said, re.MULTILINE)
        assert code is not None
        urllib.request.urlopen(f"{printed_url(self.said)}?user_code={code[0]}", timeout=10)


@pytest.fixture
def office(tmp_path: Path, zohosyncd: Zohosyncd, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(BY_NAME, "_own", {**BY_NAME._own, SPEC.name: SPEC})
    with bind(0) as probe:
        port = probe.getsockname()[1]
    made = Office(tmp_path, zohosyncd, port)
    with served(made.world, port):
        yield made


@contextmanager
def served(world: World, port: int) -> Iterator[None]:
    """The world at a port, in a thread of its own."""
    ready, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def run() -> None:
        async with serve(world, port):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


def nothing_shown(office: Office, *texts: str) -> None:
    grants = office.app.logins.grants
    secrets = {
        SECRET,
        *grants.devices,
        *grants.codes,
        *grants.spent,
        *(each.refresh for each in grants.all if each.refresh),
    }
    secrets |= {token for each in grants.all for token in each.live}
    assert len(secrets) > 1
    for text in texts:
        assert not [each for each in secrets if each in text]


def test_a_code_is_shown_and_entered_in_another_browser(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    office.account(f'login = "{ANN}"')
    browser = office.enter(capsys)
    ran = office("auth", "ann", "--device", "--json")
    browser.join(10)
    assert ran.code == 0, ran.err
    assert (ran.json["identity"], ran.json["missing"]) == (f"mailbox-{ANN}", [])
    assert "people.read   to read" in browser.said
    nothing_shown(office, browser.said, ran.out, ran.err)
    found = office("accounts", "--json").json["accounts"]["ann"]
    assert (found["state"], found["login"]) == ("up", "refresh_token")
    stored = b"".join(file.read_bytes() for file in office.folder.glob("state.db*") if file.is_file())
    assert b"ann/consent" in stored
    assert not any(each.refresh.encode() in stored for each in office.app.logins.grants.all)


def test_whoever_logs_in_elsewhere_has_to_be_whom_the_file_names(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    office.account(f'login = "{BEN}"')
    browser = office.enter(capsys)
    ran = office("auth", "ann", "--device")
    browser.join(10)
    assert (ran.code, "another login than accounts.d/ann.toml says" in ran.err) == (3, True), ran.err
    assert office("accounts", "--json").json["accounts"]["ann"]["login"] == "none"


def test_a_refused_code_changes_nothing(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    office.app.logins.tune("deny", True)
    browser = office.enter(capsys)
    ran = office("auth", "ann", "--device")
    browser.join(10)
    assert (ran.code, "the consent was refused" in ran.err, "auth ann --device" in ran.err) == (3, True, True)


def test_an_app_without_codes_for_devices_names_the_next_best_way(office: Office) -> None:
    office.account("no_device = true")
    ran = office("auth", "ann", "--device")
    assert (ran.code, "zohosyncd auth ann --paste" in ran.err) == (2, True), ran.err
    assert "choose one of" in office("auth", "ann", "--device", "--paste").err


def test_an_account_with_a_shared_client_is_authorised_by_pasting(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office.account(f'login = "{BEN}"')
    person = Person(capsys)
    monkeypatch.setattr(sys, "stdin", person)
    ran = office("auth", "ann")
    assert ran.code == 0, ran.err
    assert f"login_hint={BEN.replace('@', '%40')}" in printed_url(person.seen)
    assert f"mailbox-{BEN}" in ran.out
    nothing_shown(office, person.seen, ran.out, ran.err)


def test_a_wrong_client_secret_names_the_place_and_shows_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office.secret("client", "canary-wrong")
    monkeypatch.setattr(sys, "stdin", Person(capsys))
    ran = office("auth", "ann")
    assert (ran.code, "does not accept the client (invalid_client)" in ran.err) == (3, True), ran.err
    assert "canary" not in ran.err + ran.out
    (office.folder / "secrets/client").unlink()
    ran = office("auth", "ann")
    assert (ran.code, "there is no file" in ran.err) == (2, True)


def test_a_client_name_that_is_wrong_is_a_mistake_with_its_line(office: Office) -> None:
    office.account(client='oauth_client = "poeple"')
    ran = office("auth", "ann")
    assert ran.code == 2
    assert "accounts.d/ann.toml:4: oauth_client: zohosyncd.toml has no [oauth_clients.poeple]" in ran.err
    assert 'did you mean "people"?' in ran.err


def test_a_service_account_is_up_without_any_consent(office: Office) -> None:
    office.account(f'service_account = "file:secrets/robot"\nsubject = "{BEN}"', client="")
    ran = office("auth", "ann")
    assert (ran.code, "account ann needs no consent" in ran.err) == (2, True)
    shown = office("accounts")
    assert (shown.code, f"mailbox-{BEN}" in shown.out, " key " in shown.out) == (0, True, True), shown.out + shown.err
    assert "PRIVATE" not in shown.out + shown.err


def test_beside_a_running_daemon_a_code_is_entered_and_the_daemon_logs_nothing_of_it(
    tmp_path: Path, zohosyncd: Zohosyncd, forked: Starting, capsys: pytest.CaptureFixture[str]
) -> None:
    """The daemon is a process of its own, so the app is one of those that it knows: Microsoft 365."""
    with bind(0) as probe:
        port = probe.getsockname()[1]
    world = World(WallClock(), 7)
    app = GraphApp(world.time, 7, f"http://{HOST}:{port}")
    app.login.habits = replace(app.login.habits, interval=1)
    world.add(app)
    office = Office(tmp_path, zohosyncd, port)
    keys = (
        f'api_url = "{office.base}"',
        f'login_url = "{office.base}"',
        'client_id = "public-client"',
        f'login = "{ANN}"',
    )
    lines = ('app = "microsoft365"', "allow_http = true", *keys)
    (tmp_path / "accounts.d/ann.toml").write_text("\n".join(lines) + "\n")
    (tmp_path / "zohosyncd.toml").write_text(
        SERVICE.replace("[oauth", 'listen = "127.0.0.1:0"\nlog_level = "debug"\n[oauth')
    )
    with served(world, port), forked(tmp_path / "log", "run", "--config", tmp_path) as daemon:
        daemon.wait_for("ready")
        browser = office.enter(capsys)
        ran = office("auth", "ann", "--device", "--json")
        browser.join(10)
        assert ran.code == 0, ran.err
        assert ran.json["name"] == "Ann"
        found = office("accounts", "--json").json["accounts"]["ann"]
        assert (found["state"], found["login"]) == ("up", "refresh_token")
        said = daemon.said()
    (grant,) = app.login.grants.all
    for secret in (grant.refresh, *grant.live, *app.login.grants.devices):
        assert secret not in said + ran.out + ran.err + browser.said
    assert "account authorised" in said
