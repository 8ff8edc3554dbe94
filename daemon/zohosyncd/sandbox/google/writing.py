"""createContact, updateContact, deleteContact, and the same in batches that succeed or fail as a whole."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from .call import Call, checked_sources
from .checking import Item, members, person_fields, text, texts
from .mailbox import STARRED, Mailbox
from .masks import field_mask, required_mask
from .reading import Reading
from .refusals import Refused, invalid, not_found, outdated
from .schema import READABLE, UPDATABLE
from .values import Contact

CREATES, UPDATES, DELETES = 200, 200, 500
_DETAILS = "type.googleapis.com/google.people.v1.{}"
Stored = dict[str, tuple[Item, ...]]
Key = TypeVar("Key", int, str)


@dataclass(slots=True)
class Writing:
    """Carries mutations out. ``refuse`` decides over single rows of batches, for faults."""

    reading: Reading
    chance: random.Random
    refuse: Callable[[], Refused | None] = lambda: None

    @contextmanager
    def refusing(self, refuse: Callable[[], Refused | None]) -> Iterator[None]:
        """For a moment rows are refused."""
        self.refuse = refuse
        try:
            yield
        finally:
            self.refuse = lambda: None

    def create(self, call: Call) -> dict[str, Any]:
        """Make one contact; the answer shows it."""
        mask, sources = call.mask(required=False), call.sources()
        fields = self._new(call.mailbox, call.json(), "person")
        return self.reading.after(call.mailbox, call.mailbox.create(fields), mask, sources)

    def update(self, call: Call) -> dict[str, Any]:
        """Replace the fields of the mask."""
        changed = required_mask(call.one("updatePersonFields"), "updatePersonFields", UPDATABLE)
        mask, sources = call.mask(required=False), call.sources()
        contact, fields = self._changed(call.mailbox, call.name, call.json(), changed, "person")
        return self.reading.after(call.mailbox, call.mailbox.change(contact, fields), mask, sources)

    def delete(self, call: Call) -> dict[str, Any]:
        """Delete one contact."""
        call.mailbox.delete(_contact(call.mailbox, call.name))
        return {}

    def batch_create(self, call: Call) -> dict[str, Any]:
        """Make up to 200 contacts, or none."""
        body = call.json("contacts", "readMask", "sources")
        mask, sources = _shown(body)
        given = body.get("contacts")
        if not isinstance(given, list) or not given:
            raise invalid("At least one contact is required.", "contacts")
        _at_most(CREATES, len(given), "contacts")

        def row(wrapper: Any, where: str) -> Stored:
            return self._new(call.mailbox, members(wrapper, ("contactPerson",), where).get("contactPerson"), where)

        rows = {at: (lambda each=each, at=at: row(each, f"contacts[{at}]")) for at, each in enumerate(given)}
        decided = self._all(rows, "BatchCreateContactsErrorDetails")
        call.mailbox.check_room(len(decided))
        made = [call.mailbox.create(fields) for fields in decided.values()]
        if not mask:
            return {}
        return {"createdPeople": [self._row(call.mailbox, each, each.name, mask, sources) for each in made]}

    def batch_update(self, call: Call) -> dict[str, Any]:
        """Replace the fields of one mask in up to 200 contacts, or in none."""
        body = call.json("contacts", "updateMask", "readMask", "sources")
        changed = required_mask(text(body.get("updateMask", ""), "updateMask"), "updateMask", UPDATABLE)
        mask, sources = _shown(body)
        given = body.get("contacts")
        if not isinstance(given, Mapping) or not given:
            raise invalid("At least one contact is required.", "contacts")
        _at_most(UPDATES, len(given), "contacts")
        rows = {
            name: (lambda name=name, each=each: self._changed(call.mailbox, name, each, changed, f"contacts[{name}]"))
            for name, each in given.items()
        }
        decided = self._all(rows, "BatchUpdateContactsErrorDetails")
        if len({contact.source for contact, _ in decided.values()}) < len(decided):
            raise invalid("A contact is named twice.", "contacts")
        made = [(name, call.mailbox.change(contact, fields)) for name, (contact, fields) in decided.items()]
        if not mask:
            return {}
        if call.mailbox.behaviour.shuffled:
            self.chance.shuffle(made)
        return {"updateResult": {name: self._row(call.mailbox, each, name, mask, sources) for name, each in made}}

    def batch_delete(self, call: Call) -> dict[str, Any]:
        """Delete up to 500 contacts."""
        names = texts(call.json("resourceNames").get("resourceNames", []), "resourceNames")
        if not names:
            raise invalid("At least one resource name is required.", "resourceNames")
        _at_most(DELETES, len(names), "resourceNames")
        found = {name: call.mailbox.find(name) for name in dict.fromkeys(names)}
        if None in found.values() and call.mailbox.behaviour.missing_in_batch_delete == "refused":
            raise not_found()
        if (refused := self.refuse()) is not None:
            raise refused
        for contact in {each.source: each for each in found.values() if each is not None}.values():
            call.mailbox.delete(contact)
        return {}

    def _all(self, rows: Mapping[Key, Callable[[], Any]], kind: str) -> dict[Key, Any]:
        """What all rows come to. Raises Refused that names each bad one, if there is one."""
        good: dict[Key, Any] = {}
        bad: dict[str, Any] = {}
        for key, decide in rows.items():
            try:
                if (refused := self.refuse()) is not None:
                    raise refused
                good[key] = decide()
            except Refused as refusal:
                bad[str(key)] = refusal.row()
        if bad:
            raise Refused(
                "INVALID_ARGUMENT",
                "Request contains an invalid argument.",
                [{"@type": _DETAILS.format(kind), "contactErrors": bad}],
            )
        return good

    def _row(
        self, mailbox: Mailbox, contact: Contact, asked: str, mask: frozenset[str], sources: frozenset[str]
    ) -> dict[str, Any]:
        person = self.reading.after(mailbox, contact, mask, sources)
        return {"httpStatusCode": 200, "person": person, "requestedResourceName": asked, "status": {}}

    def _new(self, mailbox: Mailbox, person: Any, where: str) -> Stored:
        fields = mailbox.storing.stored(person_fields(person, where))
        _check_groups(mailbox, fields, ())
        mailbox.storing.check(fields)
        return fields

    def _changed(
        self, mailbox: Mailbox, name: str, person: Any, mask: frozenset[str], where: str
    ) -> tuple[Contact, Stored]:
        """A contact and its new fields; those of the mask that are not given become empty."""
        contact = _contact(mailbox, name)
        given = person_fields(person, where)
        _check_etags(contact, person, where)
        fields = mailbox.storing.stored({each: given.get(each, []) for each in mask})
        if "memberships" in mask and not fields["memberships"]:
            raise invalid("A contact must always have at least one contact group membership.", f"{where}.memberships")
        _check_groups(mailbox, fields, contact.groups())
        mailbox.storing.check({**contact.fields, **fields})
        return contact, fields


def _contact(mailbox: Mailbox, name: str) -> Contact:
    if not name.startswith("people/") or name == "people/me":
        raise invalid(f"Invalid resource name: {name}.", "resourceName")
    return mailbox.named(name)


def _check_etags(contact: Contact, person: Mapping[str, Any], where: str) -> None:
    metadata = members(person.get("metadata") or {}, _METADATA, f"{where}.metadata")
    given = metadata.get("sources") or []
    if not isinstance(given, list):
        raise invalid("Invalid value at 'metadata.sources' (expected a list)", f"{where}.metadata.sources")
    sources = [members(each, _SOURCE, f"{where}.metadata.sources[{at}]") for at, each in enumerate(given)]
    own = [each for each in sources if each.get("type") == "CONTACT"]
    if not own or not own[0].get("etag"):
        raise invalid("person.metadata.sources with the contact source is required.", f"{where}.metadata.sources")
    if own[0]["etag"] != contact.source_etag or own[0].get("id", contact.source) != contact.source:
        raise outdated("person.metadata.sources.etag")
    if person.get("etag") not in (None, "", contact.etag):
        raise outdated("person.etag")


_METADATA = ("sources", "deleted", "linkedPeopleResourceNames", "objectType", "previousResourceNames")
_SOURCE = ("type", "id", "etag", "updateTime", "profileMetadata")


def _check_groups(mailbox: Mailbox, fields: Stored, has: Any) -> None:
    """Only the user's own groups, myContacts and starred can be added."""
    for each in fields.get("memberships", ()):
        name = each["contactGroupMembership"].get("contactGroupResourceName", "")
        group = mailbox.groups.get(name)
        if group is None:
            raise invalid(f"Contact group {name} does not exist.", "memberships")
        if group.system and name not in ("contactGroups/myContacts", STARRED) and name not in has:
            raise invalid(f"Contacts cannot be added to {name}.", "memberships")


def _shown(body: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    mask = field_mask(text(body.get("readMask", ""), "readMask"), "readMask", READABLE)
    return mask, checked_sources(body.get("sources", ()))


def _at_most(most: int, count: int, where: str) -> None:
    if count > most:
        raise invalid(f"At most {most} are allowed in a single request.", where)
