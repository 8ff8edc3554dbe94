"""contactGroups: system groups and the user's own, with a feed of their changes, and their members."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from zohosyncd.sandbox.parts.tokens import NotGood, Tokens

from .call import Call
from .checking import members, text, texts
from .mailbox import MY_CONTACTS, STARRED, Group, Mailbox, membership
from .masks import field_mask
from .refusals import Refused, expired, invalid, not_found
from .values import timestamp

READABLE = frozenset({"clientData", "groupType", "memberCount", "metadata", "name"})
UPDATABLE = frozenset({"clientData", "name"})
DEFAULT = frozenset({"metadata", "groupType", "memberCount", "name"})
AFTER_WRITES = frozenset({"metadata", "groupType", "name"})
MODIFIED, READ = 1_000, 200
_GROUP = ("resourceName", "etag", "metadata", "groupType", "name", "formattedName", "memberResourceNames",
          "memberCount", "clientData")  # fmt: skip


@dataclass(slots=True)
class Groups:
    """Reads and changes the contact groups of users."""

    tokens: Tokens

    def list(self, call: Call) -> dict[str, Any]:
        """One page of all groups, or of those that changed since a sync token."""
        size, mask, mailbox = call.number("pageSize", 30, 1_000), _mask(call), call.mailbox
        page_token, sync_token = call.one("pageToken"), call.one("syncToken")
        bound = (mailbox.address, call.one("groupFields"))
        if page_token:
            place = self.tokens.take("groups page", page_token)
            if isinstance(place, NotGood) or place[0] != bound:
                raise invalid("Invalid page token.", "pageToken")
            _, after, upto, offset = place
        else:
            after, offset = self._after(mailbox, sync_token), 0
            upto = max(after or 0, mailbox.groups.number_at(mailbox.clock.now() - mailbox.behaviour.group_delay))
        whole = mailbox.groups.shown(upto) if after is None else mailbox.groups.changes(after, upto)
        shown: dict[str, Any] = {}
        if part := whole[offset : offset + size]:
            shown["contactGroups"] = [
                _deleted(each.id) if each.value is None else _shown(mailbox, each.value, mask) for each in part
            ]
            shown["totalItems"] = len(whole)
        if offset + size < len(whole):
            shown["nextPageToken"] = self.tokens.give("groups page", (bound, after, upto, offset + size))
        else:
            life = mailbox.behaviour.sync_token_life
            shown["nextSyncToken"] = self.tokens.give("groups sync", (mailbox.address, upto), life=life)
        return shown

    def get(self, call: Call) -> dict[str, Any]:
        """One group, with as many members as asked for."""
        most = call.number("maxMembers", 0, 2**31 - 1)
        return _shown(call.mailbox, _group(call.mailbox, call.name), _mask(call), most)

    def batch_get(self, call: Call) -> dict[str, Any]:
        """Each group asked for, found or not."""
        most, mask = call.number("maxMembers", 0, 2**31 - 1), _mask(call)
        names = call.params.get("resourceNames", ())
        if not 1 <= len(names) <= READ:
            raise invalid(f"Between 1 and {READ} resource names are required.", "resourceNames")
        responses = []
        for name in dict.fromkeys(names):
            group = call.mailbox.groups.get(name)
            told = {"contactGroup": _shown(call.mailbox, group, mask, most), "status": {}} if group else {
                "status": not_found().row()}  # fmt: skip
            responses.append({"requestedResourceName": name, **told})
        return {"responses": responses}

    def create(self, call: Call) -> dict[str, Any]:
        """Make a group with a name of its own."""
        body = call.json("contactGroup", "readGroupFields")
        mailbox, given = call.mailbox, members(body.get("contactGroup"), _GROUP, "contact_group")
        title = _title(mailbox, given.get("name"), "")
        if sum(not group.system for _, group in mailbox.groups.items()) >= mailbox.behaviour.groups:
            raise Refused("RESOURCE_EXHAUSTED", "Too many contact groups.")
        number = mailbox.groups.last
        name = f"contactGroups/{hashlib.sha256(f'{mailbox.sub}/{number}'.encode()).hexdigest()[:16]}"
        group = mailbox.put_group(Group(name, title, False, 0.0, 0, _client_data(given)))
        return _shown(mailbox, group, _mask_of(body, AFTER_WRITES))

    def update(self, call: Call) -> dict[str, Any]:
        """Change a group of the user's own."""
        body = call.json("contactGroup", "updateGroupFields", "readGroupFields")
        mailbox, given = call.mailbox, members(body.get("contactGroup"), _GROUP, "contact_group")
        group = _own(mailbox, call.name)
        if given.get("etag") not in (None, "", group.etag):
            raise Refused("FAILED_PRECONDITION", "Request contact_group.etag is different than the current one.")
        changed = field_mask(
            text(body.get("updateGroupFields", ""), "updateGroupFields"), "updateGroupFields", UPDATABLE
        )
        if "name" in (changed or {"name"}):
            group = replace(group, title=_title(mailbox, given.get("name"), group.name))
        if "clientData" in changed:
            group = replace(group, client_data=_client_data(given))
        return _shown(mailbox, mailbox.put_group(group), _mask_of(body, AFTER_WRITES))

    def delete(self, call: Call) -> dict[str, Any]:
        """Delete a group of the user's own, and its contacts where asked; others without a group get myContacts."""
        mailbox, group = call.mailbox, _own(call.mailbox, call.name)
        mailbox.drop_group(group.name, with_members=call.flag("deleteContacts"))
        return {}

    def modify(self, call: Call) -> dict[str, Any]:
        """Add and remove members; who cannot lose the last group, and who is not there, is told."""
        body = call.json("resourceNamesToAdd", "resourceNamesToRemove")
        mailbox, group = call.mailbox, _group(call.mailbox, call.name)
        adds, removes = (texts(body.get(each, []), each) for each in ("resourceNamesToAdd", "resourceNamesToRemove"))
        if not 1 <= len(adds) + len(removes) <= MODIFIED:
            raise invalid(f"Between 1 and {MODIFIED} resource names are required.", "resourceNamesToAdd")
        if adds and group.system and group.name not in (MY_CONTACTS, STARRED):
            raise invalid(f"Contacts cannot be added to {group.name}.", "resourceName")
        missing, stuck = [], []
        for name in dict.fromkeys((*adds, *removes)):
            contact = mailbox.find(name)
            if contact is None:
                missing.append(name)
            elif name in removes and group.name in contact.groups():
                if kept := contact.outside(group.name):
                    mailbox.change(contact, {"memberships": kept})
                else:
                    stuck.append(name)
            elif name in adds and group.name not in contact.groups():
                mailbox.change(contact, {"memberships": (*contact.fields["memberships"], membership(group.name))})
        told = {"notFoundResourceNames": missing, "canNotRemoveLastContactGroupResourceNames": stuck}
        return {key: names for key, names in told.items() if names}

    def _after(self, mailbox: Mailbox, sync_token: str) -> int | None:
        if not sync_token:
            return None
        point = self.tokens.take("groups sync", sync_token)
        if point is NotGood.EXPIRED:
            raise expired(mailbox.behaviour.expired_status)
        if isinstance(point, NotGood) or point[0] != mailbox.address:
            raise invalid("Invalid sync token.", "syncToken")
        return int(point[1])


def _mask(call: Call) -> frozenset[str]:
    return field_mask(call.one("groupFields"), "groupFields", READABLE) or DEFAULT


def _mask_of(body: Any, default: frozenset[str]) -> frozenset[str]:
    return field_mask(text(body.get("readGroupFields", ""), "readGroupFields"), "readGroupFields", READABLE) or default


def _group(mailbox: Mailbox, name: str) -> Group:
    group = mailbox.groups.get(name)
    if group is None:
        raise not_found()
    return group


def _own(mailbox: Mailbox, name: str) -> Group:
    group = _group(mailbox, name)
    if group.system:
        raise invalid("System contact groups cannot be changed.", "resourceName")
    return group


def _title(mailbox: Mailbox, given: Any, own: str) -> str:
    title = text(given or "", "contact_group.name").strip()
    if not title:
        raise invalid("The name of a contact group is required.", "contact_group.name")
    if any(group.title.casefold() == title.casefold() and name != own for name, group in mailbox.groups.items()):
        raise Refused("ALREADY_EXISTS", "Contact group name already exists.")
    return title


def _client_data(given: Any) -> tuple[dict[str, str], ...]:
    items = given.get("clientData", [])
    if not isinstance(items, list):
        raise invalid("Invalid value at 'clientData' (expected a list)", "contact_group.client_data")
    return tuple(dict(members(each, ("key", "value"), "contact_group.client_data")) for each in items)


def _deleted(name: str) -> dict[str, Any]:
    return {"resourceName": name, "metadata": {"deleted": True}}


def _shown(mailbox: Mailbox, group: Group, mask: frozenset[str], most: int = 0) -> dict[str, Any]:
    shown: dict[str, Any] = {"resourceName": group.name, "etag": group.etag}
    if "metadata" in mask and group.updated:
        shown["metadata"] = {"updateTime": timestamp(group.updated)}
    if "groupType" in mask:
        shown["groupType"] = "SYSTEM_CONTACT_GROUP" if group.system else "USER_CONTACT_GROUP"
    if "name" in mask:
        shown |= {"name": group.title, "formattedName": _formatted(group)}
    if "clientData" in mask and group.client_data:
        shown["clientData"] = list(group.client_data)
    if "memberCount" in mask or most:
        found = [contact.name for contact in mailbox.members(group.name)]
        if found and "memberCount" in mask:
            shown["memberCount"] = len(found)
        if found[:most]:
            shown["memberResourceNames"] = found[:most]
    return shown


def _formatted(group: Group) -> str:
    if not group.system:
        return group.title
    return "".join(f" {sign}" if sign.isupper() else sign for sign in group.title).strip().capitalize()
