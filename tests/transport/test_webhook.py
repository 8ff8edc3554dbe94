"""A message by webhook: signed, bounded, and no address in any error."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web

from zohosyncd.core.errors import ContractBroken, RemoteError, SyncError, Unavailable, UsageError
from zohosyncd.settings import Secret
from zohosyncd.transport.webhook import check_address, post, signature
from zohosyncd.transport.wire import AiohttpSender

NOW = 1_800_000_000.0
PATH = "/services/T0000/path-that-is-a-secret"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def receiver(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post(PATH, handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    finally:
        await runner.cleanup()


async def deliver(url: str, **more: Any) -> None:
    async with AiohttpSender() as sender:
        await post(sender, url, {"text": "föö"}, message_id="id-1", now=NOW, **more)


async def test_a_message_is_json_and_its_signature_can_be_verified() -> None:
    seen: list[tuple[dict[str, str], bytes]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        return web.Response(status=204)

    async with receiver(handler) as url:
        await deliver(url, key=Secret("whsec_" + base64.b64encode(b"k" * 24).decode()))
    ((headers, body),) = seen
    assert body == '{"text":"föö"}'.encode()
    assert headers["content-type"] == "application/json"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(b"k" * 24, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"


def test_the_signature_is_that_of_standard_webhooks() -> None:
    # The example of the specification's own libraries.
    key = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    found = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_key_of_another_kind_counts_as_it_is_and_a_damaged_one_is_told_without_itself() -> None:
    wanted = base64.b64encode(hmac.new(b"plain key", b"i.1.", hashlib.sha256).digest()).decode()
    assert signature(Secret("plain key"), "i", "1", b"") == f"v1,{wanted}"
    with pytest.raises(UsageError, match="damaged") as caught:
        signature(Secret("whsec_no base64!"), "i", "1", b"")
    assert "no base64!" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, Unavailable),
        (503, Unavailable),
        (429, Unavailable),
        (404, RemoteError),
        (410, RemoteError),
        (302, ContractBroken),
    ],
)
async def test_other_answers_are_told_without_the_address(status: int, error: type[SyncError]) -> None:
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=status, text="x" * 1000, headers={"Location": PATH} if status == 302 else {})

    async with receiver(handler) as url:
        with pytest.raises(error) as caught:
            await deliver(url)
    assert asked == 1
    assert type(caught.value) is error
    assert "secret" not in str(caught.value)


async def test_who_does_not_answer_or_answers_without_end_is_not_waited_for() -> None:
    async def hanging(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        with suppress(ConnectionError):
            while True:
                await answer.write(b"x" * 65536)
        return answer

    for handler in (hanging, endless):
        async with receiver(handler) as url:
            with pytest.raises(Unavailable, match="does not answer") as caught:
                await deliver(url, timeout=0.2)
        assert PATH not in str(caught.value)


async def test_a_receiver_that_is_not_there() -> None:
    with pytest.raises(Unavailable, match="connection refused") as caught:
        await deliver(f"http://127.0.0.1:1{PATH}")
    assert PATH not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/secret", "ftp://hooks.example.org/secret", "https:///secret", "secret", "",
        "https://a:secret@hooks.example.org/", "https://hooks.example.org/ secret", "https://[secret", "https://h:port/secret",
        "http://169.254.169.254/secret",
    ],
)  # fmt: skip
def test_an_address_that_is_kept_as_a_secret_obeys_the_rules_of_all_addresses(url: str) -> None:
    for allow_http in (False, True):
        with pytest.raises(UsageError) as caught:
            check_address(url, allow_http=allow_http)
        assert "secret" not in str(caught.value)
    check_address("https://hooks.example.org/x?api-version=1&sig=2", allow_http=False)
    check_address("http://127.0.0.1:8080/x", allow_http=True)
