"""``[notify]`` of ``zohosyncd.toml``: whom to tell when a person is needed, and when that is over."""

import re
from collections.abc import Iterator
from email.headerregistry import Address
from typing import Annotated, Final, Literal

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from zohosyncd.settings.secrets import SCHEMES, SecretRef
from zohosyncd.settings.toml import KeyPath
from zohosyncd.settings.values import SOME, Duration, Kind, Table, Text, Unit, Url, mistake, not_empty

_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}


def _parse_mailbox(value: object) -> str:
    hint = 'such as "ops@example.org"'
    if not isinstance(value, str) or not value.isascii() or re.search(r"[\s,;<>]", value):
        raise mistake("expected one e-mail address", hint=hint)
    try:
        parts = Address(addr_spec=value)
    except ValueError:  # also what the parser of headers refuses
        raise mistake("expected one e-mail address", hint=hint) from None
    if not parts.username or not parts.domain:
        raise mistake("expected one e-mail address", hint=hint)
    return value


Mailbox = Annotated[
    str,
    BeforeValidator(_parse_mailbox),
    WithJsonSchema({"type": "string", "pattern": r"^[^\s,;<>@]+@[^\s,;<>@]+$"}),
    Kind("an e-mail address", "e-mail addresses"),
]
"""One e-mail address, without a name."""


def _parse_target(value: object, info: ValidationInfo) -> Url | SecretRef:
    if isinstance(value, str) and value.partition(":")[0] in SCHEMES:
        return SecretRef.parse(value)
    return Url.parse(value, info)


Target = Annotated[
    Url | SecretRef,
    PlainValidator(_parse_target),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": rf"^([Hh][Tt][Tt][Pp][Ss]?://\S+|({'|'.join(SCHEMES)}):.+)$"}),
    Kind("an https address, or a reference to a secret"),
]
"""An address to send to, or where it is kept."""


class Webhook(Table):
    """An address that is sent a JSON document."""

    allow_http: bool = Field(default=False, description="accept an http address on this machine", examples=[False])
    url: Target = Field(
        description="the address, or where it is kept if it is a secret itself, as a chat's is; redirects are not "
        "followed",
        examples=["https://hooks.example.org/sync"],
    )
    signing_key: SecretRef | None = Field(
        default=None,
        description="signs each message by HMAC-SHA256, in the headers of Standard Webhooks; a key that begins with "
        "whsec_ is base64, any other one counts as it is",
        examples=["store:webhook-key"],
    )
    timeout: Duration = Field(default=10.0, ge=1, le=60, description="longest time for one request", examples=["10s"])


class Login(Table):
    """A login at a mail server."""

    username: Text = Field(description="login name", examples=["zohosyncd"])
    password: SecretRef = Field(description="its password", examples=["store:mail-password"])


class Mail(Table):
    """A mail server that delivers messages."""

    host: Text = Field(description="the mail server (SMTP)", examples=["smtp.example.org"])
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="its port, where it is not the usual one: 587, with tls 465, with none 25",
        examples=[587],
    )
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="how the connection is encrypted; none only without a login, for a server on this machine or in "
        "your own network",
        examples=["starttls"],
    )
    sender: Mailbox = Field(description="address that messages come from", examples=["zohosyncd@example.org"])
    to: Annotated[tuple[Mailbox, ...], BeforeValidator(not_empty)] = Field(
        strict=False, json_schema_extra=SOME, description="who gets them", examples=[["ops@example.org"]]
    )
    timeout: Duration = Field(default=30.0, ge=1, le=300, description="longest time for one message", examples=["30s"])
    login: Login | None = Field(default=None, description="who we are there, if it wants to know")

    @property
    def real_port(self) -> int:
        """The port that is used."""
        return self.port or _PORTS[self.security]

    @model_validator(mode="after")
    def _nothing_in_clear(self) -> "Mail":
        if self.login is not None and self.security == "none":
            hint = 'write security = "starttls" or "tls"'
            raise mistake("the password would travel in clear", key="security", hint=hint)
        return self


class Notify(Table):
    """Messages when a person is needed, and when that is over: one each, without personal data.

    A login that was lost, a guard that tripped and a first sync that waits are told at once.
    """

    silent_after: Duration = Field(
        default=3600.0,
        ge=60,
        le=30 * 86400,
        description="a connection without a good run for longer than this is told",
        examples=["1h"],
    )
    held_above: Annotated[int, Unit("records")] = Field(
        default=100,
        ge=0,
        le=1_000_000,
        description="a connection that holds more records than this for a person's decision is told",
        examples=[100],
    )
    webhook: Webhook | None = Field(default=None, description="an address that is sent each message as JSON")
    mail: Mail | None = Field(default=None, description="a mail server, and who gets each message")

    def secrets(self) -> Iterator[tuple[KeyPath, SecretRef]]:
        """The references to secrets, each with its place in the file."""
        if self.webhook is not None:
            yield from _refs(self.webhook, ("notify", "webhook"))
        if self.mail is not None and self.mail.login is not None:
            yield from _refs(self.mail.login, ("notify", "mail", "login"))


def _refs(table: Table, path: KeyPath) -> Iterator[tuple[KeyPath, SecretRef]]:
    for key, value in table:
        if isinstance(value, SecretRef):
            yield (*path, key), value
