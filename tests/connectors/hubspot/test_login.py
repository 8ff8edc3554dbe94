"""The login: a private app's token, a consent, what is asked for, and what becomes of both when they end."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from tests.connectors.hubspot.conftest import HOST, HandClock, Portal, options
from tests.connectors.inprocess import WorldSender
from zohosyncd.connectors.hubspot.oauth import oauth_app, scopes_for
from zohosyncd.connectors.hubspot.options import HubSpotOptions
from zohosyncd.connectors.needs import Need
from zohosyncd.core.errors import AuthLost, BudgetSpent, PermissionLacking, RateLimited
from zohosyncd.ports.connector import Done
from zohosyncd.sandbox.hubspot.app import HubSpotApp
from zohosyncd.sandbox.hubspot.setup import SCOPES, HubSpotSetup
from zohosyncd.sandbox.wire import Request, Response
from zohosyncd.sandbox.world import World
from zohosyncd.transport.consent import Code, ask, code_in, exchange

CLIENT = {"client_id": "sandbox-hubspot-client", "client_secret": "env:SECRET", "refresh_token": "env:REFRESH"}


async def test_a_private_app_is_known_by_its_account(portal: Portal) -> None:
    info = await portal.connector.check()
    assert info.identity == "4815162"
    assert abs(info.clock_offset) <= 1.0
    assert portal.sender.sent[0].headers["Authorization"] == "Bearer pat-eu1-sandbox-token"


async def test_a_token_that_is_taken_back_is_told_and_another_one_counts_at_once(portal: Portal) -> None:
    await portal.connector.check()
    portal.app.setup.token = "pat-eu1-another"
    with pytest.raises(AuthLost):
        await portal.connector.check()
    portal.secrets["env:TOKEN"] = "pat-eu1-another"
    assert (await portal.connector.check()).identity == "4815162"


async def test_a_missing_secret_says_which_key_it_is(portal: Portal) -> None:
    del portal.secrets["env:TOKEN"]
    with pytest.raises(AuthLost, match="access_token"):
        await portal.connector.check()


async def test_a_consent_gives_tokens_that_are_renewed_when_they_end(make_portal: Callable[..., Portal]) -> None:
    portal = make_portal(**CLIENT)
    ann = portal.person(firstname="Ann")
    assert isinstance(await portal.update(ann, jobtitle="x"), Done)
    tokens = "POST /oauth/v1/token"
    assert portal.calls().count(tokens) == 1
    await portal.clock.sleep(1_801)
    assert isinstance(await portal.update(ann, jobtitle="y"), Done)
    assert portal.calls().count(tokens) == 2
    portal.app.logins.expire_all()  # earlier than was said
    assert isinstance(await portal.update(ann, jobtitle="z"), Done)
    assert portal.calls().count(tokens) == 3


@pytest.mark.parametrize(
    ("secret", "text", "words"),
    [("env:REFRESH", "gone", "taken back"), ("env:SECRET", "wrong", "does not accept the client")],
)
async def test_a_lost_consent_says_what_to_do(
    make_portal: Callable[..., Portal], secret: str, text: str, words: str
) -> None:
    portal = make_portal(**CLIENT)
    portal.secrets[secret] = text
    with pytest.raises(AuthLost, match=words) as caught:
        await portal.connector.check()
    assert caught.value.hint


async def test_what_a_consent_page_gives_opens_the_account() -> None:
    clock = HandClock()
    world = World(clock, 7)
    app = HubSpotApp(world.time, 7, HOST)
    world.add(app)
    asked = oauth_app(options(**CLIENT), [Need("crm", creates=True, tags=True)])
    assert asked is not None
    pending = ask(asked, "http://localhost:9597/oauth/callback", "s" * 32, "v" * 43, 1e12)
    parts = urlsplit(pending.url)
    query = tuple((name, each) for name, values in parse_qs(parts.query).items() for each in values)
    assert "code_challenge" not in dict(query)
    back = world.handle(Request("GET", parts.path, query))
    assert isinstance(back, Response)
    told = {name: each[0] for name, each in parse_qs(urlsplit(back.headers["Location"]).query).items()}
    code = Code(code_in(pending, told, again=""), pending.redirect_uri)
    sender = WorldSender(world, clock)
    answer = await exchange(asked, asked.server({}), code, app.setup.client_secret, sender=sender)
    assert answer.refresh_token
    headers = {"authorization": f"Bearer {answer.token.access_token}"}
    shown = world.handle(Request("GET", "/account-info/v3/details", (), headers))
    assert isinstance(shown, Response)
    assert shown.status == 200
    with pytest.raises(AuthLost):
        await exchange(asked, asked.server({}), code, app.setup.client_secret, sender=sender)


def test_no_more_is_asked_for_than_is_needed() -> None:
    def names(*needs: Need) -> set[str]:
        return {each.name for each in scopes_for(needs)}

    read = {"oauth", "crm.objects.contacts.read", "crm.schemas.contacts.read", "crm.objects.owners.read"}
    write = {"crm.objects.contacts.write", "subscriptions-status-write"}
    assert names(Need("a")) == read
    assert names(Need("a", updates=True)) == read | write == names()
    assert names(Need("a", tags=True)) == read | {"crm.lists.read", "crm.lists.write"}
    assert names(Need("a", fields=frozenset({"ActiveLists"}))) == read | {"crm.lists.read"}
    assert names(Need("a", deletes=True, tags=True)) < set(SCOPES)


def test_an_account_logs_in_by_one_of_both() -> None:
    assert oauth_app(options(), []) is None
    wrong: tuple[dict[str, Any], ...] = (
        {},
        {"access_token": "env:TOKEN", "client_id": "x"},
        {"access_token": "env:TOKEN", "refresh_token": "env:REFRESH"},
        {"client_id": "x"},
    )
    for keys in wrong:
        with pytest.raises(ValidationError):
            HubSpotOptions.model_validate(keys)


async def test_a_missing_scope_is_named(portal: Portal) -> None:
    portal.app.setup.scopes = ("oauth",)
    with pytest.raises(PermissionLacking, match=r"crm\.schemas\.contacts\.read"):
        await portal.connector.schema("contacts")


# Limits


async def test_a_burst_is_waited_for(make_portal: Callable[..., Portal]) -> None:
    portal = make_portal(HubSpotSetup(burst=5), requests_per_second=1000)
    ann = portal.person(firstname="Ann")
    started = portal.clock.now()
    for _ in range(12):
        await portal.read(ann)
    assert 10.0 < portal.clock.now() - started < 60.0
    assert sum(each.startswith("POST") for each in portal.calls()) > 12  # some were refused


async def test_searches_keep_to_their_own_pace(make_portal: Callable[..., Portal]) -> None:
    portal = make_portal(requests_per_second=1000)
    _, cursor = await portal.follow(None)
    started, before = portal.clock.now(), portal.searches()
    for _ in range(20):
        _, cursor = await portal.follow(cursor, deletions=False)
    assert portal.searches() - before == 20  # none was refused
    assert portal.clock.now() - started == pytest.approx(20 / 4, abs=1.0)


async def test_the_days_end_is_told_as_spent(make_portal: Callable[..., Portal]) -> None:
    portal = make_portal(counted=True)
    await portal.connector.check()
    portal.app.limits.used = portal.app.setup.per_day  # by other apps of the account
    with pytest.raises(BudgetSpent):
        await portal.connector.check()
    with pytest.raises(RateLimited):
        await portal.connector.check()


async def test_the_days_limit_is_learnt_and_what_others_use_counts(make_portal: Callable[..., Portal]) -> None:
    portal = make_portal(HubSpotSetup(per_day=1_000_000), counted=True)
    assert portal.budget is not None
    await portal.connector.check()
    assert portal.budget.allowance.limit == 1_000_000


@pytest.mark.parametrize("status", [423, 429])
async def test_what_asks_to_wait_a_moment_is_waited_for(portal: Portal, status: int) -> None:
    portal.fail({"method": "*", "path": "*", "fault": "status", "status": status, "body": {}, "count": 1})
    assert (await portal.connector.check()).identity


async def test_an_account_that_is_moved_to_another_data_centre_rests(portal: Portal) -> None:
    portal.fail({"method": "*", "path": "*", "fault": "status", "status": 477, "body": {}, "count": 1})
    with pytest.raises(RateLimited) as caught:
        await portal.connector.check()
    assert caught.value.retry_after
