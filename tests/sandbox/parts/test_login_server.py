"""The login server that simulated apps share: strict where the standards are, vendors' differences as data."""

import hashlib
import json
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from zohosyncd.sandbox.parts.login_servers import GOOGLE, MICROSOFT
from zohosyncd.sandbox.parts.oauth import LoginServer
from zohosyncd.sandbox.parts.oauth_habits import DEVICE_GRANT, JWT_GRANT, Habits, LoginClient
from zohosyncd.sandbox.parts.service_accounts import ServiceAccount
from zohosyncd.sandbox.wire import Request, Response

BASE, BACK = "http://127.0.0.1:1", "http://localhost:9597/oauth/callback"
SCOPES = frozenset({"people.read", "people.write", "offline_access"})
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
STANDARD = Habits(device="/oauth/device", verify="/device")
ROBOT = ServiceAccount("robot@p.example", frozenset({"people.read"}))


class HandClock:
    moment = 1_795_521_600.0

    def now(self) -> float:
        return self.moment


@dataclass
class Reply:
    status: int
    body: Any
    headers: Any

    @property
    def error(self) -> str:
        return str(self.body.get("error", ""))


class Desk:
    """Somebody who tries a login server."""

    def __init__(self, habits: Habits = STANDARD, **more: Any) -> None:
        self.clock = HandClock()
        clients = (
            LoginClient("web", "s3cret", frozenset({BACK})),
            LoginClient("phone", "", frozenset({BACK})),
            LoginClient("narrow", "x", frozenset({BACK}), frozenset({"refresh_token"})),
        )
        self.server = LoginServer(
            self.clock, 7, BASE, habits, clients=clients, scopes=SCOPES, users=("ann@example.org", "ben@example.org"),
            tenants=("t1", "common"), service_accounts=(ROBOT,), **more,
        )  # fmt: skip
        self.habits = habits

    def path(self, kind: str) -> str:
        return str(getattr(self.habits, kind)).replace("{tenant}", "common")

    def post(self, kind: str, form: Any, headers: Any = None, query: Any = ()) -> Reply:
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        media = {"content-type": "application/x-www-form-urlencoded"}
        answer = self.server.handle(Request("POST", self.path(kind), query, {**media, **(headers or {})}, body))
        assert isinstance(answer, Response)
        return Reply(answer.status, json.loads(answer.body) if answer.body else {}, answer.headers)

    def token(self, **form: str) -> Reply:
        return self.post("token", {"client_id": "web", "client_secret": "s3cret", **form})

    def page(self, **query: str) -> dict[str, str]:
        asked = {"client_id": "web", "response_type": "code", "redirect_uri": BACK, "scope": "people.read",
                 "state": "s", "code_challenge": CHALLENGE, "code_challenge_method": "S256", **query}  # fmt: skip
        pairs = tuple((name, value) for name, value in asked.items() if value)
        answer = self.server.handle(Request("GET", self.path("authorize"), pairs))
        assert isinstance(answer, Response)
        if answer.status != 302:
            return {"page": answer.body.decode()}
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def code(self, **query: str) -> str:
        return self.page(**query)["code"]

    def redeem(self, code: str, /, **more: str) -> Reply:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
        return self.token(**{**form, **more})

    def refresh(self, token: str, /, **more: str) -> Reply:
        return self.token(grant_type="refresh_token", refresh_token=token, **more)

    def opens(self, token: str) -> bool:
        return self.server.bearer(Request("GET", "/", (), {"authorization": f"Bearer {token}"})) is not None


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_consent_gives_tokens_that_end_by_the_worlds_clock(desk: Desk) -> None:
    given = desk.redeem(desk.code()).body
    assert (given["token_type"], given["expires_in"], given["scope"]) == ("Bearer", 3600, "people.read")
    access = desk.server.grants.access(given["access_token"])
    assert access is not None
    assert (access.user, access.scopes) == ("ann@example.org", {"people.read"})
    desk.clock.moment += 3600
    assert not desk.opens(given["access_token"])
    again = desk.refresh(given["refresh_token"])
    assert desk.opens(again.body["access_token"])
    assert "refresh_token" not in again.body


def test_other_paths_are_not_the_servers(desk: Desk) -> None:
    assert desk.server.handle(Request("GET", "/v1/people/me")) is None
    assert Desk(MICROSOFT).server.handle(Request("POST", "/nobody/oauth2/v2.0/token")) is None


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": "v" * 42}, "invalid_grant"),
        ({"redirect_uri": BACK + "/"}, "invalid_grant"),
        ({"code": "x"}, "invalid_grant"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": "phone", "client_secret": ""}, "invalid_grant"),
        ({"client_id": "narrow", "client_secret": "x"}, "unauthorized_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
    ],
)
def test_what_does_not_fit_is_refused(desk: Desk, change: dict[str, str], error: str) -> None:
    answer = desk.redeem(desk.code(), **change)
    assert (answer.error, answer.status) == (error, 401 if error == "invalid_client" else 400)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_verifier_is_needed_and_not_taken_for_what_had_no_challenge(desk: Desk) -> None:
    code = desk.code()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    assert desk.token(**form).error == "invalid_grant"
    assert desk.redeem(desk.code(code_challenge="", code_challenge_method="")).error == "invalid_grant"


def test_a_code_is_good_once_and_for_a_while_and_a_second_use_revokes_what_it_gave(desk: Desk) -> None:
    code = desk.code()
    first = desk.redeem(code).body
    assert desk.redeem(code).error == "invalid_grant"
    assert not desk.opens(first["access_token"])
    assert desk.refresh(first["refresh_token"]).error == "invalid_grant"
    late = desk.code()
    desk.clock.moment += 600
    assert desk.redeem(late).error == "invalid_grant"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"client_id": "nobody"}, {"page": "Error 400: invalid_client"}),
        ({"redirect_uri": BACK + "?x=1"}, {"page": "Error 400: redirect_uri_mismatch"}),
        ({"redirect_uri": "http://localhost:1/oauth/callback"}, {"page": "Error 400: redirect_uri_mismatch"}),
        ({"response_type": "token"}, {"error": "unsupported_response_type", "state": "s"}),
        ({"scope": ""}, {"error": "invalid_scope", "state": "s"}),
        ({"scope": "people.read people.delete"}, {"error": "invalid_scope", "state": "s"}),
        ({"code_challenge_method": "S512"}, {"error": "invalid_request", "state": "s"}),
        ({"client_id": "phone", "code_challenge": "", "code_challenge_method": ""},
         {"error": "invalid_request", "state": "s"}),
        ({"client_id": "narrow"}, {"error": "unauthorized_client", "state": "s"}),
    ],
)  # fmt: skip
def test_the_page_refuses(desk: Desk, change: dict[str, str], found: dict[str, str]) -> None:
    assert desk.page(**change) == found


def test_a_person_may_say_no_and_may_be_somebody_else(desk: Desk) -> None:
    assert desk.server.tune("deny", True)
    assert desk.page() == {"error": "access_denied", "state": "s"}
    desk.server.tune("deny", False)

    def who(**query: str) -> str:
        access = desk.server.grants.access(desk.redeem(desk.code(**query)).body["access_token"])
        return access.user if access else ""

    assert who(login_hint="BEN@example.org") == "ben@example.org"
    assert who(login_hint="stranger@example.org") == "ann@example.org"
    desk.server.tune("consent_user", "ben@example.org")
    assert who(login_hint="ann@example.org") == "ben@example.org"
    assert not desk.server.tune("colour", 1)


def test_a_loopback_port_may_differ_where_the_vendor_says_so() -> None:
    other = BACK.replace("9597", "40000")
    assert "code" in Desk(GOOGLE).page(redirect_uri=other)
    assert "page" in Desk(GOOGLE).page(redirect_uri=other.replace("localhost", "example.org"))
    assert "page" in Desk(STANDARD).page(redirect_uri=other)


def test_only_an_offline_consent_is_renewable_and_a_second_one_only_if_asked_for_again() -> None:
    desk = Desk(GOOGLE)
    assert "refresh_token" not in desk.redeem(desk.code()).body
    desk = Desk(GOOGLE)
    assert "refresh_token" in desk.redeem(desk.code(access_type="offline")).body
    assert "refresh_token" not in desk.redeem(desk.code(access_type="offline")).body
    assert "refresh_token" in desk.redeem(desk.code(access_type="offline", prompt="consent")).body
    assert "refresh_token" in desk.redeem(desk.code(access_type="offline", login_hint="ben@example.org")).body


def test_an_offline_scope_makes_it_renewable() -> None:
    desk = Desk(MICROSOFT)
    assert "refresh_token" not in desk.redeem(desk.code()).body
    assert "refresh_token" in desk.redeem(desk.code(scope="people.read offline_access")).body


def test_rotated_tokens_replace_each_other_and_reuse_ends_the_consent() -> None:
    desk = Desk(replace(STANDARD, rotates=True))
    first = desk.redeem(desk.code()).body["refresh_token"]
    second = desk.refresh(first).body["refresh_token"]
    third = desk.refresh(second).body
    assert len({first, second, third["refresh_token"]}) == 3
    assert desk.refresh(second).error == "invalid_grant"
    assert desk.refresh(third["refresh_token"]).error == "invalid_grant"
    assert not desk.opens(third["access_token"])


def test_a_replaced_token_may_stay_good_for_a_while() -> None:
    desk = Desk(MICROSOFT)
    first = desk.redeem(desk.code(scope="people.read offline_access")).body["refresh_token"]
    second = desk.refresh(first).body["refresh_token"]
    assert desk.refresh(first).status == 200
    desk.clock.moment += 86_400
    assert desk.refresh(first).error == "invalid_grant"
    assert desk.refresh(second).error == "invalid_grant"  # replaced as well: the first was used once more
    last = desk.redeem(desk.code(scope="people.read offline_access")).body["refresh_token"]
    desk.clock.moment += 90 * 86_400
    assert desk.refresh(last).error == "invalid_grant"


def test_a_refresh_may_ask_for_less_and_not_for_more(desk: Desk) -> None:
    token = desk.redeem(desk.code(scope="people.read people.write")).body["refresh_token"]
    assert desk.refresh(token, scope="people.read").body["scope"] == "people.read"
    assert desk.refresh(token, scope="people.read offline_access").error == "invalid_scope"
    assert desk.refresh(token).body["scope"] == "people.read people.write"


def test_revocation_ends_all_of_a_consent_and_unknown_tokens_are_no_error(desk: Desk) -> None:
    given = desk.redeem(desk.code()).body
    assert desk.post("revoke", {"token": "x"}).status == 200
    assert desk.post("revoke", {"token": given["access_token"]}).status == 200
    assert not desk.opens(given["access_token"])
    assert desk.refresh(given["refresh_token"]).error == "invalid_grant"
    assert desk.post("revoke", {}).error == "invalid_request"


def test_revocation_may_end_all_that_a_user_has_given_to_the_client() -> None:
    desk = Desk(GOOGLE)
    mine, again, others = (
        desk.server.granted("web", user=user) for user in ("ann@example.org", "ann@example.org", "ben@example.org")
    )
    assert desk.post("revoke", {"token": mine}).status == 200
    assert [desk.refresh(token).status for token in (mine, again, others)] == [400, 400, 200]


def test_people_take_a_client_out_of_their_apps_and_administrators_change_secrets(desk: Desk) -> None:
    given = desk.redeem(desk.code()).body
    assert desk.server.carry_out({"object": "consent", "delete": True, "user": "ben@example.org"}) == {"revoked": 0}
    assert desk.server.carry_out({"object": "consent", "delete": True, "client": "web"}) == {"revoked": 1}
    assert not desk.opens(given["access_token"])
    token = desk.server.granted("web", "people.read")
    assert desk.server.carry_out({"object": "client", "id": "web", "set": {"secret": "new"}}) == {"id": "web"}
    assert desk.refresh(token).error == "invalid_client"
    assert desk.refresh(token, client_secret="new").status == 200
    assert desk.server.carry_out({"object": "person"}) is None


@pytest.mark.parametrize(
    ("form", "headers", "query"),
    [
        ({"grant_type": "refresh_token"}, {"content-type": "application/json"}, ()),
        (b"grant_type=a&grant_type=b", {}, ()),
        ({"grant_type": "refresh_token"}, {}, (("refresh_token", "x"),)),
        ({"client_secret": "s3cret"}, {"authorization": "Basic " + b64encode(b"web:s3cret").decode()}, ()),
    ],
)
def test_what_is_no_proper_form_is_refused(desk: Desk, form: Any, headers: Any, query: Any) -> None:
    assert desk.post("token", form, headers, query).error == "invalid_request"


def test_a_client_may_prove_itself_in_the_header(desk: Desk) -> None:
    token = desk.server.granted("web")
    form = {"grant_type": "refresh_token", "refresh_token": token}
    for secret, status in (("s3cret", 200), ("wrong", 401)):
        proof = {"authorization": "Basic " + b64encode(f"web:{secret}".encode()).decode()}
        assert desk.post("token", form, proof).status == status


def test_a_client_without_a_secret_proves_nothing(desk: Desk) -> None:
    token = desk.server.granted("phone")
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "phone"}
    assert desk.post("token", form).status == 200
    assert desk.post("token", {**form, "client_secret": "x"}).error == "invalid_client"
    assert (
        desk.post("token", {"grant_type": "client_credentials", "client_id": "phone", "scope": "people.read"}).error
        == "unauthorized_client"
    )


def test_client_credentials_have_no_user_and_no_refresh_token(desk: Desk) -> None:
    given = desk.token(grant_type="client_credentials", scope="people.read").body
    access = desk.server.grants.access(given["access_token"])
    assert access is not None
    assert (access.user, access.machine, "refresh_token" in given) == ("", True, False)
    assert desk.token(grant_type="client_credentials", scope="nothing").error == "invalid_scope"
    desk = Desk(MICROSOFT)
    assert desk.token(grant_type="client_credentials", scope="people.read").error == "invalid_scope"
    assert desk.token(grant_type="client_credentials", scope="https://graph.example/.default").status == 200


def test_trouble_of_the_moment_comes_as_often_as_it_was_asked_for(desk: Desk) -> None:
    token = desk.server.granted("web")
    desk.server.tune("login_trouble", ["temporarily_unavailable", "503"])
    assert desk.refresh(token).error == "temporarily_unavailable"
    assert (desk.refresh(token).status, desk.refresh(token).status) == (503, 200)


# --- devices --------------------------------------------------------------------------------------------------


def poll(desk: Desk, code: str) -> Reply:
    return desk.token(grant_type=DEVICE_GRANT, device_code=code)


def enter(desk: Desk, code: str) -> int:
    answer = desk.server.handle(Request("GET", desk.habits.verify, (("user_code", code),)))
    assert isinstance(answer, Response)
    return answer.status


def test_a_device_polls_until_a_person_has_entered_its_code(desk: Desk) -> None:
    begun = desk.post("device", {"client_id": "web", "scope": "people.read"}).body
    assert (begun["verification_uri"], begun["interval"], begun["expires_in"]) == (f"{BASE}/device", 5, 900)
    assert poll(desk, begun["device_code"]).error == "authorization_pending"
    assert poll(desk, begun["device_code"]).error == "slow_down"
    desk.clock.moment += 5
    assert poll(desk, begun["device_code"]).error == "slow_down", "the interval has grown"
    desk.clock.moment += 15
    assert (enter(desk, "WRONG"), enter(desk, begun["user_code"])) == (400, 200)
    given = poll(desk, begun["device_code"])
    assert "refresh_token" in given.body
    desk.clock.moment += 100
    assert poll(desk, begun["device_code"]).error == "invalid_grant"


def test_a_device_may_be_refused_or_come_too_late(desk: Desk) -> None:
    desk.server.tune("deny", True)
    begun = desk.post("device", {"client_id": "web", "scope": "people.read"}).body
    enter(desk, begun["user_code"])
    assert poll(desk, begun["device_code"]).error == "access_denied"
    begun = desk.post("device", {"client_id": "web", "scope": "people.read"}).body
    desk.clock.moment += 900
    assert (enter(desk, begun["user_code"]), poll(desk, begun["device_code"]).error) == (400, "expired_token")
    assert desk.post("device", {"client_id": "narrow", "scope": "people.read"}).error == "unauthorized_client"
    assert desk.post("device", {"client_id": "web", "scope": "x"}).error == "invalid_scope"


def test_a_device_may_count_as_a_client_without_a_secret() -> None:
    desk = Desk(MICROSOFT)
    begun = desk.post("device", {"client_id": "web", "scope": "people.read offline_access"}).body
    enter(desk, begun["user_code"])
    assert poll(desk, begun["device_code"]).error == "invalid_client"
    form = {"grant_type": DEVICE_GRANT, "client_id": "web", "device_code": begun["device_code"]}
    token = desk.post("token", form).body["refresh_token"]
    assert desk.refresh(token).error == "invalid_client"
    assert (
        "refresh_token"
        in desk.post("token", {"grant_type": "refresh_token", "client_id": "web", "refresh_token": token}).body
    )
    assert desk.refresh(desk.server.granted("web")).status == 200


def test_vendors_say_it_in_other_words() -> None:
    desk = Desk(MICROSOFT)
    desk.server.tune("deny", True)
    begun = desk.post("device", {"client_id": "phone", "scope": "people.read offline_access"}).body
    enter(desk, begun["user_code"])
    answer = desk.post("token", {"grant_type": DEVICE_GRANT, "client_id": "phone", "device_code": begun["device_code"]})
    assert answer.error == "authorization_declined"
    begun = Desk(GOOGLE).post("device", {"client_id": "web", "scope": "people.read"}).body
    assert "verification_url" in begun
    desk = Desk(replace(STANDARD, error=lambda word, sentence: {"status": word.upper(), "message": sentence}))
    assert set(desk.refresh("x").body) == {"status", "message"}


# --- service accounts -----------------------------------------------------------------------------------------


def assertion(desk: Desk, account: ServiceAccount = ROBOT, head: Any = None, **change: Any) -> str:
    now = int(desk.clock.moment)
    claims = {"iss": account.email, "scope": "people.read", "aud": desk.server.token_url(), "iat": now,
              "exp": now + 3600, "sub": "ann@example.org", **change}  # fmt: skip
    parts = [head or {"alg": "RS256", "typ": "JWT", "kid": account.key_id}, claims]
    signed = ".".join(urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in parts)
    proof = account.key.sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{urlsafe_b64encode(proof).rstrip(b'=').decode()}"


def by_assertion(desk: Desk, text: str) -> Reply:
    return desk.post("token", {"grant_type": JWT_GRANT, "assertion": text})


def test_a_service_account_stands_for_a_user(desk: Desk) -> None:
    given = by_assertion(desk, assertion(desk)).body
    access = desk.server.grants.access(given["access_token"])
    assert access is not None
    assert (access.user, access.client, access.machine) == ("ann@example.org", ROBOT.email, True)
    assert "refresh_token" not in given


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"iss": "nobody@p.example"}, "invalid_grant"),
        ({"sub": "stranger@example.org"}, "invalid_grant"),
        ({"aud": "https://elsewhere.example/token"}, "invalid_grant"),
        ({"scope": "people.write"}, "unauthorized_client"),
        ({"scope": ""}, "invalid_scope"),
        ({"iat": 1_795_521_600 + 301, "exp": 1_795_521_600 + 600}, "invalid_grant"),
        ({"iat": 1_795_521_600 - 3900, "exp": 1_795_521_600 - 300}, "invalid_grant"),
        ({"exp": 1_795_521_600 + 3601}, "invalid_grant"),
        ({"iat": 1.5}, "invalid_grant"),
        ({"head": {"alg": "none"}}, "invalid_grant"),
        ({"head": {"alg": "RS256", "kid": "other"}}, "invalid_grant"),
    ],
)
def test_an_assertion_that_does_not_fit_is_refused(desk: Desk, change: dict[str, Any], error: str) -> None:
    assert by_assertion(desk, assertion(desk, **change)).error == error


def test_an_assertion_is_signed_by_the_accounts_own_key(desk: Desk) -> None:
    stranger = ServiceAccount(ROBOT.email, ROBOT.scopes)
    head = {"alg": "RS256", "kid": ROBOT.key_id}
    assert by_assertion(desk, assertion(desk, stranger, head)).error == "invalid_grant"
    whole = assertion(desk)
    for broken in ("", "a.b.c", whole[:-8], whole + "==", whole.rsplit(".", 1)[0] + "."):
        assert by_assertion(desk, broken).error == "invalid_grant"
