"""What lists leave out of a record, read by calls of its own and put into the rows: see ``completed``.

A field that could not be read is missing from its row, which says "not read"; a text that was cut is never shown.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from zohosyncd.connectors.zoho_crm import company
from zohosyncd.connectors.zoho_crm.client import MOST_IDS, ZohoClient, ZohoRefusal
from zohosyncd.connectors.zoho_crm.fields import ModuleSchema
from zohosyncd.connectors.zoho_crm.reading import Row
from zohosyncd.connectors.zoho_crm.records import MODIFIED
from zohosyncd.transport.together import together

CUT: Final = 500
"""Characters of a rich text that lists show (vendor: get records)."""

MOST_RICH: Final = 8
"""Rich texts that one call shows (vendor: get rich text fields)."""


def listed(fields: Sequence[str], schema: ModuleSchema) -> list[str]:
    """The fields that a list is asked for, where these are wanted."""
    return [name for name in company.own(fields) if name not in schema.single]


async def completed(
    client: ZohoClient, module: str, fields: Sequence[str], rows: Sequence[Row], schema: ModuleSchema
) -> list[Row]:
    """Rows of a list, or of a read by ids, with everything else that was asked for.

    Rich texts that are longer than a list shows come by one call for fifty records; lists of linked records, of users
    and of subform rows by one call for each record; the fields of a contact's company by one call for fifty companies.

    Args:
        fields: everything that is wanted. rows: as read with the fields of :func:`listed`.
    """
    rich = [name for name in fields if name in schema.rich]
    single = [name for name in fields if name in schema.single]
    whole = list(rows)
    for start in range(0, len(rich), MOST_RICH):
        whole = await _with_texts(client, module, rich[start : start + MOST_RICH], whole)
    if single:
        whole = await _with_single(client, module, single, whole)
    return await company.joined(client, fields, whole)


async def _with_texts(client: ZohoClient, module: str, names: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    cut = [str(row["id"]) for row in rows if "id" in row and any(_may_be_cut(row, name) for name in names)]
    chunks = [cut[start : start + MOST_IDS] for start in range(0, len(cut), MOST_IDS)]
    try:
        answers = await together(partial(client.rich_texts, module, names, chunk) for chunk in chunks)
    except ZohoRefusal:
        answers = []
    texts = {str(row["id"]): row for answer in answers for row in answer if "id" in row}
    return [_with_text(row, names, texts.get(str(row.get("id")), {})) for row in rows]


def _with_text(row: Row, names: Sequence[str], texts: Row) -> Row:
    cut = [name for name in names if _may_be_cut(row, name)]
    kept = {name: value for name, value in row.items() if name not in cut}
    return {**kept, **{name: texts[name] for name in cut if name in texts}}


def _may_be_cut(row: Row, name: str) -> bool:
    shown = row.get(name)
    return name not in row or (isinstance(shown, str) and len(shown) >= CUT)


async def _with_single(client: ZohoClient, module: str, names: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    ids = [str(row["id"]) for row in rows if "id" in row]
    answers = await together(partial(client.record, module, each) for each in ids)
    alone = {str(answer["id"]): answer for answer in answers if answer is not None and "id" in answer}
    whole = []
    for row in rows:
        found = alone.get(str(row.get("id")), {})
        # One that was modified in between comes again, then with these fields.
        same = found.get(MODIFIED) == row.get(MODIFIED)
        whole.append({**row, **{name: found[name] for name in names if name in found}} if same else row)
    return whole
