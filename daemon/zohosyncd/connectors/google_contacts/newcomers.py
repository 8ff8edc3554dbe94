"""People whom somebody has just typed into the mailbox, and whom the feed does not show yet.

The feed may be some minutes behind (vendor: sync requests). Whoever is put into two apps in that time would be made a
second time here. So before contacts are made, those are looked through that were changed last, by a list that is not
behind; who has one of their addresses there is left to the feed, which is told the name at once.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from zohosyncd.connectors.google_contacts.client import PeopleClient
from zohosyncd.connectors.google_contacts.fields import EMAILS
from zohosyncd.connectors.google_contacts.person import Person, entries, id_of, modified_of, source_of, text
from zohosyncd.connectors.google_contacts.recent import Recent
from zohosyncd.core.emails import canonical_email
from zohosyncd.ports.connector import WriteOp
from zohosyncd.ports.world import Clock

_MASK: Final = "emailAddresses,metadata"
_AGAIN: Final = 30.0
"""Seconds before the last look that are looked through once more."""

_MOST_PAGES: Final = 5


class Newcomers:
    """The contacts of one mailbox that were changed a short while ago, by somebody else.

    Args:
        client, clock: the mailbox and the time. recent: what was seen by name: the mirror knows it. seconds: how long
            the feed may be behind.
    """

    def __init__(self, client: PeopleClient, clock: Clock, recent: Recent, seconds: float) -> None:
        self._client = client
        self._clock = clock
        self._recent = recent
        self._seconds = seconds
        self._addresses: dict[str, tuple[float, frozenset[str]]] = {}
        self._looked = float("-inf")
        self._untold: dict[str, None] = {}

    async def among(self, ops: Sequence[WriteOp]) -> Mapping[str, str]:
        """Of creates, those whose person is there already: resource names by op id. Raises the RemoteError tree."""
        wanted = {op.op_id: _addresses_of(op) for op in ops}
        if not self._seconds or not any(wanted.values()):
            return {}
        await self._look()
        found: dict[str, str] = {}
        for op_id, addresses in wanted.items():
            name = next((name for name, (_, theirs) in self._addresses.items() if addresses & theirs), None)
            if name is not None and not self._recent.has_seen(name):
                found[op_id] = name
                self._untold[name] = None
        return found

    def untold(self) -> tuple[str, ...]:
        """Who was found and was not told to the feed yet; from now on they are."""
        names = tuple(self._untold)
        self._untold.clear()
        return names

    async def _look(self) -> None:
        """Read what was changed since the last look, the newest first."""
        now = self._clock.now()
        since = max(now - self._seconds, self._looked - _AGAIN)
        page = ""
        for _ in range(_MOST_PAGES):
            read = await self._client.newest(_MASK, page=page)
            people = [each for each in read.connections if source_of(each) is not None]
            times = [modified_of(each) or 0.0 for each in people]
            for person, modified in zip(people, times, strict=True):
                self._addresses[id_of(person)] = (modified, _addresses(person))
            page = read.next_page
            if not page or (times and times[-1] < since):
                break
        self._looked = now
        old = [name for name, (modified, _) in self._addresses.items() if modified < now - self._seconds]
        for name in old:
            del self._addresses[name]


def _addresses_of(op: WriteOp) -> frozenset[str]:
    value = op.patch.get(EMAILS)
    return frozenset(canonical_email(each.value) for each in value) - {""} if isinstance(value, tuple) else frozenset()


def _addresses(person: Person) -> frozenset[str]:
    return frozenset(canonical_email(text(each, "value")) for each in entries(person, EMAILS)) - {""}
