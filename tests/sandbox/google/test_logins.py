"""Who may call: tokens, scopes, consents, service accounts, and who somebody is."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.sandbox.google.conftest import Google
from zohosyncd.sandbox.google.app import CLIENT_ID, CLIENT_SECRET
from zohosyncd.sandbox.google.routes import CONTACTS, READ_ONLY
from zohosyncd.sandbox.wire import Request

BACK = "http://localhost:9597/oauth/callback"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"


def consent(google: Google, scope: str, **more: str) -> dict[str, str]:
    query = {"client_id": CLIENT_ID, "redirect_uri": BACK, "response_type": "code", "scope": scope, "state": "s",
             "access_type": "offline", **more}  # fmt: skip
    answer = google.app.handle(Request("GET", "/google/o/oauth2/v2/auth", tuple(query.items())))
    assert answer.status == 302, answer
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def tokens(google: Google, scope: str, **more: str) -> dict[str, str]:
    code = consent(google, scope, **more)["code"]
    reply = google.form("/google/token", grant_type="authorization_code", code=code, redirect_uri=BACK,
                        client_id=CLIENT_ID, client_secret=CLIENT_SECRET)  # fmt: skip
    assert reply.status == 200, reply
    return dict(reply.body)


def test_without_a_good_token_nothing_opens(google: Google) -> None:
    for token in ("none", "ya29.none"):
        reply = google.call("GET", "people/me", token=token, personFields="names")
        assert (reply.status, reply.error) == (401, "UNAUTHENTICATED")
        assert "WWW-Authenticate" in reply.headers
    google.named("Ann")
    google.later(3_599)
    assert google.call("GET", "people/me", personFields="names").status == 401
    google.log_in("ann@example.org")
    assert google.app.handle(Request("GET", "/v1/people/me", (("personFields", "names"),))).status == 401


def test_a_token_may_come_in_the_address(google: Google) -> None:
    token = google.log_in("ann@example.org")
    query = (("personFields", "names"), ("access_token", token))
    assert google.app.handle(Request("GET", "/google/v1/people/me", query)).status == 200


def test_scopes_decide_what_a_token_opens(google: Google) -> None:
    reads = tokens(google, READ_ONLY)["access_token"]
    assert google.call("GET", "people/me/connections", token=reads, personFields="names").status == 200
    for method, path, body in (("POST", "people:createContact", {}), ("POST", "contactGroups", {})):
        reply = google.call(method, path, body, token=reads)
        assert (reply.status, reply.error) == (403, "PERMISSION_DENIED")
        assert reply.reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    mail = tokens(google, EMAIL)["access_token"]
    assert google.call("GET", "people/me/connections", token=mail, personFields="names").status == 403
    assert google.call("GET", "people/c1", token=mail, personFields="names").status == 403


def test_who_somebody_is_needs_the_scope_for_it(google: Google) -> None:
    narrow, wide = (tokens(google, each)["access_token"] for each in (CONTACTS, f"{CONTACTS} openid {EMAIL}"))
    me = google.call("GET", "people/me", token=narrow, personFields="emailAddresses,metadata").body
    assert "emailAddresses" not in me
    me = google.call("GET", "people/me", token=wide, personFields="emailAddresses,metadata").body
    assert me["emailAddresses"][0]["value"] == "ann@example.org"
    number = me["resourceName"].removeprefix("people/")
    for path in ("/v1/userinfo", "/google/oauth2/v3/userinfo"):
        headers = {"authorization": f"Bearer {wide}"}
        told = google.app.handle(Request("GET", path, (), headers)).body.decode()
        assert f'"sub":"{number}","email":"ann@example.org","email_verified":true' in told
    assert google.app.handle(Request("GET", "/v1/userinfo", (), {"authorization": f"Bearer {narrow}"})).status == 401


def test_what_a_token_is_good_for(google: Google) -> None:
    token = tokens(google, f"{CONTACTS} {EMAIL}")["access_token"]
    google.later(10)
    told = google.form("/tokeninfo", access_token=token).body
    assert (told["aud"], told["scope"], told["email"], told["expires_in"]) == (
        CLIENT_ID, f"{CONTACTS} {EMAIL}", "ann@example.org", "3589")  # fmt: skip
    google.later(3_600)
    reply = google.form("/tokeninfo", access_token=token)
    assert (reply.status, reply.body["error"]) == (400, "invalid_token")


def test_the_hint_chooses_the_user_but_only_the_first_consent_gives_a_refresh_token(google: Google) -> None:
    first = tokens(google, CONTACTS, login_hint="ben@example.org")
    assert "refresh_token" in first
    assert "refresh_token" not in tokens(google, CONTACTS, login_hint="ben@example.org")
    assert "refresh_token" in tokens(google, CONTACTS, login_hint="ben@example.org", prompt="consent")
    google.tokens["ben@example.org"] = first["access_token"]
    google.user = "ben@example.org"
    google.named("Bob")
    assert len(google.app.state()["ben@example.org"]) == 1


def test_a_user_may_untick_scopes_or_all_of_them(google: Google) -> None:
    google.app.tune({"withheld": [CONTACTS]})
    assert tokens(google, f"{CONTACTS} {EMAIL}")["scope"] == EMAIL
    assert "code" not in consent(google, CONTACTS)


def test_a_withdrawn_consent_ends_its_tokens_at_once(google: Google) -> None:
    google.named("Ann")
    google.app.edit({"object": "consent", "user": "ann@example.org", "delete": True})
    assert google.call("GET", "people/me", personFields="names").status == 401
    reply = google.form("/token", grant_type="refresh_token", refresh_token=google.app.refresh_tokens["ann@example.org"],
                        client_id=CLIENT_ID, client_secret=CLIENT_SECRET)  # fmt: skip
    assert (reply.status, reply.body["error"]) == (400, "invalid_grant")


def test_a_service_account_speaks_for_users_by_its_key(google: Google) -> None:
    key = google.app.service_account()
    assert key["token_uri"] == "http://127.0.0.1/google/token"
    assert google.app.service_account(prefix="")["token_uri"] == "http://127.0.0.1/token"


def test_refresh_tokens_of_a_world_are_the_same_in_every_life() -> None:
    assert Google().app.refresh_tokens == Google().app.refresh_tokens
    assert len(set(Google().app.refresh_tokens.values())) == 2


@pytest.mark.parametrize(("path", "prefix"), [("/token", ""), ("/google/token", "/google")])
def test_a_wrong_secret_is_refused(google: Google, path: str, prefix: str) -> None:
    reply = google.form(path, grant_type="refresh_token", refresh_token="x", client_id=CLIENT_ID, client_secret="x")
    assert (reply.status, reply.body["error"]) == (401, "invalid_client"), prefix
