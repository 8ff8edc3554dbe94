"""The change feed: all members and all who wait, each time, as Mailman tells neither versions nor times.

The cursor has the ids of those who waited: a confirmation makes a member of a request, under another id.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from zohosyncd.connectors.mailman.client import PAGE, MailmanClient, Shifted
from zohosyncd.connectors.mailman.fields import (
    STATES,
    STATUS,
    member_fields,
    member_record,
    request_record,
    waiting_id,
)
from zohosyncd.core.errors import CursorExpired, Unavailable
from zohosyncd.ports.connector import Change, Moved, Page, Upserted

_TRIES: Final = 3


class Cursor(msgspec.Struct, frozen=True):
    """Who waited when the list was read last."""

    waiting: tuple[str, ...] = ()

    def encoded(self) -> str:
        """Its text."""
        return msgspec.json.encode(self).decode()


async def changes(client: MailmanClient, ref: str, fields: Sequence[str], cursor: str | None) -> AsyncIterator[Page]:
    """Everybody, in pages.

    Raises:
        CursorExpired: the cursor is none of ours. Unavailable: the list was changed whenever it was read.
    """
    waited = _decoded(cursor).waiting if cursor is not None else ()
    # Who is confirmed in between is in the roster, and perhaps also still among those who wait: never in neither.
    requests = [request_record(each, fields) for each in await client.requests(ref)]
    members, status = await everybody(client, ref, fields)
    shown = [(each, member_record(each, status.get(str(each.get("member_id"))), fields)) for each in members]
    by_waiting = {waiting_id(str(member["email"])): record.id for member, record in shown}
    found: list[Change] = [Moved(each, by_waiting[each]) for each in waited if each in by_waiting]
    found += [Upserted(record) for _, record in shown]
    still = [each for each in requests if each.id not in by_waiting]
    found += [Upserted(each) for each in still]
    # There is no place in between: whoever is interrupted begins anew, from the cursor of the pass.
    last = max(len(found) - 1, 0) // PAGE * PAGE
    for start in range(0, last, PAGE):
        yield Page(tuple(found[start : start + PAGE]), Cursor(waited).encoded(), complete=False, full=True)
    yield Page(tuple(found[last:]), Cursor(tuple(each.id for each in still)).encoded(), complete=True, full=True)


async def everybody(
    client: MailmanClient, ref: str, fields: Sequence[str]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """All members, each once, and, where it is asked for, their effective delivery status by id.

    A roster that shifts while its pages are read may leave somebody out: its size, its ids and those of the statuses,
    which come whole, have to agree, else it is read again.

    Raises:
        Unavailable: they never did.
    """
    for _ in range(_TRIES):
        members: dict[str, dict[str, Any]] = {}
        count = 0
        with suppress(Shifted):
            async for page in client.roster(ref, member_fields(fields)):
                count += len(page)
                members |= {str(each.get("member_id")): each for each in page}
            known = await _statuses(client, ref, set(members)) if STATUS in fields else {}
            if len(members) == count and known.keys() <= members.keys():
                return list(members.values()), known
    raise Unavailable("the list was changed whenever it was read")


async def _statuses(client: MailmanClient, ref: str, ids: set[str]) -> dict[str, str]:
    """Asked state by state, until everybody's is known; who is in none of them has just come, or gone."""
    known: dict[str, str] = {}
    for status in STATES:
        if ids <= known.keys():
            break
        known |= dict.fromkeys(await client.members_with(ref, delivery_status=status), status)
    return known


def _decoded(cursor: str) -> Cursor:
    try:
        return msgspec.json.decode(cursor, type=Cursor)
    except msgspec.DecodeError:
        raise CursorExpired("the cursor cannot be read") from None
