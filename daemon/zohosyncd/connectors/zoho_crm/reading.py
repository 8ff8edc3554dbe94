"""Reads of records with any number of fields: Zoho gives fifty per call, the rest is read by id and joined."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

from zohosyncd.connectors.zoho_crm.client import MOST_FIELDS, MOST_IDS, ZohoClient
from zohosyncd.connectors.zoho_crm.records import MODIFIED
from zohosyncd.transport.together import together

_MOST_CHARACTERS: Final = 1000
"""Longest ``fields`` parameter; Zoho's own specification limits it to 1,024 characters."""

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
    chunks = [unique[start : start + MOST_IDS] for start in range(0, len(unique), MOST_IDS)]
    answers = await together(
        partial(client.records_by_id, module, group, chunk) for chunk in chunks for group in groups
    )
    joined: dict[str, Row] = {}
    for place, rows in enumerate(answers):
        first = place % len(groups) == 0
        _join(joined, rows, only_known=not first)
    return {record_id: joined[record_id] for record_id in unique if record_id in joined}


async def with_the_rest(
    client: ZohoClient, module: str, groups: Sequence[Sequence[str]], rows: Sequence[Row]
) -> list[Row]:
    """Rows that were read with the first group of fields, with those of the other groups."""
    if len(groups) == 1 or not rows:
        return list(rows)
    ids = [str(row["id"]) for row in rows if "id" in row]
    rest = await rows_by_id(client, module, [name for group in groups[1:] for name in group], ids)
    # The first read's version stays: if the record changed in between, it comes again as a newer one.
    return [{**rest.get(str(row.get("id")), {}), **row} for row in rows]


def _join(joined: dict[str, Row], rows: Iterable[Row], *, only_known: bool) -> None:
    for row in rows:
        record_id = row.get("id")
        if not isinstance(record_id, str):
            continue
        if record_id in joined:
            joined[record_id] = {**row, **joined[record_id]}
        elif not only_known:
            joined[record_id] = row
