"""Zoho's channels on the wire: ``/crm/v8/actions/watch`` (vendor: Notifications, Enable, Update, Disable)."""

from typing import Any, Final

import msgspec

from zohosyncd.connectors.zoho_crm.judge import failure_of
from zohosyncd.connectors.zoho_crm.ringing import channel_number, renewal, wish
from zohosyncd.connectors.zoho_crm.times import instant
from zohosyncd.core.errors import ContractBroken, PermissionLacking
from zohosyncd.ports.push import Bell, Channel
from zohosyncd.transport.call import Call
from zohosyncd.transport.client import Client
from zohosyncd.transport.decode import json_as
from zohosyncd.transport.sender import Answered

_TEMPLATE: Final = "/crm/v8/actions/watch"
_ACCEPT: Final = frozenset({200, 201, 202, 204, 207, 400, 404})
_UNKNOWN: Final = frozenset({"NOT_SUBSCRIBED", "INVALID_DATA"})
"""How Zoho calls a channel that it does not know (any more)."""

_SCOPES: Final = "authorise again with the scope ZohoCRM.notifications.ALL; until then changes are found by polling"


class Event(msgspec.Struct, frozen=True):
    """One event of a channel, as it was granted."""

    channel_expiry: str | None = None


class Details(msgspec.Struct, frozen=True):
    """What a row says of its channel."""

    events: list[Event] = []


class Row(msgspec.Struct, frozen=True):
    """The outcome for one channel."""

    code: str = ""
    status: str = ""
    details: Details = Details()


class Rows(msgspec.Struct, frozen=True):
    """The answer."""

    watch: list[Row]


class Watch:
    """Channels of one org. Every call may be repeated: a channel that is there already is replaced by itself."""

    def __init__(self, http: Client, api_url: str) -> None:
        self._http = http
        self._url = f"{api_url}{_TEMPLATE}"

    async def enable(self, module: str, bell: Bell, until: float) -> Channel:
        """Have a bell rung for a module. Raises the RemoteError tree."""
        row = await self._change("POST", wish(module, bell, until))
        if row.status != "success":
            raise ContractBroken(f"Zoho refuses to notify us: {_known(row.code)}", hint=_cure(row.code))
        return Channel(channel_number(bell), _expiry(row))

    async def extend(self, module: str, bell: Bell, channel: str, until: float) -> Channel | None:
        """Let a channel live longer; None where Zoho does not know it. Raises the RemoteError tree."""
        row = await self._change("PATCH", renewal(module, bell, channel, until))
        if row.status == "success":
            return Channel(channel, _expiry(row))
        if row.code in _UNKNOWN:
            return None
        raise ContractBroken(f"Zoho does not prolong a channel: {_known(row.code)}", hint=_cure(row.code))

    async def disable(self, channel: str) -> None:
        """Have a channel ring no more; one that Zoho does not know is no trouble. Raises the RemoteError tree."""
        answer = await self._send(Call("DELETE", f"{self._url}?channel_ids={channel}", _TEMPLATE, accept=_ACCEPT))
        row = _row(answer)
        if row.status != "success" and row.code not in _UNKNOWN:
            raise ContractBroken(f"Zoho does not end a channel: {_known(row.code)}", hint="it ends by itself in a week")

    async def _change(self, method: str, channel: dict[str, Any]) -> Row:
        body = msgspec.json.encode({"watch": [channel]})
        headers = {"Content-Type": "application/json"}
        return _row(await self._send(Call(method, self._url, _TEMPLATE, headers, body, accept=_ACCEPT, content="json")))

    async def _send(self, call: Call) -> Answered:
        try:
            return await self._http.read(call)
        except PermissionLacking as error:
            raise PermissionLacking(f"no notifications: {error.message}", hint=_SCOPES) from None


def _row(answer: Answered) -> Row:
    """The one row of the answer; a call that was refused as a whole reads as one that failed."""
    failure = failure_of(answer)
    if failure is not None and b'"watch"' not in answer.body:
        return Row(failure.word, "error")
    if answer.status == 204:
        return Row("NOT_SUBSCRIBED", "error")
    rows = json_as(Rows, answer.body, what="answer about notifications").watch
    if len(rows) != 1:
        raise ContractBroken(f"notifications: {len(rows)} rows for one channel")
    return rows[0]


def _expiry(row: Row) -> float | None:
    """When the first of the events ends; None where the answer does not say."""
    ends = [moment for event in row.details.events if (moment := instant(event.channel_expiry)) is not None]
    return min(ends, default=None)


def _known(code: str) -> str:
    return code if len(code) <= 40 and code.replace("_", "").isalnum() else "an unknown error"


def _cure(code: str) -> str:
    if code in {"LIMIT_REACHED", "LIMIT_EXCEEDED"}:
        return "another tool of this user has all the channels there are"
    return "can Zoho reach public_url? Until it rings, changes are found by polling"
