"""What forms of an app want filled, and nobody fills: told before the first record is refused for it."""

from collections.abc import Iterator, Mapping

from zohosyncd.core.mapping import ContactMapping
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import SIDES, Side
from zohosyncd.settings import Connection
from zohosyncd.settings.actions import On, SetField
from zohosyncd.supervisor.accounts import AccountUnit


def wanting(
    settings: Connection,
    accounts: Mapping[Side, AccountUnit],
    schemas: Mapping[Side, Schema],
    mapping: ContactMapping,
) -> Iterator[str]:
    """A note for each field of a side on which records are created that its forms want filled, and nothing fills."""
    for side in SIDES:
        if not settings.direction.writes(side):
            continue
        filled = {
            name for pair in mapping.pairs if pair.direction.writes(side) for name in pair.fields(side)
        } | _set_by_rules(settings, side)
        for field in schemas[side]:
            if field.wanted_by and not field.required and field.name not in filled:
                forms = " and ".join(f'"{form}"' for form in field.wanted_by)
                yield (
                    f"{accounts[side].name}: the layout {forms} wants {field.name} filled, and nothing here fills it: "
                    "records created without it may be refused, or be incomplete; map it, or let a rule set it"
                )


def _set_by_rules(settings: Connection, side: Side) -> set[str]:
    """Fields that every rule towards a side sets on a new record."""
    ruled = [
        {action.set for action in rule.then if isinstance(action, SetField) and action.on is not On.UPDATE}
        for rule in settings.rules
        if rule.from_ is side.other
    ]
    return set.intersection(*ruled) if ruled else set()
