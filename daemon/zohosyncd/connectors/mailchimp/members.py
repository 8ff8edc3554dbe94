"""Members as records. The id is ``contact_id``: the other one is made of the address, and changes with it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from zohosyncd.connectors.mailchimp.fields import EMAIL, OWN, TAGS
from zohosyncd.connectors.mailchimp.values import Row, value_of
from zohosyncd.core.consent import ConsentState
from zohosyncd.core.dates import moment_of
from zohosyncd.core.errors import ContractBroken, DataError
from zohosyncd.core.record import Record, Value
from zohosyncd.core.schema import Schema
from zohosyncd.ports.connector import Unreadable

CHANGED: Final = "last_changed"
_ALWAYS: Final = ("id", "contact_id", "status", CHANGED)


@dataclass(frozen=True, slots=True)
class Shape:
    """An audience's schema, and the app's own types of its merge fields by tag."""

    schema: Schema
    types: Mapping[str, str]


def subscriber_hash(address: str) -> str:
    """A member's id in paths that take no other: MD5 of the address in lower case."""
    return hashlib.md5(address.strip().lower().encode(), usedforsecurity=False).hexdigest()


def contact_of(row: Row) -> str:
    """A member's own id. Raises ContractBroken."""
    found = row.get("contact_id")
    if not isinstance(found, str) or not found:
        raise ContractBroken("a member without contact_id")
    return found


def is_archived(row: Row) -> bool:
    """Whether somebody has put the member away: for us it is not there."""
    return row.get("status") == ConsentState.ARCHIVED


def changed_at(row: Row) -> float | None:
    """When a member was last changed, in whole seconds since 1970."""
    text = row.get(CHANGED)
    return moment_of(text) if isinstance(text, str) else None


def lacks_tags(row: Row) -> bool:
    """Whether a member has more tags than its row shows."""
    count, shown = row.get("tags_count"), row.get(TAGS)
    return isinstance(count, int) and isinstance(shown, list) and count > len(shown)


def query_fields(fields: Sequence[str], prefix: str = "") -> str:
    """The parts of a member that have to be asked for."""
    names = [*_ALWAYS]
    names += [name for name in fields if name in {EMAIL, "source", "language", "vip"}]
    names += ["timestamp_opt"] if "consented_at" in fields else []
    names += ["tags", "tags_count"] if TAGS in fields else []
    names += [f"merge_fields.{name}" for name in fields if name not in OWN]
    return ",".join(prefix + name for name in dict.fromkeys(names))


def read(row: Row, fields: Sequence[str], shape: Shape) -> Record | Unreadable:
    """A row as a record with these fields; those that the answer does not have are left out."""
    contact = contact_of(row)
    version = row.get(CHANGED)
    mark = version if isinstance(version, str) else None
    values: dict[str, Value] = {}
    for name in fields:
        try:
            values[name] = value_of(name, row, shape.types)
        except KeyError:
            continue
        except DataError as error:
            return Unreadable(contact, mark, f"{name}: {error.message}")
    return Record(contact, values, mark, changed_at(row), native=_hash_in(row))


def _hash_in(row: Row) -> str | None:
    """The member's present hash, for calls that take no other id."""
    found: Any = row.get("id")
    return found if isinstance(found, str) else None
