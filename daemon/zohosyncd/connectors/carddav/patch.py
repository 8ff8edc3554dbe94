"""A card with some fields changed: only the lines of these fields change, everything else stays as it was written."""

import re
from typing import Final

from zohosyncd.connectors.carddav.categories import NAME as CATEGORIES
from zohosyncd.connectors.carddav.categories import change_categories
from zohosyncd.connectors.carddav.fields import (
    ADDRESS_PARTS,
    SCHEMA,
    address_of,
    is_custom,
    items,
    main,
    name_of,
    parse,
    shown,
)
from zohosyncd.connectors.carddav.item_lines import change_items
from zohosyncd.connectors.carddav.naming import PARTS, Name, joined, rejoined
from zohosyncd.connectors.carddav.vcard import Card, Edit, blank, values
from zohosyncd.core.dates import canonical_date
from zohosyncd.core.errors import DataError
from zohosyncd.core.record import Item, Postal, Value, Values

_TEXTS: Final = ("TITLE", "ROLE", "NOTE")
_LISTS: Final = ("EMAIL", "TEL", "URL")
_LINE_END: Final = re.compile(r"\r*\n")


def edited(text: str, patch: Values) -> str:
    """The card's text with the patch applied, with the line ends that vCards have.

    Raises:
        DataError: the card cannot be read, or a value does not fit its property.
    """
    # XML turns CR LF into LF (XML 1.0 section 2.11), so a card that came in a report has lost its line ends.
    return _LINE_END.sub("\r\n", _applied(parse(text), patch).serialise())


def new_card(uid: str, patch: Values, *, version: str) -> str:
    """The text of a new card.

    Args:
        uid: unique, written as a URN in version 4.0.
        patch: its values.
        version: "3.0" or "4.0".

    Raises:
        DataError: a value does not fit its property.
    """
    card = blank(version, f"urn:uuid:{uid}" if version == "4.0" else uid)
    # A card has FN and N whatever else it has (RFC 2426 sections 3.1.1 and 3.1.2).
    return _applied(card, {"FN": None, **dict.fromkeys(PARTS), **patch}).serialise()


def _applied(card: Card, patch: Values) -> Card:
    custom = [name for name in patch if is_custom(name)]
    if not patch.keys() - set(custom) <= SCHEMA.fields.keys():
        raise DataError("the patch has a field that cards do not have")
    edit = Edit(card)
    _names(card, edit, patch)
    for name in _LISTS:
        if name in patch:
            change_items(card, edit, name, _as_items(patch[name]))
    if "ORG" in patch or "ORG.unit" in patch:
        _organisation(card, edit, patch)
    for name in (*_TEXTS, *custom):
        if name in patch:
            _text(card, edit, name, _as_text(patch[name]))
    if "NICKNAME" in patch:
        _nickname(card, edit, _as_text(patch["NICKNAME"]))
    if "BDAY" in patch:
        _birthday(card, edit, _as_text(patch["BDAY"]))
    if "ADR" in patch:
        _address(card, edit, patch["ADR"])
    if CATEGORIES in patch:
        change_categories(card, edit, _as_items(patch[CATEGORIES]))
    return edit.card()


def _names(card: Card, edit: Edit, patch: Values) -> None:
    """N with its changed parts, and FN: as patched, else joined anew if it was the joined name or missing."""
    given = {part: _as_text(patch[part]) for part in PARTS if part in patch}
    if not given and "FN" not in patch:
        return
    before = shown(card)
    after = Name(*(given.get(part, old) for part, old in zip(PARTS, before, strict=True)))
    at, formatted_at = main(card, "N"), main(card, "FN")
    formatted = card.text(formatted_at) if formatted_at is not None else ""
    wanted = _as_text(patch["FN"]) if "FN" in patch else ""
    new = wanted or (rejoined(before, after, formatted) if not formatted or given else joined(after))
    if new is not None:
        new = new or _instead_of_a_name(card, patch)
        if formatted_at is None:
            edit.insert_text("FN", new, after=_behind(card, "UID", "VERSION"))
        elif new != formatted:
            edit.replace_text(formatted_at, new)
    if not given:
        return
    if at is None:
        edit.insert_components("N", after, after=formatted_at or _behind(card, "UID", "VERSION"))
        return
    written = name_of(card)
    changes = {place: part for place, part in enumerate(after) if part != written[place]}
    if changes:
        edit.replace_components(at, changes)


def _instead_of_a_name(card: Card, patch: Values) -> str:
    """FN of a card without a name: company, nickname, e-mail or phone, as address books show it."""
    company = card.components(at)[0] if (at := main(card, "ORG")) is not None else ""
    texts = [_as_text(patch["ORG"]) if "ORG" in patch else company.strip()]
    if "NICKNAME" in patch:
        texts.append(_as_text(patch["NICKNAME"]))
    for name in ("EMAIL", "TEL"):
        known = _as_items(patch[name]) if name in patch else [item for _, item in items(card, name)]
        texts += [item.value for item in known]
    return next((text for text in texts if text), "")


def _organisation(card: Card, edit: Edit, patch: Values) -> None:
    at = main(card, "ORG")
    wanted = {place: _as_text(patch[name]) for place, name in enumerate(("ORG", "ORG.unit")) if name in patch}
    if at is None:
        if any(wanted.values()):
            parts = [wanted.get(0, ""), wanted.get(1, "")]
            edit.insert_components("ORG", parts if parts[1] else parts[:1])
        return
    there = [part.strip() for part in card.components(at)]
    changes = {place: text for place, text in wanted.items() if text != (there[place] if place < len(there) else "")}
    kept = [part for place, part in enumerate(there) if place not in changes]
    if changes and not any(kept) and not any(changes.values()):
        edit.delete_with_labels(at)
    elif changes:
        edit.replace_components(at, changes)


def _text(card: Card, edit: Edit, name: str, text: str) -> None:
    at = main(card, name)
    if at is None:
        if text:
            edit.insert_text(name, text)
    elif not text:
        edit.delete_with_labels(at)
    elif text != card.text(at):
        edit.replace_text(at, text)


def _nickname(card: Card, edit: Edit, text: str) -> None:
    """A list in the card, one text with commas for us."""
    at, names = main(card, "NICKNAME"), [each.strip() for each in text.split(",") if each.strip()]
    if at is None:
        if names:
            edit.insert("NICKNAME", values.joined_list(names, card.version))
    elif not names:
        edit.delete_with_labels(at)
    else:
        edit.replace_items(at, names)


def _birthday(card: Card, edit: Edit, text: str) -> None:
    at, day = main(card, "BDAY"), canonical_date(text) if text else ""
    if day is None:
        raise DataError("the birthday is no date")
    if at is None:
        if day:
            edit.insert_date("BDAY", day)
    elif not day:
        edit.delete_with_labels(at)
    elif day != card.date(at):
        edit.replace_date(at, day)


def _address(card: Card, edit: Edit, value: Value) -> None:
    at = main(card, "ADR")
    wanted = value if isinstance(value, Postal) else Postal()
    if at is None:
        if wanted != Postal():
            texts = [getattr(wanted, ADDRESS_PARTS[place]) if place in ADDRESS_PARTS else "" for place in range(7)]
            edit.insert_components("ADR", texts)
        return
    if wanted == Postal():
        edit.delete_with_labels(at)
        return
    there = address_of(card) or Postal()
    changes = {
        place: getattr(wanted, part)
        for place, part in ADDRESS_PARTS.items()
        if getattr(wanted, part) != getattr(there, part)
    }
    if changes:
        edit.replace_components(at, changes)


def _behind(card: Card, *names: str) -> int | None:
    """The first line of the first of these properties that the card has."""
    return next((at for name in names if (at := card.first(name)) is not None), None)


def _as_text(value: Value) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    raise DataError("a text was expected")


def _as_items(value: Value) -> tuple[Item, ...]:
    if isinstance(value, tuple):
        return value
    if value is None:
        return ()
    raise DataError("a list was expected")
