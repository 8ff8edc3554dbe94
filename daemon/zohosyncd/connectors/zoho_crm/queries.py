"""Long reads as COQL queries: 2,000 records for three credits, where a list gives 200 for one.

A query is paged by (Modified_Time, id): it needs no token, knows no end of its reach, and passes any number of records
that were changed in one second. What a query shows differs from a list: lookups and users without their name, no tags.
Only fields whose value is surely the same in both are asked for by queries; all others are read by lists.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final

from zohosyncd.connectors.zoho_crm.company import LOOKUP
from zohosyncd.connectors.zoho_crm.fields import OWNER, TAG, FieldInfo, ModuleSchema
from zohosyncd.connectors.zoho_crm.options import LongReads
from zohosyncd.connectors.zoho_crm.reading import Row
from zohosyncd.connectors.zoho_crm.records import MODIFIED
from zohosyncd.ports.world import Clock

FIRST_ROWS: Final = 1_000
"""Rows of the first query, two credits: nobody knows yet how many there are."""

MOST_ROWS: Final = 2_000
MOST_FIELDS: Final = 400
"""Fields of one query; Zoho takes 500."""

_ASK_AGAIN: Final = 86_400.0
_COMPANY_NAME: Final = f"{LOOKUP}.Account_Name"
_PLAIN: Final = frozenset(
    {"text", "textarea", "bigint", "autonumber", "email", "phone", "website", "date", "datetime", "boolean",
     "picklist", "integer", "double", "currency", "percent"}
)  # fmt: skip


class Queries:
    """Whether and how the records of a module are read by queries.

    Args:
        module: API name. infos, schema: its fields. mode: what the operator wishes. clock: time.
    """

    def __init__(
        self, module: str, infos: Sequence[FieldInfo], schema: ModuleSchema, mode: LongReads, clock: Clock
    ) -> None:
        self.verified: set[frozenset[str]] = set()
        """Field sets of which one record has been seen to look the same in a list and in a query."""
        self._module = module
        self._mode = mode
        self._clock = clock
        self._refused_until = 0.0
        self._owners = {each.id: each for each in schema.owners or ()}
        apart = {TAG} | schema.rich | schema.single
        self._askable = {each.api_name for each in infos if each.data_type in _PLAIN} - apart
        if module == "Contacts" and any(each.api_name == LOOKUP and each.data_type == "lookup" for each in infos):
            self._askable.add(LOOKUP)
        if any(each.api_name == OWNER and each.data_type == "ownerlookup" for each in infos):
            self._askable.add(OWNER)

    def usable(self, fields: Collection[str]) -> bool:
        """Whether these fields may be read by queries now."""
        wanted = set(fields) - {MODIFIED, "id"}
        allowed = self._mode != "list" and self._clock.now() >= self._refused_until
        return allowed and MODIFIED in self._askable and wanted <= self._askable and len(wanted) <= MOST_FIELDS

    @property
    def forced(self) -> bool:
        """Whether the operator wants queries and nothing in their place."""
        return self._mode == "query"

    def refuse(self) -> None:
        """They do not work for this login: lists do, for a day."""
        self._refused_until = self._clock.now() + _ASK_AGAIN

    def text(self, fields: Sequence[str], after: tuple[float, str], below: float | None, rows: int) -> str:
        """The query for the next rows.

        Args:
            fields: to be shown. after: the moment and the id behind which it goes on. below: only changes before it.
            rows: at most.
        """
        names = dict.fromkeys((MODIFIED, *fields))
        if LOOKUP in names:
            names[_COMPANY_NAME] = None
        moment, record_id = _literal(after[0]), after[1]
        where = f"(({MODIFIED} = '{moment}' and id > '{record_id}') or {MODIFIED} > '{moment}')"
        if below is not None:
            where = f"({where} and {MODIFIED} < '{_literal(below)}')"
        order = f"order by {MODIFIED} asc, id asc limit {rows}"
        # API names, moments and digits: nothing of it was typed by anybody.
        return f"select {', '.join(names)} from {self._module} where {where} {order}"  # noqa: S608

    def as_listed(self, row: Row) -> Row:
        """A row of a query as a list shows it; what only a list knows is left out, and so was not read."""
        shown = dict(row)
        company, name = shown.get(LOOKUP), shown.pop(_COMPANY_NAME, None)
        if isinstance(company, dict):
            if isinstance(name, str):
                shown[LOOKUP] = {**company, "name": name}
            else:
                del shown[LOOKUP]
        user = shown.get(OWNER)
        if isinstance(user, dict):
            owner = self._owners.get(str(user.get("id")))
            if owner is None:
                del shown[OWNER]
            else:
                shown[OWNER] = {"id": owner.id, "name": owner.name, "email": owner.email}
        return shown


def _literal(moment: float) -> str:
    return datetime.fromtimestamp(int(moment // 1), UTC).isoformat(timespec="seconds")
