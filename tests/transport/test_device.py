"""A code that is shown here and entered elsewhere: how the token endpoint is asked, and what ends it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest

from zohosyncd.core.errors import AuthLost, ContractBroken, PermissionLacking, RateLimited, Unavailable
from zohosyncd.transport.consent import Scope
from zohosyncd.transport.device import Device, answered, begin
from zohosyncd.transport.login_site import LoginSite
from zohosyncd.transport.sender import Answered, Undelivered

SITE = LoginSite(
    "Vendor", "https://login.example.com/auth", "https://login.example.com/token",
    device_url="https://login.example.com/device",
)  # fmt: skip
APP = SITE.app("client", [Scope("a", "why"), Scope("b", "why")])
CANARY = "canary-device-code"
WHOLE = b'{"device_code":"canary-device-code","user_code":"ABCD-EFGH","verification_uri":"https://x.example/d",'
GIVEN = b'{"access_token":"a","refresh_token":"r"}'
DEVICE = Device("ABCD-EFGH", "https://x.example/d", "", CANARY, 5.0, 900.0)


async def test_a_code_is_had_and_shows_no_secret(scripted: Any, answer: Any) -> None:
    sender = scripted(answer(body=WHOLE + b'"interval":7,"expires_in":1800}'))
    device = await begin(APP, sender=sender)
    assert dict(parse_qsl(sender.sent[0].body.decode())) == {"client_id": "client", "scope": "a b"}
    assert (device.user_code, device.address, device.interval, device.life) == (
        "ABCD-EFGH", "https://x.example/d", 7.0, 1800.0,
    )  # fmt: skip
    assert CANARY not in repr(device)


@pytest.mark.parametrize(
    ("rest", "interval", "life"),
    [
        (b'"x":1}', 5.0, 900.0),
        (b'"interval":0,"expires_in":0}', 5.0, 900.0),
        (b'"interval":"9","expires_in":"60"}', 9.0, 60.0),
        (b'"interval":1e9,"expires_in":1e9}', 60.0, 3600.0),
        (b'"interval":0.01}', 1.0, 900.0),
        (b'"interval":true,"expires_in":[]}', 5.0, 900.0),
    ],
)
async def test_times_are_believed_within_reason(
    scripted: Any, answer: Any, rest: bytes, interval: float, life: float
) -> None:
    device = await begin(APP, sender=scripted(answer(body=WHOLE + rest)))
    assert (device.interval, device.life) == (interval, life)


async def test_googles_other_name_of_the_address_is_known(scripted: Any, answer: Any) -> None:
    body = WHOLE.replace(b"verification_uri", b"verification_url") + b'"x":1}'
    assert (await begin(APP, sender=scripted(answer(body=body)))).address == "https://x.example/d"


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        WHOLE.replace(b"https://x", b"javascript://x") + b'"x":1}',
        WHOLE.replace(b"https://x", b"http://x") + b'"x":1}',
        WHOLE.replace(b"x.example/d", b"x.example/\\u001b[2J") + b'"x":1}',
        WHOLE.replace(b"ABCD-EFGH", b"\\u001b[2J") + b'"x":1}',
        WHOLE.replace(b'"canary-device-code"', b"3") + b'"x":1}',
    ],
)
async def test_nothing_is_shown_that_is_no_code_or_no_address(scripted: Any, answer: Any, body: bytes) -> None:
    with pytest.raises(ContractBroken):
        await begin(APP, sender=scripted(answer(body=body)))


async def test_a_client_that_may_not_is_told(scripted: Any, answer: Any) -> None:
    with pytest.raises(AuthLost, match="does not accept the client"):
        await begin(APP, sender=scripted(answer(401, b'{"error":"invalid_client"}')))
    with pytest.raises(PermissionLacking):
        await begin(APP, sender=scripted(answer(400, b'{"error":"invalid_scope"}')))
    with pytest.raises(Unavailable):
        await begin(APP, sender=scripted(Answered(503)))
    with pytest.raises(ContractBroken):
        await begin(APP, sender=scripted(answer(404, b"{}")))


async def ask(sender: Any, clock: Any, secret: str = "s3cret") -> Any:
    return await answered(APP, DEVICE, secret, sender=sender, clock=clock, again="zohosyncd auth ann --device")


def no(word: str, status: int = 400) -> Answered:
    return Answered(status, {}, b'{"error":"%s"}' % word.encode())


async def test_it_is_asked_at_the_pace_that_was_named_until_somebody_has_entered_the_code(
    scripted: Any, answer: Any, clock: Any
) -> None:
    pending = no("authorization_pending", 428)
    sender = scripted(pending, pending, no("slow_down", 403), pending, answer(body=GIVEN))
    assert (await ask(sender, clock)).refresh_token == "r"
    assert clock.slept == [5.0, 5.0, 5.0, 10.0, 10.0]
    form = dict(parse_qsl(sender.sent[0].body.decode()))
    assert form == {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": "client",
        "client_secret": "s3cret", "device_code": CANARY,
    }  # fmt: skip


async def test_trouble_of_the_moment_only_makes_it_slower(scripted: Any, answer: Any, clock: Any) -> None:
    sender = scripted(
        Undelivered("no connection"), Answered(503), Answered(429), no("temporarily_unavailable"), answer(body=GIVEN)
    )
    assert (await ask(sender, clock)).refresh_token == "r"
    assert clock.slept == [5.0, 10.0, 20.0, 40.0, 60.0]


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("access_denied", "the consent was refused"),
        ("authorization_declined", "the consent was refused"),
        ("expired_token", "nobody has entered the code in time"),
        ("invalid_grant", "the code has ended"),
        ("invalid_client", "does not accept the client"),
    ],
)
async def test_what_ends_it(scripted: Any, clock: Any, word: str, words: str) -> None:
    with pytest.raises(AuthLost, match=words) as caught:
        await ask(scripted(no("authorization_pending"), no(word)), clock)
    assert CANARY not in str(caught.value)


async def test_it_ends_by_itself_when_the_code_has_ended(scripted: Any, clock: Any) -> None:
    begun = clock.now()
    with pytest.raises(AuthLost, match="nobody has entered the code in time") as caught:
        await ask(scripted(no("authorization_pending")), clock)
    assert clock.now() - begun == 900.0
    assert "zohosyncd auth ann --device" in caught.value.hint


async def test_the_secret_is_not_shown_where_a_device_counts_as_a_public_client(
    scripted: Any, answer: Any, clock: Any
) -> None:
    sender = scripted(answer(body=GIVEN))
    app = replace(APP, device_secret=False)
    await answered(app, DEVICE, "s3cret", sender=sender, clock=clock, again="x")
    assert b"secret" not in sender.sent[0].body


async def test_a_public_client_sends_no_secret(scripted: Any, answer: Any, clock: Any) -> None:
    sender = scripted(answer(body=GIVEN))
    await ask(sender, clock, "")
    form: Mapping[str, str] = dict(parse_qsl(sender.sent[0].body.decode()))
    assert "client_secret" not in form


async def test_a_page_that_answers_in_its_place_ends_it(scripted: Any, clock: Any) -> None:
    with pytest.raises(ContractBroken):
        await ask(scripted(Answered(200, {}, b"<html>")), clock)


def test_a_busy_server_is_told_how_long_it_asks_for(scripted: Any) -> None:
    from zohosyncd.transport.token_endpoint import moment_of

    assert moment_of("Tue, 24 Nov 2026 12:00:00 GMT") == 1_795_521_600.0
    assert moment_of("") is None
    assert moment_of("yesterday") is None


@pytest.mark.parametrize(
    ("said", "seconds"), [("7", 7.0), ("0", 1.0), ("", 60.0), ("soon", 60.0), ("99999", 3600.0), ("9" * 400, 60.0)]
)
async def test_a_wait_is_believed_within_reason(scripted: Any, said: str, seconds: float) -> None:
    with pytest.raises(RateLimited) as caught:
        await begin(APP, sender=scripted(Answered(429, {"retry-after": said})))
    assert caught.value.retry_after == seconds
