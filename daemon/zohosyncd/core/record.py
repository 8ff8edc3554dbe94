"""What an app's contact looks like to us: values by the app's own field names.

A field value is plain text, a flag, a number, a list of items (e-mails, phones, web sites with a label each; names of
tags), a postal address, an owner, or nothing. Everything is hashable, and one codec writes and reads all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

import msgspec


class Item(msgspec.Struct, frozen=True, tag="i", array_like=True):
    """One element of a multi-valued field: the text as typed, and the app's label for it ("work", "mobile", "")."""

    value: str
    label: str = ""


class Postal(msgspec.Struct, frozen=True, tag="p"):
    """A postal address, one group: it is compared, decided and written as a whole. Missing parts are ""."""

    street: str = ""
    city: str = ""
    region: str = ""
    code: str = ""
    country: str = ""


class Owner(msgspec.Struct, frozen=True, tag="o"):
    """Who owns a record in its app. A part that the app does not tell is ""."""

    id: str
    name: str = ""
    email: str = ""

    def __str__(self) -> str:
        return self.email or self.name or self.id


Value = None | bool | int | float | str | Postal | Owner | tuple[Item, ...]
"""The value of one field. ``None`` says "empty"; a field that was not read is missing from the mapping."""

Values = Mapping[str, Value]
"""Field values by the app's own field names. A name that is missing was not read (it is not empty)."""


class _Unread(Enum):
    UNREAD = "unread"

    def __repr__(self) -> str:
        return "UNREAD"


Unread = _Unread
UNREAD: Final = _Unread.UNREAD
"""Stands for a field that an observation did not cover. Nothing is ever decided from it or written over it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One contact as an app showed it.

    Attributes:
        id: the app's id (Zoho record id, CardDAV href).
        values: field values by the app's own names; a missing name means "not read".
        version: the app's version mark (etag, modified time as it wrote it), None where it has none.
        modified: when the app says it was last changed, in seconds since 1970 UTC, None where unknown.
        native: the app's own body where updates need it (a vCard); never stored, never compared.
        echo: the values are what we wrote last; no read has shown the record since.
    """

    id: str
    values: Values
    version: str | None = None
    modified: float | None = None
    native: Any = field(default=None, compare=False, repr=False)
    echo: bool = field(default=False, compare=False)


_encoder = msgspec.msgpack.Encoder(order="sorted")
_decoder = msgspec.msgpack.Decoder(dict[str, bool | int | float | str | Postal | Owner | list[Item] | None])


def encode_values(values: Values) -> bytes:
    """Write field values as bytes; equal values give equal bytes."""
    return _encoder.encode(dict(values))


def decode_values(data: bytes) -> dict[str, Value]:
    """Read what :func:`encode_values` wrote."""
    decoded = _decoder.decode(data)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in decoded.items()}
