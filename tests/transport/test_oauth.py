"""One access token for all calls of an account."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from zohosyncd.core.errors import AuthLost, ContractBroken, RateLimited, Unavailable
from zohosyncd.transport.oauth import Grant, Pace, RefreshedToken, Token
from zohosyncd.transport.sender import Answered, Undelivered
from zohosyncd.transport.token_shelf import Drawer, shelf_name

GRANT = Grant("https://login.example.com/token", "client", "secret&", "refresh=", scheme="Bearer")


def read(status: int, body: Mapping[str, Any]) -> Token:
    match body.get("error"):
        case "gone":
            raise AuthLost("consent is gone")
        case "busy":
            raise RateLimited("too many", retry_after=600.0)
    return Token(body["token"], 3600.0)


@pytest.fixture
def login_of(clock: Any, watching: Any) -> Callable[..., RefreshedToken]:
    def make(sender: Any) -> RefreshedToken:
        return RefreshedToken(lambda: GRANT, read, account="crm", sender=sender, clock=clock, observer=watching)

    return make


async def test_one_token_serves_all_calls_until_shortly_before_its_end(
    login_of: Any, scripted: Any, answer: Any, clock: Any
) -> None:
    sender = scripted(answer(body=b'{"token":"one"}'), answer(body=b'{"token":"two"}'))
    login = login_of(sender)
    asked = await asyncio.gather(*(login.headers() for _ in range(20)))
    assert {each["Authorization"] for each in asked} == {"Bearer one"}
    clock.moment += 3500.0
    assert (await login.headers())["Authorization"] == "Bearer one"
    clock.moment += 60.0
    assert (await login.headers())["Authorization"] == "Bearer two"
    assert len(sender.sent) == 2


async def test_who_watches_knows_how_old_the_token_is(
    login_of: Any, scripted: Any, answer: Any, clock: Any, watching: Any
) -> None:
    login = login_of(scripted(answer(body=b'{"token":"one"}'), answer(body=b'{"token":"two"}')))
    first = clock.now()
    await login.headers()
    clock.moment += 3600.0
    await login.headers()
    second = clock.now()
    assert [made for made, _ends in watching.tokens] == [first, second]
    assert all(made < ends <= made + 3600.0 for made, ends in watching.tokens)


async def test_secrets_travel_in_the_body_and_show_nowhere(login_of: Any, scripted: Any, answer: Any) -> None:
    sender = scripted(answer(body=b'{"token":"one"}'))
    await login_of(sender).headers()
    (request,) = sender.sent
    assert request.url == GRANT.token_url
    assert b"client_secret=secret%26&refresh_token=refresh%3D" in request.body
    assert "secret&" not in repr(GRANT) + repr(request)


async def test_many_refused_calls_ask_for_one_new_token(login_of: Any, scripted: Any, answer: Any) -> None:
    sender = scripted(answer(body=b'{"token":"one"}'), answer(body=b'{"token":"two"}'))
    login = login_of(sender)
    used = await login.headers()
    assert await asyncio.gather(*(login.renewed(used) for _ in range(20))) == [True] * 20
    assert len(sender.sent) == 2


async def test_a_lost_consent_is_not_asked_for_again_at_once(
    login_of: Any, scripted: Any, answer: Any, clock: Any, watching: Any
) -> None:
    sender = scripted(answer(body=b'{"error":"gone"}'), answer(body=b'{"token":"one"}'))
    login = login_of(sender)
    for _ in range(3):
        with pytest.raises(AuthLost, match="consent is gone"):
            await login.headers()
    assert len(sender.sent) == 1
    clock.moment += 61.0
    assert (await login.headers())["Authorization"] == "Bearer one"
    assert watching.renewals == ["refused", "done"]


async def test_a_busy_login_server_is_left_alone(login_of: Any, scripted: Any, answer: Any, clock: Any) -> None:
    sender = scripted(answer(body=b'{"error":"busy"}'))
    login = login_of(sender)
    with pytest.raises(RateLimited):
        await login.headers()
    clock.moment += 100.0
    with pytest.raises(RateLimited) as caught:
        await login.headers()
    assert caught.value.retry_after == 500.0
    assert len(sender.sent) == 1


@pytest.mark.parametrize("trouble", [Undelivered("no connection"), Answered(503)])
async def test_a_failing_login_server_is_trouble_of_the_moment(
    login_of: Any, scripted: Any, answer: Any, trouble: Any
) -> None:
    login = login_of(scripted(trouble, answer(body=b'{"token":"one"}')))
    with pytest.raises(Unavailable):
        await login.headers()
    assert (await login.headers())["Authorization"] == "Bearer one"


async def test_a_page_is_no_token(login_of: Any, scripted: Any) -> None:
    with pytest.raises(ContractBroken):
        await login_of(scripted(Answered(200, {}, b"<html>"))).headers()


async def test_calls_wait_out_a_failing_login_server(
    login_of: Any, scripted: Any, answer: Any, client_of: Any, clock: Any
) -> None:
    from zohosyncd.transport.call import Call

    login = login_of(scripted(Answered(503), answer(body=b'{"token":"one"}')))
    sender = scripted(answer())
    got = await client_of(sender, login).read(Call("GET", "https://api.example.com/", "/"))
    assert got.status == 200
    assert len(clock.slept) == 1


@pytest.fixture
def restarted(clock: Any, scripted: Any, answer: Any) -> Callable[..., Any]:
    """The Authorization header that a process gets after a restart in which this time passed."""
    drawer = Drawer()
    number = 0

    async def start(passed: float, grant: Grant = GRANT, *, said: bytes = b"", refused: bool = False) -> str:
        nonlocal number
        number += 1
        clock.moment += passed
        sender = scripted(answer(body=said or b'{"token":"%d"}' % number))
        login = RefreshedToken(
            lambda: grant, read, account="crm", sender=sender, clock=clock, shelf=drawer, pace=Pace(3, 600.0)
        )
        headers = await login.headers()
        if refused:
            await login.renewed(headers)
            headers = await login.headers()
        return headers["Authorization"]

    start.drawer = drawer  # type: ignore[attr-defined]
    return start


async def test_a_token_outlives_a_restart_but_neither_its_time_nor_its_grant(restarted: Any) -> None:
    assert await restarted(0.0) == await restarted(3000.0) == "Bearer 1"
    assert await restarted(3000.0) == "Bearer 3"
    other = Grant(GRANT.token_url, "client", "secret&", "another consent")
    assert await restarted(0.0, other) == "Bearer 4"


@pytest.mark.parametrize("damaged", ["", "{}", "nonsense"])
async def test_a_damaged_shelf_costs_a_token_and_nothing_else(restarted: Any, damaged: str) -> None:
    restarted.drawer.kept[shelf_name("crm")] = damaged
    assert await restarted(0.0) == "Bearer 1"


async def test_restarts_make_no_more_tokens_than_the_vendor_allows(restarted: Any, clock: Any) -> None:
    assert await restarted(0.0) == "Bearer 1"
    for passed, token in ((10.0, "Bearer 2"), (10.0, "Bearer 3")):
        assert await restarted(passed, refused=True) == token
    with pytest.raises(RateLimited) as caught:
        await restarted(10.0, refused=True)
    assert caught.value.retry_after == 570.0
    other = Grant(GRANT.token_url, "client", "secret&", "another consent")
    assert await restarted(0.0, other) == "Bearer 5"


async def test_a_restart_does_not_ask_a_server_that_asked_us_to_wait(restarted: Any) -> None:
    with pytest.raises(RateLimited):
        await restarted(0.0, said=b'{"error":"busy"}')
    with pytest.raises(RateLimited) as caught:
        await restarted(500.0)
    assert caught.value.retry_after == 100.0
    assert await restarted(100.5) == "Bearer 3"


async def test_a_clock_that_was_set_back_blocks_nobody_for_longer_than_the_window(restarted: Any, clock: Any) -> None:
    with pytest.raises(RateLimited):
        await restarted(0.0, said=b'{"error":"busy"}')
    clock.moment -= 1_000_000.0
    with pytest.raises(RateLimited) as caught:
        await restarted(0.0)
    assert caught.value.retry_after == 600.0


async def test_a_client_may_be_its_own_grant(scripted: Any, answer: Any, clock: Any) -> None:
    sender = scripted(answer(body=b'{"token":"one"}'))
    grant = Grant(GRANT.token_url, "client", "secret", "", more={"scope": "a,b", "soid": "App.1"})
    await RefreshedToken(lambda: grant, read, account="crm", sender=sender, clock=clock).headers()
    (request,) = sender.sent
    assert request.body.startswith(b"grant_type=client_credentials&client_id=client&")
    assert request.body.endswith(b"&scope=a%2Cb&soid=App.1")
