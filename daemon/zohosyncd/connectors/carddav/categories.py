"""CATEGORIES of a card (RFC 6350 section 6.7.1, RFC 2426 section 3.7.1): several lines and lists, one set of names."""

from collections.abc import Sequence

from zohosyncd.connectors.carddav.vcard import Card, Edit, values
from zohosyncd.core.errors import DataError
from zohosyncd.core.name_sets import as_value, difference
from zohosyncd.core.record import Item, Value
from zohosyncd.core.spelling import fold

NAME = "CATEGORIES"


def categories_of(card: Card) -> tuple[Item, ...]:
    """The names on all lines, each once in its first spelling; () for none."""
    return as_value(name.strip() for at in card.positions(NAME) for name in card.items(at))


def change_categories(card: Card, edit: Edit, wished: Value) -> None:
    """Make the card's lines show these names: what is new comes at the end of the last line that stays.

    Lines that lose nothing and gain nothing stay as they are; a line that loses its last name goes.

    Raises:
        DataError: a name cannot be spelled in the card's version.
    """
    added, removed = difference(categories_of(card), wished)
    if card.version == "2.1" and any("," in name for name in added):
        raise DataError("a category of a card in version 2.1 has no comma")
    gone = set(map(fold, removed))
    kept = {at: _kept(card, at, gone) for at in card.positions(NAME)}
    last = next((at for at, parts in reversed(kept.items()) if parts), None)
    for at, parts in kept.items():
        new = [values.escape(name, card.version) for name in added] if at == last else []
        if not parts and _filled(card, at):
            edit.delete_with_labels(at)
        elif new or len(parts) < len(_spelled(card, at)):
            edit.replace(at, ",".join([*parts, *new]))
    if added and last is None:
        edit.insert(NAME, values.joined_list(added, card.version))


def _kept(card: Card, at: int, gone: set[str]) -> list[str]:
    """The names of a line that stay, as they are spelled there; [] for a line without names."""
    parts = [
        part for part, name in zip(_spelled(card, at), card.items(at), strict=True) if fold(name.strip()) not in gone
    ]
    return parts if any(part.strip() for part in parts) else []


def _filled(card: Card, at: int) -> bool:
    return any(name.strip() for name in card.items(at))


def _spelled(card: Card, at: int) -> Sequence[str]:
    line = card.lines[at]
    if line.is_quoted_printable:
        # It is written plainly once it changes.
        return [values.escape(name, card.version) for name in card.items(at)]
    return values.split_list(line.value)
