"""Finds contacts that were made without an answer: the last changed ones first.

Google tells when a contact was changed, not when it was made. So contacts that were only edited since are among them;
the caller knows these, or tells them apart by their values.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from zohosyncd.connectors.google_contacts.person import id_of, makers_of, modified_of, source_of
from zohosyncd.connectors.google_contacts.reading import Reader, mask_for
from zohosyncd.core.errors import ContractBroken
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Created, Found

_ROUNDING = 1e-3
"""Seconds by which times that are cut may stand in the wrong order."""


_MOST_PAGES: Final = 10
_MARKED: Final = "clientData,metadata"


async def made_by(reader: Reader, fields: Sequence[str], op_ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
    """The contacts that these writes of ours have made, as they are now, by op id; among the last changed ones alone.

    Raises:
        RemoteError: the list, or the contacts, cannot be read.
    """
    wanted, page = set(op_ids), ""
    found: dict[str, list[str]] = {}
    for _ in range(_MOST_PAGES):
        read = await reader.client.newest(_MARKED, page=page)
        for person in read.connections:
            for op_id in wanted.intersection(makers_of(person)):
                found.setdefault(op_id, []).append(id_of(person))
        page = read.next_page
        if not page or found.keys() == wanted:
            break
    answers = await reader.fetch(fields, [each for ids in found.values() for each in ids]) if found else ()
    records = {each.record.id: each.record for each in answers if isinstance(each, Found)}
    return {op_id: [records[each] for each in ids if each in records] for op_id, ids in found.items()}


async def created_since(reader: Reader, fields: Sequence[str], since: float) -> AsyncIterator[Created]:
    """Pages of contacts that were made or changed at or after that moment of Google's clock, newest first.

    Raises:
        ContractBroken: the list is not in order, or does not get anywhere. A probe that is not sure must not look like
            "there is none".
    """
    page, last = "", float("inf")
    while True:
        read = await reader.client.newest(mask_for(fields), page=page)
        people = [each for each in read.connections if source_of(each) is not None]
        await reader.know_labels(fields, people)
        young: list[Record] = []
        for person in people:
            modified, record = modified_of(person), reader.record(person, fields)
            if modified is None or modified > last + _ROUNDING:
                raise ContractBroken("the list of the newest contacts is not in the order asked for")
            last = modified
            if modified < since:
                continue
            if not isinstance(record, Record):
                raise ContractBroken(f"the list of the newest contacts: {record.reason}")
            young.append(record)
        yield Created(young, beyond=last < since)
        if last < since or not read.next_page:
            return
        if read.next_page == page:
            raise ContractBroken("the list of the newest contacts does not end")
        page = read.next_page
