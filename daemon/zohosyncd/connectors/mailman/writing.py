"""Writes, one after the other: subscribe, change, unsubscribe. An op of several calls says how far it came."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from zohosyncd.connectors.mailman.client import MailmanClient
from zohosyncd.connectors.mailman.fields import EMAIL, MODE, NAME, SAID, SCHEMA, STATUS, is_waiting, waiting_id
from zohosyncd.core.consent import ConsentState
from zohosyncd.core.errors import AuthLost, PermissionLacking, RateLimited, RemoteError, Unavailable
from zohosyncd.ports.connector import (
    Conflict,
    Done,
    Duplicate,
    NotSent,
    Pending,
    Refused,
    Unknown,
    WriteKind,
    WriteOp,
    WriteResult,
)
from zohosyncd.transport.decode import json_as
from zohosyncd.transport.sender import Answered

_WAITS: Final = Pending("whoever was asked has not confirmed the subscription yet")
_REFUSALS: Final[Mapping[str, Refused]] = {
    "Membership is banned": Refused("BANNED", EMAIL, "the address is banned from the list", compliance=True),
    "List posting address cannot subscribe": Refused("OWN_ADDRESS", EMAIL, "it is the list's own address"),
    'Invalid Parameter "subscriber": .': Refused("ADDRESS", EMAIL, "Mailman takes it for no address"),
    "Unverified address": Refused("UNVERIFIED", EMAIL, "the new address is not verified"),
}
"""By the description of a 400, as Mailman 3.3 words it."""

_RAISED: Final = (AuthLost, PermissionLacking, RateLimited, Unavailable)
_VOUCHED: Final = {"pre_verified": "true", "pre_confirmed": "true", "pre_approved": "true"}


async def write(client: MailmanClient, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:
    """Carry out ops of one kind in order.

    Raises:
        AuthLost, PermissionLacking, RateLimited, Unavailable: the first op met it, and nothing was carried out.
    """
    results: list[WriteResult] = []
    for op in ops:
        try:
            results.append(await _carry_out(client, ref, op))
        except RemoteError as error:
            if isinstance(error, _RAISED) and all(isinstance(each, NotSent) for each in results):
                raise
            # What came before stands; the others are not tried, as a refused password is not sent again and again.
            return [*results, *[NotSent(type(error).__name__)] * (len(ops) - len(results))]
    return results


async def _carry_out(client: MailmanClient, ref: str, op: WriteOp) -> WriteResult:
    stranger = next((name for name in op.patch if name not in SCHEMA.fields), None)
    if stranger is not None:
        return Refused("FIELD_NOT_WRITABLE", stranger, "subscriptions have no such field")
    match op.kind:
        case WriteKind.CREATE:
            return await _create(client, ref, op)
        case WriteKind.UPDATE:
            return await _update(client, op)
        case WriteKind.DELETE:
            return await _delete(client, ref, op)


async def _create(client: MailmanClient, ref: str, op: WriteOp) -> WriteResult:
    """Subscribe. Whoever is not said to be subscribed, or to have opted out, is asked by Mailman's own confirmation."""
    email, state = op.patch.get(EMAIL), op.patch.get(STATUS)
    if not isinstance(email, str) or not email:
        return Refused("ADDRESS", EMAIL, "nobody subscribes without an address")
    form = {"list_id": ref, "subscriber": email}
    if name := op.patch.get(NAME):
        form["display_name"] = str(name)
    if mode := op.patch.get(MODE):
        form["delivery_mode"] = str(mode)
    if state in SAID:
        form |= {**_VOUCHED, "delivery_status": SAID[ConsentState(str(state))]}
    elif state not in {None, ConsentState.PENDING}:
        return Refused("STATE", STATUS, f"nobody is made {state} here")
    answer = await client.post("members", "/3.1/members", form)
    if not isinstance(answer, Answered):
        return answer
    if answer.status == 409:
        return Duplicate(await _there(client, ref, email), EMAIL)
    if answer.status == 202:
        return Done(waiting_id(email))
    if answer.status != 201:
        return _refusal(answer)
    record_id = answer.headers.get("location", "").rstrip("/").rpartition("/")[2]
    if not record_id:
        return Unknown("the answer does not name the new member")
    return await _named(client, record_id, op)


async def _there(client: MailmanClient, ref: str, email: str) -> str | None:
    """Who it is that has the address already; None where that cannot be asked now."""
    try:
        found = await client.members_with(ref, subscriber=email)
    except RemoteError:
        return None
    return found[0] if found else waiting_id(email)


async def _named(client: MailmanClient, record_id: str, op: WriteOp) -> WriteResult:
    """An address that was known before keeps its name when it subscribes: the wished one is given to it afterwards."""
    try:
        member = await client.member(record_id) if NAME in op.patch else None
        if member is not None and (member.get("display_name") or None) != (op.patch[NAME] or None):
            renamed = await _rename(client, member, op.patch[NAME])
            return Done(record_id, left=() if renamed is None else (NAME,))
    except RemoteError:
        return Done(record_id, left=(NAME,))
    return Done(record_id)


async def _update(client: MailmanClient, op: WriteOp) -> WriteResult:
    """Change the parts of a member, each by a call of its own; what came behind a failure is ``left``."""
    if is_waiting(op.record_id):
        return _WAITS
    if op.patch.get(STATUS) == ConsentState.PENDING:
        return Refused("NO_CONFIRMATION", STATUS, "Mailman asks nobody for a confirmation who is a member")
    if STATUS in op.patch and op.patch[STATUS] not in SAID:
        return Refused("STATE", STATUS, f"nobody is made {op.patch[STATUS]} here")
    member = await client.member(op.record_id)
    if member is None:
        return Conflict(gone=True)
    done: list[str] = []
    for name in (STATUS, EMAIL, MODE, NAME):  # consent first; the name belongs to the address that is then there
        if name not in op.patch:
            continue
        left = tuple(each for each in op.patch if each not in done)
        try:
            failed = await _change(client, member, name, op)
        except RemoteError:
            if not done:
                raise
            return Done(op.record_id, left=left)
        if failed is not None:
            return _cut(op, failed, tuple(done), left)
        done.append(name)
    return Done(op.record_id)


def _cut(op: WriteOp, failed: WriteResult, done: tuple[str, ...], left: tuple[str, ...]) -> WriteResult:
    """What an op says whose next part failed: as much as is surely true."""
    if not done or isinstance(failed, Conflict):
        return failed
    if isinstance(failed, Refused):
        rest = tuple(each for each in left if each != failed.field)
        return Done(op.record_id, left=rest, refused=(failed,))
    return Done(op.record_id, left=left)


async def _change(client: MailmanClient, member: dict[str, object], name: str, op: WriteOp) -> WriteResult | None:
    """Change one field; None when it is done."""
    path, value = f"members/{op.record_id}", op.patch[name]
    match name:
        case "status":
            form = {"delivery_status": SAID[ConsentState(str(value))]}
            return _wrong(await client.patch(f"{path}/preferences", "/3.1/members/{id}/preferences", form), name)
        case "delivery_mode":
            form = {"delivery_mode": str(value or "regular")}
            return _wrong(await client.patch(path, "/3.1/members/{id}", form), name)
        case "email":
            return await _move(client, member, path, value)
        case _:
            return await _rename(client, member, value)


async def _rename(client: MailmanClient, member: dict[str, object], value: object) -> WriteResult | None:
    """The roster shows the name of the address, and where it has none the name of its user: that has to go, too."""
    email = str(member["email"])
    form = {"display_name": str(value or "")}
    wrong = _wrong(await client.patch(f"addresses/{quote(email, safe='')}", "/3.1/addresses/{email}", form), NAME)
    if wrong is not None or value:
        return wrong
    lost = "the address lost its name, and its user perhaps not"
    try:
        user = await client.user(email)
        if user is None or not user.get("display_name"):
            return None
        answer = await client.patch(f"users/{user['user_id']}", "/3.1/users/{id}", form)
    except RemoteError as error:
        return Unknown(f"{lost}: {type(error).__name__}")
    return Unknown(lost) if _wrong(answer, NAME) is not None else None


async def _move(client: MailmanClient, member: dict[str, object], path: str, value: object) -> WriteResult | None:
    """Another address: the user gets it, it is verified, and the subscription goes over to it under the same id."""
    if not isinstance(value, str) or not value:
        return Refused("ADDRESS", EMAIL, "nobody is subscribed without an address")
    before, after = str(member["email"]), value
    if before.lower() == after.lower():
        return None
    one, other = await client.user(before), await client.user(after)
    if one is None or (other is not None and other.get("user_id") != one.get("user_id")):
        return Refused("ADDRESS_TAKEN", EMAIL, "the new address belongs to another user of Mailman")
    if other is None:
        made = await client.post(f"users/{one['user_id']}/addresses", "/3.1/users/{id}/addresses", {"email": after})
        if (wrong := _wrong(made, EMAIL)) is not None:
            return wrong
    quoted = quote(after, safe="")
    verified = await client.post(f"addresses/{quoted}/verify", "/3.1/addresses/{email}/verify", {})
    if (wrong := _wrong(verified, EMAIL)) is not None:
        return wrong
    wrong = _wrong(await client.patch(path, "/3.1/members/{id}", {"address": after}), EMAIL)
    if wrong is None:
        member["email"] = after
    return wrong


async def _delete(client: MailmanClient, ref: str, op: WriteOp) -> WriteResult:
    if is_waiting(op.record_id):
        return await _discard(client, ref, op)
    answer = await client.delete(op.record_id)
    if not isinstance(answer, Answered):
        return answer
    return Done(op.record_id) if answer.status == 204 else _refusal(answer)


async def _discard(client: MailmanClient, ref: str, op: WriteOp) -> WriteResult:
    waiting = {waiting_id(str(each.get(EMAIL))): str(each.get("token")) for each in await client.requests(ref)}
    token = waiting.get(op.record_id)
    if token is None:
        return Conflict(gone=True)
    path = f"lists/{quote(ref, safe='')}/requests/{quote(token, safe='')}"
    answer = await client.post(path, "/3.1/lists/{list}/requests/{token}", {"action": "discard"})
    return _wrong(answer, "") or Done(op.record_id)


def _wrong(answer: Answered | NotSent | Unknown, name: str) -> WriteResult | None:
    """What is wrong with an answer that should have been 201 or 204, None for nothing."""
    if not isinstance(answer, Answered):
        return answer
    return None if answer.status in {201, 204} else _refusal(answer, name)


def _refusal(answer: Answered, name: str = "") -> WriteResult:
    """An answer that says no. Its description is only compared: it may name somebody."""
    if answer.status == 404:
        return Conflict(gone=True)
    try:
        said = json_as(dict[str, object], answer.body, what="a refusal").get("description")
    except RemoteError:
        said = ""
    known = _REFUSALS.get(str(said))
    return known or Refused(str(answer.status), name, "Mailman does not take it")
