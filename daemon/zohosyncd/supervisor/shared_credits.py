"""Accounts that are logins of one organisation: the app counts their credits together, and each of them alone.

Each account keeps to its own share, and hears from the app what others have spent. What they may spend together is the
operator's to decide, so it is told.
"""

from collections.abc import Iterable
from typing import Final

from zohosyncd.core.errors import SyncError
from zohosyncd.supervisor.accounts import AccountUnit

_HINT: Final = "lower credit_share in their files if other tools need more"


async def shared_credits(units: Iterable[AccountUnit]) -> dict[str, list[str]]:
    """By account, the other accounts of the same organisation; only those whose app counts credits and that work."""
    known: dict[tuple[str, str], list[str]] = {}
    for unit in units:
        try:
            info = await unit.check()
        except SyncError:
            continue
        if unit.use.allowance is not None and info.identity:
            known.setdefault((unit.settings.app, info.identity), []).append(unit.name)
    return {name: [each for each in names if each != name] for names in known.values() for name in names}


def note(unit: AccountUnit, others: Iterable[AccountUnit]) -> str:
    """What an operator should know of an account and others of its organisation."""
    shares = [each.use.allowance.share for each in (unit, *others) if each.use.allowance is not None]
    names = " and ".join(each.name for each in others)
    return f"the same organisation as {names}: together they may spend {sum(shares):.0%} of its credits; {_HINT}"
