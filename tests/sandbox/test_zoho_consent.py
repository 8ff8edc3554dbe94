"""The consent page and what it gives: codes, who may use them, and how many there are."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from zohosyncd.sandbox.wire import Response

BACK = "http://127.0.0.1:9/cb"
SCOPES = "ZohoCRM.modules.contacts.READ,ZohoCRM.org.READ"


def opened(zoho: Any, path: str = "/oauth/v2/auth", **more: Any) -> Response:
    asked = {
        "client_id": zoho.setup.client_id, "redirect_uri": BACK, "response_type": "code", "scope": SCOPES,
        "access_type": "offline", "state": "s", **more,
    }  # fmt: skip
    answer = zoho.send("GET", path, **{key: value for key, value in asked.items() if value is not None})
    assert isinstance(answer, Response)
    return answer


def back(zoho: Any, **more: Any) -> dict[str, str]:
    answer = opened(zoho, **more)
    assert answer.status == 302, answer
    parts = urlsplit(answer.headers["Location"])
    return {key: values[0] for key, values in parse_qs(parts.query).items()}


def exchanged(zoho: Any, code: str, **more: Any) -> Any:
    return zoho.refresh(grant_type="authorization_code", code=code, **{"redirect_uri": BACK, **more}).body


def test_a_code_is_good_once_and_for_three_minutes(zoho: Any) -> None:
    answer = back(zoho)
    assert (answer["state"], answer["location"], answer["accounts-server"]) == ("s", "us", "http://127.0.0.1:1")
    first = exchanged(zoho, answer["code"])
    assert first["refresh_token"]
    assert exchanged(zoho, answer["code"]) == {"error": "invalid_code"}
    assert "access_token" in zoho.refresh(refresh_token=first["refresh_token"]).body
    late = back(zoho)["code"]
    zoho.clock.moment += 181
    assert exchanged(zoho, late) == {"error": "invalid_code"}


def test_a_later_consent_gives_a_refresh_token_only_if_the_user_was_asked_again(zoho: Any) -> None:
    assert "refresh_token" in exchanged(zoho, back(zoho)["code"])
    assert "refresh_token" not in exchanged(zoho, back(zoho)["code"])
    assert "refresh_token" in exchanged(zoho, back(zoho, prompt="consent")["code"])
    assert "refresh_token" not in exchanged(zoho, back(zoho, prompt="consent", access_type=None)["code"])


def test_a_code_belongs_to_the_address_that_it_was_sent_to(zoho: Any) -> None:
    for wrong in ("http://127.0.0.1:9/other", ""):
        code = back(zoho)["code"]
        assert exchanged(zoho, code, redirect_uri=wrong) == {"error": "invalid_redirect_uri"}
        assert exchanged(zoho, code) == {"error": "invalid_code"}


@pytest.mark.parametrize("method", ["plain", "S256"])
def test_a_challenge_has_to_be_met(zoho: Any, method: str) -> None:
    verifier = "v" * 43
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"code_challenge": verifier if method == "plain" else challenge, "code_challenge_method": method}
    for wrong in ({}, {"code_verifier": "w" * 43}):
        assert exchanged(zoho, back(zoho, **asked)["code"], **wrong) == {"error": "invalid_code"}
    assert "access_token" in exchanged(zoho, back(zoho, **asked)["code"], code_verifier=verifier)


def test_the_user_may_say_no(zoho: Any) -> None:
    zoho.app.tune({"deny": True})
    assert back(zoho) == {"state": "s", "error": "access_denied"}


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"client_id": "1000.OTHER"}, "invalid_client"),
        ({"redirect_uri": "http://127.0.0.1:9/unknown"}, "invalid_redirect_uri"),
        ({"redirect_uri": "javascript:alert(1)"}, "invalid_redirect_uri"),
        ({"response_type": "token"}, "invalid_response_type"),
        ({"scope": ""}, "invalid_scope"),
    ],
)
def test_what_is_wrong_stays_on_the_page(zoho: Any, wrong: dict[str, str], error: str) -> None:
    zoho.app.tune({"redirect_uris": [BACK]})
    answer = opened(zoho, **wrong)
    assert (answer.status, error in answer.body.decode()) == (400, True)


def test_the_eleventh_code_in_ten_minutes_is_denied(zoho: Any) -> None:
    assert all("code" in back(zoho) for _ in range(10))
    assert back(zoho)["error"] == "access_denied"
    zoho.clock.moment += 601
    assert "code" in back(zoho)


def test_the_twenty_first_refresh_token_ends_the_first_with_its_access_tokens(zoho: Any) -> None:
    old = zoho.token
    for number in range(20):
        if number % 9 == 0:
            zoho.clock.moment += 601
        assert "refresh_token" in exchanged(zoho, back(zoho, prompt="consent")["code"])
    assert zoho.refresh().body == {"error": "invalid_code"}
    zoho.token = old
    assert zoho.call("GET", "org").status == 401


def test_codes_and_tokens_of_another_data_centre_are_unknown(make_zoho: Any) -> None:
    zoho = make_zoho()
    zoho.app.accounts.home = "eu"
    answer = back(zoho)
    assert (answer["location"], answer["accounts-server"]) == ("eu", "http://127.0.0.1:1/eu")
    assert exchanged(zoho, answer["code"]) == {"error": "invalid_code"}
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": BACK,
            "client_id": zoho.setup.client_id, "client_secret": zoho.setup.client_secret}  # fmt: skip
    assert zoho.call("POST", "/in/oauth/v2/token", **form).body == {"error": "invalid_code"}
    assert zoho.call("POST", "/eu/oauth/v2/token", **form).body["refresh_token"]


def test_a_token_may_do_what_was_consented_to(zoho: Any) -> None:
    zoho.token = exchanged(zoho, back(zoho)["code"])["access_token"]
    assert zoho.call("GET", "org").status == 200
    assert zoho.fields("Last_Name").status == 204
    for refused in (zoho.insert({"Last_Name": "Doe"}), zoho.call("GET", "users"), zoho.call("GET", "settings/fields")):
        assert (refused.status, refused.body["code"]) == (401, "OAUTH_SCOPE_MISMATCH")


def test_a_user_of_two_orgs_chooses_one(zoho: Any) -> None:
    zoho.app.tune({"consent_org": "4242"})
    zoho.token = exchanged(zoho, back(zoho)["code"])["access_token"]
    assert zoho.call("GET", "org").body["org"][0]["id"] == "4242"
    assert zoho.fields("Last_Name").status == 403


def test_the_console_makes_codes_that_go_nowhere(zoho: Any) -> None:
    made = zoho.app.edit({"object": "self_client", "create": {"scope": SCOPES, "minutes": 10}})
    zoho.clock.moment += 599
    assert exchanged(zoho, made["code"], redirect_uri="")["refresh_token"]


def test_a_user_takes_the_client_out_of_the_connected_apps(zoho: Any) -> None:
    assert zoho.app.edit({"object": "consent", "delete": True}) == {"revoked": 1}
    assert zoho.call("GET", "org").status == 401
    assert zoho.refresh().body == {"error": "invalid_code"}
