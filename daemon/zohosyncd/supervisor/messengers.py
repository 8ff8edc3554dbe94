"""The channels by which people are told, as the configuration says: a webhook, a mail server."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from zohosyncd.core.notices import Message
from zohosyncd.settings import Secret, SecretRef
from zohosyncd.settings.notify import Mail, Notify, Webhook
from zohosyncd.transport.mail import Letter, MailServer, send
from zohosyncd.transport.sender import Sender
from zohosyncd.transport.webhook import check_address, post

Read = Callable[[SecretRef], Secret]
"""Reads a secret from where it is kept; raises SecretError."""


class Messenger(Protocol):
    """Brings one message."""

    @property
    def target(self) -> str:
        """Where to, without a secret: for the operator who asks."""
        ...

    async def send(self, message: Message, now: float) -> None:
        """Send it once. Raises SyncError; the same message may be sent again."""
        ...


def messengers(notify: Notify, sender: Sender, read: Read) -> dict[str, Messenger]:
    """The channels that are configured, by name. Their secrets are read for each message, so that they may change."""
    found: dict[str, Messenger] = {}
    if notify.webhook is not None:
        found["webhook"] = WebhookMessenger(notify.webhook, sender, read)
    if notify.mail is not None:
        found["mail"] = MailMessenger(notify.mail, read)
    return found


@dataclass(frozen=True, slots=True)
class WebhookMessenger:
    """Posts JSON."""

    said: Webhook
    sender: Sender
    read: Read

    @property
    def target(self) -> str:
        """The host, or the reference of an address that is a secret."""
        return str(self.said.url) if isinstance(self.said.url, SecretRef) else urlsplit(self.said.url).hostname or ""

    async def send(self, message: Message, now: float) -> None:
        """Post it."""
        said, url = self.said, self.said.url
        if isinstance(url, SecretRef):
            address = self.read(url).reveal()
            check_address(address, allow_http=said.allow_http)
        else:
            address = str(url)
        key = self.read(said.signing_key) if said.signing_key is not None else None
        document = message.as_json()
        await post(self.sender, address, document, message_id=message.id, now=now, key=key, timeout=said.timeout)


@dataclass(frozen=True, slots=True)
class MailMessenger:
    """Sends mail."""

    said: Mail
    read: Read

    @property
    def target(self) -> str:
        """The mail server."""
        return f"{self.said.host}:{self.said.real_port}"

    async def send(self, message: Message, now: float) -> None:
        """Hand it in."""
        said, login = self.said, self.said.login
        server = MailServer(
            said.host,
            said.real_port,
            said.security,
            login.username if login is not None else "",
            self.read(login.password) if login is not None else None,
            said.timeout,
        )
        await send(server, letter(message, said, now))


def letter(message: Message, said: Mail, now: float) -> Letter:
    """The mail of a message: its subject alone tells what happened."""
    done = "Over: " if message.over else ""
    since = message.as_json()["since"]
    lines = (
        message.text,
        "",
        f"Since: {since}",
        f"What to do now: {message.do_now}",
        "",
        f"zohosyncd, {message.instance}",
    )
    text = "\n".join((*lines, ""))
    subject = f"[zohosyncd] {done}{message.text}"
    return Letter(message.id, subject, text, said.sender, said.to, now, message.answers)
