"""The names of tags, labels, groups or lists as a set that two apps keep the same, each within its limits."""

from dataclasses import dataclass
from typing import Final

from zohosyncd.core.lens import View
from zohosyncd.core.lens.items import distinct, items_of
from zohosyncd.core.name_sets import as_value, names_of
from zohosyncd.core.record import Item, Value, Values
from zohosyncd.core.schema import Containers, Field, Schema
from zohosyncd.core.spelling import fold

_UNLIMITED: Final = Containers()


@dataclass(frozen=True, slots=True)
class NamesLens:
    """A field of names, compared without regard to case; ``limits``: what the app allows of them.

    What the app cannot hold is left out and told (:meth:`left_out`); it is no deletion.
    """

    name: str
    limits: Containers = _UNLIMITED

    @property
    def fields(self) -> tuple[str, ...]:
        """The one field."""
        return (self.name,)

    def get(self, values: Values) -> View:
        """The names, each once; () for nothing."""
        return as_value(names_of(values.get(self.name)))

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """The whole set: what stays in its spelling and place, new names behind, as the app spells existing ones."""
        held = self._held(view, values)
        before = names_of(values.get(self.name))
        return {} if set(map(fold, before)) == set(held) else {self.name: as_value(held.values())}

    def refuses(self, view: View, values: Values | None = None) -> str | None:  # noqa: ARG002  part of the protocol
        """Never as a whole."""
        return None

    def shows_part(self, view: View, whole: View) -> bool:
        """Whether the view is what the app can hold of the whole."""
        shown, everything = distinct(items_of(view), fold), distinct(items_of(whole), fold)
        if len(shown) >= len(everything) or not shown.keys() <= everything.keys():
            return False
        return set(self._held(whole, {self.name: None})) == set(shown)

    def left_out(self, view: View, values: Values) -> tuple[tuple[Item, str], ...]:
        """The names of a view that the app cannot hold beside the others, each with the reason."""
        held = self._held(view, values)
        wanted = distinct(items_of(view), fold)
        return tuple((item, self._unfit(item.value) or self._full()) for key, item in wanted.items() if key not in held)

    def _held(self, view: View, values: Values) -> dict[str, str]:
        """The names that the field will show, by their folded form."""
        wanted = distinct(items_of(view), fold)
        spelled = {fold(each): each for each in self.limits.names or ()}
        held = {key: each for each in names_of(values.get(self.name)) if (key := fold(each)) in wanted}
        for key, item in wanted.items():
            full = self.limits.most is not None and len(held) >= self.limits.most
            if key not in held and not full and self._unfit(item.value) is None:
                held[key] = spelled.get(key, item.value)
        return held

    def _unfit(self, name: str) -> str | None:
        limits = self.limits
        if limits.max_length is not None and len(name) > limits.max_length:
            return f"longer than {limits.max_length} characters"
        known = {fold(each) for each in limits.names or ()}
        if limits.names is not None and not limits.creatable and fold(name) not in known:
            return "the app has none of this name, and makes none"
        return None

    def _full(self) -> str:
        return f"more than {self.limits.most} on one record"


def names_lens(field: Field, schema: Schema) -> NamesLens:
    """The lens of a field of names, with the limits of its containers, or of the choices that it is made of."""
    for each in schema.containers.values():
        if each.field == field.name:
            return NamesLens(field.name, each)
    return NamesLens(field.name, Containers(field.choices, creatable=False) if field.choices else _UNLIMITED)
