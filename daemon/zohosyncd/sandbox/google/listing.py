"""people.connections.list: pages of one moment, sync tokens that end, and writes that are seen only later."""

import random
from dataclasses import dataclass, field
from typing import Any, Final

from zohosyncd.sandbox.parts.history import Revision
from zohosyncd.sandbox.parts.tokens import NotGood, Tokens

from .call import PROFILE, Call
from .mailbox import Mailbox
from .quota import FULL_SYNC, Quota
from .refusals import Refused, expired, invalid
from .values import Contact, Showing, display_name

SORT_ORDERS: Final = ("LAST_MODIFIED_ASCENDING", "LAST_MODIFIED_DESCENDING", "FIRST_NAME_ASCENDING",
                      "LAST_NAME_ASCENDING")  # fmt: skip
LONGEST = 100
_BOUND = ("personFields", "requestMask.includeField", "pageSize", "requestSyncToken", "sources", "sortOrder")

Bound = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class SyncPoint:
    """What a sync token stands for: everything up to a revision is known; ``since`` when the full sync was."""

    mailbox: str
    bound: Bound
    number: int
    since: float


@dataclass(frozen=True, slots=True)
class Place:
    """What a page token stands for: where one listing goes on. ``after`` None: a list of all."""

    mailbox: str
    bound: Bound
    sync_token: str
    after: int | None
    upto: int
    offset: int
    since: float


@dataclass(slots=True)
class Listing:
    """Lists the contacts of users."""

    tokens: Tokens
    showing: Showing
    chance: random.Random
    _kinds: tuple[str, str] = field(default=("connections sync", "connections page"))

    def connections(self, call: Call) -> dict[str, Any]:
        """One page."""
        if call.name != "people/me":
            raise Refused("INVALID_ARGUMENT", "Resource name must be people/me.")
        call.mask()
        call.sources()
        size = call.number("pageSize", 100, 1_000)
        order = call.one("sortOrder") or SORT_ORDERS[0]
        if order not in SORT_ORDERS:
            raise invalid(f"Invalid value at 'sortOrder' (SortOrder), \"{order}\"", "sortOrder")
        place = self._place(call)
        whole = self._whole(call.mailbox, place, order)
        part = whole[place.offset : place.offset + size]
        shown: dict[str, Any] = {"connections": [self._person(call, each, place) for each in part]} if part else {}
        if place.after is None and whole:
            shown |= {"totalPeople": len(whole), "totalItems": len(whole)}
        self._go_on(call, place, place.offset + size, len(whole), shown)
        return shown

    def _go_on(self, call: Call, place: Place, offset: int, count: int, shown: dict[str, Any]) -> None:
        if offset < count:
            next_place = Place(
                place.mailbox, place.bound, place.sync_token, place.after, place.upto, offset, place.since
            )
            shown["nextPageToken"] = self.tokens.give(self._kinds[1], next_place)
        elif place.sync_token or call.flag("requestSyncToken"):
            point = SyncPoint(place.mailbox, place.bound, place.upto, place.since)
            shown["nextSyncToken"] = self.tokens.give(self._kinds[0], point)

    def _place(self, call: Call) -> Place:
        """Where the page begins. Raises Refused for tokens that are not good, or not for this."""
        mailbox, bound = call.mailbox, _bound(call)
        page_token, sync_token = call.one("pageToken"), call.one("syncToken")
        if page_token:
            place = self.tokens.take(self._kinds[1], page_token)
            if isinstance(place, NotGood) or place.mailbox != mailbox.address:
                raise invalid("Invalid page token.", "pageToken")
            if place.bound != bound or place.sync_token != sync_token:
                raise Refused("INVALID_ARGUMENT", _DIFFERENT.format("page token"))
            return Place(*(getattr(place, name) for name in Place.__dataclass_fields__))
        now, behaviour = mailbox.clock.now(), mailbox.behaviour
        if not sync_token:
            Quota(mailbox).take(FULL_SYNC)
            delay = behaviour.sync_delay if call.flag("requestSyncToken") else behaviour.list_delay
            return Place(mailbox.address, bound, "", None, self._seen(mailbox, delay), 0, now)
        point = self.tokens.take(self._kinds[0], sync_token)
        if point is NotGood.UNKNOWN or (isinstance(point, SyncPoint) and point.mailbox != mailbox.address):
            raise invalid("Invalid sync token.", "syncToken")
        if isinstance(point, NotGood) or now >= point.since + behaviour.sync_token_life:
            raise expired(behaviour.expired_status)
        if point.bound != bound:
            raise Refused("INVALID_ARGUMENT", _DIFFERENT.format("sync token"))
        upto = max(self._seen(mailbox, behaviour.sync_delay), point.number)
        since = now if behaviour.renewed_by_use else point.since
        return Place(mailbox.address, bound, sync_token, point.number, upto, 0, since)

    def _seen(self, mailbox: Mailbox, delay: float) -> int:
        """The last revision that the copy which answers knows."""
        if mailbox.behaviour.uneven and self.chance.random() < 0.5:
            delay *= 2
        return mailbox.contacts.number_at(mailbox.clock.now() - delay)

    @staticmethod
    def _whole(mailbox: Mailbox, place: Place, order: str) -> list[Revision[Contact]]:
        if place.after is not None:
            return mailbox.contacts.changes(place.after, place.upto)
        shown = mailbox.contacts.shown(place.upto)
        if place.bound and ("requestSyncToken", ("true",)) in place.bound:
            order = SORT_ORDERS[0]
        match order:
            case "FIRST_NAME_ASCENDING":
                return sorted(shown, key=lambda each: _name(each, "givenName"))
            case "LAST_NAME_ASCENDING":
                return sorted(shown, key=lambda each: _name(each, "familyName"))
            case _:
                return sorted(shown, key=lambda each: each.number, reverse=order == SORT_ORDERS[1])

    def _person(self, call: Call, revision: Revision[Contact], place: Place) -> dict[str, Any]:
        mask, contact = call.mask(), revision.value
        if contact is None:
            last = call.mailbox.last(revision.id)
            shown: dict[str, Any] = {"resourceName": last.name, "etag": last.etag}
            if "metadata" in mask:
                shown["metadata"] = {**self.showing.metadata(last), "deleted": True}
            return shown
        profile = call.mailbox.profile(contact) if PROFILE in call.sources() else None
        shown = self.showing.person(contact, mask, most=LONGEST, profile=profile)
        if place.after is not None and contact.former and "metadata" in mask:
            shown["metadata"]["previousResourceNames"] = list(contact.former)
        return shown


_DIFFERENT = "Request parameters are different from those of the first call that provided the {}."


def _bound(call: Call) -> Bound:
    return tuple((name, call.params[name]) for name in _BOUND if name in call.params)


def _name(revision: Revision[Contact], part: str) -> str:
    names = revision.value.fields.get("names", ()) if revision.value else ()
    return str(names[0].get(part) or display_name(names[0])).casefold() if names else "\uffff"
