"""Sends a text by a mail server (SMTP), in a thread: the loop never waits for it."""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

import anyio

from zohosyncd.core.errors import AuthLost, RemoteError, Unavailable
from zohosyncd.settings import Secret


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and how.

    Attributes:
        security: ``starttls`` and ``tls`` verify the server's certificate. username: "" for no login.
        timeout: seconds for a whole message. tls: the certificates that are trusted, None = those of the system.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: Secret | None = None
    timeout: float = 30.0
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A text to send. ``id``: stays the same when it is sent again; ``answers``: the id of an earlier one, or ""."""

    id: str
    subject: str
    text: str
    sender: str
    to: Sequence[str]
    at: float
    answers: str = ""

    def message(self) -> EmailMessage:
        """As it travels; marked as made by a machine (RFC 3834), so that nobody's absence note answers."""
        domain = self.sender.rpartition("@")[2]
        message = EmailMessage()
        message["Subject"] = self.subject
        message["From"] = self.sender
        message["To"] = ", ".join(self.to)
        message["Date"] = format_datetime(datetime.fromtimestamp(self.at, UTC))
        message["Message-ID"] = f"<{self.id}@{domain}>"
        if self.answers:
            message["In-Reply-To"] = message["References"] = f"<{self.answers}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.text)
        return message


async def send(server: MailServer, letter: Letter) -> None:
    """Hand a letter in.

    Raises:
        Unavailable: the server cannot be reached, or not now. AuthLost: it refuses the login.
        RemoteError: it refuses the letter, the sender or everybody who should get it.
    """
    with anyio.move_on_after(server.timeout):
        await anyio.to_thread.run_sync(_send, server, letter.message(), abandon_on_cancel=True)
        return
    raise Unavailable("the mail server does not answer in time", hint="nothing: it is tried again by itself")


def _send(server: MailServer, message: EmailMessage) -> None:
    """In its thread. What a server says is not repeated: it may name people."""
    try:
        with _connected(server) as smtp:
            if server.username and server.password is not None:
                smtp.login(server.username, server.password.reveal())
            smtp.send_message(message)
    except smtplib.SMTPAuthenticationError as error:
        raise AuthLost(f"the mail server refuses the login ({error.smtp_code})", hint="check its password") from None
    except UnicodeError:  # its message is the password
        raise RemoteError("the mail login is not ASCII, and cannot be sent", hint="choose another password") from None
    except smtplib.SMTPNotSupportedError:
        hint = 'is security = "tls" or "none" right for it, and does it want a login?'
        raise RemoteError("the mail server lacks what was asked of it (STARTTLS or a login)", hint=hint) from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        raise _refused("everybody in `to`", max(codes, default=0)) from None
    except smtplib.SMTPSenderRefused as error:
        raise _refused("the sender", error.smtp_code) from None
    except smtplib.SMTPResponseException as error:
        raise _refused("the message", error.smtp_code) from None
    except ssl.SSLError:
        hint = "its certificate is expired, self-signed or for another name, or the port speaks no TLS"
        raise Unavailable("no TLS with the mail server", hint=hint) from None
    except (OSError, smtplib.SMTPException):
        raise Unavailable("the mail server cannot be reached", hint="check host, port and security") from None


def _connected(server: MailServer) -> smtplib.SMTP:
    tls = server.tls or ssl.create_default_context()
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=tls)
    smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    if server.security == "starttls":
        try:
            smtp.starttls(context=tls)
        except BaseException:
            smtp.close()
            raise
    return smtp


def _refused(what: str, code: int) -> RemoteError:
    if 400 <= code < 500:
        return Unavailable(f"the mail server does not take {what} now ({code})", hint="it is tried again by itself")
    return RemoteError(f"the mail server refuses {what} ({code})", hint="check sender, to and the login")
