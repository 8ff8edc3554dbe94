"""Rings: which channels hear of which change, and when.

Source: REST API v8, Notifications, and the payload that it shows. No delivery, order or repetition is promised, and
nobody is named who made a change: rings also tell of what came through the API. A restored record rings nothing.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from zohosyncd.sandbox.wire import Outgoing

from .crm import Crm

_EVENTS = {"create": {"insert"}, "edit": {"update"}, "delete": {"delete"}, "all": {"insert", "update", "delete"}}
EVENTS = frozenset(_EVENTS)
Row = dict[str, Any]


@dataclass(slots=True)
class Channel:
    """Who is told of what, and until when (Zoho's time). ``events``: by module, in the words of the request."""

    number: str
    events: dict[str, set[str]]
    expires: int
    url: str
    token: str | None = None
    related: bool = True
    values: bool = False

    def wants(self, module: str, operation: str) -> bool:
        """Whether it rings for this."""
        return any(operation in _EVENTS[event] for event in self.events.get(module, ()))


@dataclass(frozen=True, slots=True)
class _Change:
    """What happened to one record: ``names`` are the fields that were written."""

    module: str
    number: int
    operation: str
    names: tuple[str, ...] = ()


@dataclass
class Bells:
    """All channels of an org, and what they ring for. ``address`` tells where the org is reached."""

    crm: Crm
    address: Callable[[], str]
    seed: int
    channels: dict[str, Channel] = field(default_factory=dict)
    _changes: list[_Change] = field(default_factory=list)
    _due: list[tuple[float, int, Outgoing]] = field(default_factory=list)
    _count: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(f"bells/{self.seed}")
        for table in self.crm.tables.values():
            table.told = self.note

    # what happens in the org

    def note(self, module: str, number: int, operation: str, names: Iterable[str]) -> None:
        """A record was created, changed or deleted."""
        if self.channels:
            self._changes.append(_Change(module, number, operation, tuple(names)))

    def rings(self) -> list[Outgoing]:
        """What goes out now: the rings whose time has come. One request to the API makes one ring per operation."""
        now, setup = self.crm.now(), self.crm.setup
        for channel in self.live():
            for told in self._told(channel):
                for _ in range(setup.bell_times):
                    if self._random.random() >= setup.bell_lost:
                        self._count += 1
                        heappush(self._due, (now + setup.bell_delay, self._count, told))
        self._changes.clear()
        out: list[Outgoing] = []
        while self._due and self._due[0][0] <= now:
            out.append(heappop(self._due)[2])
        return out

    def next_ring(self) -> float | None:
        """How many seconds until the next ring goes out, None when none is waiting."""
        return max(self._due[0][0] - self.crm.now(), 0.0) if self._due else None

    def live(self) -> list[Channel]:
        """The channels that have not ended."""
        now = self.crm.now()
        self.channels = {number: each for number, each in self.channels.items() if each.expires > now}
        return list(self.channels.values())

    def _told(self, channel: Channel) -> Iterable[Outgoing]:
        grouped: dict[tuple[str, str], list[_Change]] = {}
        for change in (*self._changes, *(self._related() if channel.related else ())):
            if channel.wants(change.module, change.operation):
                grouped.setdefault((change.module, change.operation), []).append(change)
        for (module, operation), changes in grouped.items():
            yield Outgoing(channel.url, msgspec.json.encode(self._body(channel, module, operation, changes)))

    def _related(self) -> list[_Change]:
        """Contacts of a changed Account; whoever leaves ``notify_on_related_action`` out is told of them, too."""
        accounts = {change.number for change in self._changes if change.module == "Accounts"}
        if not accounts:
            return []
        rows = self.crm.tables["Contacts"].rows.values()
        return [_Change("Contacts", e.number, "update") for e in rows if e.values.get("Account_Name") in accounts]

    def _body(self, channel: Channel, module: str, operation: str, changes: list[_Change]) -> Row:
        rows = self.crm.tables[module].rows
        body: Row = {
            "server_time": int(self.crm.now() * 1000),
            "query_params": dict(parse_qsl(urlsplit(channel.url).query)),
            "module": module,
            "resource_uri": f"{self.address()}/crm/v2/{module}",
            "ids": [str(number) for number in dict.fromkeys(change.number for change in changes)],
            "affected_fields": [{str(each.number): list(each.names)} for each in changes if each.names],
            "operation": operation,
            "channel_id": channel.number,
            "token": channel.token,
        }
        if channel.values:
            shown = [
                {"record_id": str(each.number), "values": self.crm.render(rows[each.number], each.names)}
                for each in changes
                if each.number in rows
            ]
            body["affected_values"] = shown
        return body
