"""Converted leads: they are no longer listed, and are not deleted: the person goes on as a contact."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from zohosyncd.connectors.zoho_crm.client import MOST_IDS, ZohoClient
from zohosyncd.connectors.zoho_crm.reading import Row, groups_of
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Refused, Unreadable, WriteOp

MODULE: Final = "Leads"
CONVERTED: Final = "converted"
"""What a record's ``native`` says of a lead that was converted."""


async def converted(client: ZohoClient, module: str, fields: Sequence[str], ids: Sequence[str]) -> dict[str, Row]:
    """Those of these missing records that are converted leads, with as many fields as one call shows."""
    found: dict[str, Row] = {}
    if module != MODULE:
        return found
    group = groups_of(fields)[0]
    for start in range(0, len(ids), MOST_IDS):
        rows = await client.records_by_id(module, group, ids[start : start + MOST_IDS], converted=True)
        found |= {row["id"]: row for row in rows if isinstance(row.get("id"), str)}
    return found


def marked(answer: Record | Unreadable) -> Record | Unreadable:
    """A record with the mark that it was converted."""
    return replace(answer, native=CONVERTED) if isinstance(answer, Record) else answer


def refused(op: WriteOp) -> Refused | None:
    """Why an op is not sent: Zoho calls the id of a converted lead invalid, as if it were deleted."""
    if op.known is None or op.known.native != CONVERTED:
        return None
    return Refused("LEAD_CONVERTED", "", "the lead was converted in Zoho: sync Contacts, or unlink the pair")
