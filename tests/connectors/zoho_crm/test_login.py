"""Zoho's token server and the keys of an account."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.connectors.zoho_crm.conftest import HOST, SECRETS, options
from zohosyncd.connectors.zoho_crm.oauth import read_token
from zohosyncd.connectors.zoho_crm.places import DATA_CENTERS
from zohosyncd.core.errors import AuthLost, ContractBroken, PermissionLacking, RateLimited, SyncError, Unavailable

CURE = "run zohosyncd auth zoho"


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"expires_in": 3600}, 3600.0),
        ({"expires_in": 3600000, "expires_in_sec": 3600}, 3600.0),
        ({}, 3600.0),
        ({"expires_in": "1800"}, 1800.0),
        ({"expires_in": -1}, 3600.0),
    ],
)
def test_how_long_a_token_lives(body: dict[str, Any], seconds: float) -> None:
    token = read_token(200, {"access_token": "x", "api_domain": "https://elsewhere.example.com", **body}, cure=CURE)
    assert token.lifetime == seconds


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        ("invalid_code", AuthLost, "zohosyncd auth zoho"),
        ("invalid_client", AuthLost, "data_center"),
        ("invalid_client_secret", AuthLost, "client_secret"),
        ("Access Denied", RateLimited, "no more access tokens"),
        ("access_denied", RateLimited, "no more access tokens"),
        ("general_error", Unavailable, "login server"),
        ("something_new", AuthLost, "something_new"),
        ("Kanari Zeisig is locked", AuthLost, "an unknown error"),
    ],
)
def test_errors_come_inside_a_200(error: str, kind: type[SyncError], words: str) -> None:
    for status in (200, 400):
        with pytest.raises(kind, match=words):
            read_token(status, {"error": error}, cure=CURE)


def test_a_busy_token_server_is_left_alone_for_its_window() -> None:
    with pytest.raises(RateLimited) as caught:
        read_token(200, {"error": "Access Denied"}, cure=CURE)
    assert caught.value.retry_after == 600.0


def test_an_answer_without_a_token_breaks_the_contract() -> None:
    with pytest.raises(ContractBroken):
        read_token(200, {}, cure=CURE)


async def test_a_token_is_shared_and_sent_as_zoho_wants_it(org: Any) -> None:
    await org.connector.check()
    await org.connector.schema("Contacts")
    assert [call.split("?")[0] for call in org.calls()] == [
        "POST /oauth/v2/token", "GET /crm/v8/org", "GET /crm/v8/settings/fields",
        "GET /crm/v8/settings/tags", "GET /crm/v8/users", "GET /crm/v8/settings/layouts",
        "GET /crm/v8/settings/fields",
    ]  # fmt: skip
    assert org.sender.sent[1].headers["Authorization"].startswith("Zoho-oauthtoken 1000.")


async def test_a_dead_token_is_renewed_in_the_middle_of_a_pass(org: Any) -> None:
    await org.connector.check()
    org.app.accounts.expire_all()
    assert (await org.connector.check()).identity
    assert sum("/oauth/" in call for call in org.calls()) == 2


async def test_a_revoked_consent_names_the_cure_and_is_not_asked_for_all_the_time(org: Any) -> None:
    org.app.accounts.grants.clear()
    for _ in range(3):
        with pytest.raises(AuthLost, match="zohosyncd auth zoho"):
            await org.connector.check()
    assert len(org.calls()) == 1


async def test_without_a_consent_the_cure_is_named(make_org: Any) -> None:
    org = make_org(refresh_token=None)
    with pytest.raises(AuthLost, match=r"not authorised yet \(run zohosyncd auth zoho\)"):
        await org.connector.check()
    assert org.calls() == []


def test_a_refresh_token_that_was_made_elsewhere_needs_its_data_centre() -> None:
    with pytest.raises(ValidationError, match="is needed with refresh_token"):
        options(api_url=None)
    assert options(api_url=None, refresh_token=None).place().accounts_url == HOST
    assert options().place().api_url == HOST


@pytest.mark.parametrize("place", DATA_CENTERS)
@pytest.mark.parametrize("environment", ["production", "sandbox", "developer"])
def test_all_data_centres_and_environments_are_reached(place: Any, environment: Any) -> None:
    made = options(data_center=place, environment=environment, api_url=None, accounts_url=None).place()
    assert made.accounts_url == DATA_CENTERS[place].accounts_url
    host = "www" if environment == "production" else environment
    assert made.api_url == DATA_CENTERS[place].api_url.replace("www", host)
    assert made.api_url.startswith(f"https://{host}.zohoapis.")


def test_there_are_nine_of_them() -> None:
    assert len(DATA_CENTERS) == 9


def test_an_address_of_its_own_wins_over_the_data_centre() -> None:
    made = options(data_center="eu", accounts_url=None).place()
    assert made.api_url == HOST
    assert made.accounts_url == "https://accounts.zoho.eu"


async def test_the_eleventh_token_in_ten_minutes_is_not_asked_for(org: Any) -> None:
    for _ in range(10):
        await org.connector.check()
        org.app.accounts.expire_all()
    with pytest.raises(RateLimited) as caught:
        await org.connector.check()
    assert sum("/oauth/" in call for call in org.calls()) == 10
    assert 0.0 < (caught.value.retry_after or 0.0) <= 600.0
    org.clock.moment += 600.0
    assert (await org.connector.check()).identity


async def test_who_lacks_a_scope_is_told_the_command_that_asks_for_it(org: Any) -> None:
    org.app.accounts.grants["1000.sandbox.refresh"].scopes = frozenset({"ZohoCRM.settings.fields.READ"})
    with pytest.raises(PermissionLacking, match="run zohosyncd auth zoho"):
        await org.connector.check()


async def test_tokens_that_somebody_else_makes_of_the_same_consent_cost_one_more(org: Any) -> None:
    """Fifteen live at once, and the sixteenth ends the oldest without a word: that may be ours."""
    await org.connector.check()
    form = {"grant_type": "refresh_token", "client_id": "1000.SANDBOX"}
    form |= {"client_secret": SECRETS["env:SECRET"], "refresh_token": SECRETS["env:REFRESH"]}
    for _ in range(15):
        org.clock.moment += 70.0
        assert b"access_token" in org.app.accounts.token(form).body
    for _ in range(20):
        assert (await org.connector.check()).identity
    assert sum("/oauth/" in call for call in org.calls()) == 2
