"""Writes of contacts: properties in one call for a batch, opt-outs and lists in calls of their own.

A row is refused as a whole for one value. It is sent once more without what was refused, which is told; not without
what says who the person is, nor without an owner, whose absence would show the contact to others. A batch that is
refused as a whole is sent in halves, so that one row fails alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from zohosyncd.connectors.hubspot.client import HubSpotClient
from zohosyncd.connectors.hubspot.fields import LISTS, OPTED_OUT, STAGE, ContactSchema
from zohosyncd.connectors.hubspot.lists import Change, Lists, change_of
from zohosyncd.connectors.hubspot.opt_outs import OptOuts, address_of, wish_of
from zohosyncd.connectors.hubspot.outcomes import Outcome, emails_of, outcome_of, refused_whole, results_of
from zohosyncd.connectors.hubspot.reading import Row
from zohosyncd.connectors.hubspot.records import Unwritable, properties_to_write, text_in
from zohosyncd.connectors.hubspot.standing import read_again, stands
from zohosyncd.core.errors import RemoteError
from zohosyncd.core.schema import FieldType
from zohosyncd.ports.connector import Conflict, Done, NotSent, Refused, Unknown, WriteKind, WriteOp, WriteResult
from zohosyncd.transport.sender import Answered

_IDENTITY: Final = frozenset({"emails", "family_name", "given_name", "full_name"})
_MOST_ROUNDS: Final = 4


@dataclass(slots=True)
class _Wish:
    """An op on its way: the properties that it still writes, what was taken out of it, what comes beside them.

    ``address``: is unsubscribed; "" where nobody opts out. ``left``: what was surely not, or not surely, carried out.
    """

    op: WriteOp
    now: Row | None
    body: dict[str, str]
    change: Change = field(default_factory=Change)
    address: str = ""
    refused: list[Refused] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


async def carry_out(
    client: HubSpotClient, schema: ContactSchema, ops: Sequence[WriteOp], lists: Lists, opt_outs: OptOuts
) -> list[WriteResult]:
    """Create, update or archive at most 100 contacts; one result per op, in order.

    Raises:
        RemoteError: nothing was carried out.
    """
    now = await read_again(client, ops)
    results: dict[int, WriteResult] = {}
    wishes: dict[int, _Wish] = {}
    for place, op in enumerate(ops):
        row = stands(op, now[op.record_id], schema) if op.kind is not WriteKind.CREATE else None
        made = row if isinstance(row, Conflict) else _wish(op, row, schema, out=opt_outs.is_out(row))
        if isinstance(made, _Wish):
            wishes[place] = made
        else:
            results[place] = made
    if ops[0].kind is WriteKind.DELETE:
        results |= await _archived(client, wishes)
    else:
        results |= await _written(client, schema, wishes, lists, opt_outs)
    return [results[place] for place in range(len(ops))]


def _wish(op: WriteOp, now: Row | None, schema: ContactSchema, *, out: bool) -> _Wish | Refused:
    if op.kind is WriteKind.DELETE:
        return _Wish(op, now, {})
    try:
        made = _Wish(op, now, properties_to_write(op.patch, schema), change_of(op))
    except Unwritable as error:
        return Refused(error.code, error.hint, error.message)
    except ValueError as error:
        return Refused("KNOWN_LISTS_NEEDED", LISTS, str(error))
    if _falls_back(made, schema):
        del made.body[STAGE]
        made.refused.append(Refused("STAGE_GOES_BACK", STAGE, "HubSpot's lifecycle stages only go forward"))
    wish = wish_of(op, out)
    if isinstance(wish, Refused):
        made.refused.append(wish)
    elif wish:
        address = address_of(op, now)
        if isinstance(address, Refused):
            made.refused.append(address)
        else:
            made.address = address
    if made.refused and not (made.body or made.change or made.address):
        return made.refused[0]
    return made


def _falls_back(wish: _Wish, schema: ContactSchema) -> bool:
    """Whether a contact would go to an earlier stage: HubSpot ignores that without a word."""
    wished, shown = wish.body.get(STAGE), text_in(wish.now or {}, STAGE)
    if not wished or not shown or wished not in schema.stages or shown not in schema.stages:
        return False
    return schema.stages.index(wished) < schema.stages.index(shown)


async def _archived(client: HubSpotClient, wishes: dict[int, _Wish]) -> dict[int, WriteResult]:
    ids = list(dict.fromkeys(wish.op.record_id for wish in wishes.values()))
    if not ids:
        return {}
    answer = await client.archive(ids)
    if not isinstance(answer, Answered):
        return dict.fromkeys(wishes, answer)
    if answer.status == 204:
        return {place: Done(wish.op.record_id) for place, wish in wishes.items()}
    if not refused_whole(answer):
        return dict.fromkeys(wishes, Unknown(f"status {answer.status} is no answer to archiving"))
    return dict.fromkeys(wishes, Refused("NOT_ARCHIVED", "", "HubSpot does not archive this contact"))


async def _written(
    client: HubSpotClient, schema: ContactSchema, wishes: dict[int, _Wish], lists: Lists, opt_outs: OptOuts
) -> dict[int, WriteResult]:
    # Whoever opted out is unsubscribed first, whatever becomes of the other values.
    results = await _opted_out(opt_outs, {place: wish for place, wish in wishes.items() if wish.now is not None})
    going = {place: wish for place, wish in wishes.items() if place not in results}
    results |= {place: _parted(going[place], each) for place, each in (await _settled(client, schema, going)).items()}
    made = {place: wish for place, wish in going.items() if wish.now is None and isinstance(results[place], Done)}
    await _opted_out(opt_outs, made)
    for place, wish in going.items():
        results[place] = _told(wish, results[place])
    ops = {place: wish.op for place, wish in wishes.items()}
    order = list(ops)
    shown = await lists.written(
        [ops[place] for place in order],
        {at: results[place] for at, place in enumerate(order)},
        {at: wishes[place].change for at, place in enumerate(order) if LISTS not in wishes[place].left},
    )
    return {order[at]: result for at, result in shown.items()}


async def _opted_out(opt_outs: OptOuts, wishes: dict[int, _Wish]) -> dict[int, WriteResult]:
    """Unsubscribe; the results of those that wanted nothing else and did not get it."""
    failed: dict[int, WriteResult] = {}
    for place, wish in wishes.items():
        if not wish.address:
            continue
        outcome = await opt_outs.write(wish.address)
        if outcome is None:
            continue
        if not wish.body and not wish.change and wish.now is not None:
            failed[place] = outcome
        elif isinstance(outcome, Refused):
            wish.refused.append(outcome)
        else:
            wish.left.append(OPTED_OUT)
    return failed


async def _settled(client: HubSpotClient, schema: ContactSchema, wishes: dict[int, _Wish]) -> dict[int, WriteResult]:
    """Send properties, and what is refused for some of its values once more without them."""
    results: dict[int, Outcome] = {place: _untouched(wish) for place, wish in wishes.items() if not wish.body}
    waiting = [place for place in wishes if place not in results]
    for turn in range(_MOST_ROUNDS):
        for group in _distinct([(place, wishes[place]) for place in waiting]):
            try:
                sent = await _send(client, [wish for _, wish in group])
            except RemoteError as error:
                sent_before = any(wish.body and place in results for place, wish in wishes.items())
                if not (turn or sent_before or any(map(_opted_out_alone, wishes.values()))):
                    raise
                # Raised alone it would hide what became of the others.
                sent = [NotSent(error.message) for _ in group]
            results |= {place: result for (place, _), result in zip(group, sent, strict=True)}
        waiting = [place for place in waiting if _without_bad_values(wishes[place], results[place], schema)]
        if not waiting:
            break
    return {place: result[0] if isinstance(result, tuple) else result for place, result in results.items()}


def _opted_out_alone(wish: _Wish) -> bool:
    """Whether somebody was unsubscribed before the other values of the op were sent."""
    failed = {*wish.left, *(each.field for each in wish.refused)}
    return wish.now is not None and bool(wish.address) and OPTED_OUT not in failed


def _parted(wish: _Wish, result: WriteResult) -> WriteResult:
    """What became of an op whose opt-out was carried out by itself: its other values are not, or not surely, there.

    Unknown alone would say that all of it arrived, or nothing.
    """
    if not _opted_out_alone(wish) or not isinstance(result, Unknown | NotSent):
        return result
    wish.left += sorted(wish.op.patch.keys() - {OPTED_OUT} - {each.field for each in wish.refused})
    return _untouched(wish)


def _untouched(wish: _Wish) -> Done:
    known = wish.op.known
    return Done(wish.op.record_id, known.version if known else None, known.modified if known else None)


def _without_bad_values(wish: _Wish, result: Outcome, schema: ContactSchema) -> bool:
    """Take the values that a row was refused for out of it; False where the row is not to be sent again."""
    if not isinstance(result, tuple):
        return False
    named = [each for each in result if each.field in wish.body]
    if not named or len(named) < len(result) or len(named) >= len(wish.body):
        return False
    for each in named:
        known = schema.fields.get(each.field)
        if known is None or known.type is FieldType.OWNER:
            return False
        if wish.op.kind is WriteKind.CREATE and known.semantic in _IDENTITY:
            return False
    wish.refused += named
    for each in named:
        wish.body.pop(each.field, None)
    return True


def _told(wish: _Wish, result: WriteResult) -> WriteResult:
    if not isinstance(result, Done):
        return result
    return replace(result, refused=tuple(wish.refused), left=tuple(wish.left))


def _distinct(rows: Sequence[tuple[int, _Wish]]) -> Iterator[list[tuple[int, _Wish]]]:
    """Groups in which no contact stands twice: HubSpot refuses those."""
    groups: list[tuple[set[str], list[tuple[int, _Wish]]]] = []
    for place, wish in rows:
        key = wish.op.record_id
        for seen, group in groups:
            if not key or key not in seen:
                seen.add(key)
                group.append((place, wish))
                break
        else:
            groups.append(({key}, [(place, wish)]))
    yield from (group for _, group in groups)


async def _send(client: HubSpotClient, wishes: Sequence[_Wish]) -> list[Outcome]:
    ops = [wish.op for wish in wishes]
    answer = await _call(client, wishes)
    if not isinstance(answer, Answered):
        return [answer for _ in ops]
    if not refused_whole(answer):
        return results_of(answer, ops, emails_of({wish.op.op_id: wish.body for wish in wishes}))
    if len(ops) == 1:
        return [outcome_of(answer, ops[0])]
    half = len(ops) // 2
    first = await _send(client, wishes[:half])
    try:
        return first + await _send(client, wishes[half:])
    except RemoteError as error:
        # Raised alone it would hide what became of the first half.
        return first + [NotSent(error.message)] * (len(ops) - half)


async def _call(client: HubSpotClient, wishes: Sequence[_Wish]) -> Answered | NotSent | Unknown:
    traced = [{"properties": wish.body, "objectWriteTraceId": wish.op.op_id} for wish in wishes]
    if wishes[0].op.kind is WriteKind.CREATE:
        return await client.create(traced)
    return await client.update([{**each, "id": wish.op.record_id} for each, wish in zip(traced, wishes, strict=True)])
