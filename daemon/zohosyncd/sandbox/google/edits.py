"""What people do in their mailboxes without the API, and what there is to be seen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .checking import Fields, person_fields
from .groups import UPDATABLE as GROUP_FIELDS
from .mailbox import Group, Mailbox
from .refusals import Refused
from .schema import READABLE
from .values import Contact, Showing

_GROUPS = "/groups"


@dataclass(slots=True)
class Edits:
    """Carries out commands of people: no quota, no etag, no delay."""

    mailboxes: Mapping[str, Mailbox]
    showing: Showing

    def mailbox(self, address: str) -> Mailbox:
        """A mailbox by its address. ``ValueError`` where there is none."""
        found = self.mailboxes.get(address.lower())
        if found is None:
            raise ValueError(f"no mailbox {address!r}; there are {', '.join(self.mailboxes)}")
        return found

    def load(self, address: str, persons: Iterable[Mapping[str, Any]], age: float) -> list[str]:
        """Fill a mailbox; resource names."""
        mailbox = self.mailbox(address)
        fields = (mailbox.storing.stored(person_fields(person, "person")) for person in persons)
        return [mailbox.create(each, age).name for each in fields]

    def state(self) -> dict[str, Any]:
        """All contacts by mailbox, and all groups of the users' own."""
        shown: dict[str, Any] = {}
        for address, mailbox in self.mailboxes.items():
            shown[address] = {contact.name: self._person(contact) for _, contact in mailbox.contacts.items()}
            shown[address + _GROUPS] = {
                name: {"name": group.title, "members": [each.name for each in mailbox.members(name)]}
                for name, group in mailbox.groups.items()
                if not group.system
            }
        return shown

    def carry_out(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Create, set, delete, restore or merge.

        Args:
            command: ``{"object": mailbox}`` with ``"create": {fields}``, or ``"id": resource name`` and one of
                ``"set": {fields}``, ``"delete": true``, ``"restore": true`` (out of the trash) and
                ``"merge": other resource name`` (into this one). With the object ``mailbox/groups``: ``create`` and
                ``set`` of ``{"name"}``, ``delete``.

        Raises:
            ValueError: it says what is wrong with the command.
        """
        name = str(command.get("object", ""))
        try:
            if name.endswith(_GROUPS):
                return self._group(self.mailbox(name.removesuffix(_GROUPS)), command)
            return self._contact(self.mailbox(name), command)
        except Refused as refusal:
            raise ValueError(refusal.message) from refusal

    def _contact(self, mailbox: Mailbox, command: Mapping[str, Any]) -> dict[str, Any]:
        match command:
            case {"create": dict(given)}:
                return self._person(mailbox.create(mailbox.storing.stored(_fields(given))))
            case {"id": str(name), "restore": True}:
                return self._person(mailbox.restore(name))
            case {"id": str(name), "set": dict(given)}:
                contact = mailbox.named(name)
                return self._person(mailbox.change(contact, mailbox.storing.stored(_fields(given))))
            case {"id": str(name), "merge": str(other)}:
                return self._person(mailbox.merge(mailbox.named(name), mailbox.named(other)))
            case {"id": str(name), "delete": True}:
                mailbox.delete(mailbox.named(name))
                return {"resourceName": name, "deleted": True}
            case _:
                raise ValueError("say create, or id with one of set, delete, restore and merge")

    def _group(self, mailbox: Mailbox, command: Mapping[str, Any]) -> dict[str, Any]:
        match command:
            case {"create": {"name": str(title)}}:
                name = f"contactGroups/{mailbox.groups.last:x}{len(title):x}"
                group = mailbox.put_group(Group(name, title, False, 0.0, 0))
            case {"id": str(name), "set": {"name": str(title)}} if (found := mailbox.groups.get(name)) is not None:
                group = mailbox.put_group(replace(found, title=title))
            case {"id": str(name), "delete": True} if mailbox.groups.get(name) is not None:
                mailbox.drop_group(name)
                return {"resourceName": name, "deleted": True}
            case _:
                raise ValueError(f"say create or set with {', '.join(sorted(GROUP_FIELDS))}, or id with delete")
        return {"resourceName": group.name, "name": group.title}

    def _person(self, contact: Contact) -> dict[str, Any]:
        return self.showing.person(contact, READABLE)


def _fields(given: Mapping[str, Any]) -> Fields:
    return person_fields(given, "person")
