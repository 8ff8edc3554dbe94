"""What an outcome does to a link: both bases move, of exactly the fields that were written."""

from collections.abc import Mapping
from dataclasses import replace

from zohosyncd.core.confirm import confirm
from zohosyncd.core.link import Link, LinkStatus
from zohosyncd.core.mapping import ContactMapping, Pair
from zohosyncd.core.record import Record, Value, Values
from zohosyncd.core.side import Side


def arrived(
    link: Link,
    side: Side,
    *,
    patch: Values,
    source: Values,
    agreed: Values,
    version: str | None,
    stored: Record | None,
    exact_versions: bool,
) -> Link:
    """The link after a write to ``side`` was carried out.

    Args:
        patch, source, agreed: as in the intent. version: the version that the app answered.
        stored: the record as the app shows it afterwards, where it says so; else the base stays unconfirmed.
    """
    old = link.base(side.other)
    link = link.with_base(side.other, replace(old, values={**old.values, **source}))
    base = link.base(side)
    before = replace(base, unconfirmed=_without(base.unconfirmed, patch))
    if stored is not None:
        # This write's version says nothing of what an earlier one has sent: a person may have edited it in between.
        before = confirm(before, stored, exact_versions=False)
    base = replace(
        before,
        values={**before.values, **agreed},
        version=version,
        unconfirmed={**before.unconfirmed, **patch},
        sent=_without(before.sent, patch),
        also=_without(before.also, patch),
    )
    if stored is not None:
        base = confirm(base, stored, exact_versions=exact_versions)
        base = replace(base, version=stored.version)
    return replace(link.with_base(side, base), status=LinkStatus.LIVE)


def doubted(link: Link, side: Side, *, patch: Values) -> Link:
    """The link after an update whose outcome is not known was seen not to have arrived: it may still do so.

    The value sent counts as unchanged, beside the base's own.
    """
    base = link.base(side)
    known = {name: value for name, value in patch.items() if name in base.values}
    return link.with_base(side, replace(base, also={**base.also, **known}))


def cut_short(mapping: ContactMapping, side: Side, *, source: Values, agreed: Values) -> tuple[Pair, ...]:
    """The pairs of which a written side cannot show everything that the source says: cut texts, items without a slot.

    Args:
        mapping: the pairs. side: the side written to. source, agreed: as in the intent.
    """
    found = []
    for pair in mapping.pairs:
        lens, other = pair.lens(side), pair.lens(side.other)
        if all(name in source for name in other.fields) and all(name in agreed for name in lens.fields):
            whole, shown = other.get(source), lens.get(agreed)
            if shown != whole and pair.canon(shown) != pair.canon(whole) and lens.shows_part(shown, whole):
                found.append(pair)
    return tuple(found)


def _without(values: Values, names: Values) -> Mapping[str, Value]:
    return {name: value for name, value in values.items() if name not in names}
