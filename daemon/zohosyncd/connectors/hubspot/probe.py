"""Finds contacts that were created without an answer: the newest ones, by the time of their creation.

The search tells who they are, from an index that is behind: whoever asks waits for it to settle first.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from zohosyncd.connectors.hubspot.client import FOUND, REACH, Condition, HubSpotClient
from zohosyncd.connectors.hubspot.fields import CREATED
from zohosyncd.connectors.hubspot.reading import read_by_id
from zohosyncd.connectors.hubspot.records import id_of, text_in
from zohosyncd.connectors.hubspot.rows import Reader
from zohosyncd.connectors.hubspot.times import millis
from zohosyncd.core.errors import ContractBroken
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Created

_UNSURE: Final = "the list of the newest contacts"


async def created_since(
    client: HubSpotClient, reader: Reader, fields: Sequence[str], since: float
) -> AsyncIterator[Created]:
    """Pages of contacts created at or after that moment of HubSpot's clock, newest first.

    Raises:
        ContractBroken: the list is not readable, not in order, or does not get anywhere. A probe that is not sure must
            not look like "there is none".
    """
    border, skip = int(since * 1000), 0
    bound: int | None = None
    last: int | None = None
    shown: set[str] = set()
    while True:
        conditions = [] if bound is None else [Condition(CREATED, "LTE", str(bound))]
        page = await client.search(conditions, CREATED, descending=True, skip=skip)
        moments = [millis(text_in(row, CREATED)) for row in page.rows]
        known = [each for each in moments if each is not None]
        if len(known) < len(moments) or known != sorted(known, reverse=True):
            raise ContractBroken(f"{_UNSURE} is not in the order asked for")
        young = [id_of(row) for row, at in zip(page.rows, known, strict=True) if at >= border]
        fresh = [each for each in dict.fromkeys(young) if each not in shown]
        shown.update(fresh)
        answers = await read_by_id(client, fields, fresh)
        rows = [each for each in answers.values() if isinstance(each, dict)]
        records = await reader.records(rows, fields)
        if any(not isinstance(each, Record) for each in records):
            raise ContractBroken(f"{_UNSURE} has one that cannot be read")
        beyond = bool(known) and known[-1] < border
        yield Created([each for each in records if isinstance(each, Record)], beyond=beyond)
        if beyond or not page.after:
            return
        if not known:
            raise ContractBroken(f"{_UNSURE} does not end")
        if last is None or known[-1] < last:
            bound, skip, last = known[-1], 0, known[-1]
        else:
            skip += FOUND  # a whole page of one moment
        if skip + FOUND > REACH:
            raise ContractBroken(f"{_UNSURE} has more of one moment than can be shown")
