"""A message by mail, at a real server: encrypted, with a login, and nothing of it in an error."""

import asyncio
import email
import email.policy
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from tests.transport.test_wire import self_signed
from zohosyncd.core.errors import AuthLost, RemoteError, SyncError, Unavailable
from zohosyncd.settings import Secret
from zohosyncd.transport.mail import Letter, MailServer, send

LETTER = Letter(
    "0123", "[zohosyncd] Zürich is down", "Text with ü.\n", "zohosyncd@example.org", ["ops@example.org"], 1.8e9, "9876"
)
USER, PASSWORD = "robot", "mail-password-canary"


class Postbox:
    """What arrived; ``refuse``: the answer to everybody's address."""

    def __init__(self) -> None:
        self.got: list[tuple[str, list[str], EmailMessage]] = []
        self.refuse = ""

    async def handle_RCPT(  # noqa: N802 - the server calls it so
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.refuse:
            return f"{self.refuse} {address} is not here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.got.append((envelope.mail_from or "", envelope.rcpt_tos, message))
        return "250 OK"


def _login(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
    right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@asynccontextmanager
async def posted(
    box: Postbox, tls: ssl.SSLContext | None = None, *, at_once: bool = False, **options: Any
) -> AsyncIterator[int]:
    if tls is not None and not at_once:
        options["tls_context"] = tls

    made: list[asyncio.BaseTransport] = []

    class Server(SMTP):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            made.append(transport)
            super().connection_made(transport)

    def protocol() -> SMTP:
        return Server(box, hostname="mail.test", loop=asyncio.get_running_loop(), **options)

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls if at_once else None)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for transport in made:  # also those that were hung up on in the middle
            transport.close()
        await asyncio.sleep(0.02)


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "server.pem"))


async def test_a_letter_says_who_made_it_and_to_which_it_belongs() -> None:
    box = Postbox()
    async with posted(box) as port:
        await send(MailServer("127.0.0.1", port, "none"), LETTER)
    ((sender, to, message),) = box.got
    assert (sender, to) == ("zohosyncd@example.org", ["ops@example.org"])
    assert message["Subject"] == "[zohosyncd] Zürich is down"
    assert message["Message-ID"] == "<0123@example.org>"
    assert message["In-Reply-To"] == message["References"] == "<9876@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].startswith("Fri, 15 Jan 2027 08:00:00")
    assert message.get_content().splitlines() == ["Text with ü."]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_it_travels_encrypted_after_a_login(security: Any, tmp_path: Path) -> None:
    box, tls = Postbox(), self_signed(tmp_path)
    login = {"authenticator": _login, "auth_required": True}
    if security == "starttls":
        login["require_starttls"] = True
    else:
        login = {
            "authenticator": _login,
            "auth_require_tls": False,
        }  # the server does not see that it is inside of TLS already
    async with posted(box, tls, at_once=security == "tls", **login) as port:
        server = MailServer("127.0.0.1", port, security, USER, Secret(PASSWORD), tls=trusting(tmp_path))
        await send(server, LETTER)
        assert len(box.got) == 1
        with pytest.raises(AuthLost) as caught:
            await send(replace(server, password=Secret("wrong")), LETTER)
        assert "wrong" not in str(caught.value)
        with pytest.raises(Unavailable, match="no TLS"):
            await send(replace(server, tls=None), LETTER)  # nobody signed the certificate
    assert len(box.got) == 1


async def test_a_password_that_cannot_travel_is_told_without_it() -> None:
    async with posted(Postbox(), authenticator=_login, auth_require_tls=False) as port:
        with pytest.raises(RemoteError, match="ASCII") as caught:
            await send(MailServer("127.0.0.1", port, "none", USER, Secret("gehörtnurmir")), LETTER)
    assert "rtnurmir" not in str(caught.value)


async def test_a_server_without_starttls_gets_nothing_in_clear() -> None:
    box = Postbox()
    async with posted(box) as port:
        with pytest.raises(RemoteError, match="STARTTLS"):
            await send(MailServer("127.0.0.1", port, "starttls", USER, Secret(PASSWORD)), LETTER)
    assert box.got == []


@pytest.mark.parametrize(("answer", "error"), [("550", RemoteError), ("450", Unavailable)])
async def test_a_refusal_is_told_by_its_number_alone(answer: str, error: type[SyncError]) -> None:
    box = Postbox()
    box.refuse = answer
    async with posted(box) as port:
        with pytest.raises(error, match=answer) as caught:
            await send(MailServer("127.0.0.1", port, "none"), LETTER)
    assert type(caught.value) is error
    assert "ops@example.org" not in str(caught.value)


async def test_a_server_that_says_nothing_or_is_not_there_holds_up_nobody() -> None:
    async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the other side gives up
        writer.close()
        await writer.wait_closed()
        left.set()

    left = asyncio.Event()
    silent = await asyncio.start_server(says_nothing, "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        with pytest.raises(Unavailable, match=r"in time|reached"):
            await send(MailServer("127.0.0.1", port, "none", timeout=0.2), LETTER)
        await left.wait()
    with pytest.raises(Unavailable, match="reached"):
        await send(MailServer("127.0.0.1", 1, "none"), LETTER)
