"""The fields of a card and their values: pure reading. Names are the vCard's own, parts of a value after a dot."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from zohosyncd.connectors.carddav.categories import NAME as CATEGORIES
from zohosyncd.connectors.carddav.categories import categories_of
from zohosyncd.connectors.carddav.labels import label_of
from zohosyncd.connectors.carddav.naming import PARTS, Name, shown_name
from zohosyncd.connectors.carddav.vcard import Card, parameters
from zohosyncd.connectors.carddav.vcard import parse as parse_card
from zohosyncd.core.record import Item, Postal, Value
from zohosyncd.core.schema import Containers, Field, FieldType, Schema
from zohosyncd.core.spelling import squeeze

SCHEMA: Final = Schema.of(
    Field("N.family", FieldType.TEXT, "Family name", semantic="family_name"),
    Field("N.given", FieldType.TEXT, "Given name", semantic="given_name"),
    Field("N.additional", FieldType.TEXT, "Additional names", semantic="additional_name"),
    Field("N.prefix", FieldType.TEXT, "Prefix", semantic="prefix"),
    Field("N.suffix", FieldType.TEXT, "Suffix", semantic="suffix"),
    Field("FN", FieldType.TEXT, "Full name", semantic="full_name"),
    Field("NICKNAME", FieldType.TEXT, "Nickname", semantic="nickname"),
    Field("EMAIL", FieldType.EMAILS, "E-mail", semantic="emails"),
    Field("TEL", FieldType.PHONES, "Phone", semantic="phones"),
    Field("ORG", FieldType.TEXT, "Company", semantic="company"),
    Field("ORG.unit", FieldType.TEXT, "Department", semantic="department"),
    Field("TITLE", FieldType.TEXT, "Job title", semantic="title"),
    Field("ROLE", FieldType.TEXT, "Role"),
    Field("BDAY", FieldType.DATE, "Birthday", semantic="birthday", yearless=True),
    Field("NOTE", FieldType.TEXT, "Note", semantic="notes"),
    Field("URL", FieldType.URLS, "Web site", semantic="websites"),
    Field("ADR", FieldType.ADDRESS, "Address", semantic="address"),
    Field(CATEGORIES, FieldType.NAMES, "Categories"),
    containers={"categories": Containers(field=CATEGORIES)},
)
"""What we map of a card; everything else in it is kept and never looked at."""

FIELDS: Final = tuple(SCHEMA.fields)

ADDRESS_PARTS: Final = {2: "street", 3: "city", 4: "region", 5: "code", 6: "country"}
"""Places of an address in ADR (RFC 6350 section 6.3.1); post office box and extension, 0 and 1, are left alone."""


def schema_with(custom: Iterable[str]) -> Schema:
    """The schema with properties of the operator's own (``X-CUSTOMER-NUMBER``), each a text."""
    return replace(SCHEMA, fields={**SCHEMA.fields, **{name: Field(name, FieldType.TEXT) for name in custom}})


def is_custom(name: str) -> bool:
    """Whether this is the name of a property that no standard knows."""
    return name.startswith("X-")


def parse(text: str) -> Card:
    """A card from its text. Raises DataError for what is no card."""
    return parse_card(text)


def is_group(card: Card) -> bool:
    """Whether it is a list of people and no person."""
    return card.is_group


def uid_of(card: Card) -> str:
    """The card's UID without the ``urn:uuid:`` that version 4.0 puts before it."""
    uid = card.uid
    return uid[9:] if uid.lower().startswith("urn:uuid:") else uid


def revision(card: Card) -> float | None:
    """The moment in REV, in seconds since 1970; None where the card has none that can be read."""
    at = card.first("REV")
    if at is None:
        return None
    try:
        moment = datetime.fromisoformat(card.text(at).strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def values_of(card: Card, fields: Sequence[str]) -> dict[str, Value]:
    """The values of these fields; unknown names are empty.

    Raises:
        DataError: a line of the card cannot be decoded.
    """
    values: dict[str, Value] = {}
    if any(name in PARTS for name in fields):
        values.update(zip(PARTS, (part or None for part in shown(card)), strict=True))
    return {name: values[name] if name in values else _value(card, name) for name in fields}


def shown(card: Card) -> Name:
    """The name that the card shows."""
    name = name_of(card)
    if any(part.strip() for part in name):
        return name
    others = (*(item.value for _, item in items(card, "EMAIL")), *(item.value for _, item in items(card, "TEL")))
    known = (*others, _part(card, "ORG", 0) or "", _text(card, "NICKNAME") or "")
    return shown_name(name, _text(card, "FN") or "", frozenset(squeeze(each).casefold() for each in known))


def name_of(card: Card) -> Name:
    """The parts that stand in N."""
    at = main(card, "N")
    if at is None:
        return Name()
    plain = card.as_spelled(at)
    if plain is not None and "," not in plain and " " not in plain:
        return Name(*[part.strip() for part in plain.split(";")[:5]])  # one name a part, as nearly always
    return Name(*map(_several, card.component_lists(at)[:5]))


def main(card: Card, name: str) -> int | None:
    """The line that counts where one value is shown: the most preferred one that is not empty, else the first."""
    lines = card.positions(name)
    if len(lines) < 2:
        return lines[0] if lines else None
    filled = [at for at in lines if card.lines[at].value.strip(" ;,")] or lines
    return min(filled, key=lambda at: (card.parameters(at).preference or 101, at))


def items(card: Card, name: str) -> list[tuple[int, Item]]:
    """The e-mails, phones or web sites with the positions of their lines; empty ones are left out."""
    read: Callable[[str], str] = _READ[name]
    found = []
    for at in card.positions(name):
        value = read(card.text(at).strip())
        if value:
            line = card.lines[at]
            label = label_of(card.parameters(at).types, card.label(at)) if line.group else _label(line.params)
            found.append((at, Item(value, label)))
    return found


@lru_cache(maxsize=1024)
def _label(params: str) -> str:
    """The label of a line with these parameters and without a group."""
    return label_of(parameters.read(params).types, "")


def address_of(card: Card) -> Postal | None:
    """The address that counts, None where it is empty or missing."""
    at = main(card, "ADR")
    if at is None:
        return None
    components = card.components(at)
    parts = {part: components[place].strip() for place, part in ADDRESS_PARTS.items() if place < len(components)}
    return Postal(**parts) if any(parts.values()) else None


def _value(card: Card, name: str) -> Value:
    special = _SPECIAL.get(name)
    if special is not None:
        return special(card)
    return _text(card, name) if name in SCHEMA.fields or is_custom(name) else None


def _items(name: str) -> Callable[[Card], Value]:
    return lambda card: tuple([item for _, item in items(card, name)]) or None


def _birthday(card: Card) -> Value:
    at = main(card, "BDAY")
    return card.date(at) if at is not None else None


def _nickname(card: Card) -> Value:
    at = main(card, "NICKNAME")
    return _joined(card.items(at)) if at is not None else None


def _text(card: Card, name: str) -> str | None:
    at = main(card, name)
    return card.text(at).strip() or None if at is not None else None


def _part(card: Card, name: str, place: int) -> str | None:
    at = main(card, name)
    components = card.components(at) if at is not None else ()
    return components[place].strip() or None if place < len(components) else None


def _several(names: Sequence[str]) -> str:
    """One part of N: several names in it stand side by side, but a comma before a space was meant as a comma."""
    return "".join(f",{name}" if name.startswith(" ") else f" {name}" for name in names).strip()


def _joined(texts: Iterable[str]) -> str | None:
    return ", ".join(each.strip() for each in texts if each.strip()) or None


def _phone(value: str) -> str:
    """A number as typed; a ``tel:`` URI (RFC 3966) as people write it."""
    if not value.lower().startswith("tel:"):
        return value
    number, *parameters = unquote(value[4:]).split(";")
    extension = next((each[4:] for each in parameters if each.lower().startswith("ext=")), "")
    return f"{number} ext. {extension}" if extension else number


def _email(value: str) -> str:
    return value[7:] if value.lower().startswith("mailto:") else value


def _url(value: str) -> str:
    """An address; Google escapes its colons, and servers that do not know that escape its backslash once more."""
    return value.replace("\\:", ":")


_READ: Final[dict[str, Callable[[str], str]]] = {"EMAIL": _email, "TEL": _phone, "URL": _url}

_SPECIAL: Final[dict[str, Callable[[Card], Value]]] = {
    "EMAIL": _items("EMAIL"),
    "TEL": _items("TEL"),
    "URL": _items("URL"),
    "ORG": lambda card: _part(card, "ORG", 0),
    "ORG.unit": lambda card: _part(card, "ORG", 1),
    "BDAY": _birthday,
    "ADR": address_of,
    "NICKNAME": _nickname,
    CATEGORIES: categories_of,
}
"""The fields that are more than the text of a line."""
