"""Lenses: how a field of one app is seen, compared and written back without touching what did not change.

A mapped pair has one lens a side; both show the same kind of :data:`View`. Laws, for every lens (Foster et al.,
"Combinators for bidirectional tree transformations", TOPLAS 29(3), 2007, weakened to equality up to ``canon``):

* GetPut: ``put(get(values), values)`` changes nothing;
* PutGet: ``get(put(view, values))`` equals ``view`` up to canon, where ``refuses(view, values)`` is None, or shows
  as much of it as this side can (``shows_part``: a text cut at its length, a set without what has no slot);
* ``canon(canon(view)) == canon(view)``.
"""

from collections.abc import Hashable
from typing import Protocol

from zohosyncd.core.record import Item, Owner, Postal, Value, Values

View = None | bool | int | float | str | Postal | Owner | tuple[Item, ...]
"""What a lens shows of a record: text, flag, number, a date as text, an address, or a set of items. None = empty."""


class Lens(Protocol):
    """One side of a mapped pair."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The app's fields that it reads and writes, all of which must have been read before it is used."""
        ...

    def get(self, values: Values) -> View:
        """What these field values show."""
        ...

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """New values for those of its fields that have to change so that ``get`` shows the view; {} if none.

        Only the changed part is touched: a phone that only differs in spelling stays as it was typed, an item that
        stays keeps its slot and label. A view that is refused changes nothing.
        """
        ...

    def refuses(self, view: View, values: Values | None = None) -> str | None:
        """Why this side cannot store the view (a fixed phrase without personal data), None if it can.

        Args:
            view: what should be shown.
            values: the record that would be changed, None where it would be created. Some answers depend on it: a
                full name can be stored if it is clear which of the old parts changed.
        """
        ...

    def shows_part(self, view: View, whole: View) -> bool:
        """Whether ``view`` differs from ``whole`` only in what this side cannot hold or does not know.

        True for a text that was cut at the field's length, and for a date without its year. Such a view is no
        edit and no clash: the whole stays where it is, and may be written over the part, never the reverse.
        """
        ...


class Canon(Protocol):
    """How the views of one pair are compared."""

    def __call__(self, view: View) -> Hashable:
        """The comparable form: equal exactly when a person would say "the same". Empty text, None and () are one."""
        ...
