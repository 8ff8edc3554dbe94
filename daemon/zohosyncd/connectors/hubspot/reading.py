"""Reads of contacts by id, and where a contact lives that was merged into another one.

A read of many leaves out what is not there, and an id from before a merge may be among that. Whatever is missing is
asked for once more by itself: then HubSpot answers with the survivor, which has another id, or that there is none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from zohosyncd.connectors.hubspot.client import MOST, HubSpotClient
from zohosyncd.connectors.hubspot.fields import ACTIVE, EMAIL, LISTS, MERGED, MODIFIED
from zohosyncd.connectors.hubspot.records import id_of, text_in
from zohosyncd.core.errors import DataError
from zohosyncd.transport.together import together

NEEDED: Final = (MODIFIED, MERGED, EMAIL)
"""Properties that are always read: when, who was merged into it, and the address that opt-outs go by."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The contact lives on under this id."""

    to: str


Answer = Row | Elsewhere | None
"""What became of an id: the contact, where it lives now, or None: there is no such contact."""


def names_for(fields: Iterable[str]) -> list[str]:
    """The properties to ask for; lists are none."""
    return list(dict.fromkeys([*NEEDED, *sorted(set(fields) - {LISTS, ACTIVE})]))


def merged_into(row: Row) -> list[str]:
    """The ids that a contact had before, or that others had who became part of it."""
    own = str(row.get("id"))
    found = (each.partition(":")[0].strip() for each in text_in(row, MERGED).split(";"))
    return [each for each in found if each.isdecimal() and each != own]


async def read_by_id(client: HubSpotClient, fields: Iterable[str], ids: Iterable[str]) -> dict[str, Answer]:
    """What became of each of these ids; any number of them."""
    names, unique = names_for(fields), list(dict.fromkeys(ids))
    chunks = [unique[start : start + MOST] for start in range(0, len(unique), MOST)]
    pages = await together(partial(client.read, names, chunk) for chunk in chunks)
    found: dict[str, Answer] = {}
    moved: dict[str, Answer] = {}
    for page in pages:
        for row in page:
            record_id = _id(row)
            found[record_id] = row
            moved |= {each: Elsewhere(record_id) for each in merged_into(row)}
    missing = [each for each in unique if each not in found]
    unclear = [each for each in missing if each not in moved]
    singles = await together(partial(_alone, client, names, each) for each in unclear)
    answers = moved | dict(zip(unclear, singles, strict=True)) | found
    return {each: answers[each] for each in unique}


async def _alone(client: HubSpotClient, names: Sequence[str], record_id: str) -> Answer:
    if not record_id.isdecimal():
        return None  # no id that HubSpot has ever given
    row = await client.contact(record_id, names)
    if row is None:
        return None
    survivor = _id(row)
    return row if survivor == record_id else Elsewhere(survivor)


def _id(row: Row) -> str:
    try:
        return id_of(row)
    except DataError:
        return ""
