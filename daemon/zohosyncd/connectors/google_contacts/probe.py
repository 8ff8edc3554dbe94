"""Finds contacts that were made without an answer: the last changed ones first.

Google tells when a contact was changed, not when it was made. So contacts that were only edited since are among them;
the caller knows these, or tells them apart by their values.
"""

from collections.abc import AsyncIterator, Sequence

from zohosyncd.connectors.google_contacts.person import modified_of, source_of
from zohosyncd.connectors.google_contacts.reading import Reader, mask_for
from zohosyncd.core.errors import ContractBroken
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Created

_ROUNDING = 1e-3
"""Seconds by which times that are cut may stand in the wrong order."""


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
