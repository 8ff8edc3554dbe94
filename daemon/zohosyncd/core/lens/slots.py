"""Several single fields as one set: items stay in their slots, what has no slot lives on the other side alone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from zohosyncd.core.lens import View
from zohosyncd.core.lens.items import Key, distinct, items_of
from zohosyncd.core.lens.text import anything
from zohosyncd.core.record import Item, Value, Values


@dataclass(frozen=True, slots=True)
class Slot:
    """One single field of a set: its name, what it is for, how much it holds, and whether it may be written."""

    name: str
    label: str = ""
    max_length: int | None = None
    writable: bool = True
    required: bool = False
    invalid: Callable[[str], str | None] = anything

    def holds(self, item: Item) -> bool:
        """Whether this item can stand here."""
        fits = self.max_length is None or len(item.value) <= self.max_length
        return self.writable and fits and self.invalid(item.value) is None


@dataclass(frozen=True, slots=True)
class SlotsLens:
    """Single fields shown as a set of items, best slot first; ``key`` is the comparable form of one item.

    The memory of which item has which slot is the record itself. Items beyond the slots are left out without a
    word: they are no deletions, as each side is compared with its own base.
    """

    slots: tuple[Slot, ...]
    key: Key

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields, best slot first."""
        return tuple(slot.name for slot in self.slots)

    def get(self, values: Values) -> View:
        """The items of the filled slots, each with its slot's label."""
        found = []
        for slot in self.slots:
            text = values.get(slot.name)
            if isinstance(text, str) and text and not text.isspace():
                found.append(Item(text, slot.label))
        return tuple(found)

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """New values of the slots that change: what stays keeps its slot, the rest goes as :meth:`_place` says."""
        wanted = distinct(items_of(view), self.key)
        changes: dict[str, Value] = {}
        free: list[Slot] = []
        emptied: list[Slot] = []
        for slot in self.slots:
            name = self._key_in(slot, values)
            if name and name in wanted:
                wanted[name] = _STAYS
            elif name and slot.writable:
                emptied.append(slot)
            elif not name:
                free.append(slot)
        added = [item for item in wanted.values() if item is not _STAYS]
        placed = self._place(added, emptied, free)
        for slot in emptied:
            if slot.name not in placed and not slot.required:
                changes[slot.name] = None
        changes.update(placed)
        return changes

    @staticmethod
    def _place(added: Iterable[Item], emptied: list[Slot], free: list[Slot]) -> dict[str, Value]:
        """Slots for added items: of the same label, then one whose item goes (a replaced value), then any free one."""
        placed: dict[str, Value] = {}
        waiting = list(added)
        for same_label, slots in ((True, emptied + free), (False, emptied + free)):
            for item in tuple(waiting):
                for slot in slots:
                    if slot.name not in placed and slot.holds(item) and (not same_label or slot.label == item.label):
                        placed[slot.name] = item.value
                        waiting.remove(item)
                        break
        return placed

    def _key_in(self, slot: Slot, values: Values) -> str:
        text = values.get(slot.name)
        return self.key(text) if isinstance(text, str) and text else ""

    def left_out(self, view: View, values: Values) -> tuple[Item, ...]:
        """The items of a view that would have no slot in this record after ``put``."""
        after = dict(values) | self.put(view, values)
        held = {self._key_in(slot, after) for slot in self.slots}
        return tuple(item for name, item in distinct(items_of(view), self.key).items() if name not in held)

    def refuses(self, view: View, values: Values | None = None) -> str | None:  # noqa: ARG002  part of the protocol
        """Never as a whole: what does not fit is left out."""
        return None

    def shows_part(self, view: View, whole: View) -> bool:
        """Whether the view is what the slots can hold of the whole."""
        shown, everything = distinct(items_of(view), self.key), distinct(items_of(whole), self.key)
        if len(shown) >= len(everything) or not shown.keys() <= everything.keys():
            return False
        return len(self.left_out(whole, dict.fromkeys(self.fields))) == len(everything) - len(shown)


_STAYS = Item("")
