"""E-mails, phones and web sites of a card: lines for the items that are wanted, with as few changes as possible."""

from collections.abc import Callable, Sequence
from typing import Final

from zohosyncd.connectors.carddav.fields import items
from zohosyncd.connectors.carddav.labels import relabelled, types_for
from zohosyncd.connectors.carddav.vcard import Card, Edit, parameters, values
from zohosyncd.core.record import Item

_LIKE: Final[tuple[Callable[[Item, Item], bool], ...]] = (
    lambda old, new: old == new,
    lambda old, new: old.value == new.value,
    lambda old, new: old.label == new.label,
    lambda old, new: not old.label or not new.label,
)
"""Which line an item goes to, the best fit of all items first. A removed work number and an added mobile number are
two edits: they share no line."""


def change_items(card: Card, edit: Edit, name: str, wanted: Sequence[Item]) -> None:
    """Make a card's lines of one property show these items; their order does not count.

    Args:
        card: the card as it is.
        edit: collects the changes.
        name: EMAIL, TEL or URL.
        wanted: the items; those without text are left out.
    """
    there, missing = items(card, name), [item for item in wanted if item.value.strip()]
    for like in _LIKE:
        unused = []
        for at, old in there:
            new = next((each for each in missing if like(old, each)), None)
            if new is None:
                unused.append((at, old))
            else:
                missing.remove(new)
                _change(card, edit, name, at, old, new)
        there = unused
    for at, _ in there:
        edit.delete_with_labels(at)
    place = next(reversed(card.positions(name)), None)
    for item in missing:
        types = types_for(name, item.label, card.version)
        params = [("TYPE", types)] if types else []
        edit.insert(name, _value(name, item.value, card.version), params=params, after=place)


def _change(card: Card, edit: Edit, name: str, at: int, old: Item, new: Item) -> None:
    if new == old or (new.value == old.value and not new.label):
        return  # no label says nothing against the one that is there
    line = card.lines[at]
    value = line.value if new.value == old.value else _value(name, new.value, card.version)
    params = None
    if new.label and new.label != old.label:
        params = parameters.written(relabelled(card.parameters(at), name, new.label, card.version))
        for other, label in enumerate(card.lines):
            if line.group and label.name == "X-ABLABEL" and label.group.upper() == line.group.upper():
                edit.delete(other)
    if name == "TEL" and new.value != old.value and line.value.strip().lower().startswith("tel:"):
        # A number as people write it is no URI.
        params = parameters.without(line.params if params is None else params, ("VALUE",))
    if line.is_quoted_printable and new.value == old.value:
        value = values.escape(card.text(at), card.version)
    edit.replace(at, value, params=params)


def _value(name: str, text: str, version: str) -> str:
    """The text as a value; an address of the web has no escapes, unless it holds what would look like one."""
    if name == "URL" and "\\" not in text and text.isprintable():
        return text.strip()
    return values.escape(text.strip(), version)
