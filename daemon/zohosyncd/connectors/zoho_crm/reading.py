"""Reads of records with any number of fields: Zoho gives fifty per call, the rest is read by id and joined.

A record that was modified between two of these reads would be half old and half new: it is read again. One that is
modified again and again keeps the oldest version that was shown, so that it looks older than it is: it comes again in
the feed, and a write that was decided from it is refused.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

from zohosyncd.connectors.zoho_crm.client import MOST_FIELDS, MOST_IDS, ZohoClient
from zohosyncd.connectors.zoho_crm.records import MODIFIED
from zohosyncd.connectors.zoho_crm.times import instant
from zohosyncd.transport.together import together

_MOST_CHARACTERS: Final = 1000
"""Longest ``fields`` parameter; Zoho's own specification limits it to 1,024 characters."""

_MOST_READS: Final = 3
"""How often a record is read that is modified while it is read."""

Row = dict[str, Any]


def groups_of(fields: Sequence[str], extra: Sequence[str] = (MODIFIED,)) -> list[list[str]]:
    """Fields in as few calls as possible, each with the extra ones; the first group always exists."""
    wanted = [name for name in dict.fromkeys(fields) if name not in extra and name != "id"]
    groups = [list(extra)]
    for name in wanted:
        last = groups[-1]
        if len(last) >= MOST_FIELDS or len(",".join(last)) + 1 + len(name) > _MOST_CHARACTERS:
            groups.append([MODIFIED])
        groups[-1].append(name)
    return groups


async def rows_by_id(client: ZohoClient, module: str, fields: Sequence[str], ids: Iterable[str]) -> dict[str, Row]:
    """Records by id with all these fields; an id that is not in the result does not exist."""
    unique = list(dict.fromkeys(ids))
    groups = groups_of(fields)
    joined: dict[str, Row] = {}
    waiting = unique
    for _ in range(_MOST_READS):
        read = await _read(client, module, groups, waiting)
        joined |= {record_id: _joined(rows) for record_id, rows in read.items() if rows}
        waiting = [record_id for record_id, rows in read.items() if len({row.get(MODIFIED) for row in rows}) > 1]
        if not waiting:
            break
    return {record_id: joined[record_id] for record_id in unique if record_id in joined}


async def with_the_rest(
    client: ZohoClient, module: str, groups: Sequence[Sequence[str]], rows: Sequence[Row]
) -> list[Row]:
    """Rows that were read with the first group of fields, with those of the other groups."""
    if len(groups) == 1 or not rows:
        return list(rows)
    first = {str(row["id"]): row for row in rows if "id" in row}
    rest = await rows_by_id(client, module, [name for group in groups[1:] for name in group], first)
    moved = [each for each, row in rest.items() if row.get(MODIFIED) != first[each].get(MODIFIED)]
    if moved:
        again = await rows_by_id(client, module, [name for group in groups for name in group], moved)
        rest |= {each: {} for each in moved} | again
        first |= again
    return [{**rest.get(str(row.get("id")), {}), **first.get(str(row.get("id")), row)} for row in rows]


async def _read(
    client: ZohoClient, module: str, groups: Sequence[Sequence[str]], ids: Sequence[str]
) -> dict[str, list[Row]]:
    """What each call shows of each record; nothing for one that some call does not show: it is gone since."""
    chunks = [ids[start : start + MOST_IDS] for start in range(0, len(ids), MOST_IDS)]
    answers = await together(
        partial(client.records_by_id, module, group, chunk) for chunk in chunks for group in groups
    )
    found: dict[str, list[Row]] = {record_id: [] for record_id in ids}
    for rows in answers:
        for row in rows:
            record_id = row.get("id")
            if isinstance(record_id, str) and record_id in found:
                found[record_id].append(row)
    return {record_id: rows if len(rows) == len(groups) else [] for record_id, rows in found.items()}


def _joined(rows: Sequence[Row]) -> Row:
    oldest = min(rows, key=lambda row: instant(row.get(MODIFIED)) or 0.0)
    whole = {name: value for row in rows for name, value in row.items()}
    return {**whole, MODIFIED: oldest[MODIFIED]} if MODIFIED in oldest else whole
