"""What is asked of a consent page, and what is believed of its answers."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest

from zohosyncd.core.errors import AuthLost, UsageError
from zohosyncd.transport.consent import (
    Answer,
    Code,
    Consent,
    LoginServer,
    OAuthApp,
    Scope,
    ask,
    code_in,
    exchange,
    mark_of,
    parameters,
)
from zohosyncd.transport.token_endpoint import Token

STATE, VERIFIER = "s" * 64, "v" * 64
BACK = "http://localhost:9597/oauth/callback"
CANARY = "1000.canary"


def read(status: int, body: Mapping[str, Any]) -> Answer:
    return Answer(Token(body["access_token"], 3600.0), body.get("refresh_token", ""))


def app(**more: Any) -> OAuthApp:
    scopes = (Scope("people.read", "to read"), Scope("people.write", "to write"))
    return OAuthApp(
        "https://login.example.com/auth", "client", scopes, lambda _: LoginServer("https://login.example.com/token"),
        read, extra={"prompt": "consent"}, **more,
    )  # fmt: skip


def test_the_page_is_sent_all_that_the_app_wants_and_a_challenge() -> None:
    pending = ask(app(), BACK, STATE, VERIFIER, 0.0)
    query = dict(parse_qsl(urlsplit(pending.url).query))
    challenge = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    assert query == {
        "response_type": "code", "client_id": "client", "scope": "people.read people.write", "redirect_uri": BACK,
        "state": STATE, "prompt": "consent", "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    assert VERIFIER not in pending.url
    assert "code_challenge" not in ask(app(pkce=False), BACK, STATE, VERIFIER, 0.0).url


@pytest.mark.parametrize(
    "pasted",
    [
        f"{BACK}?code={CANARY}&state={STATE}",
        f"  <{BACK}?code={CANARY}&sta\n te={STATE}>\n",
        f'"{BACK}?state={STATE}&code={CANARY}#top"',
        f"code={CANARY}&state={STATE}",
        f"?code={CANARY}&state={STATE}",
    ],
)
def test_an_address_is_understood_however_it_was_copied(pasted: str) -> None:
    pending = ask(app(), BACK, STATE, VERIFIER, 0.0)
    assert code_in(pending, parameters(pasted), again="x") == CANARY


@pytest.mark.parametrize("pasted", ["", CANARY, f"{BACK}?kode={CANARY}", "http://[", f"{BACK}#code={CANARY}"])
def test_what_is_no_answer_is_not_repeated(pasted: str) -> None:
    with pytest.raises(UsageError, match="no code") as caught:
        parameters(pasted)
    assert CANARY not in str(caught.value)


def test_the_page_itself_is_no_answer() -> None:
    with pytest.raises(UsageError, match="was to be opened"):
        parameters(ask(app(), BACK, STATE, VERIFIER, 0.0).url)


@pytest.mark.parametrize("state", ["", "s", STATE + "s", "\udcff"])
def test_an_answer_to_another_request_is_refused_also_if_it_is_a_no(state: str) -> None:
    pending = ask(app(), BACK, STATE, VERIFIER, 0.0)
    for query in ({"code": CANARY, "state": state}, {"error": "access_denied", "state": state}):
        with pytest.raises(UsageError, match="state differs") as caught:
            code_in(pending, query, again="x")
        assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "words"),
    [("access_denied", "was refused"), ("invalid_scope", "invalid_scope"), (f"{CANARY} says", "an unknown error")],
)
def test_a_no_changes_nothing_and_repeats_no_foreign_text(error: str, words: str) -> None:
    pending = ask(app(), BACK, STATE, VERIFIER, 0.0)
    with pytest.raises(AuthLost, match=words) as caught:
        code_in(pending, {"error": error, "state": STATE}, again="x")
    assert CANARY not in str(caught.value)
    assert "nothing was changed" in str(caught.value)


async def test_a_code_is_exchanged_with_what_proves_that_it_is_ours(scripted: Any, answer: Any) -> None:
    sender = scripted(answer(body=b'{"access_token":"a","refresh_token":"r"}'))
    found = await exchange(app(), app().server({}), Code(CANARY, BACK, VERIFIER), "secret", sender=sender)
    (request,) = sender.sent
    form = dict(parse_qsl(request.body.decode()))
    assert (form["code"], form["redirect_uri"], form["code_verifier"]) == (CANARY, BACK, VERIFIER)
    assert found.refresh_token == "r"
    assert CANARY not in request.url


def test_nothing_that_holds_a_secret_shows_it() -> None:
    consent = Consent(
        kind="refresh_token", client_id="c", scopes=("a",), token_url="https://x.example/t", refresh_token=CANARY
    )
    kept = msgspec.json.encode(consent)
    assert msgspec.json.decode(kept, type=Consent) == consent
    pending = ask(app(), BACK, CANARY, CANARY, 0.0)
    shown = (consent, pending, Code(CANARY, BACK, CANARY), Answer(Token(CANARY, 1.0), CANARY))
    assert CANARY not in "".join(map(repr, shown))
    assert CANARY not in mark_of(CANARY)
