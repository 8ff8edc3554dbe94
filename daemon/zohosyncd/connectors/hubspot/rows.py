"""Rows of answers as records: their properties, the lists they are in, and opt-outs that were just written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zohosyncd.connectors.hubspot.fields import OPTED_OUT, ContactSchema
from zohosyncd.connectors.hubspot.lists import Lists
from zohosyncd.connectors.hubspot.opt_outs import OptOuts
from zohosyncd.connectors.hubspot.records import id_of, record_of
from zohosyncd.core.errors import DataError
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Unreadable


@dataclass(frozen=True, slots=True)
class Reader:
    """Makes records of rows."""

    schema: ContactSchema
    lists: Lists
    opt_outs: OptOuts

    async def records(self, rows: Sequence[dict[str, Any]], fields: Sequence[str]) -> list[Record | Unreadable]:
        """The records of these rows with the fields asked for, in order; one that is damaged says so.

        Raises:
            ContractBroken: a row has no id at all.
        """
        ids = [str(row.get("id") or "") for row in rows]
        listed = await self.lists.values(fields, [each for each in ids if each])
        found: list[Record | Unreadable] = []
        for record_id, row in zip(ids, rows, strict=True):
            more = dict(listed.get(record_id, {}))
            if OPTED_OUT in fields:
                more |= self.opt_outs.shown(row)
            try:
                found.append(record_of(row, fields, self.schema, more))
            except DataError as error:
                found.append(Unreadable(id_of(row), None, error.message))
        return found
