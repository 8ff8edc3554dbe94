"""people.searchContacts: prefix phrases over a cache that a request with an empty query brings up to date."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .call import PROFILE, Call, checked_sources
from .mailbox import Mailbox
from .masks import required_mask
from .refusals import invalid
from .schema import READABLE
from .values import Contact, Showing, display_name

_PARTS = {"nicknames": ("value",), "emailAddresses": ("value",), "phoneNumbers": ("value",),
          "organizations": ("name", "title")}  # fmt: skip


@dataclass(slots=True)
class Searching:
    """Answers searches."""

    showing: Showing

    def search(self, call: Call) -> dict[str, Any]:
        """Up to 30 contacts that match; nothing where the cache was never warmed."""
        mask = required_mask(call.one("readMask"), "readMask", READABLE)
        most = call.number("pageSize", 10, 30, capped=True)
        sources = checked_sources(call.params.get("sources", ("READ_SOURCE_TYPE_CONTACT",)))
        if "query" not in call.params:
            raise invalid("query is required.", "query")
        query, mailbox = _plain(call.one("query")), call.mailbox
        if not query:
            self._warm(mailbox)
            return {}
        found = []
        for revision in mailbox.contacts.shown(_known(mailbox)):
            contact = revision.value
            if contact is not None and any(_matches(each, query) for each in _texts(contact)):
                profile = mailbox.profile(contact) if PROFILE in sources else None
                found.append({"person": self.showing.person(contact, mask, profile=profile)})
        return {"results": found[:most]} if found else {}

    @staticmethod
    def _warm(mailbox: Mailbox) -> None:
        now = mailbox.clock.now()
        state = mailbox.contacts.number_at(now - mailbox.behaviour.search_delay)
        mailbox.cache.append((now + mailbox.behaviour.search_warm, state))


def _known(mailbox: Mailbox) -> int:
    """The last revision in the cache, 0 before it is warm."""
    now = mailbox.clock.now()
    ready = [number for at, number in mailbox.cache if at <= now]
    if not ready:
        return 0
    mailbox.cache[:] = [(now, ready[-1]), *(each for each in mailbox.cache if each[0] > now)]
    return ready[-1]


def _texts(contact: Contact) -> Iterator[str]:
    for item in contact.fields.get("names", ()):
        yield display_name(item)
        yield f"{item.get('familyName', '')} {item.get('givenName', '')}"
    for name, parts in _PARTS.items():
        for item in contact.fields.get(name, ()):
            yield from (item[part] for part in parts if part in item)


def _matches(text: str, query: str) -> bool:
    """Whether a phrase of the text, from the beginning of a word on, begins with the query."""
    plain = _plain(text)
    return any(plain.startswith(query, at.start()) for at in re.finditer(r"(?<!\w)[\w+]", plain))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
