"""Unconfirmed bases: what it means when an app shows something else than we sent.

After a write the base is what was sent, until a read shows the record. A server may store something else: shorter,
in another case, with other spacing. Such damage must never look like a person's edit, or it would travel back.
"""

from collections.abc import Collection
from dataclasses import replace

from zohosyncd.core.link import Base
from zohosyncd.core.normalised import may_be_normalised
from zohosyncd.core.record import Item, Record, Value


def confirm(base: Base, record: Record, *, exact_versions: bool, locked: Collection[str] = ()) -> Base:
    """The base after the app has shown the record.

    A field that was sent and is shown differently is *doubtful*, and the shown value becomes its base, where the
    app's version says that nobody else has written since (exact versions), or where the difference is one that
    servers make by themselves (``may_be_normalised``), or where the field has been locked since: the app then keeps
    what it had without a word. Any other difference is a person's edit: the base stays at
    what was sent, so that it counts as changed. With versions of whole seconds the second test always decides,
    because a person may edit in the very second of our write.

    Args:
        base: the side's base. record: the record as it is shown now; the echo of our own write confirms nothing.
        exact_versions: whether an equal version means equal content (etags). locked: see ``Schema.locked``.
    """
    if record.echo or not (base.unconfirmed or base.sent or base.also):
        return base
    values = dict(base.values)
    differing = {
        name: sent for name, sent in base.sent.items() if record.values.get(name, values.get(name)) == values.get(name)
    }
    ours = exact_versions and record.version is not None and record.version == base.version
    waiting: dict[str, Value] = {}
    for name, sent in base.unconfirmed.items():
        if name not in record.values:
            waiting[name] = sent
            continue
        shown = record.values[name]
        if shown != sent and (ours or name in locked or may_be_normalised(sent, shown)):
            values[name] = _after_doubt(values.get(name), sent, shown)
            differing[name] = sent
    also: dict[str, Value] = {}
    for name, other in base.also.items():
        if name not in record.values:
            also[name] = other
        elif record.values[name] == other:
            values[name] = other
    return replace(base, values=values, unconfirmed=waiting, sent=differing, also=also)


def _after_doubt(base: Value, sent: Value, shown: Value) -> Value:
    """The base of a doubtful field: what is shown; of a set only those elements that our write was about.

    Elements that the other person added meanwhile were sent along and are shown, but are not agreed yet.
    """
    if not (isinstance(base, tuple) and isinstance(sent, tuple) and isinstance(shown, tuple)):
        return shown
    sent_values = {item.value for item in sent}
    shown_values = {item.value for item in shown}
    kept: list[Item] = [item for item in base if item.value in shown_values or item.value not in sent_values]
    kept += [item for item in shown if item.value not in sent_values]
    return tuple(kept)
