"""Which function answers which request, what it needs, and how it is counted."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from zohosyncd.sandbox.wire import Response

from . import batches, lists, objects, search, subscriptions

CONTACTS = "/crm/v3/objects/contacts"
_READ, _WRITE = "crm.objects.contacts.read", "crm.objects.contacts.write"
_CONSENT = "communication_preferences.read_write"  # of version 3
_STATUS, _SUBSCRIBE = "subscriptions-status-read", "subscriptions-status-write"
_TYPES = "subscriptions-definition-read"

_V4 = "/communication-preferences/v4/statuses/{email}"


@dataclass(frozen=True, slots=True)
class Route:
    """One call of the API. ``of``: which part of the account answers it; ``batch``: it answers in any order."""

    method: str
    template: str
    scope: str
    carry_out: Callable[..., Response]
    of: str = "contacts"
    batch: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """What its paths look like."""
        return re.compile(re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(self.template)) + "/?")

    @property
    def is_search(self) -> bool:
        """Whether it falls under the limit of searches."""
        return self.template.endswith("/contacts/search")


ROUTES: tuple[Route, ...] = (
    Route("GET", CONTACTS, _READ, objects.listing),
    Route("POST", CONTACTS, _WRITE, objects.create),
    Route("POST", f"{CONTACTS}/search", _READ, search.search, of="index"),
    Route("POST", f"{CONTACTS}/merge", _WRITE, objects.merge),
    Route("POST", f"{CONTACTS}/gdpr-delete", _WRITE, objects.forget),
    Route("POST", f"{CONTACTS}/batch/read", _READ, batches.read, batch=True),
    Route("POST", f"{CONTACTS}/batch/create", _WRITE, batches.create, batch=True),
    Route("POST", f"{CONTACTS}/batch/update", _WRITE, batches.update, batch=True),
    Route("POST", f"{CONTACTS}/batch/upsert", _WRITE, batches.upsert, batch=True),
    Route("POST", f"{CONTACTS}/batch/archive", _WRITE, batches.archive),
    Route("GET", f"{CONTACTS}/{{contact}}", _READ, objects.one),
    Route("PATCH", f"{CONTACTS}/{{contact}}", _WRITE, objects.update),
    Route("DELETE", f"{CONTACTS}/{{contact}}", _WRITE, objects.archive),
    Route("POST", "/crm/v3/lists/search", "crm.lists.read", lists.search, of="lists"),
    Route("POST", "/crm/v3/lists", "crm.lists.write", lists.create, of="lists"),
    Route("POST", "/crm/v3/lists/records/memberships/batch/read", "crm.lists.read", lists.of_records, of="lists"),
    Route("GET", "/crm/v3/lists/records/{type}/{record}/memberships", "crm.lists.read", lists.of_record, of="lists"),
    Route("GET", "/crm/v3/lists/{list}", "crm.lists.read", lists.one, of="lists"),
    Route("GET", "/crm/v3/lists/{list}/memberships", "crm.lists.read", lists.members, of="lists"),
    Route("PUT", "/crm/v3/lists/{list}/memberships/{way}", "crm.lists.write", lists.change, of="lists"),
    Route("GET", f"{_V4}/unsubscribe-all", _STATUS, subscriptions.wide_status),
    Route("POST", f"{_V4}/unsubscribe-all", _SUBSCRIBE, subscriptions.wide_status),
    Route("GET", _V4, _STATUS, subscriptions.statuses),
    Route("POST", _V4, _SUBSCRIBE, subscriptions.statuses),
    Route("GET", "/communication-preferences/v4/definitions", _TYPES, subscriptions.definitions),
    Route("GET", "/communication-preferences/v3/definitions", _CONSENT, subscriptions.definitions),
    Route("GET", "/communication-preferences/v3/status/email/{email}", _CONSENT, subscriptions.older_status),
)  # fmt: skip

_PATTERNS = tuple((route, route.pattern) for route in ROUTES)


def route_of(method: str, path: str) -> tuple[Route, tuple[Any, ...]] | None:
    """The route of a request and the variable parts of its path."""
    for route, pattern in _PATTERNS:
        if method == route.method and (found := pattern.fullmatch(path)):
            return route, found.groups()
    return None
