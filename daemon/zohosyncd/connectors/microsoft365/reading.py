"""Point reads, searches and lists of contacts."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from zohosyncd.connectors.microsoft365.batch import Step, Told
from zohosyncd.connectors.microsoft365.client import GraphClient
from zohosyncd.connectors.microsoft365.fields import CREATED, modified_of, record_of, value_of, version_of
from zohosyncd.connectors.microsoft365.mailbox import Mailbox
from zohosyncd.core.dates import moment_of
from zohosyncd.core.errors import ContractBroken, DataError, PermissionLacking, RateLimited, Unavailable
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Created, Fetched, Found, Missing, Unreadable

_NOT_THERE: Final = frozenset({"erroritemnotfound", "itemnotfound", "resourcenotfound"})
"""Codes that say of a contact, and of nothing else, that it is not there."""

_TRIES: Final = 3

MARK: Final = "String {5c1f0c1e-7a0b-4d5e-9a54-2f6a6d0c9b31} Name ZohosyncdKey"
"""The extended property in which a contact that we make carries the id of its op; no person sees it."""


def shown(fields: Sequence[str], row: Mapping[str, Any]) -> Found | Unreadable:
    """A row of the folder as a record."""
    try:
        return Found(record_of(row, fields))
    except DataError as error:
        return Unreadable(str(row["id"]), version_of(row), error.message)


async def read_contacts(box: Mailbox, folder: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
    """Read these contacts, each id answered once. One that is in another folder, or in Deleted Items, is not here.

    Raises:
        RateLimited, Unavailable, PermissionLacking, ContractBroken: a contact was not answered.
    """
    wanted = list(dict.fromkeys(ids))
    told = await ask_all(box.client, [box.client.reading(folder, each) for each in wanted])
    rows = {each: _row_of(each, answer) for each, answer in zip(wanted, told, strict=True)}
    there = {each: row for each, row in rows.items() if row is not None}
    inside = dict(zip(there, await box.inside(folder, list(there.values())), strict=True))
    answers: list[Fetched] = [shown(fields, there[each]) if inside.get(each) else Missing(each) for each in wanted]
    for each in answers:
        box.recent.read(folder, each)
    return answers


async def ask_all(client: GraphClient, steps: Sequence[Step]) -> list[Told]:
    """The answer to each request; those that were refused for their number are asked again, few at once.

    Raises:
        RateLimited, Unavailable: a request was not answered in the end.
    """
    answers: dict[int, Told] = {}
    for _ in range(_TRIES):
        waiting = [at for at in range(len(steps)) if at not in answers]
        width = client.width
        for start in range(0, len(waiting), width):
            part = waiting[start : start + width]
            for at, told in zip(part, await client.ask([steps[at] for at in part]), strict=True):
                if told is not None and told.status != 429 and told.status < 500:
                    answers[at] = told
                elif told is not None and told.status == 429:
                    client.crowded(told.wait)
        if len(answers) == len(steps):
            return [answers[at] for at in range(len(steps))]
    raise Unavailable("requests in a batch were not answered")


def _row_of(contact: str, told: Told) -> Mapping[str, Any] | None:
    """The row of a contact, None where the service says that there is none."""
    if told.status == 200 and told.row is not None:
        if told.row.get("id") != contact:
            raise ContractBroken("the service has answered another contact than was asked for")
        return told.row
    if is_gone(told):
        return None
    raise refusal_of(told)


def is_gone(told: Told) -> bool:
    """Whether an answer says that the contact is not there, and not that the mailbox or something else is missing."""
    return told.status == 404 and bool(told.error.codes & _NOT_THERE)


def refusal_of(told: Told) -> PermissionLacking | RateLimited | Unavailable | ContractBroken:
    """A read that was refused, as an error of the port."""
    if told.status in {401, 403}:
        return PermissionLacking("the login may not read contacts there")
    if told.status == 429:
        return RateLimited("too many requests", retry_after=told.wait)
    return ContractBroken(f"a contact was answered with {told.code}")


async def with_addresses(box: Mailbox, folder: str, addresses: Sequence[str]) -> list[str] | None:
    """Ids of the contacts with one of these e-mail addresses, whatever the case; None where that cannot be told."""
    wanted = list(dict.fromkeys(each.strip().lower() for each in addresses if each.strip()))
    conditions = ["emailAddresses/any(a:a/address eq '{}')".format(each.replace("'", "''")) for each in wanted]
    packs = [conditions[start : start + box.pack] for start in range(0, len(conditions), box.pack)]
    found: list[Mapping[str, Any]] = []
    alone: list[str] = []
    for pack, rows in zip(packs, await _searched(box, folder, [" or ".join(pack) for pack in packs]), strict=True):
        found += rows or ()
        alone += pack if rows is None else ()
    if alone and box.pack > 1:
        # The service calls it too complex, or there are too many: each address is looked for by itself.
        box.pack = 1
        singly = await _searched(box, folder, alone)
        found += [row for rows in singly for row in rows or ()]
        alone = [each for each, rows in zip(alone, singly, strict=True) if rows is None]
    if alone:
        return None
    inside = zip(found, await box.inside(folder, found), strict=True)
    return list(dict.fromkeys(str(row["id"]) for row, here in inside if here))


async def _searched(box: Mailbox, folder: str, conditions: Sequence[str]) -> list[list[Mapping[str, Any]] | None]:
    """The rows that meet each condition; None where it was refused, or shows only a part."""
    steps = [box.client.finding(folder, each, ("parentFolderId",)) for each in conditions]
    return [rows_of(told) for told in await ask_all(box.client, steps)]


async def made_by(box: Mailbox, folder: str, fields: Sequence[str], op_ids: Sequence[str]) -> dict[str, list[Record]]:
    """The contacts that carry these marks, by op id; what cannot be told is missing.

    A search for a mark may answer contacts of the whole mailbox.
    """
    conditions = [
        f"singleValueExtendedProperties/Any(ep: ep/id eq '{MARK}' and ep/value eq '{each}')" for each in op_ids
    ]
    told = await ask_all(box.client, [box.client.finding(folder, each) for each in conditions])
    found: dict[str, list[Record]] = {}
    for op_id, answer in zip(op_ids, told, strict=True):
        rows = rows_of(answer) or []
        inside = zip(rows, await box.inside(folder, rows), strict=True)
        answers = [shown(fields, row) for row, here in inside if here]
        if records := [each.record for each in answers if isinstance(each, Found)]:
            found[op_id] = records
    return found


def rows_of(told: Told) -> list[Mapping[str, Any]] | None:
    """The rows of a search; None where it was refused, or shows only a part."""
    rows = told.row.get("value") if told.status == 200 and told.row is not None else None
    if not isinstance(rows, list) or (told.row or {}).get("@odata.nextLink"):
        return None
    return rows if all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows) else None


async def changed_lately(client: GraphClient, folder: str, seconds: float) -> frozenset[str]:
    """Ids of the contacts that were changed within so many seconds: lists show them at once.

    Raises:
        ContractBroken: the list is not in order, or leads nowhere.
    """
    link, found, seen, last = "", set[str](), set[str](), float("inf")
    while True:
        page, now = await client.changed_last(folder, link)
        if now is None:
            raise ContractBroken("an answer without a date")
        for row in page.rows:
            at = _changed(row)
            if at is None or at >= now - seconds - 1.0:
                found.add(str(row["id"]))
            if at is not None and at > last:
                raise ContractBroken("the list of changed contacts is not in the order asked for")
            last = last if at is None else at
        if not page.following or last < now - seconds - 1.0:
            return frozenset(found)
        if page.following in seen:
            raise ContractBroken("the list of changed contacts leads nowhere")
        link = page.following
        seen.add(link)


def _changed(row: Mapping[str, Any]) -> float | None:
    try:
        return modified_of(row)
    except DataError:
        return None


async def created_since(
    client: GraphClient, folder: str, fields: Sequence[str], since: float
) -> AsyncIterator[Created]:
    """Contacts created at or after that second, newest first; the list goes on until an older one is met."""
    link, seen = "", set[str]()
    while True:
        page = await client.newest(folder, link)
        answers = [(row, shown(fields, row)) for row in page.rows]
        new = [each for row, each in answers if _created(row) >= int(since)]
        beyond = len(new) < len(answers)
        yield Created([each.record for each in new if isinstance(each, Found)], beyond)
        if beyond or not page.following:
            return
        if page.following in seen:
            raise ContractBroken("the list of contacts leads nowhere")
        link = page.following
        seen.add(link)


def _created(row: Mapping[str, Any]) -> float:
    try:
        text = value_of(row, CREATED)
    except DataError:
        text = None
    moment = moment_of(text) if isinstance(text, str) else None
    if moment is None:
        raise ContractBroken("a contact does not say when it was created")
    return moment
