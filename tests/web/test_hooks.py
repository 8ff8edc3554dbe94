"""The hooks listener as strangers meet it: over sockets, with everything that is wrong with a request."""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from zohosyncd.connectors.zoho_crm.ringing import HOOK as ZOHO
from zohosyncd.core.errors import SettingsError
from zohosyncd.ports.push import LARGEST_BODY, Bell, Greeted, Heard, Hook, Rang, Ring, Stranger, same_secret
from zohosyncd.settings import Service, Settings
from zohosyncd.supervisor.doorbell import Doorbell
from zohosyncd.web.hooks import Callback, open_hooks

PUBLIC = "https://sync.example.org"
KEY, SECRET = "0123456789abcdef" * 2, "fedcba9876543210" * 2
PATH = f"/hooks/zoho/{KEY}"
TRUE = json.dumps({"token": SECRET, "ids": ["1"], "operation": "update", "module": "Contacts"}).encode()
NOT_TRUE = json.dumps({"token": SECRET[:-1] + "x", "ids": ["1"]}).encode()


class HandClock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.moment = 1_800_000_000.0

    def now(self) -> float:
        return self.moment

    def monotonic(self) -> float:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += seconds


class Hall:
    """A doorbell with one bell of Zoho, and what has become of all requests."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.outcomes: list[str] = []
        self.rung: list[frozenset[str]] = []
        self.doorbell = Doorbell(f"{PUBLIC}/", self.clock, lambda outcome: self.outcomes.append(outcome.value))
        self.hang(ZOHO)

    def hang(self, hook: Hook, secret: str = SECRET) -> str:
        address = self.doorbell.address(hook, KEY)
        self.doorbell.hang(Bell(KEY, address, secret), hook, self.rung.append)
        return urlsplit(address).path


def settings(port: int = 0) -> Settings:
    service = Service.model_validate({"hooks_listen": f"127.0.0.1:{port}", "state_key": "env:KEY"})
    return Settings(Path("/etc/zohosyncd"), service)


@asynccontextmanager
async def listening(
    hall: Hall, *, callback: Callback | None = None, body_seconds: float = 5.0
) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        open_hooks(hall.doorbell, settings(), callback=callback, body_seconds=body_seconds) as listen,
        aiohttp.ClientSession(f"http://{listen.host}:{listen.port}") as http,
    ):
        yield http


async def said(answer: aiohttp.ClientResponse) -> tuple[int, bytes, str, str | None]:
    """Everything of an answer that could tell something, but its date."""
    return answer.status, await answer.read(), answer.headers["Content-Type"], answer.headers.get("Connection")


async def test_a_true_ring_is_heard_and_nothing_else_of_it_is_looked_at() -> None:
    hall = Hall()
    async with listening(hall) as http, http.post(PATH, data=TRUE) as answer:
        assert answer.status == 200
        assert await answer.read() == b""
        assert "Server" not in answer.headers
    assert hall.rung == [frozenset({"1"})]
    assert hall.outcomes == ["rang"]


@pytest.mark.parametrize(
    ("method", "path", "body", "outcome"),
    [
        ("POST", PATH, NOT_TRUE, "stranger"),
        ("POST", PATH, b"", "stranger"),
        ("POST", PATH, b"{", "stranger"),
        ("POST", PATH, b"\xff\xfe\x00", "stranger"),
        ("POST", PATH, b"[" * 100_000, "stranger"),
        ("POST", PATH, b'{"ids": ["1"]}', "stranger"),
        ("POST", PATH, b'{"token": null}', "stranger"),
        ("POST", PATH, b'{"token": ["x"]}', "stranger"),
        ("POST", PATH, b'{"token": ""}', "stranger"),
        ("POST", PATH, b'{"token": "\\ud800"}', "stranger"),
        ("POST", PATH + "/", TRUE, "unknown"),
        ("POST", f"/hooks/zoho/{KEY.upper()}", TRUE, "unknown"),
        ("POST", f"/hooks/hubspot/{KEY}", TRUE, "unknown"),
        ("POST", "/hooks/zoho/" + "0" * 32, TRUE, "unknown"),
        ("POST", "/hooks/", TRUE, "unknown"),
        ("POST", "/hooks/zoho/../../status", TRUE, None),
        ("GET", PATH, b"", "method"),
        ("HEAD", PATH, b"", "method"),
        ("PUT", PATH, TRUE, "method"),
        ("OPTIONS", PATH, b"", "method"),
    ],
)
async def test_whoever_proves_nothing_gets_the_same_answer(
    method: str, path: str, body: bytes, outcome: str | None
) -> None:
    hall = Hall()
    async with listening(hall) as http, http.request(method, path, data=body) as answer:
        shown = await said(answer)
    assert shown[0] == 404
    if outcome is not None:
        assert hall.outcomes == [outcome]
        assert shown == (404, b"", "text/plain", "close") or method == "HEAD"
    assert hall.rung == []


@pytest.mark.parametrize(
    "page", ["/", "/metrics", "/status", "/livez", "/readyz", "/oauth/callback", "/hooks", "/oauth"]
)
async def test_nothing_else_is_there(page: str) -> None:
    async with listening(Hall()) as http, http.get(page) as answer:
        assert answer.status == 404


async def test_the_callback_of_logins_has_its_place_on_the_same_port() -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text=request.query["code"])

    async with listening(Hall(), callback=page) as http:
        async with http.get("/oauth/callback", params={"code": "abc"}) as answer:
            assert await answer.text() == "abc"
        async with http.post("/oauth/callback") as answer:
            assert answer.status == 405


@pytest.mark.parametrize("path", [PATH, "/hooks/zoho/nothing"])
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_huge_body_is_not_read(path: str, chunked: bool) -> None:
    hall = Hall()

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * (LARGEST_BODY // 16)

    data = pieces() if chunked else b"x" * (LARGEST_BODY + 1)
    async with listening(hall) as http:
        try:
            async with http.post(path, data=data) as answer:
                assert answer.status == 413
        except aiohttp.ClientConnectionError:
            pass  # it was refused while it was still being sent
    assert hall.outcomes == ["too_large"]
    assert hall.rung == []


async def test_a_ring_may_come_in_pieces_and_as_large_as_is_allowed() -> None:
    hall = Hall()
    padded = TRUE + b" " * (LARGEST_BODY - len(TRUE))

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(padded), 65_000):
            yield padded[at : at + 65_000]

    async with listening(hall) as http, http.post(PATH, data=pieces()) as answer:
        assert answer.status == 200
    assert hall.outcomes == ["rang"]


async def test_a_packed_body_is_not_unpacked() -> None:
    import gzip

    hall = Hall()
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < LARGEST_BODY
    async with listening(hall) as http, http.post(PATH, data=bomb, headers={"Content-Encoding": "gzip"}) as answer:
        assert answer.status == 404
    assert hall.outcomes == ["stranger"]


async def test_a_body_that_does_not_come_ends_the_connection() -> None:
    hall = Hall()
    async with open_hooks(hall.doorbell, settings(), body_seconds=0.05) as listen:
        reader, writer = await asyncio.open_connection(listen.host, listen.port)
        writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{".encode())
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert hall.outcomes == ["too_slow"]


async def test_slow_ones_do_not_keep_others_waiting_and_there_is_an_end_to_them() -> None:
    hall = Hall()
    async with open_hooks(hall.doorbell, settings()) as listen:
        slow = [await asyncio.open_connection(listen.host, listen.port) for _ in range(64)]
        for _, writer in slow[:63]:
            writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n".encode())
        await asyncio.sleep(0.05)
        async with aiohttp.ClientSession(f"http://{listen.host}:{listen.port}") as http:
            async with http.post(PATH, data=TRUE) as answer:
                assert answer.status == 200
            slow[63][1].write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n".encode())
            await asyncio.sleep(0.05)
            async with http.post(PATH, data=TRUE) as answer:
                assert answer.status == 429
        for _, writer in slow:
            writer.close()


def post(hall: Hall, path: str, body: bytes) -> int:
    """A request without a socket, as the listener treats it."""
    if hall.doorbell.full(path):
        return 429
    return hall.doorbell.answer(path, Ring("POST", PUBLIC + path, body=body)).status


def test_a_flood_of_strangers_is_turned_away_and_a_true_ring_is_heard_through_it() -> None:
    hall = Hall()
    answers = [post(hall, "/hooks/zoho/x", TRUE) for _ in range(1000)]
    assert answers.count(404) == 100
    assert answers.count(429) == 900
    assert post(hall, PATH, TRUE) == 200
    hall.clock.moment += 1
    assert [post(hall, "/hooks/zoho/x", TRUE) for _ in range(20)].count(404) == 10


def test_a_flood_at_a_known_bell_is_bounded_too() -> None:
    hall = Hall()
    answers = [post(hall, PATH, NOT_TRUE) for _ in range(1000)]
    assert answers.count(404) == 100
    hall.clock.moment += 1
    assert post(hall, PATH, TRUE) == 200


def test_a_bell_that_was_taken_down_is_as_if_it_had_never_been() -> None:
    hall = Hall()
    hall.doorbell.take_down(Bell(KEY, "", ""), ZOHO)
    assert post(hall, PATH, TRUE) == 404
    assert hall.outcomes == ["unknown"]


async def test_a_taken_port_is_told_at_its_key() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"127\.0\.0\.1:{port} is in use") as caught:
            async with open_hooks(Hall().doorbell, settings(port)):
                pass
    assert caught.value.key == "service.hooks_listen"


def test_a_doorbell_tells_no_secret_by_accident() -> None:
    bell = Bell(KEY, f"{PUBLIC}{PATH}", SECRET)
    ring = Ring("POST", f"{PUBLIC}{PATH}", body=TRUE, headers={"x": SECRET})
    for shown in (repr(bell), repr(ring)):
        assert SECRET not in shown
        assert PATH not in shown
        assert "ids" not in shown


# --- other apps' handshakes, each a pure function that its folder would bring along -----------------------------------


def graph_like(ring: Ring, secret: str) -> Heard:
    """A token in the query wants to be given back as plain text; rings carry our secret in every notification."""
    if (token := ring.query.get("validationToken")) is not None:
        return Greeted(token.encode())
    try:
        told = json.loads(ring.body)["value"]
    except (ValueError, KeyError, TypeError):
        return Stranger()
    true = bool(told) and all(same_secret(each.get("clientState"), secret) for each in told)
    return Rang() if true else Stranger()


def mailchimp_like(ring: Ring, secret: str) -> Heard:
    """A GET wants to see that somebody is there; rings are forms, signed over time and body."""
    if ring.method == "GET":
        return Greeted()
    parts = dict(part.partition("=")[::2] for part in ring.headers.get("x-mailchimp-signature", "").split(","))
    at = parts.get("t", "")
    wanted = hmac.new(secret.encode(), f"{at}.".encode() + ring.body, hashlib.sha256).hexdigest()
    fresh = at.isdecimal() and abs(int(at) - ring.at) <= 300
    return Rang() if fresh and same_secret(parts.get("v1"), wanted) else Stranger()


def hubspot_like(ring: Ring, secret: str) -> Heard:
    """Signed over method, the address as the vendor called it, body and time."""
    at = ring.headers.get("x-hubspot-request-timestamp", "")
    text = f"{ring.method}{ring.url}".encode() + ring.body + at.encode()
    wanted = base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()
    fresh = at.isdecimal() and abs(int(at) / 1000 - ring.at) <= 300
    return Rang() if fresh and same_secret(ring.headers.get("x-hubspot-signature-v3"), wanted) else Stranger()


async def test_a_greeting_is_given_back_as_the_app_wants_it() -> None:
    hall = Hall()
    path = hall.hang(Hook("graph", frozenset({"POST"}), graph_like))
    async with listening(hall) as http:
        async with http.post(path, params={"validationToken": "a <b> & c"}) as answer:
            assert (answer.status, await answer.text()) == (200, "a <b> & c")
            assert answer.content_type == "text/plain"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        async with http.post(path, json={"value": [{"clientState": SECRET}]}) as answer:
            assert answer.status == 200
        async with http.post(path, json={"value": [{"clientState": SECRET}, {"clientState": "x"}]}) as answer:
            assert answer.status == 404
    assert hall.outcomes == ["greeted", "rang", "stranger"]


async def test_a_bell_may_be_looked_at_by_get_and_signed_over_its_bytes() -> None:
    hall = Hall()
    path = hall.hang(Hook("mailchimp", frozenset({"GET", "POST"}), mailchimp_like))
    at, body = int(hall.clock.now()), b"type=profile&data%5Bemail%5D=a%40example.org"
    proof = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    async with listening(hall) as http:
        async with http.get(path) as answer:
            assert answer.status == 200
        for signature, status in ((f"t={at},v1={proof}", 200), (f"t={at + 1},v1={proof}", 404), ("", 404)):
            async with http.post(path, data=body, headers={"X-Mailchimp-Signature": signature}) as answer:
                assert answer.status == status
        hall.clock.moment += 301
        async with http.post(path, data=body, headers={"X-Mailchimp-Signature": f"t={at},v1={proof}"}) as answer:
            assert answer.status == 404, "an old ring, played again"


async def test_a_signature_over_the_address_sees_the_public_one() -> None:
    hall = Hall()
    path = hall.hang(Hook("hubspot", frozenset({"POST"}), hubspot_like))
    at = str(int(hall.clock.now() * 1000))
    text = f"POST{PUBLIC}{path}?a=%20b".encode() + b"[]" + at.encode()
    proof = base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest()).decode()
    headers = {"X-HubSpot-Signature-v3": proof, "X-HubSpot-Request-Timestamp": at}
    async with listening(hall) as http, http.post(f"{path}?a=%20b", data=b"[]", headers=headers) as answer:
        assert answer.status == 200
    assert hall.outcomes == ["rang"]
