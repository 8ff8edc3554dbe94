"""Logins that connectors only fill with data, against a strict login server on a clock that the test moves."""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import anyio
import msgspec
import pytest

from tests.connectors.inprocess import WorldSender
from tests.connectors.zoho_crm.conftest import HandClock, Middle
from tests.login_app import ANN, BEN, HABITS, ROBOT, SECRET, PeopleApp, PeopleConnector, PeopleOptions, site_of
from zohosyncd.connectors.login import machine_login
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.errors import AuthLost, PermissionLacking, RateLimited, StateError, SyncError, Unavailable
from zohosyncd.sandbox.parts.oauth_habits import Habits
from zohosyncd.sandbox.parts.service_accounts import ServiceAccount
from zohosyncd.sandbox.world import World
from zohosyncd.settings import OAuthClient
from zohosyncd.settings.clients import SharedClient
from zohosyncd.settings.secrets import Secret, SecretError, SecretRef
from zohosyncd.transport.consent import Consent, mark_of
from zohosyncd.transport.service_account import Assertion, read_key_file
from zohosyncd.transport.token_shelf import Drawer

ROTATING = replace(HABITS, rotates=True)


class Desk:
    """An account of the small app, with the shelf that a daemon would keep for it."""

    def __init__(self, habits: Habits = HABITS) -> None:
        self.clock = HandClock()
        self.world = World(self.clock, 7)
        self.app = PeopleApp(self.world.time, habits=habits)
        self.world.add(self.app)
        self.sender = WorldSender(self.world, self.clock)
        self.secrets = {"env:S": SECRET, "env:R": self.app.logins.granted("client")}
        self.consent: Consent | None = None
        self.full = False
        self.drawer = Drawer()
        self.turn = anyio.Lock()

    def secret(self, ref: SecretRef) -> Secret:
        if str(ref) not in self.secrets:
            raise SecretError(f"the state holds no secret {ref.name}", hint=f"run zohosyncd secret set {ref.name}")
        return Secret(self.secrets[str(ref)])

    async def keep(self, consent: Consent) -> None:
        await asyncio.sleep(0)
        if self.full:
            raise StateError("the disk is full")
        self.consent = consent

    def tools(self) -> Tools:
        return Tools(
            "ann", self.sender, self.clock, Middle(), self.secret, shelf=self.drawer,
            consent=lambda: self.consent, keep_consent=self.keep, turn=lambda: self.turn,
        )  # fmt: skip

    def open(self, **keys: Any) -> PeopleConnector:
        given = {"client_id": "client", "client_secret": "env:S", "refresh_token": "env:R", "allow_http": True, **keys}
        values = {key: value for key, value in given.items() if value is not None}
        return PeopleConnector(PeopleOptions.model_validate(values), self.tools())

    async def who(self, **keys: Any) -> str:
        return (await self.open(**keys).check()).login

    def tokens_asked(self) -> int:
        return sum(each.url.endswith("/oauth/token") for each in self.sender.sent)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_refresh_token_of_the_file_opens_the_account(desk: Desk) -> None:
    connector = desk.open()
    assert (await connector.check()).login == ANN
    await connector.check()
    assert desk.tokens_asked() == 1
    assert desk.consent is None, "nothing came that would have to be kept"


async def test_a_consent_that_was_stored_comes_first(desk: Desk) -> None:
    desk.consent = Consent(
        kind="refresh_token", client_id="client", scopes=None, token_url=desk.app.logins.token_url(),
        refresh_token=desk.app.logins.granted("client", user=BEN),
    )  # fmt: skip
    assert await desk.who() == BEN


@pytest.mark.parametrize(
    ("change", "keys", "words", "hint"),
    [
        ({}, {"refresh_token": None}, "not authorised yet", "run zohosyncd auth ann"),
        ({"env:R": "revoked"}, {}, "ended or was taken back", "run zohosyncd auth ann"),
        ({"env:S": "wrong"}, {}, "does not accept the client", "check client_id and client_secret"),
        ({}, {"client_secret": "store:gone"}, "no client secret", "run zohosyncd secret set gone"),
        ({}, {"refresh_token": "store:gone"}, "not authorised", "run zohosyncd secret set gone"),
    ],
)
async def test_a_login_that_does_not_work_says_what_helps(
    desk: Desk, change: dict[str, str], keys: dict[str, Any], words: str, hint: str
) -> None:
    desk.secrets |= change
    with pytest.raises(AuthLost) as caught:
        await desk.open(**keys).check()
    assert words in caught.value.message
    assert hint in caught.value.hint
    for secret in desk.secrets.values():
        assert secret not in str(caught.value)


async def test_a_consent_of_another_client_is_not_tried(desk: Desk) -> None:
    desk.consent = Consent(kind="refresh_token", client_id="shared", scopes=None, token_url="x", refresh_token="y")
    with pytest.raises(AuthLost, match="another client_id"):
        await desk.open().check()
    assert desk.sender.sent == []


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [(["temporarily_unavailable"] * 50, Unavailable), (["503"] * 50, Unavailable), (["429"], RateLimited),
     (["slow_down"], RateLimited), (["invalid_scope"], PermissionLacking)],
)  # fmt: skip
async def test_trouble_of_the_login_server(desk: Desk, trouble: list[str], kind: type[SyncError]) -> None:
    desk.app.logins.tune("login_trouble", trouble)
    with pytest.raises(kind):
        await desk.open().check()
    desk.app.logins.tune("login_trouble", [])
    desk.clock.moment += 61.0
    assert await desk.who() == ANN


async def test_fifty_mailboxes_share_one_client(desk: Desk) -> None:
    ref = SecretRef("env", "S2")
    desk.secrets |= {"env:S2": SECRET + "-2", "env:R": desk.app.logins.granted("shared", user=BEN)}
    shared = SharedClient("google", OAuthClient(client_id="shared", client_secret=ref))
    assert await desk.who(oauth_client=shared, client_id=None, client_secret=None) == BEN


async def test_a_secret_that_was_rotated_counts_with_the_next_token(desk: Desk) -> None:
    connector = desk.open()
    await connector.check()
    desk.app.edit({"object": "client", "id": "client", "set": {"secret": "new"}})
    desk.app.logins.tune("expire_tokens", True)
    desk.secrets["env:S"] = "new"
    assert (await connector.check()).login == ANN


# --- refresh tokens that come in place of others --------------------------------------------------------------


async def test_another_refresh_token_is_kept_and_shown_the_next_time_also_after_a_restart() -> None:
    desk = Desk(ROTATING)
    connector = desk.open()
    shown = [desk.secrets["env:R"]]
    for _ in range(3):
        assert (await connector.check()).login == ANN
        assert desk.consent is not None
        assert desk.consent.refresh_token not in shown
        shown.append(desk.consent.refresh_token)
        desk.clock.moment += 3600.0
    assert desk.consent is not None
    assert desk.consent.instead_of == mark_of(desk.secrets["env:R"]), "another one in the file would count"
    assert msgspec.json.decode(msgspec.json.encode(desk.consent), type=Consent) == desk.consent
    assert await desk.who() == ANN
    assert desk.tokens_asked() == 4


async def test_nothing_is_done_with_a_new_token_before_the_refresh_token_beside_it_is_kept() -> None:
    desk = Desk(ROTATING)
    plain, kept = desk.sender.send, list[bool]()

    async def watched(request: Any) -> Any:
        if request.url.endswith("/v1/me"):
            assert desk.consent is not None
            kept.append(desk.consent.refresh_token == desk.app.logins.grants.all[0].refresh)
        return await plain(request)

    desk.sender.send = watched  # type: ignore[method-assign]
    connector = desk.open()
    for _ in range(2):
        await connector.check()
        desk.clock.moment += 3600.0
    assert kept == [True, True]


async def test_what_comes_is_kept_although_the_clients_secret_cannot_be_read_any_more() -> None:
    desk = Desk(ROTATING)
    plain = desk.sender.send

    async def vanishing(request: Any) -> Any:
        desk.secrets.pop("env:S", None)
        return await plain(request)

    desk.sender.send = vanishing  # type: ignore[method-assign]
    with pytest.raises(AuthLost, match="no client secret"):
        await desk.open().check()
    desk.sender.send = plain  # type: ignore[method-assign]
    desk.secrets["env:S"] = SECRET
    assert await desk.who() == ANN


async def test_a_restart_uses_the_token_that_came_with_the_last_refresh_token() -> None:
    desk = Desk(ROTATING)
    await desk.open().check()
    await desk.open().check()
    assert desk.tokens_asked() == 1


async def test_what_comes_is_kept_also_if_nobody_waits_for_it_any_more() -> None:
    desk = Desk(ROTATING)
    plain, on_its_way = desk.sender.send, anyio.Event()

    async def slowly(request: Any) -> Any:
        answer = await plain(request)
        on_its_way.set()
        await asyncio.sleep(0.01)
        return answer

    desk.sender.send = slowly  # type: ignore[method-assign]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(desk.open().check)
        await on_its_way.wait()
        tasks.cancel_scope.cancel()
    assert desk.consent is not None
    desk.sender.send = plain  # type: ignore[method-assign]
    assert await desk.who() == ANN


async def test_two_who_log_in_at_once_show_one_after_the_other() -> None:
    desk = Desk(ROTATING)
    desk.sender.latency = 1.0
    found: list[str] = []

    async def one() -> None:
        found.append((await desk.open().check()).login)

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(one)
    assert found == [ANN] * 3


async def test_what_cannot_be_kept_now_is_kept_before_the_next_token_is_asked_for() -> None:
    desk = Desk(ROTATING)
    connector = desk.open()
    desk.full = True
    for _ in range(2):
        with pytest.raises(StateError):
            await connector.check()
    assert desk.tokens_asked() == 1, "the one that was shown is worth nothing any more"
    desk.full = False
    assert (await connector.check()).login == ANN
    assert desk.tokens_asked() == 2


async def test_a_consent_that_was_given_meanwhile_is_not_overwritten() -> None:
    desk = Desk(ROTATING)
    connector = desk.open()
    await connector.check()
    mine = desk.consent
    assert mine is not None
    other = msgspec.structs.replace(mine, refresh_token=desk.app.logins.granted("client", user=BEN))
    plain = desk.sender.send

    async def meanwhile(request: Any) -> Any:
        answer = await plain(request)
        if request.url.endswith("/oauth/token"):
            desk.consent = other
        return answer

    desk.clock.moment += 3600.0
    desk.sender.send = meanwhile  # type: ignore[method-assign]
    await connector.check()
    assert desk.consent == other
    desk.sender.send = plain  # type: ignore[method-assign]
    desk.clock.moment += 3600.0
    assert (await connector.check()).login == BEN


async def test_the_same_refresh_token_again_is_nothing_new() -> None:
    desk = Desk(replace(HABITS, repeats=True))
    await desk.open().check()
    assert desk.consent is None


async def test_a_public_client_refreshes_without_a_secret() -> None:
    class PublicOptions(PeopleOptions):
        needs_secret = False

    desk = Desk(ROTATING)
    desk.secrets["env:R"] = desk.app.logins.granted("public")
    options = PublicOptions.model_validate({"client_id": "public", "refresh_token": "env:R", "allow_http": True})
    assert (await PeopleConnector(options, desk.tools()).check()).login == ANN
    assert b"client_secret" not in desk.sender.sent[0].body


# --- without a person -----------------------------------------------------------------------------------------


def robot(desk: Desk, subject: str = ANN, key: str = "", **keys: Any) -> PeopleConnector:
    desk.secrets["file:key.json"] = key or ROBOT.key_file("https://elsewhere.example/token")
    return desk.open(
        service_account="file:key.json", subject=subject, client_id=None, client_secret=None, refresh_token=None, **keys
    )


async def test_a_service_account_stands_for_whom_the_file_names(desk: Desk) -> None:
    assert (await robot(desk, BEN).check()).login == BEN
    desk.clock.moment += 3600.0
    assert (await robot(desk, BEN).check()).login == BEN
    assert "elsewhere" not in "".join(each.url for each in desk.sender.sent), "an address in a key file is not called"
    for each in desk.sender.sent:
        assert b"PRIVATE" not in each.body


@pytest.mark.parametrize("skew", [-7200.0, -400.0, -200.0, 200.0, 400.0, 7200.0])
async def test_a_clock_that_is_wrong_is_corrected_by_the_login_servers(skew: float) -> None:
    desk = Desk()
    dated = desk.sender.send
    wrong = HandClock()

    async def with_date(request: Any) -> Any:
        from email.utils import formatdate

        answer = await dated(request)
        return replace(answer, headers={**answer.headers, "date": formatdate(desk.world.time.now(), usegmt=True)})

    desk.sender.send = with_date  # type: ignore[method-assign]
    wrong.moment = desk.clock.moment + skew
    server, desk.clock = desk.clock, wrong
    assert server is not wrong
    assert (await robot(desk).check()).login == ANN
    assert desk.tokens_asked() <= 2


@pytest.mark.parametrize(
    ("change", "words", "hint"),
    [
        ({"subject": "stranger@example.org"}, "invalid_grant", "check subject in accounts.d/ann.toml"),
        ({"key": "{}"}, "no key file", "the JSON file that the console gives"),
        ({"key": "geheim"}, "no key file", "the JSON file that the console gives"),
        (
            {"key": json.dumps({"client_email": "r@p.example", "private_key": "geheim"})},
            "cannot be read",
            "another key",
        ),
        ({"key": ServiceAccount(ROBOT.email, ROBOT.scopes).key_file("")}, "invalid_grant", "people.read people.write"),
        ({"key": ServiceAccount("other@p.example", ROBOT.scopes).key_file("")}, "invalid_grant", "delegate"),
    ],
)
async def test_a_service_account_that_is_refused_says_what_helps(
    desk: Desk, change: dict[str, str], words: str, hint: str
) -> None:
    connector = robot(desk, **change)
    with pytest.raises(AuthLost) as caught:
        await connector.check()
    assert words in caught.value.message
    assert hint in caught.value.hint
    assert "geheim" not in str(caught.value)
    assert "stranger" not in str(caught.value)


async def test_scopes_that_nobody_has_delegated_are_a_matter_of_the_administrator(desk: Desk) -> None:
    few = ServiceAccount("few@p.example", frozenset({"people.read"}))
    desk.app.logins.service_accounts[few.email] = few
    with pytest.raises(AuthLost, match="the service account may not act for this user") as caught:
        await robot(desk, key=few.key_file("")).check()
    assert "delegate these scopes" in caught.value.hint
    assert "client_secret" not in str(caught.value)


def test_an_assertion_claims_no_more_than_an_hour_and_is_a_little_older_than_now() -> None:
    key = read_key_file(ROBOT.key_file(""), where="x")
    form = Assertion("https://x.example/token", key, ANN, "people.read").form(1_000_000.5)
    claims = json.loads(urlsafe_b64decode(form["assertion"].split(".")[1] + "=="))
    assert claims == {"iss": ROBOT.email, "sub": ANN, "aud": "https://x.example/token", "scope": "people.read",
                      "iat": 999_940, "exp": 999_940 + 3600}  # fmt: skip


def test_a_small_key_is_refused() -> None:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    small = ServiceAccount("r@p.example", frozenset(), generate_private_key(65_537, 1_024))
    with pytest.raises(AuthLost, match="2048 bits"):
        read_key_file(small.key_file(""), where="file:key.json")
    assert "PRIVATE" not in repr(read_key_file(ROBOT.key_file(""), where="x"))


async def test_a_client_may_log_in_by_itself(desk: Desk) -> None:
    options = PeopleOptions.model_validate({"client_id": "client", "client_secret": "env:S", "allow_http": True})
    auth = machine_login(site_of(options), options, desk.tools(), "people.read")
    headers = await auth.headers()
    access = desk.app.logins.grants.access(headers["Authorization"].removeprefix("Bearer "))
    assert access is not None
    assert (access.user, access.scopes, access.machine) == ("", {"people.read"}, True)
    desk.secrets["env:S"] = "wrong"
    with pytest.raises(AuthLost, match="does not accept the client"):
        await machine_login(site_of(options), options, desk.tools(), "people.write").headers()


def test_a_service_account_and_a_consent_exclude_each_other(mistakes: Callable[..., list[str]]) -> None:
    both = {"service_account": "env:K", "subject": ANN}
    assert mistakes(**both) == []
    assert "subject" in mistakes(service_account="env:K")[0]
    assert "subject" in mistakes(subject=ANN, client_id="x", client_secret="env:S")[0]
    for key in ("client_id", "client_secret", "refresh_token", "login"):
        value = "x" if key in {"client_id", "login"} else "env:S"
        assert mistakes(**both, **{key: value}) == [f"{key}: is not used beside service_account"]


@pytest.fixture
def mistakes() -> Callable[..., list[str]]:
    from pydantic import ValidationError

    def find(**keys: Any) -> list[str]:
        try:
            PeopleOptions.model_validate({"base_url": "https://x.example/", **keys})
        except ValidationError as error:
            return [f"{each['ctx']['key']}: {each['ctx']['message']}" for each in error.errors()]
        return []

    return find
