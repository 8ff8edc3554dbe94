"""What can be turned while the org runs, to see what a client makes of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from .bells import Bells
from .credits import Purse
from .crm import Crm
from .refusals import SPELLINGS
from .times import Zone

_SETUP: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(("search_lag", "skew", "bell_delay", "bell_lost", "bulk_takes"), float),
    **dict.fromkeys(
        ("strict_picklists", "tags_modify", "tags_in_rows", "queries", "bulk", "counts", "restored_stay"), bool
    ),
    **dict.fromkeys(("token_reach", "query_reach", "bell_times", "bulk_rows", "bulk_failures"), int),
}
_RIGHTS: Final = frozenset({"hidden", "read_only", "restricted"})


def turn(crm: Crm, purse: Purse, bells: Bells, name: str, value: Any) -> bool:
    """Turn one knob; False where it is none of these.

    Those of ``ZohoSetup`` by its words, times in seconds; ``credits`` per day, ``others_spend`` (credits, at once),
    ``spelling`` of refusals; ``lock`` and ``unlock`` with ids; ``forget_channels`` loses notifications without a word;
    ``user`` (id or e-mail address) whose logins are used, ``time_zone`` of that user; ``hidden``, ``read_only`` and
    ``restricted`` with names of fields.
    """
    if name in _SETUP:
        setattr(crm.setup, name, _SETUP[name](value))
        return True
    if name in _RIGHTS:
        crm.setup.rights = replace(crm.setup.rights, **{name: frozenset(map(str, value))})
        return True
    match name:
        case "credits":
            purse.limit = int(value)
        case "others_spend":
            purse.take(int(value))
        case "spelling" if value in SPELLINGS:
            crm.setup.spelling = value
        case "lock":
            crm.locked.update(map(int, value))
        case "unlock":
            crm.locked.difference_update(map(int, value))
        case "forget_channels":
            bells.channels.clear()
        case "time_zone":
            crm.zones[crm.login.number] = Zone(str(value))
        case "user":
            crm.login = crm.user_named(str(value))
        case _:
            return False
    return True
