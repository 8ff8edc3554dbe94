"""How an operator names things: connections, their sides, and records by the app's id or by e-mail."""

from typing import TYPE_CHECKING

from zohosyncd.core.emails import canonical_email, valid_email
from zohosyncd.core.errors import UsageError
from zohosyncd.core.keys import MatchKey
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.settings import Connection
from zohosyncd.supervisor.connections import ConnectionUnit

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon


def known(daemon: "Daemon", name: str) -> ConnectionUnit:
    """An enabled connection. Raises UsageError for any other name."""
    return daemon.connection(name)


def side_named(settings: Connection, word: str) -> Side:
    """A side by left, right or the name of its account. Raises UsageError for anything else."""
    accounts = {side: settings.place(side).account for side in SIDES}
    if word in set(Side):
        return Side(word)
    found = [side for side in SIDES if accounts[side] == word]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"both sides of connection {settings.name} are of account {word}", hint="say left or right")
    names = " or ".join(dict.fromkeys(accounts.values()))
    raise UsageError(f"connection {settings.name} has no side {word}", hint=f"say left, right, {names}")


async def records_named(world: World, plan: Plan, side: Side, query: str) -> list[str]:
    """Ids of a side's records that an id or an e-mail names; the id first."""
    object_id = plan.endpoint(side).object_id
    found = list(await world.store.rows(object_id, [query]))
    if valid_email(query):
        keys = [MatchKey(kind, canonical_email(query)) for kind in plan.levels if kind.startswith("email/")]
        holders = await world.store.holders(object_id, world.store.digests(keys))
        found += [record for records in holders.values() for record in records if record not in found]
    return found


async def record_named(world: World, plan: Plan, side: Side, query: str) -> str:
    """The id of the one record of a side that an id or an e-mail names; an unknown id stays as it is.

    Raises:
        UsageError: an e-mail that nobody has there, or several.
    """
    found = await records_named(world, plan, side, query)
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} records of {plan.endpoint(side).account} ({side.value}) have that e-mail",
            hint=f"say which one by its id: {', '.join(found)}",
        )
    if not found and valid_email(query):
        raise UsageError(
            f"no record of {plan.endpoint(side).account} ({side.value}) has that e-mail",
            hint=f"`zohosyncd contacts {plan.name}` lists the ids of both sides",
        )
    return found[0] if found else query
