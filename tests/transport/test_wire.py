"""The aiohttp sender against a real server that misbehaves."""

import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from zohosyncd.transport.sender import (
    CERTIFICATE,
    FORBIDDEN,
    TOO_LARGE,
    Answered,
    HttpRequest,
    LocalSender,
    Lost,
    Undelivered,
)
from zohosyncd.transport.wire import AiohttpSender

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server that does to each connection what the handler says; its address."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        server.close()


async def head(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


def reply(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def always(answer: bytes) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await head(reader)
            writer.write(answer)
            await writer.drain()

    return handler


@pytest.fixture
async def sender() -> AsyncIterator[AiohttpSender]:
    async with AiohttpSender() as made:
        yield made


async def test_a_complete_answer(sender: AiohttpSender) -> None:
    async with served(always(reply(b"hello", "ETag: x", "Set-Cookie: a=b"))) as url:
        answer = await sender.send(HttpRequest("GET", url))
    assert isinstance(answer, Answered)
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"hello", "x")


async def test_what_is_sent_is_what_was_asked_for_and_no_cookies(sender: AiohttpSender) -> None:
    seen: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            seen.append(await head(reader))
            seen.append(await reader.readexactly(2) if b"Content-Length: 2" in seen[-1] else b"")
            writer.write(reply(b"", "Set-Cookie: session=1; Path=/"))

    async with served(handler) as url:
        await sender.send(HttpRequest("PUT", f"{url}/a%2Fb?q=a%2Bb,c", {"If-Match": '"1"'}, b"{}"))
        await sender.send(HttpRequest("GET", f"{url}/"))
    assert seen[0].startswith(b"PUT /a%2Fb?q=a%2Bb,c HTTP/1.1\r\n")
    assert b'If-Match: "1"\r\n' in seen[0]
    assert b"User-Agent: zohosyncd/" in seen[0]
    assert seen[1] == b"{}"
    assert b"cookie" not in seen[2].lower()


async def test_redirects_are_answers(sender: AiohttpSender) -> None:
    async with served(always(reply(b"", "Location: /x", status="302 Found"))) as url:
        answer = await sender.send(HttpRequest("GET", url))
    assert isinstance(answer, Answered)
    assert answer.headers["location"] == "/x"


async def test_nobody_listens(sender: AiohttpSender) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert await sender.send(HttpRequest("POST", f"http://127.0.0.1:{port}/")) == Undelivered("connection refused")


async def test_a_name_that_does_not_exist(sender: AiohttpSender) -> None:
    assert isinstance(await sender.send(HttpRequest("POST", "http://nowhere.invalid/")), Undelivered)


async def test_no_address_at_all(sender: AiohttpSender) -> None:
    assert isinstance(await sender.send(HttpRequest("POST", "nonsense")), Undelivered)


async def test_a_certificate_that_nobody_signed(sender: AiohttpSender, tmp_path: Path) -> None:
    async with served(always(reply(b"")), tls=self_signed(tmp_path)) as url:
        assert await sender.send(HttpRequest("POST", url)) == Undelivered(CERTIFICATE)


async def test_plain_text_where_tls_was_expected(sender: AiohttpSender) -> None:
    async with served(always(reply(b""))) as url:
        answer = await sender.send(HttpRequest("POST", url.replace("http:", "https:"), deadline=2.0))
    assert isinstance(answer, Undelivered)


async def test_silence_after_the_request_is_lost(sender: AiohttpSender) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        await asyncio.sleep(5)

    async with served(handler) as url:
        assert await sender.send(HttpRequest("POST", url, body=b"{}", deadline=0.2)) == Lost("deadline")


async def test_a_body_that_drips_ends_with_the_deadline(sender: AiohttpSender) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(reply(b"", length=1000))
        for _ in range(100):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with served(handler) as url:
        assert await sender.send(HttpRequest("GET", url, deadline=0.3)) == Lost("deadline")


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\n", reply(b"half", length=1000), b"rubbish\r\n\r\n"])
async def test_a_broken_connection_is_lost(sender: AiohttpSender, before: bytes) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(before)

    async with served(handler) as url:
        assert isinstance(await sender.send(HttpRequest("POST", url, body=b"{}")), Lost)


async def test_a_reset_is_lost(sender: AiohttpSender) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    async with served(handler) as url:
        assert isinstance(await sender.send(HttpRequest("PUT", url, body=b"{}")), Lost)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
async def test_a_write_on_a_kept_connection_that_breaks_is_not_sent_again(sender: AiohttpSender, method: str) -> None:
    received: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(reply(b""))
        await writer.drain()
        received.append(await head(reader))

    async with served(handler) as url:
        assert isinstance(await sender.send(HttpRequest("GET", url)), Answered)
        assert isinstance(await sender.send(HttpRequest(method, url)), Lost)
        await asyncio.sleep(0.05)
    assert len(received) == 1


async def test_an_answer_beyond_the_limit_is_not_read_to_its_end(sender: AiohttpSender) -> None:
    async with served(always(reply(b"x" * 300_000))) as url:
        assert await sender.send(HttpRequest("GET", url, max_bytes=200_000)) == Lost(TOO_LARGE)
        assert isinstance(await sender.send(HttpRequest("GET", url, max_bytes=300_000)), Answered)


async def test_the_limit_counts_decompressed_bytes(sender: AiohttpSender) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    async with served(always(reply(bomb, "Content-Encoding: gzip"))) as url:
        assert await sender.send(HttpRequest("GET", url, max_bytes=1_000_000)) == Lost(TOO_LARGE)


async def test_compressed_rubbish_is_lost(sender: AiohttpSender) -> None:
    async with served(always(reply(b"not gzip", "Content-Encoding: gzip"))) as url:
        assert isinstance(await sender.send(HttpRequest("GET", url)), Lost)


async def test_a_cancelled_request_is_cancelled(sender: AiohttpSender) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        await asyncio.sleep(5)

    async with served(handler) as url:
        task = asyncio.create_task(sender.send(HttpRequest("GET", url)))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


class Names(AbstractResolver):
    """A name server that answers as somebody wants it to, differently each time."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            ResolveResult(
                hostname=host, host=each, port=port, proto=0, flags=socket.AI_NUMERICHOST,
                family=socket.AF_INET6 if ":" in each else socket.AF_INET,
            )
            for each in answer
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("::ffff:127.0.0.1",), ("169.254.169.254",), ("0.0.0.0",), ("fd00:ec2::254",)],
    ids=str,
)
async def test_a_name_does_not_lead_to_this_machine_or_to_metadata(addresses: tuple[str, ...]) -> None:
    seen: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await head(reader))
        writer.write(reply(b"secret"))

    async with served(handler) as url, AiohttpSender(resolver=Names(addresses)) as sender:
        port = url.rpartition(":")[2]
        outcome = await sender.send(HttpRequest("GET", f"http://cloud.example.org:{port}/"))
    assert outcome == Undelivered(FORBIDDEN)
    assert not seen


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]"])
async def test_other_spellings_of_this_machine_are_not_it(sender: AiohttpSender, host: str) -> None:
    async with served(always(reply(b"secret"))) as url:
        outcome = await sender.send(HttpRequest("GET", f"http://{host}:{url.rpartition(':')[2]}/"))
    assert isinstance(outcome, Undelivered)


async def test_a_name_that_is_rebound_is_judged_again_when_it_is_called() -> None:
    async with (
        served(always(reply(b"secret"))) as url,
        AiohttpSender(resolver=Names(("::",), ("127.0.0.1",))) as sender,
    ):
        address = f"http://cloud.example.org:{url.rpartition(':')[2]}/"
        assert await sender.send(HttpRequest("GET", address)) == Undelivered(FORBIDDEN)
        assert await sender.send(HttpRequest("GET", address)) == Undelivered(FORBIDDEN)


async def test_of_several_addresses_those_that_may_be_called_are_tried() -> None:
    answers = Names(("169.254.169.254", "127.0.0.1"))
    async with served(always(reply(b"hello"))) as url, AiohttpSender(resolver=answers) as sender:
        address = f"http://cloud.example.org:{url.rpartition(':')[2]}/"
        outcome = await sender.send(HttpRequest("GET", address, local=True))
        assert isinstance(outcome, Answered)
        assert await LocalSender(sender).send(HttpRequest("GET", address)) == outcome


async def test_this_machine_is_reached_where_the_address_says_so(sender: AiohttpSender) -> None:
    async with served(always(reply(b"hello"))) as url:
        for host in ("127.0.0.1", "localhost"):
            assert isinstance(await sender.send(HttpRequest("GET", url.replace("127.0.0.1", host))), Answered)
