"""``connections.d/NAME.toml``: a pair of objects that is kept the same, and its rules.

Wherever a side is named, the account's name is accepted too; what is loaded only says left and right.
"""

import re
from collections.abc import Hashable, Iterable
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from zohosyncd.core.mailboxes import SHARED_MAILBOXES
from zohosyncd.core.side import Cleared, Direction, Side, Winner
from zohosyncd.settings.consent import Consent
from zohosyncd.settings.countries import COUNTRIES, MEANT
from zohosyncd.settings.deletions import Deletions, Leave
from zohosyncd.settings.fields import FieldPair, MappingChanges
from zohosyncd.settings.guard import Guard
from zohosyncd.settings.nearest import nearest, one_of
from zohosyncd.settings.rules import Rule
from zohosyncd.settings.sides import DIRECTION, SIDE, names_of, say_left_and_right
from zohosyncd.settings.values import Duration, Kind, Table, Text, mistake

MATCH_PARTS: Final = ("email", "phone", "family_name", "given_name", "full_name", "company")
"""What two records can be matched by; several joined by + must all be equal. The same as in core.keys, which would
bring in the table of the world's phone numbers."""


def _parse_match(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise mistake("expected text", hint='such as "email" or "phone+family_name"')
    if "=" in value:
        return _parse_field_match(value)
    parts = tuple(part.strip() for part in value.split("+"))
    for part in parts:
        if part not in MATCH_PARTS:
            raise mistake(f'cannot match by "{part}"', hint=nearest(part, MATCH_PARTS) or one_of(MATCH_PARTS))
    if len(set(parts)) != len(parts):
        raise mistake("names the same thing twice")
    if not {"email", "phone"} & set(parts):
        raise mistake("names alone tell nobody apart", hint=f'add email or phone, such as "{"+".join(parts)}+phone"')
    return "+".join(parts)


def _parse_field_match(value: str) -> str:
    left, _, right = (part.strip() for part in value.partition("="))
    if not left or not right or "=" in right:
        raise mistake("expected a field of either side", hint='such as "Customer_Number=X-CUSTOMER"')
    return f"{left}={right}"


def _parse_region(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[A-Z]{2}", value):
        if value not in COUNTRIES:
            raise mistake(f"no country has the code {value}", hint=f'such as "{MEANT.get(value, "DE")}"')
        return value
    guess = value.upper() if isinstance(value, str) and re.fullmatch(r"[A-Za-z]{2}", value) else "DE"
    raise mistake("expected a country code of two capital letters", hint=f'such as "{guess}"')


def _parse_mailbox(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise mistake("expected text", hint='such as "info"')
    if "@" in value:
        raise mistake("expected what stands before the @", hint=f'such as "{value.partition("@")[0] or "info"}"')
    return value.strip().lower()


Mailbox = Annotated[str, BeforeValidator(_parse_mailbox), WithJsonSchema({"type": "string", "pattern": "^[^@]+$"})]
"""What stands before the @ of an address."""

MatchLevel = Annotated[
    str,
    BeforeValidator(_parse_match),
    WithJsonSchema({"type": "string", "pattern": f"^ *({'|'.join(MATCH_PARTS)}) *([+].+)?$|^[^=]+=[^=]+$"}),
    Kind("", f"{', '.join(MATCH_PARTS)}, joined by + where all must be equal, or LEFT_FIELD=RIGHT_FIELD"),
]
"""By what two records are the same person."""

Region = Annotated[
    str,
    BeforeValidator(_parse_region),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"}),
    Kind("a country code of two capital letters"),
]


class Place(Table):
    """One side of a connection: an object of an account."""

    account: Text = Field(description="name of a file in accounts.d", examples=["zoho"])
    object: Text | None = Field(
        default=None,
        description="what is synced there; the app's contacts where it is missing",
        examples=["Contacts"],
    )


class Connection(Table):
    """One file of ``connections.d``. ``name`` is the file's name and no key of the file."""

    name: str
    left: Place = Field(description="one side", examples=[{"account": "zoho", "object": "Contacts"}])
    right: Place = Field(description="the other side", examples=[{"account": "ann"}])
    direction: Direction = Field(
        default=Direction.BOTH,
        strict=False,
        description="which way values travel; [consent] and [deletions] do not depend on it",
        examples=["both"],
        json_schema_extra=DIRECTION,
    )
    enabled: bool = Field(default=True, description="whether it runs", examples=[True])
    every: Duration = Field(
        default=60.0,
        ge=0.1,
        le=86400,
        description="wished interval between two polls; `status` shows the real one",
        examples=["60s"],
    )
    every_with_hooks: Duration = Field(
        default=900.0,
        ge=0.1,
        le=86400,
        description="interval between two polls of an app that calls public_url when something changes, as long as it "
        "does so reliably; never shorter than every",
        examples=["15m"],
    )
    match: tuple[MatchLevel, ...] = Field(
        default=("email", "phone+family_name"),
        strict=False,
        description="by what two records are the same person; the first that says anything decides",
        examples=[["email", "phone+family_name", "Customer_Number=X-CUSTOMER-NUMBER"]],
    )
    shared_mailboxes: tuple[Mailbox, ...] = Field(
        default=SHARED_MAILBOXES,
        strict=False,
        description="what stands before the @ of addresses that several people use: such an address links two records "
        "only together with an equal name; connections of one object say the same; [] for none",
        examples=[["info", "office", "kanzlei"]],
    )
    create_without_email: bool = Field(
        default=False, description="whether records without e-mail are created across", examples=[False]
    )
    winner: Winner = Field(
        default=Winner.NEWEST,
        strict=False,
        description="who wins a true clash of one field; hold waits for a person; fields with several values never "
        "clash, they are merged, and union is newest for all others",
        examples=["newest"],
        json_schema_extra=SIDE,
    )
    first_sync_winner: Winner = Field(
        default=Winner.NEWEST,
        strict=False,
        description="the same for the first sync; winner where it is missing",
        examples=["zoho"],
        json_schema_extra=SIDE,
    )
    cleared: Cleared = Field(
        default=Cleared.TRAVEL,
        strict=False,
        description="what it does that somebody has emptied a field: the other side is emptied, keeps its value, or a "
        "person decides; nothing is ever emptied on the first sync",
        examples=["travel"],
    )
    first_sync: Literal["approve", "auto"] = Field(
        default="approve",
        description="whether the first sync shows what it would do and waits for `approve NAME`",
        examples=["approve"],
    )
    snapshot: bool = Field(
        default=True,
        description="whether both sides are written to files beside the state (in clear, for the daemon's user only) "
        "before the first sync writes anything",
        examples=[True],
    )
    phone_region: Region | None = Field(
        default=None, description="country whose phone numbers stand there without +", examples=["DE"]
    )
    leave: Leave = Field(
        default=Leave.FREEZE,
        strict=False,
        description="what becomes of a linked pair when the last rule no longer matches: it stays as it is, is tagged, "
        "is no longer a pair, or is deleted on the other side",
        examples=["freeze"],
    )
    leave_tag: Text = Field(
        default="Zohosyncd Left",
        description='tag, label, group, list or category that leave = "tag" adds',
        examples=["Zohosyncd Left"],
    )
    mapping: MappingChanges = Field(default=MappingChanges(), description="changes of the default mapping")
    consent: Consent = Field(default=Consent(), description="what opt-outs do on the other side")
    deletions: Deletions = Field(default=Deletions(), description="what deletions do on the other side")
    guard: Guard = Field(default=Guard(), description="limits above which a person is asked")
    rules: tuple[Rule, ...] = Field(
        default=(), strict=False, description="which records are created across, and what is done to them there"
    )
    fields: tuple[FieldPair, ...] = Field(default=(), strict=False, description="pairs beside the default mapping")

    def place(self, side: Side) -> Place:
        """The object on this side."""
        return self.left if side is Side.LEFT else self.right

    @property
    def accounts(self) -> frozenset[str]:
        """The names of the accounts of both sides."""
        return frozenset((self.left.account, self.right.account))

    @field_validator("match")
    @classmethod
    def _some_match(cls, match: tuple[str, ...]) -> tuple[str, ...]:
        if not match:
            raise mistake("may not be an empty list", hint='leave the key out, or write ["email"]')
        return match

    @model_validator(mode="before")
    @classmethod
    def _say_left_and_right(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        translated = say_left_and_right(values, names_of(values))
        if translated.get("winner") in tuple(Winner):
            translated.setdefault("first_sync_winner", translated["winner"])
        return translated

    @model_validator(mode="after")
    def _consistent(self) -> "Connection":
        if self.left.account == self.right.account and (self.left.object or "") == (self.right.object or ""):
            raise mistake("both sides are the same object", key="right", hint="name another account or another object")
        twice = _first_twice(pair.names for pair in self.fields)
        if twice is not None:
            raise mistake("the same pair stands there twice", key=f"fields.{twice}", hint="remove one of them")
        for index, pair in enumerate(self.fields):
            if pair.direction.narrow(self.direction) is None:
                hint = f"the connection goes {self.direction}, and a pair can only narrow that"
                raise mistake("values of this pair could never travel", key=f"fields.{index}.direction", hint=hint)
        return self


def _first_twice(keys: Iterable[Hashable]) -> int | None:
    seen = set()
    for index, key in enumerate(keys):
        if key in seen:
            return index
        seen.add(key)
    return None
