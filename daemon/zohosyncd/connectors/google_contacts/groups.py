"""Contact groups, which people call labels: by name to us, by resource name to the API.

Groups of the mailbox's owner are labels, and of Google's own groups those that people see on a contact; of these only
``starred`` takes new members (vendor: contactGroups.members.modify). ``myContacts`` holds everybody and is no label.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from zohosyncd.connectors.google_contacts.client import MOST_AT_ONCE, Group, PeopleClient
from zohosyncd.connectors.google_contacts.person import Person
from zohosyncd.connectors.google_contacts.values import groups_of
from zohosyncd.core.errors import ContractBroken
from zohosyncd.core.spelling import fold
from zohosyncd.ports.connector import NotSent, Refused, Unknown
from zohosyncd.ports.world import Clock
from zohosyncd.transport.decode import json_as

_SHOWN: Final = frozenset({"starred", "friends", "family", "coworkers"})
_CLOSED: Final = frozenset({"friends", "family", "coworkers"})
"""Groups of Google that nobody can be added to any more."""

_SYSTEM: Final = "SYSTEM_CONTACT_GROUP"
_PREFIX: Final = "contactGroups/"
_PATIENCE: Final = 60.0
"""Seconds until a group that the list does not name is looked for again."""

_LATEST: Final = 600.0
"""Seconds after which every list shows that a group was made, or deleted."""


class Groups:
    """The contact groups of one mailbox, as they were read last."""

    def __init__(self, client: PeopleClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._labels: dict[str, str] | None = None
        self._known: set[str] = set()
        self._strange: dict[str, float] = {}
        self._gone: dict[str, float] = {}
        self._taken: dict[str, float] = {}

    @property
    def labels(self) -> Mapping[str, str]:
        """Names by resource name; nothing before they were read."""
        return self._labels or {}

    async def load(self) -> None:
        """Read them anew: they may have got other names."""
        found = await self._client.groups()
        self._take([*found, *await self._named(self._known - {each.id for each in found})])

    async def know(self, people: Iterable[Person]) -> None:
        """Read them anew if one of these contacts is in a group that nobody knows yet."""
        now = self._clock.monotonic()
        unknown = {each for person in people for each in groups_of(person)} - self._known
        fresh = {each for each in unknown if self._strange.get(each, float("-inf")) + _PATIENCE <= now}
        if self._labels is not None and not fresh:
            return
        found = await self._client.groups()
        self._take([*found, *await self._named((self._known | unknown) - {each.id for each in found})])
        self._strange = dict.fromkeys(unknown - self._known, now)

    async def _named(self, ids: Collection[str]) -> list[Group]:
        """Of groups that the list lacks those that there are: it may not show yet what somebody has just made."""
        wanted, found = sorted(ids), list[Group]()
        for start in range(0, len(wanted), MOST_AT_ONCE):
            found += await self._client.groups_named(wanted[start : start + MOST_AT_ONCE])
        return found

    def _take(self, found: Sequence[Group]) -> None:
        # At once: others read labels while a list is on its way.
        now = self._clock.monotonic()
        self._gone = {id_: at for id_, at in self._gone.items() if at + _LATEST > now}
        found = [each for each in found if each.id not in self._gone]
        self._known = {each.id for each in found}
        self._labels = {each.id: name for each in found if (name := _label(each))}

    async def gone_of(self, ids: Collection[str]) -> set[str]:
        """Of these groups those that are gone, as reads by name show: lists may still show what was deleted."""
        gone = set(ids) - {each.id for each in await self._named(ids)}
        self._gone |= dict.fromkeys(gone, self._clock.monotonic())
        self._known -= gone
        self._labels = {id_: name for id_, name in self.labels.items() if id_ not in gone}
        return gone

    async def ids_for(self, names: Collection[str]) -> dict[str, str | NotSent | Refused]:
        """The resource name of a group for each name, by folded name; groups that do not exist are made.

        Returns:
            what became of it instead, where a group cannot be had.
        """
        wanted = {fold(name): name.strip() for name in names}
        if wanted:
            await self.load()  # somebody may have made, renamed or deleted one since
        found: dict[str, str | NotSent | Refused] = {}
        for folded, name in wanted.items():
            found[folded] = self._open().get(folded) or await self._make(name)
        return found

    def _open(self) -> dict[str, str]:
        """The groups that can have new members, by folded name; those of the owner win over Google's."""
        known = sorted(self.labels.items(), key=lambda each: each[0].removeprefix(_PREFIX) not in _SHOWN)
        return {fold(name): id_ for id_, name in known if id_.removeprefix(_PREFIX) not in _CLOSED}

    async def _make(self, name: str) -> str | NotSent | Refused:
        answer = await self._client.make_group(name)
        if isinstance(answer, Unknown):
            return NotSent("whether its label was made is not known yet")
        if isinstance(answer, NotSent):
            return answer
        if answer.status == 200:
            try:
                made = json_as(Group, answer.body, what="a new contact group")
            except ContractBroken as error:
                return NotSent(error.message)
            self._labels = {**self.labels, made.id: made.name or name}
            self._known.add(made.id)
            return made.id
        if answer.status == 409:
            await self.load()
            return self._open().get(fold(name)) or self._hidden(name)
        return Refused("LABEL", message="Google does not take the name of a label")

    def _hidden(self, name: str) -> NotSent | Refused:
        """What to do about a name that is taken by a group that no list shows: by one that is new, or by Google's."""
        since = self._taken.setdefault(fold(name), self._clock.monotonic())
        if fold(name) in _CLOSED or since + _LATEST <= self._clock.monotonic():
            return Refused("ALREADY_EXISTS", message="a group of Google has this name and takes nobody")
        return NotSent("somebody has just made a label of this name, and Google does not list it yet")


def _label(group: Group) -> str:
    name = group.id.removeprefix(_PREFIX)
    if group.kind == _SYSTEM:
        return name if name in _SHOWN else ""
    return group.name.strip()
