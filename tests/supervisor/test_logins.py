"""Logins of an app that fills the shared pieces with data: consents, pinned logins, devices, shared clients, rotation."""

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.connectors.inprocess import WorldSender
from tests.connectors.zoho_crm.conftest import HandClock
from tests.login_app import ANN, BEN, HABITS, ROBOT, SECRET, SPEC, PeopleApp
from tests.supervisor.test_authorising import Numbers
from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.core.errors import AuthLost, SettingsProblems, Unavailable, UsageError
from zohosyncd.sandbox.parts.oauth_habits import Habits
from zohosyncd.sandbox.wire import Request, Response
from zohosyncd.sandbox.world import World
from zohosyncd.supervisor.account_list import AccountList
from zohosyncd.supervisor.daemon import Daemon, Seams, open_daemon

OWN = 'app = "people"\nallow_http = true\nclient_id = "client"\nclient_secret = "env:OWN_SECRET"\n'
SHARED = 'app = "people"\nallow_http = true\noauth_client = "people"\n'
SERVICE = '[service]\nstate = "state.db"\nstate_key = "env:STATE_KEY"\n'
CLIENT = '[oauth_clients.people]\nclient_id = "shared"\nclient_secret = "env:SHARED_SECRET"\n'


class Desk:
    """Somebody with a browser, and the daemon of a configuration with the account ann."""

    def __init__(self, folder: Path, clock: HandClock, habits: Habits) -> None:
        self.folder, self.clock = folder, clock
        self.world = World(clock, 7)
        self.app = PeopleApp(self.world.time, habits=habits)
        self.world.add(self.app)
        self.sender = WorldSender(self.world, clock)

    @asynccontextmanager
    async def daemon(self) -> AsyncIterator[Daemon]:
        seams = Seams(clock=self.clock, entropy=Numbers(), sender=self.sender, inline_storage=True)
        async with open_daemon(self.folder, serving=False, seams=seams) as daemon:
            yield daemon

    def open(self, url: str) -> str:
        """Open an address in a browser; where that leads, or what it shows."""
        parts = urlsplit(url)
        answer = self.world.handle(Request("GET", parts.path, tuple(parse_qsl(parts.query))))
        assert isinstance(answer, Response)
        return answer.headers.get("Location") or answer.body.decode()

    async def authorise(self, daemon: Daemon, account: str = "ann") -> dict[str, Any]:
        begun = await daemon.commands.authorising.begin(account, None)
        return await daemon.commands.authorising.finish(account, self.open(begun["url"]))

    async def by_device(self, daemon: Daemon) -> dict[str, Any]:
        devices = daemon.commands.authorising.devices
        shown = await devices.begin("ann")
        self.open(f"{shown['url']}?user_code={shown['code']}")
        return await devices.wait("ann")

    def write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def revoked(self) -> int:
        return sum(each.url.endswith("/oauth/revoke") for each in self.sender.sent)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small app is one of ours."""
    monkeypatch.setattr(BY_NAME, "_own", {**BY_NAME._own, SPEC.name: SPEC})


@pytest.fixture
def desk_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: None) -> Callable[..., Desk]:
    monkeypatch.setenv("OWN_SECRET", SECRET)
    monkeypatch.setenv("SHARED_SECRET", SECRET + "-2")
    monkeypatch.setenv("STATE_KEY", base64.b64encode(b"k" * 32).decode())

    def make(keys: str = "", head: str = OWN, habits: Habits = HABITS) -> Desk:
        desk = Desk(tmp_path, HandClock(), habits)
        desk.write("zohosyncd.toml", SERVICE + CLIENT)
        desk.write("accounts.d/ann.toml", head + keys)
        return desk

    return make


async def test_a_consent_is_asked_for_tried_and_kept(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    async with desk.daemon() as daemon:
        with pytest.raises(AuthLost, match="not authorised yet"):
            await daemon.account("ann").check()
        done = await desk.authorise(daemon)
        assert (done["identity"], done["missing"]) == (f"mailbox-{ANN}", [])
        assert (await daemon.account("ann").check()).login == ANN
        found = (await AccountList(daemon).accounts())["accounts"]["ann"]
        assert (found["state"], found["login"], found["held"]) == (
            "up", "refresh_token", ["people.read", "people.write"],
        )  # fmt: skip
    async with desk.daemon() as daemon:
        assert (await daemon.account("ann").check()).login == ANN


async def test_a_second_consent_of_the_same_login_is_renewable_too(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    async with desk.daemon() as daemon:
        await desk.authorise(daemon)
        await desk.authorise(daemon)
        desk.clock.moment += 3600.0
        assert (await daemon.account("ann").check()).login == ANN


async def test_the_login_of_the_file_is_hinted_at_and_checked_whatever_its_case(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of('login = "Ben@Example.org"\n')
    async with desk.daemon() as daemon:
        assert (await desk.authorise(daemon))["identity"] == f"mailbox-{BEN}"


async def test_any_address_of_the_login_will_do(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(f'login = "Alias-of-{ANN}"\n')
    async with desk.daemon() as daemon:
        assert (await desk.authorise(daemon))["identity"] == f"mailbox-{ANN}"


async def test_a_login_that_is_not_told_is_refused_where_one_is_named(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(f'login = "{ANN}"\n')
    desk.app.tells = False
    async with desk.daemon() as daemon:
        with pytest.raises(AuthLost, match="not told whose login it is") as caught:
            await desk.authorise(daemon)
        assert "all the rights that are asked for" in caught.value.hint


async def test_a_consent_of_another_login_is_refused_and_given_back(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(f'login = "{BEN}"\nrevokes_alone = true\n')
    desk.app.logins.tune("consent_user", ANN)
    async with desk.daemon() as daemon:
        with pytest.raises(AuthLost, match=r"another login than accounts.d/ann.toml says") as caught:
            await desk.authorise(daemon)
        assert "example.org" not in str(caught.value)
        assert "log in as whom login names: zohosyncd auth ann" in caught.value.hint
        assert daemon.stored.consent(None, "ann") is None
        assert desk.revoked() == 1
        assert desk.app.logins.grants.all == []
        assert await daemon.store.identity("ann") == "", "a refused login is not remembered as the account's"


async def test_a_consent_that_is_refused_ends_no_other_one(desk_of: Callable[..., Desk]) -> None:
    """Where revoking one ends all that a person has given to the client: also what other accounts live on."""
    desk = desk_of(head=SHARED, habits=replace(HABITS, revokes_all=True))
    desk.write("accounts.d/ben.toml", SHARED + f'login = "{BEN}"\n')
    async with desk.daemon() as daemon:
        await desk.authorise(daemon)
        desk.app.logins.tune("consent_user", ANN)
        with pytest.raises(AuthLost, match="another login"):
            await desk.authorise(daemon, "ben")
        desk.app.logins.tune("consent_user", "")
        desk.world.faults.replace("people", [{"fault": "status", "path": "/v1/me"}])
        with pytest.raises(Unavailable):
            await desk.authorise(daemon)
        desk.world.faults.replace("people", [])
        desk.clock.moment += 3600.0
        assert (await daemon.account("ann").check()).login == ANN


async def test_a_refresh_token_of_another_login_is_refused_when_the_account_is_opened(
    desk_of: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(f'login = "{BEN}"\nrefresh_token = "env:REFRESH"\n')
    monkeypatch.setenv("REFRESH", desk.app.logins.granted("client", user=ANN))
    async with desk.daemon() as daemon:
        with pytest.raises(AuthLost, match="another login"):
            await daemon.account("ann").check()
        assert await daemon.store.identity("ann") == ""
        assert "another login" in (await AccountList(daemon).accounts())["accounts"]["ann"]["reason"]


async def test_rotated_refresh_tokens_outlive_a_restart(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(habits=replace(HABITS, rotates=True))
    async with desk.daemon() as daemon:
        await desk.authorise(daemon)
    for _ in range(3):
        desk.clock.moment += 3600.0
        async with desk.daemon() as daemon:
            assert (await daemon.account("ann").check()).login == ANN
            consent = daemon.stored.consent(None, "ann")
            assert consent is not None
            assert consent.refresh_token == desk.app.logins.grants.all[0].refresh


async def test_a_refresh_token_that_is_replaced_while_it_is_tried_is_the_one_that_is_kept(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of(habits=replace(HABITS, rotates=True))
    plain = desk.sender.send

    async def ended(request: Any) -> Any:
        if request.url.endswith("/v1/me") and not desk.app.asked:
            desk.app.logins.tune("expire_tokens", True)
        return await plain(request)

    desk.sender.send = ended  # type: ignore[method-assign]
    async with desk.daemon() as daemon:
        await desk.authorise(daemon)
        consent = daemon.stored.consent(None, "ann")
        assert consent is not None
        assert consent.refresh_token == desk.app.logins.grants.all[0].refresh
        desk.clock.moment += 3600.0
        assert (await daemon.account("ann").check()).login == ANN


# --- devices --------------------------------------------------------------------------------------------------


async def test_a_code_is_entered_elsewhere(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    async with desk.daemon() as daemon:
        assert (await desk.by_device(daemon))["identity"] == f"mailbox-{ANN}"
        assert (await daemon.account("ann").check()).login == ANN


async def test_another_login_by_device_is_refused_too(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(f'login = "{BEN}"\n')
    async with desk.daemon() as daemon:
        with pytest.raises(AuthLost, match="another login"):
            await desk.by_device(daemon)
        assert daemon.stored.consent(None, "ann") is None


async def test_a_person_may_say_no_to_a_device_or_nothing(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    async with desk.daemon() as daemon:
        desk.app.logins.tune("deny", True)
        with pytest.raises(AuthLost, match="was refused"):
            await desk.by_device(daemon)
        await daemon.commands.authorising.devices.begin("ann")
        with pytest.raises(AuthLost, match="in time") as caught:
            await daemon.commands.authorising.devices.wait("ann")
        assert "zohosyncd auth ann --device" in caught.value.hint


async def test_an_app_without_devices_names_the_next_best_way(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of("no_device = true\n")
    async with desk.daemon() as daemon:
        with pytest.raises(UsageError, match="no login by a device's code") as caught:
            await daemon.commands.authorising.devices.begin("ann")
        assert "zohosyncd auth ann --paste" in caught.value.hint
        with pytest.raises(UsageError, match="no code of this account was shown"):
            await daemon.commands.authorising.devices.wait("ann")


async def test_of_two_codes_the_later_one_counts(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of("revokes_alone = true\n")
    async with desk.daemon() as daemon:
        devices = daemon.commands.authorising.devices
        first = await devices.begin("ann")
        plain, second = desk.sender.send, list[Any]()

        async def meanwhile(request: Any) -> Any:
            if request.url.endswith("/oauth/token") and not second:
                second.append(await devices.begin("ann"))
                desk.open(f"{first['url']}?user_code={first['code']}")
            return await plain(request)

        desk.sender.send = meanwhile  # type: ignore[method-assign]
        with pytest.raises(UsageError, match="another code"):
            await devices.wait("ann")
        assert daemon.stored.consent(None, "ann") is None
        assert desk.revoked() == 1, "what the first one gave is given back"


# --- shared clients, and none ---------------------------------------------------------------------------------


async def test_a_shared_client_asks_for_the_consents_of_all_its_accounts(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(head=SHARED)
    desk.write("accounts.d/ben.toml", SHARED + f'login = "{BEN}"\n')
    async with desk.daemon() as daemon:
        for account, who in (("ann", ANN), ("ben", BEN)):
            assert (await desk.authorise(daemon, account))["identity"] == f"mailbox-{who}"
        assert {each.access.client for each in desk.app.logins.grants.all} == {"shared"}


async def test_another_client_reopens_its_accounts_without_a_restart(
    desk_of: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(head=SHARED)
    async with desk.daemon() as daemon:
        await desk.authorise(daemon)
        before = daemon.account("ann")
        desk.write("zohosyncd.toml", SERVICE + CLIENT.replace('"shared"', '"client"').replace("SHARED", "OWN"))
        done = await daemon.reload()
        assert done.difference.accounts.changed == {"ann": ("oauth_client",)}
        assert done.difference.service_restart == ()
        assert daemon.account("ann") is not before
        with pytest.raises(AuthLost, match="another client_id"):
            await daemon.account("ann").check()
        await desk.authorise(daemon)
        assert (await daemon.account("ann").check()).login == ANN


async def test_a_rotated_secret_of_a_shared_client_counts_at_once(
    desk_of: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(head=SHARED)
    async with desk.daemon() as daemon:
        await desk.authorise(daemon)
        desk.app.edit({"object": "client", "id": "shared", "set": {"secret": "rotated"}})
        monkeypatch.setenv("SHARED_SECRET", "rotated")
        assert (await daemon.reload()).difference.accounts.changed == {"ann": ("secrets",)}
        assert (await daemon.account("ann").check()).login == ANN


async def test_a_stored_secret_of_a_shared_client_reopens_its_accounts(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(head=SHARED)
    desk.write("zohosyncd.toml", SERVICE + CLIENT.replace("env:SHARED_SECRET", "store:people"))
    async with desk.daemon() as daemon:
        accounts = AccountList(daemon)
        assert (await accounts.secrets())["secrets"] == [
            {"name": "people", "stored": False, "used_by": ["oauth_clients.people of zohosyncd.toml"]}
        ]
        assert (await accounts.set_secret("people", SECRET + "-2"))["accounts"] == ["ann"]
        await desk.authorise(daemon)


async def test_a_client_that_is_not_there_is_refused_and_everything_stays(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(head=SHARED)
    async with desk.daemon() as daemon:
        desk.write(
            "accounts.d/ann.toml",
            SHARED.replace('client = "people"', 'client = "peple"'),
        )
        with pytest.raises(SettingsProblems, match=r'accounts.d/ann.toml:3: oauth_client: .*did you mean "people"'):
            await daemon.reload()


async def test_a_service_account_needs_no_consent(
    desk_of: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(f'service_account = "env:ROBOT"\nsubject = "{BEN}"\n', head='app = "people"\nallow_http = true\n')
    monkeypatch.setenv("ROBOT", ROBOT.key_file(desk.app.logins.token_url()))
    async with desk.daemon() as daemon:
        assert (await daemon.account("ann").check()).login == BEN
        found = (await AccountList(daemon).accounts())["accounts"]["ann"]
        assert (found["state"], found["login"], found["missing"]) == ("up", "key", [])
        for begin in (daemon.commands.authorising.begin("ann", None), daemon.commands.authorising.devices.begin("ann")):
            with pytest.raises(UsageError, match="account ann needs no consent"):
                await begin


async def test_an_app_without_such_a_login_names_the_other_ways(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    async with desk.daemon() as daemon:
        with pytest.raises(UsageError, match="no login by client credentials") as caught:
            await daemon.commands.authorising.by_client("ann", None)
        assert "zohosyncd auth ann" in caught.value.hint
