"""What an audience keeps: members with their revisions, merge fields, tags."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from zohosyncd.sandbox.parts.history import History
from zohosyncd.sandbox.parts.normaliser import Normaliser

from .addresses import hash_of
from .merge import MergeField


@dataclass(frozen=True, slots=True)
class Member:
    """A contact of an audience.

    Attributes:
        number: grows with each contact that is made. changed: whole seconds since 1970, as are the other times.
        tags: ids, in the order in which they were given.
        own_word: it is unsubscribed by the person, or cleaned: the API cannot subscribe it.
        was: the status before it was archived.
    """

    contact_id: str
    number: int
    email: str
    status: str
    changed: int
    merge: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[int, ...] = ()
    source: str = "API - Generic"
    signed_up: int | None = None
    opted: int | None = None
    own_word: bool = False
    was: str = ""
    language: str = ""
    vip: bool = False
    email_type: str = "html"

    @property
    def hash(self) -> str:
        """Its id in paths."""
        return hash_of(self.email)


@dataclass(slots=True)
class Audience:
    """An audience (in the API: a list)."""

    id: str
    name: str
    web_id: int
    created: int
    seed: int
    members: History[Member] = field(default_factory=History)
    fields: dict[str, MergeField] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)
    by_hash: dict[str, str] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    normalisers: list[Normaliser] = field(default_factory=list)
    _made: int = 0
    _fields_made: int = 0
    _tags_made: int = 0

    def find(self, key: str, *, hash_only: bool = False) -> Member | None:
        """The member of a hash; unless ``hash_only`` also of a contact id or an address."""
        contact = self.by_hash.get(key.lower())
        if contact is None and not hash_only:
            contact = self.by_hash.get(hash_of(key)) if "@" in key else key.lower()
        return None if contact is None else self.members.get(contact)

    def keep(self, member: Member, at: float) -> Member:
        """Store a new state of a member."""
        before = self.members.get(member.contact_id)
        if before is not None and before.hash != member.hash:
            self.by_hash.pop(before.hash, None)
        self.by_hash[member.hash] = member.contact_id
        self.members.put(member.contact_id, member, at)
        return member

    def drop(self, member: Member, at: float) -> None:
        """Delete a member for good."""
        self.by_hash.pop(member.hash, None)
        self.forgotten.add(member.hash)
        self.members.remove(member.contact_id, at)

    def everybody(self) -> Iterator[Member]:
        """All members, archived ones included, in the order in which they were made."""
        return (member for _, member in self.members.items())

    def next_contact(self) -> tuple[str, int]:
        """Id and number of a new contact."""
        self._made += 1
        made = hashlib.md5(f"{self.seed}/{self.id}/{self._made}".encode(), usedforsecurity=False).hexdigest()
        return made, self._made

    def add_field(self, given: Mapping[str, Any]) -> MergeField:
        """Make a merge field."""
        self._fields_made += 1
        tag = str(given.get("tag") or f"MMERGE{self._fields_made}").upper()
        made = MergeField(
            self._fields_made,
            tag,
            str(given["name"]),
            str(given["type"]),
            bool(given.get("required", False)),
            str(given.get("default_value", "")),
            bool(given.get("public", True)),
            dict(given.get("options", {})),
        )
        self.fields[tag] = made
        return made

    def drop_field(self, tag: str) -> None:
        """Delete a merge field with everybody's values. Raises KeyError."""
        del self.fields[tag]

    def tag_id(self, name: str) -> int:
        """The id of a tag, which is made if there is none of that name in any case."""
        name = " ".join(name.split())
        for number, known in self.tags.items():
            if known.casefold() == name.casefold():
                return number
        self._tags_made += 1
        number = 20_000 + self._tags_made
        self.tags[number] = name
        return number
