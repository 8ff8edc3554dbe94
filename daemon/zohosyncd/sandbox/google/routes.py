"""The methods of the People API: their paths, parameters, scopes and prices; and the parameters that all have."""

import re
from dataclasses import dataclass
from typing import Final

from .quota import BATCH, GROUP_READ, GROUP_WRITE, MUTATION, READ, Price

_AUTH = "https://www.googleapis.com/auth/"
CONTACTS: Final = f"{_AUTH}contacts"
READ_ONLY: Final = f"{_AUTH}contacts.readonly"
EMAIL: Final = frozenset({f"{_AUTH}userinfo.email", f"{_AUTH}user.emails.read", "email"})
PROFILE: Final = frozenset({f"{_AUTH}userinfo.profile", "profile"})
SCOPES: Final = frozenset({CONTACTS, READ_ONLY, f"{_AUTH}contacts.other.readonly", "openid", *EMAIL, *PROFILE})
"""All scopes that exist here."""

STANDARD: Final = frozenset({
    "$.xgafv", "access_token", "alt", "callback", "fields", "key", "oauth_token", "prettyPrint", "quotaUser",
    "uploadType", "upload_protocol",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """One method. ``does`` names what answers it; ``params`` are those beyond the standard ones."""

    name: str
    does: str
    verb: str
    path: re.Pattern[str]
    params: frozenset[str]
    scopes: frozenset[str]
    price: Price

    @property
    def mutates(self) -> bool:
        """Whether it changes something of the user's."""
        return self.verb != "GET"


def _route(does: str, verb: str, path: str, params: str, price: Price, scopes: frozenset[str] = frozenset()) -> Route:
    kind, _, method = does.partition(".")
    allowed = frozenset({CONTACTS}) | (frozenset({READ_ONLY}) if verb == "GET" else frozenset()) | scopes
    return Route(f"google.people.v1.{kind.title()}.{method}", does, verb, re.compile(path), frozenset(params.split()),
                 allowed, price)  # fmt: skip


_PERSON, _GROUP = "(?P<name>people/[^/:]+)", "(?P<name>contactGroups/[^/:]+)"
_FIELDS = "personFields sources requestMask.includeField"

ROUTES: Final = (
    _route("listing.connections", "GET", f"{_PERSON}/connections",
           f"{_FIELDS} pageSize pageToken requestSyncToken sortOrder syncToken", READ),
    _route("reading.batch_get", "GET", "people:batchGet", f"{_FIELDS} resourceNames", READ, EMAIL | PROFILE),
    _route("searching.search", "GET", "people:searchContacts", "pageSize query readMask sources", GROUP_READ),
    _route("reading.get", "GET", _PERSON, _FIELDS, READ, EMAIL | PROFILE),
    _route("writing.create", "POST", "people:createContact", "personFields sources", MUTATION),
    _route("writing.update", "PATCH", f"{_PERSON}:updateContact", "personFields sources updatePersonFields", MUTATION),
    _route("writing.delete", "DELETE", f"{_PERSON}:deleteContact", "", MUTATION),
    _route("writing.batch_create", "POST", "people:batchCreateContacts", "", BATCH),
    _route("writing.batch_update", "POST", "people:batchUpdateContacts", "", BATCH),
    _route("writing.batch_delete", "POST", "people:batchDeleteContacts", "", BATCH),
    _route("groups.list", "GET", "contactGroups", "groupFields pageSize pageToken syncToken", GROUP_READ),
    _route("groups.batch_get", "GET", "contactGroups:batchGet", "groupFields maxMembers resourceNames", GROUP_READ),
    _route("groups.create", "POST", "contactGroups", "", GROUP_WRITE),
    _route("groups.get", "GET", _GROUP, "groupFields maxMembers", GROUP_READ),
    _route("groups.update", "PUT", _GROUP, "", GROUP_WRITE),
    _route("groups.delete", "DELETE", _GROUP, "deleteContacts", GROUP_WRITE),
    _route("groups.modify", "POST", f"{_GROUP}/members:modify", "", GROUP_WRITE),
)  # fmt: skip


def find(verb: str, path: str) -> tuple[Route, str] | None:
    """The method behind ``/v1/...`` and the resource name in it; None where there is none."""
    for route in ROUTES:
        if route.verb == verb and (met := route.path.fullmatch(path.removeprefix("/v1/"))):
            return route, met.groupdict().get("name", "")
    return None


def template(path: str) -> str:
    """A path of the API with what is particular in braces."""
    path = re.sub(r"people/(?!me\b)[^/:]+", "people/{person}", path)
    return re.sub(r"contactGroups/[^/:]+", "contactGroups/{group}", path)
