"""Point reads, and who has an address."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Final

from zohosyncd.connectors.mailman.client import MailmanClient
from zohosyncd.connectors.mailman.feed import everybody
from zohosyncd.connectors.mailman.fields import (
    EMAIL,
    STATUS,
    is_waiting,
    member_record,
    request_record,
    waiting_id,
)
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Created, Fetched, Found, Missing, Moved
from zohosyncd.transport.together import together

FEW: Final = 10
"""Addresses that are asked for one by one; for more, the roster is read once."""


async def fetch(client: MailmanClient, ref: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
    """Read these members and requests now, each once."""
    wanted = list(dict.fromkeys(ids))
    found = await together(partial(_member, client, ref, fields, each) for each in wanted if not is_waiting(each))
    return [*found, *await _waiting(client, ref, fields, [each for each in wanted if is_waiting(each)])]


async def _member(client: MailmanClient, ref: str, fields: Sequence[str], record_id: str) -> Fetched:
    """A member of another list, or an owner, is none of ours."""
    member = await client.member(record_id)
    if member is None or member.get("list_id") != ref or member.get("role") != "member":
        return Missing(record_id)
    status = await client.delivery_status(record_id) if STATUS in fields else None
    return Found(member_record(member, status, fields))


async def _waiting(client: MailmanClient, ref: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
    """Requests; one that is no longer there may have become a member."""
    if not ids:
        return []
    there = {each.id: each for each in [request_record(shown, fields) for shown in await client.requests(ref)]}
    if there.keys() >= set(ids):
        return [Found(there[each]) for each in ids]
    members, _ = await everybody(client, ref, (EMAIL,))
    became = {waiting_id(str(each[EMAIL])): str(each["member_id"]) for each in members}
    return [
        Moved(each, became[each]) if each in became else Found(there[each]) if each in there else Missing(each)
        for each in ids
    ]


async def find(client: MailmanClient, ref: str, addresses: Sequence[str]) -> list[str]:
    """Ids of the members and requests with one of these addresses, whatever the case."""
    wanted = {each.lower() for each in addresses}
    waiting = [waiting_id(str(each.get(EMAIL))) for each in await client.requests(ref)]
    found = [each for each in waiting if each in set(map(waiting_id, wanted))]
    if len(wanted) > FEW:
        members, _ = await everybody(client, ref, (EMAIL,))
        return [*found, *(str(each["member_id"]) for each in members if str(each[EMAIL]).lower() in wanted)]
    ids = await together(partial(client.members_with, ref, subscriber=each) for each in sorted(wanted))
    return list(dict.fromkeys([*found, *(each for some in ids for each in some)]))


async def created(client: MailmanClient, ref: str, fields: Sequence[str]) -> AsyncIterator[Created]:
    """Everybody: Mailman does not tell when somebody subscribed."""
    # In this order whoever is confirmed in between is in both, and never in neither.
    waiting: list[Record] = [request_record(each, fields) for each in await client.requests(ref)]
    members, status = await everybody(client, ref, fields)
    records = [member_record(each, status.get(str(each["member_id"])), fields) for each in members]
    confirmed = {waiting_id(str(each[EMAIL])) for each in members}
    yield Created([*records, *(each for each in waiting if each.id not in confirmed)], beyond=True)
