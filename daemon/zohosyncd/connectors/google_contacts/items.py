"""E-mails, phones and web sites: the entries for the items that are wanted, with as few changes as possible. Pure."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from zohosyncd.connectors.google_contacts.labels import label_of, type_for
from zohosyncd.connectors.google_contacts.person import Entry, text
from zohosyncd.connectors.google_contacts.values import items_of
from zohosyncd.core.record import Item

_DERIVED: Final = frozenset({"canonicalForm"})
"""What Google makes of a value by itself: of another value it would be wrong."""

_ALIKE: Final[tuple[Callable[[Item, Item], bool], ...]] = (
    lambda old, new: old == new,
    lambda old, new: old.value == new.value,
    lambda old, new: old.label == new.label,
    lambda old, new: not old.label or not new.label,
)
"""Which entry an item takes over, the closest first. A work number that went and a mobile number that came are two
changes and share no entry, or the new one would have the old one's name and notes."""


def with_items(field: str, there: Sequence[Entry], wanted: Sequence[Item]) -> list[Entry]:
    """The entries of a field that show these items.

    Args:
        field: its name. there: its entries now; those that stay are the same objects. wanted: in any order; blank ones
            are left out.
    """
    old, missing = items_of(there), [each for each in wanted if each.value.strip()]
    taken: dict[int, Item] = {}
    for alike in _ALIKE:
        for at, item in enumerate(old):
            if at in taken or not item.value:
                continue
            new = next((each for each in missing if alike(item, each)), None)
            if new is not None:
                missing.remove(new)
                taken[at] = new
    kept = [_changed(field, entry, taken[at]) for at, entry in enumerate(there) if at in taken]
    return [*kept, *(_made(field, each) for each in missing)]


def _changed(field: str, entry: Entry, new: Item) -> Entry:
    value, label = text(entry, "value").strip(), label_of(text(entry, "type"))
    relabelled = new.label not in {"", label}  # no label says nothing against the one that is there
    if value == new.value.strip() and not relabelled:
        return entry
    changed = {name: each for name, each in entry.items() if name not in _DERIVED or value == new.value.strip()}
    changed["value"] = text(entry, "value") if value == new.value.strip() else new.value.strip()
    if relabelled:
        changed.pop("formattedType", None)
        changed["type"] = type_for(field, new.label)
    return changed


def _made(field: str, item: Item) -> Entry:
    entry: dict[str, Any] = {"value": item.value.strip()}
    if type_ := type_for(field, item.label):
        entry["type"] = type_
    return entry
