"""One user's contacts and groups, with all that ever became of them."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from zohosyncd.sandbox.parts.history import History
from zohosyncd.sandbox.parts.windows import Window
from zohosyncd.sandbox.wire import Clock

from .behaviour import GoogleBehaviour
from .checking import Item
from .refusals import Refused, not_found
from .values import Contact, Storing

MY_CONTACTS: Final = "contactGroups/myContacts"
STARRED: Final = "contactGroups/starred"
SYSTEM_GROUPS: Final = ("myContacts", "starred", "friends", "family", "coworkers", "blocked", "all", "chatBuddies")
TRASH: Final = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Group:
    """One state of one contact group."""

    name: str
    title: str
    system: bool
    updated: float
    version: int
    client_data: tuple[Mapping[str, str], ...] = ()

    @property
    def etag(self) -> str:
        """Its etag."""
        return hashlib.sha256(f"{self.name}/{self.version}".encode()).hexdigest()[:12]


@dataclass(slots=True)
class Mailbox:
    """One user. Values of contacts are replaced, never changed in place.

    Attributes:
        address: the user's e-mail address. sub: the id of the account.
        contacts, groups: histories; deleted contacts stay known by their last state.
        profiles: profiles of the vendor's other users by e-mail address, ``{"name", "displayName"}`` each: a contact
            that has such an address becomes one person with the profile, and takes its resource name.
        cache: which state searchContacts knows, and from when on; None before the first warm-up.
    """

    address: str
    sub: str
    clock: Clock
    behaviour: GoogleBehaviour
    storing: Storing
    contacts: History[Contact] = field(default_factory=History)
    groups: History[Group] = field(default_factory=History)
    profiles: dict[str, dict[str, str]] = field(default_factory=dict)
    cache: list[tuple[float, int]] = field(default_factory=list)
    windows: dict[str, Window] = field(default_factory=dict)
    _sources: dict[str, str] = field(default_factory=dict)
    _last: dict[str, Contact] = field(default_factory=dict)
    _trash: dict[str, float] = field(default_factory=dict)
    _alive: set[str] = field(default_factory=set)
    _count: int = 0

    def __post_init__(self) -> None:
        for title in SYSTEM_GROUPS:
            name = f"contactGroups/{title}"
            self.groups.put(name, Group(name, title, True, 0.0, 1), 0.0)

    def find(self, name: str) -> Contact | None:
        """The contact with a resource name, also a former one."""
        return self.contacts.get(self._sources.get(name, ""))

    def named(self, name: str) -> Contact:
        """As :meth:`find`; raises Refused where there is none."""
        found = self.find(name)
        if found is None:
            raise not_found()
        return found

    def profile(self, contact: Contact) -> dict[str, str] | None:
        """The profile that a contact is one person with."""
        return next((each for each in self.profiles.values() if each["name"] == contact.name), None)

    def last(self, source: str) -> Contact:
        """The last state of a contact, deleted or not."""
        return self._last[source]

    def create(self, fields: Mapping[str, tuple[Item, ...]], age: float = 0.0) -> Contact:
        """Make a contact, ``age`` seconds ago. Raises Refused where the mailbox is full."""
        now = self.clock.now() - age
        self.check_room(1)
        self._count += 1
        number = int(hashlib.sha256(f"{self.sub}/{self._count}".encode()).hexdigest()[:15], 16)
        source = f"{number:x}"
        kept = {name: items for name, items in fields.items() if items}
        kept.setdefault("memberships", (membership(MY_CONTACTS),))
        return self._put(Contact(source, f"people/c{number}", kept, now, 0), now)

    def check_room(self, count: int) -> None:
        """Raises Refused where so many new contacts are too many; those in the trash count."""
        if len(self._alive) + self._trashed(self.clock.now()) + count > self.behaviour.contacts:
            raise Refused("RESOURCE_EXHAUSTED", "MY_CONTACTS_OVERFLOW_COUNT")

    def change(self, contact: Contact, fields: Mapping[str, tuple[Item, ...]]) -> Contact:
        """Replace some fields of a contact; empty ones are taken away."""
        merged = {name: items for name, items in {**contact.fields, **fields}.items() if items}
        if merged == dict(contact.fields) and not self.behaviour.no_op_moves_etag:
            return contact
        return self._put(replace(contact, fields=merged))

    def delete(self, contact: Contact) -> None:
        """Move a contact to the trash."""
        self.contacts.remove(contact.source, self.clock.now())
        self._alive.discard(contact.source)
        self._trash[contact.source] = self.clock.now() + TRASH

    def restore(self, name: str) -> Contact:
        """Take a contact out of the trash, as its user can for 30 days. ``ValueError`` where it is not there."""
        source = self._sources.get(name, "")
        if self._trash.pop(source, 0.0) <= self.clock.now():
            raise ValueError("no such contact in the trash")
        return self._put(self._last[source])

    def merge(self, survivor: Contact, other: Contact) -> Contact:
        """Merge two contacts as the user can: the survivor has all values, the other one is gone."""
        fields = dict(survivor.fields)
        for name, items in other.fields.items():
            mine = fields.get(name, ())
            fields[name] = mine or items if name in _ONE else (*mine, *(each for each in items if each not in mine))
        self.delete(other)
        former = survivor.former
        if self.behaviour.merge_leaves_names:
            former = (*former, other.name)
            self._sources[other.name] = survivor.source
        return self._put(replace(survivor, fields=fields, former=former))

    def put_group(self, group: Group) -> Group:
        """Store a group, new or not."""
        now = self.clock.now()
        made = replace(group, updated=now, version=group.version + 1)
        self.groups.put(made.name, made, now)
        return made

    def drop_group(self, name: str, *, with_members: bool = False) -> None:
        """Delete a group; its members, or their membership: who has no other group gets myContacts."""
        for contact in self.members(name):
            if with_members:
                self.delete(contact)
            else:
                self.change(contact, {"memberships": contact.outside(name) or (membership(MY_CONTACTS),)})
        self.groups.remove(name, self.clock.now())

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """For a moment there are no contacts and never were; pages and syncs go on from what was given out."""
        real = self.contacts
        self.contacts = _Nothing(last=real.last)
        try:
            yield
        finally:
            self.contacts = real

    def members(self, name: str) -> list[Contact]:
        """The contacts of a group; everybody is in ``all``."""
        everybody = [contact for _, contact in self.contacts.items()]
        if name == "contactGroups/all":
            return everybody
        return [contact for contact in everybody if name in contact.groups()]

    def _trashed(self, now: float) -> int:
        self._trash = {source: until for source, until in self._trash.items() if until > now}
        return len(self._trash)

    def _put(self, contact: Contact, at: float | None = None) -> Contact:
        now = self.clock.now() if at is None else at
        contact = self._linked(replace(contact, updated=now, version=contact.version + 1))
        self._sources[contact.name] = contact.source
        self._last[contact.source] = contact
        self._alive.add(contact.source)
        self.contacts.put(contact.source, contact, now)
        return contact

    def _linked(self, contact: Contact) -> Contact:
        """The resource name may change when an address links a contact with a profile (PersonMetadata)."""
        addresses = {each.get("value", "").lower() for each in contact.fields.get("emailAddresses", ())}
        profile = next((self.profiles[each] for each in sorted(addresses & self.profiles.keys())), None)
        name = profile["name"] if profile else f"people/c{int(contact.source, 16)}"
        taken = self._sources.get(name)
        if name == contact.name or (taken not in (None, contact.source) and self.contacts.get(str(taken)) is not None):
            return contact
        had = (*contact.former, contact.name) if contact.version > 1 else contact.former
        former = tuple(each for each in had if each != name)
        return replace(contact, name=name, former=former)


class _Nothing(History[Contact]):
    """A history without anything, at whatever number."""

    def number_at(self, moment: float) -> int:  # noqa: ARG002 - nothing ever happened
        """Before the first revision."""
        return 0


_ONE = frozenset({"biographies", "birthdays", "genders", "names"})


def membership(group: str) -> Item:
    """The item that puts a contact into a group."""
    return {"contactGroupMembership": {"contactGroupResourceName": group}}


def account_number(seed: int, address: str) -> str:
    """The id of an account: 21 digits."""
    return f"1{int(hashlib.sha256(f'{seed}/{address}'.encode()).hexdigest(), 16) % 10**20:020d}"


def person_me(mailbox: Mailbox, mask: frozenset[str]) -> dict[str, Any]:
    """The user's own profile."""
    source = {"type": "PROFILE", "id": mailbox.sub}
    metadata = {"primary": True, "source": source, "sourcePrimary": True}
    shown: dict[str, Any] = {"resourceName": f"people/{mailbox.sub}", "etag": f"%{mailbox.sub[-8:]}"}
    if "metadata" in mask:
        profile = {**source, "etag": f"#{mailbox.sub[-6:]}", "profileMetadata": {"objectType": "PERSON",
                   "userTypes": ["GOOGLE_USER"]}}  # fmt: skip
        shown["metadata"] = {"sources": [profile], "objectType": "PERSON"}
    if "emailAddresses" in mask:
        shown["emailAddresses"] = [{"metadata": {**metadata, "verified": True}, "value": mailbox.address}]
    if "names" in mask:
        name = mailbox.address.partition("@")[0].title()
        shown["names"] = [{"metadata": metadata, "displayName": name, "givenName": name, "unstructuredName": name}]
    return shown
