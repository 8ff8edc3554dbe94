"""What an operator asks page by page: where every record stands, and what has happened."""

from typing import TYPE_CHECKING, Any

from zohosyncd.core.errors import UsageError
from zohosyncd.core.record import Item, Values
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.contacts import Contact, contacts
from zohosyncd.pipeline.plan import Plan
from zohosyncd.pipeline.run import Runner
from zohosyncd.ports.store import ContactState, Stage
from zohosyncd.supervisor.explain import entry_told
from zohosyncd.supervisor.naming import known, records_named, side_named

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_PAGE = 500
_ENTRIES = 200


class Listings:
    """Listings over one daemon; all results are JSON. Raises the SyncError tree."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon

    async def contacts(
        self, connection: str, *, side: str | None, state: str | None, reason: str | None, after: str | None
    ) -> dict[str, Any]:
        """A page of records, each in its one state; ``next`` says where to go on, "" at the end."""
        unit = known(self._daemon, connection)
        if state is not None and state not in set(ContactState):
            raise UsageError(f"there is no state {state}", hint=f"known: {', '.join(ContactState)}")
        only = side_named(unit.settings, side) if side is not None else None
        plan, runner = await unit.prepare()
        here, last = _place(after, only)
        page, more = await contacts(self._daemon.world, plan, here, floors(runner)[here], last, _PAGE)
        wanted = [each for each in page if state in (None, each.state) and reason in (None, each.reason)]
        rows = await self._daemon.store.rows(plan.endpoint(here).object_id, [each.record_id for each in wanted])
        told = [_told(plan, each, rows[each.record_id].values if each.record_id in rows else {}) for each in wanted]
        following = f"{here.value}\n{more}" if more else ""
        if not more and here is Side.LEFT and only is None:
            following = f"{Side.RIGHT.value}\n"
        return {"connection": connection, "contacts": told, "next": following}

    async def history(
        self, connection: str, *, query: str | None, since: float, run: str | None, before: int
    ) -> dict[str, Any]:
        """A page of the journal, first the newest; ``next`` is the id to go on before, 0 at the end.

        Args:
            since: wall seconds, 0.0 for ever.
        """
        plan, _runner = await known(self._daemon, connection).prepare()
        records = None
        if query is not None:
            records = {side: await records_named(self._daemon.world, plan, side, query) for side in SIDES}
            if not any(records.values()):
                records = {side: [query] for side in SIDES}  # one that has gone is in history all the same
        entries = await self._daemon.store.history(
            plan.id, records=records, since=since, run=run or "", before=before, limit=_ENTRIES
        )
        if not entries and not before and query is not None:
            raise UsageError(
                "nothing has happened to that e-mail or record id in this connection",
                hint=f"`zohosyncd contacts {connection}` lists the ids of both sides",
            )
        return {
            "connection": connection,
            "history": [entry_told(each) for each in entries],
            "next": entries[-1].id if len(entries) == _ENTRIES else 0,
        }


def floors(runner: Runner) -> dict[Side, int | None]:
    """The seqs up to which the sides are settled, None during the first sync."""
    live = runner.stage is Stage.LIVE
    return {side: runner.floor(side) if live else None for side in SIDES}


def _place(after: str | None, only: Side | None) -> tuple[Side, str]:
    """Where a listing goes on: side and last id."""
    if after is None:
        return only or Side.LEFT, ""
    side, found, record_id = after.partition("\n")
    if side not in set(Side) or not found:
        raise UsageError("that is no place to go on", hint="take `next` of the answer before")
    return Side(side), record_id


def _told(plan: Plan, contact: Contact, values: Values) -> dict[str, Any]:
    schema = plan.endpoint(contact.side).schema
    return {
        "side": contact.side.value, "account": plan.endpoint(contact.side).account, "record_id": contact.record_id,
        "state": contact.state.value, "reason": contact.reason, "partner": contact.partner,
        "name": _name(schema, values), "email": next(iter(_texts(schema, values, "emails")), ""),
    }  # fmt: skip


def _name(schema: Schema, values: Values) -> str:
    parts = [text for word in ("given_name", "family_name") for text in _texts(schema, values, word)[:1]]
    return " ".join(parts) or next(iter(_texts(schema, values, "full_name")), "")


def _texts(schema: Schema, values: Values, semantic: str) -> list[str]:
    found: list[str] = []
    for each in schema.meaning(semantic):
        value = values.get(each.name)
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, tuple):
            found += [item.value for item in value if isinstance(item, Item) and isinstance(item.value, str)]
    return [text for text in found if text]
