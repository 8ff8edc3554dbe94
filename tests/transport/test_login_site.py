"""Answers of token endpoints that keep to the standard, and of those that almost do."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from zohosyncd.core.errors import AuthLost, ContractBroken, PermissionLacking, RateLimited, Unavailable
from zohosyncd.transport.consent import Code, Scope, ask, exchange
from zohosyncd.transport.login_site import LoginSite

BACK = "http://localhost:9597/oauth/callback"
SITE = LoginSite("Vendor", "https://login.example.com/auth", "https://login.example.com/token")
CANARY = "canary-token"


def read(body: dict[str, Any], status: int = 400, site: LoginSite = SITE) -> Any:
    return site.read_token(status, body, cure="run zohosyncd auth ann")


@pytest.mark.parametrize(
    ("error", "kind", "words", "hint"),
    [
        ("invalid_grant", AuthLost, "ended or was taken back", "run zohosyncd auth ann"),
        ("interaction_required", AuthLost, "ended or was taken back", "run zohosyncd auth ann"),
        ("invalid_client", AuthLost, "does not accept the client", "check client_id and client_secret"),
        ("unauthorized_client", AuthLost, "does not accept the client", "Vendor lets this client do"),
        ("invalid_scope", PermissionLacking, "refuses the rights", "Vendor does not know them"),
        ("temporarily_unavailable", Unavailable, "temporarily_unavailable", ""),
        ("server_error", Unavailable, "server_error", ""),
        ("slow_down", RateLimited, "asks us to wait", ""),
        ("admin_policy_enforced", AuthLost, "does not let this client in", "an administrator"),
        ("redirect_uri_mismatch", AuthLost, "does not know the redirect address", "to the letter"),
        ("unsupported_grant_type", AuthLost, "answered unsupported_grant_type", "run zohosyncd auth ann"),
        (f"{CANARY} ann@example.org is gone", AuthLost, "an unknown error", "run zohosyncd auth ann"),
        (["x"], AuthLost, "an unknown error", "run zohosyncd auth ann"),
    ],
)
def test_every_error_says_what_it_is_and_what_helps(error: Any, kind: type, words: str, hint: str) -> None:
    with pytest.raises(kind) as caught:
        read({"error": error, "error_description": f"{CANARY} of ann@example.org"})
    assert words in caught.value.message
    assert hint in caught.value.hint
    assert CANARY not in str(caught.value)
    assert "example.org" not in str(caught.value)


def test_an_error_inside_a_good_status_is_one() -> None:
    with pytest.raises(AuthLost):
        read({"error": "invalid_grant", "access_token": "x"}, 200)


def test_a_vendors_own_words_mean_what_it_says_they_mean() -> None:
    site = LoginSite(
        "Vendor", "https://x.example/a", "https://x.example/t",
        words={"bad_refresh_token": "invalid_grant"}, error_keys=("error", "status"),
    )  # fmt: skip
    with pytest.raises(AuthLost, match="taken back"):
        read({"status": "BAD_REFRESH_TOKEN", "message": "missing"}, site=site)
    assert read({"status": "", "access_token": "x"}, 200, site=site).access_token == "x"


def test_a_vendors_advice_comes_with_the_cure() -> None:
    site = LoginSite("V", "https://x.example/a", "https://x.example/t", advice={"invalid_grant": "publish the client"})
    with pytest.raises(AuthLost) as caught:
        read({"error": "invalid_grant"}, site=site)
    assert caught.value.hint == "run zohosyncd auth ann; publish the client"


def test_a_code_that_is_refused_is_no_consent_that_ended() -> None:
    with pytest.raises(AuthLost, match="the code has ended") as caught:
        SITE.read_answer(400, {"error": "invalid_grant"})
    assert "be quick" in caught.value.hint


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 200), ({"access_token": ""}, 200), ({"access_token": 3}, 200), ({"access_token": "a b"}, 200),
        ({"access_token": "a\r\nX: y"}, 200), ({"access_token": "\u00e4"}, 200), ({"access_token": "x"}, 400),
        ({"access_token": "x", "token_type": "mac"}, 200), ({"access_token": "x", "token_type": 1}, 200),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_none(body: dict[str, Any], status: int) -> None:
    with pytest.raises(ContractBroken):
        read(body, status)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [(3599, 3599.0), ("3599", 3599.0), (1.5, 1.5), (None, 3600.0), (0, 3600.0), (-1, 3600.0), (True, 3600.0), ("x", 3600.0),
     ("9" * 30, 3600.0)],
)  # fmt: skip
def test_how_long_a_token_lives(said: Any, seconds: float) -> None:
    assert read({"access_token": "x", "token_type": "bearer", "expires_in": said}, 200).lifetime == seconds


def test_what_else_an_answer_tells() -> None:
    token = read({"access_token": "x", "scope": "a b", "refresh_token": CANARY}, 200)
    assert (token.scopes, token.refresh_token) == (("a", "b"), CANARY)
    assert CANARY not in repr(token)
    bare = read({"access_token": "x", "scope": "", "refresh_token": None}, 200)
    assert (bare.scopes, bare.refresh_token) == (None, "")


def test_the_page_is_told_whose_consent_is_wanted() -> None:
    app = SITE.app("client", [Scope("a", "why")], "ann@example.org")
    query = dict(parse_qsl(urlsplit(ask(app, BACK, "s" * 64, "v" * 64, 0.0).url).query))
    assert query["login_hint"] == "ann@example.org"
    app = SITE.app("client", [Scope("a", "why")])
    assert "login_hint" not in ask(app, BACK, "s" * 64, "v" * 64, 0.0).url


async def test_a_client_without_a_secret_sends_none(scripted: Any, answer: Any) -> None:
    sender = scripted(answer(body=b'{"access_token":"a","refresh_token":"r"}'))
    app = SITE.app("client", [Scope("a", "why")])
    found = await exchange(app, app.server({}), Code("c", BACK, "v" * 64), "", sender=sender)
    assert b"client_secret" not in sender.sent[0].body
    assert found.refresh_token == "r"
