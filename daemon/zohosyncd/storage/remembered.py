"""What a link remembers beside its bases: effects of rules that will be undone, and consent; encrypted as one."""

from collections.abc import Mapping
from typing import Final

from zohosyncd.core.consent import ConsentBase, ConsentState
from zohosyncd.core.link import Link
from zohosyncd.core.record import Item, Value, Values
from zohosyncd.core.rules.applied import Applied
from zohosyncd.core.side import SIDES, Side
from zohosyncd.storage.codec import Codec

_NOTHING: Final = Applied()
_UNASKED: Final = ConsentBase()


def remembered(codec: Codec, link: Link, connection_id: int, number: int) -> bytes | None:
    """What is stored of it, None for nothing, as in connections without rules and consent."""
    applied = [link.applied.get(side, _NOTHING) for side in SIDES]
    if link.consent == _UNASKED and all(each == _NOTHING for each in applied):
        return None
    parts = [part for each in applied for part in (each.before, each.given)]
    return codec.seal_all([*parts, _consent(link.consent)], "link", connection_id, number, "remembered")


def recalled(
    codec: Codec, sealed: bytes | None, connection_id: int, number: int
) -> tuple[Mapping[Side, Applied], ConsentBase]:
    """What :func:`remembered` stored."""
    if sealed is None:
        return {}, _UNASKED
    *parts, consent = codec.open_all(sealed, "link", connection_id, number, "remembered")
    applied = {
        side: Applied(before, given)
        for side, before, given in zip(SIDES, parts[::2], parts[1::2], strict=True)
        if given
    }
    return applied, _base(consent)


def _consent(base: ConsentBase) -> Values:
    values: dict[str, Value] = {}
    if base.left is not None:
        values["left"] = base.left.value
    if base.right is not None:
        values["right"] = base.right.value
    if base.opted_out is not None:
        values["opted_out"] = base.opted_out
    for name, sides in (("refused", base.refused), ("new", base.new)):
        if sides:
            values[name] = tuple(Item(side.value) for side in sorted(sides))
    return values


def _base(values: Values) -> ConsentBase:
    left, right, at = (values.get(name) for name in ("left", "right", "opted_out"))
    refused, new = (_sides(values.get(name)) for name in ("refused", "new"))
    return ConsentBase(
        ConsentState(left) if isinstance(left, str) else None,
        ConsentState(right) if isinstance(right, str) else None,
        float(at) if isinstance(at, int | float) else None,
        refused,
        new,
    )


def _sides(value: Value) -> frozenset[Side]:
    return frozenset(Side(item.value) for item in value) if isinstance(value, tuple) else frozenset()
