"""Values as the body of a create or an update. Pure.

An update replaces each property that it names as a whole, so lists are made of the row as it was just read: the names
that stand beside e-mail addresses, and entries without a place of ours, stay. The service makes the display name anew
in updates that do not name it (vendor: update contact), so every update names it.
"""

from collections.abc import Mapping
from typing import Any

from zohosyncd.connectors.microsoft365.birthdays import moment_of_day
from zohosyncd.connectors.microsoft365.fields import (
    ADDRESS_PARTS,
    CATEGORIES,
    EMAILS,
    PLACES,
    SCHEMA,
    addresses_in,
    entries_in,
    texts_in,
    value_of,
)
from zohosyncd.connectors.microsoft365.naming import PARTS, following, name_of
from zohosyncd.core.errors import DataError
from zohosyncd.core.name_sets import changed, difference, names_of
from zohosyncd.core.record import Postal, Value, Values
from zohosyncd.core.schema import FieldType

_Row = Mapping[str, Any]


def unwritable(patch: Values) -> str | None:
    """A field of the patch that cannot be written, None if all can."""
    return next((name for name in patch if name not in SCHEMA.fields or not SCHEMA.fields[name].writable), None)


def body_of(patch: Values, row: _Row | None) -> dict[str, Any]:
    """The properties to send.

    Args:
        patch: wished values by field name. row: the contact as it was just read, None for a new one.

    Raises:
        DataError: a value cannot be stored, or the row cannot be read.
    """
    known = row or {}
    body: dict[str, Any] = {}
    for name, value in patch.items():
        listed, _, place = name.partition(".")
        if not place:
            body[name] = _plain(name, value, known)
        elif listed not in body:
            wished = {int(other.partition(".")[2]): each for other, each in patch.items() if _of(other, listed)}
            body[listed] = _mails(wished, known) if listed == EMAILS else _phones(listed, wished, known)
    return body if row is None else _named(body, row)


def _of(field: str, listed: str) -> bool:
    return field.startswith(f"{listed}.")


def _plain(name: str, value: Value, known: _Row) -> Any:
    match SCHEMA.fields[name].type:
        case FieldType.ADDRESS:
            return _address(value, known.get(name))
        case FieldType.DATE:
            return None if value is None else moment_of_day(_text(name, value) or "")
        case FieldType.NAMES:
            before = value_of(known, CATEGORIES)
            return list(names_of(changed(before, *difference(before, value))))
        case _:
            return _text(name, value)


def _text(name: str, value: Value) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise DataError(f"{name} takes a text")
    return value


def _address(value: Value, known: Any) -> dict[str, Any]:
    """All parts, empty ones too: whether missing ones would stay is nowhere said."""
    if value is not None and not isinstance(value, Postal):
        raise DataError("an address is needed")
    kept = {part: text for part, text in known.items() if "@" not in part} if isinstance(known, dict) else {}
    return {
        **{part: text for part, text in kept.items() if part not in ADDRESS_PARTS.values()},
        **{theirs: (getattr(value, ours) if value else "") or None for ours, theirs in ADDRESS_PARTS.items()},
    }


def _mails(wished: Mapping[int, Value], known: _Row) -> list[dict[str, Any]]:
    """Each place with its entry; what has no address any more keeps its name, behind them."""
    entries = [dict(each) for each in entries_in(known)]
    addressed = [each for each in entries if each.get("address") in addresses_in(known)]
    nameless = [each for each in entries if each not in addressed]
    places: list[dict[str, Any] | None] = [*addressed, *[None] * (PLACES[EMAILS] - len(addressed))]
    for place, value in wished.items():
        places[place - 1] = _mail(places[place - 1], _text(EMAILS, value))
    return [each for each in places if each] + nameless


def _mail(before: dict[str, Any] | None, address: str | None) -> dict[str, Any] | None:
    """One entry; a name that is more than the address before stays."""
    if not address or address.isspace():
        return None
    old, name = (before or {}).get("address") or "", (before or {}).get("name") or ""
    own = name if name.casefold() not in {"", old.casefold()} else ""
    return {"address": address, "name": own} if own else {"address": address}


def _phones(listed: str, wished: Mapping[int, Value], known: _Row) -> list[str]:
    before = texts_in(known, listed)
    places: list[str | None] = [*before, *[None] * (PLACES[listed] - len(before))]
    for place, value in wished.items():
        places[place - 1] = _text(listed, value)
    return [each for each in places if each and not each.isspace()]


def _named(body: dict[str, Any], row: _Row) -> dict[str, Any]:
    """The same with the display name, and with the name it is filed under where parts of the name change.

    Parts that only the display name has told are written with the first one that changes: they would be gone else.
    """
    old = name_of(row)
    changing = any(part in body for part in PARTS)
    told = {part: text for part, text in old.items() if text and not row.get(part)} if changing else {}
    body = {**told, **body}
    new = {part: (body[part] or "") if part in body else old[part] for part in PARTS}
    for name in ("displayName", "fileAs"):
        shown = value_of(row, name)
        if name in body or not isinstance(shown, str) or (name == "fileAs" and new == old):
            continue
        body[name] = following(shown, old, new)
    return body
