"""The People API on the wire: one function per call (vendor: people.v1)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from zohosyncd.connectors.google_contacts.judge import failure_of
from zohosyncd.connectors.google_contacts.person import Person
from zohosyncd.core.errors import ContractBroken, CursorExpired
from zohosyncd.ports.connector import NotSent, Unknown
from zohosyncd.transport.call import Call
from zohosyncd.transport.client import Client
from zohosyncd.transport.decode import json_as, json_with_gaps
from zohosyncd.transport.retry import http_date
from zohosyncd.transport.sender import Answered

T = TypeVar("T")

MOST_AT_ONCE: Final = 200
"""Contacts of one batch call (vendor: batchCreateContacts, batchUpdateContacts, batchGet; batchDeleteContacts takes
500)."""

PAGE: Final = 1000
"""Contacts of one page of a list, at most."""

MOST_ITEMS: Final = 100
"""E-mail addresses or phones that a list shows of one contact at most (vendor: Person)."""

SOURCE: Final = "READ_SOURCE_TYPE_CONTACT"
"""What is read: the mailbox's own contacts. Profiles of other people are not theirs to sync."""

_LONGEST_URL: Final = 2000
"""Characters; a longer address goes as the form of a POST that says it is a GET."""

_READ: Final = frozenset({200})
_LISTED: Final = frozenset({200, 400, 404, 410})
_WRITTEN: Final = frozenset({200, 400, 404, 409, 412})


class Connections(msgspec.Struct, frozen=True):
    """One page of contacts."""

    connections: list[dict[str, Any]] = []
    next_page: str = msgspec.field(default="", name="nextPageToken")
    next_sync: str = msgspec.field(default="", name="nextSyncToken")


class Group(msgspec.Struct, frozen=True):
    """One contact group: its resource name, its name, and whether it is the user's own."""

    id: str = msgspec.field(name="resourceName")
    name: str = ""
    kind: str = msgspec.field(default="", name="groupType")


class _Groups(msgspec.Struct, frozen=True):
    groups: list[Group] = msgspec.field(default_factory=list, name="contactGroups")
    next_page: str = msgspec.field(default="", name="nextPageToken")


class _GroupAnswer(msgspec.Struct, frozen=True):
    group: Group | None = msgspec.field(default=None, name="contactGroup")


class _GroupAnswers(msgspec.Struct, frozen=True):
    responses: list[_GroupAnswer] = []


class PersonAnswer(msgspec.Struct, frozen=True):
    """What an answer says of one person (PersonResponse)."""

    person: dict[str, Any] | None = None
    requested: str = msgspec.field(default="", name="requestedResourceName")
    code: int = msgspec.field(default=0, name="httpStatusCode")
    status: dict[str, Any] | None = None

    @property
    def is_missing(self) -> bool:
        """Whether there is no such person."""
        return self.code == 404 or (self.status or {}).get("code") == 5


class _People(msgspec.Struct, frozen=True):
    responses: list[PersonAnswer] = []


class PageEnded(CursorExpired):
    """A page token is not accepted (any more); the list has to be begun again."""


class PeopleClient:
    """The calls of one mailbox."""

    def __init__(self, http: Client, url: str) -> None:
        self._http = http
        self._url = url

    async def me(self) -> tuple[Person, float | None]:
        """Whose mailbox it is, and the server's time in seconds since 1970."""
        query = [("personFields", "emailAddresses,metadata,names")]
        answer = await self._get("people/me", query, "/v1/people/me")
        date = http_date(answer.headers.get("date"))
        return json_as(dict[str, Any], answer.body, what="the mailbox's own profile"), date

    async def connections(self, mask: str, *, sync: str = "", page: str = "") -> Connections:
        """One page of all contacts, or of those that have changed since a sync token was given.

        Args:
            mask: the same for all pages, and for everything that follows from its sync token.

        Raises:
            CursorExpired: the sync token has ended. PageEnded: the page token has.
        """
        query = [*_query(mask), ("pageSize", str(PAGE)), ("requestSyncToken", "true")]
        query += [("syncToken", sync)] if sync else []
        query += [("pageToken", page)] if page else []
        return await self._page(query, sync=sync, page=page)

    async def newest(self, mask: str, *, page: str = "") -> Connections:
        """One page of contacts, the last changed ones first; without sync tokens, since these know no order."""
        query = [*_query(mask), ("pageSize", str(PAGE)), ("sortOrder", "LAST_MODIFIED_DESCENDING")]
        query += [("pageToken", page)] if page else []
        try:
            return await self._page(query, page=page)
        except CursorExpired:
            raise ContractBroken("Google does not go on with its own list of contacts") from None

    async def people(self, mask: str, ids: Sequence[str]) -> list[PersonAnswer]:
        """At most 200 contacts by their resource names."""
        query = [*_query(mask), *(("resourceNames", each) for each in ids)]
        answer = await self._get("people:batchGet", query, "/v1/people:batchGet")
        return _read(_People, answer, "contacts by their names").responses

    async def person(self, mask: str, id_: str) -> Person | None:
        """One contact, None where there is none."""
        answer = await self._get(id_, _query(mask), "/v1/people/{id}", _READ | {404})
        return json_as(dict[str, Any], answer.body, what="a contact") if answer.status == 200 else None

    async def create(self, people: Sequence[Person], read: str) -> Answered | NotSent | Unknown:
        """Make contacts, at most 200; all of them or none. ``read``: the mask of what the answer shows."""
        body = {"contacts": [{"contactPerson": each} for each in people], "readMask": read, "sources": [SOURCE]}
        return await self._post("people:batchCreateContacts", body)

    async def update(self, people: Mapping[str, Person], mask: str, read: str) -> Answered | NotSent | Unknown:
        """Change contacts, at most 200; all of them or none. Every field of the mask is replaced in each of them."""
        body = {"contacts": dict(people), "updateMask": mask, "readMask": read, "sources": [SOURCE]}
        return await self._post("people:batchUpdateContacts", body)

    async def delete(self, ids: Sequence[str]) -> Answered | NotSent | Unknown:
        """Delete contacts, at most 500."""
        return await self._post("people:batchDeleteContacts", {"resourceNames": list(ids)})

    async def groups(self) -> list[Group]:
        """All contact groups."""
        found: list[Group] = []
        page = ""
        while True:
            query = [("pageSize", str(PAGE)), ("groupFields", "groupType,metadata,name")]
            query += [("pageToken", page)] if page else []
            answer = await self._get("contactGroups", query, "/v1/contactGroups")
            read = json_as(_Groups, answer.body, what="contact groups")
            found += read.groups
            if not read.next_page:
                return found
            if read.next_page == page:
                raise ContractBroken("the list of contact groups does not end")
            page = read.next_page

    async def groups_named(self, ids: Sequence[str]) -> list[Group]:
        """Of these contact groups (at most 200) those that there are."""
        query = [("groupFields", "groupType,metadata,name"), *(("resourceNames", each) for each in ids)]
        answer = await self._get("contactGroups:batchGet", query, "/v1/contactGroups:batchGet")
        answers = json_as(_GroupAnswers, answer.body, what="contact groups by their names").responses
        return [each.group for each in answers if each.group is not None]

    async def make_group(self, name: str) -> Answered | NotSent | Unknown:
        """Make a contact group; 409 where there is one of that name."""
        return await self._post("contactGroups", {"contactGroup": {"name": name}})

    async def _page(self, query: list[tuple[str, str]], *, sync: str = "", page: str = "") -> Connections:
        answer = await self._get("people/me/connections", query, "/v1/people/me/connections", _LISTED)
        if answer.status == 200:
            return _read(Connections, answer, "a list of contacts")
        failure = failure_of(answer)
        reasons, message = (set(failure.reasons), failure.message.lower()) if failure else (set(), "")
        about = message.replace("_", " ")
        if "EXPIRED_SYNC_TOKEN" in reasons or answer.status == 410 or (sync and "sync token" in about):
            raise CursorExpired("the sync token has ended")
        if page and answer.status == 400:
            raise PageEnded("the page token has ended")
        if sync and answer.status == 400:
            raise CursorExpired("the sync token is not accepted")
        word = failure.status if failure else f"status {answer.status}"
        raise ContractBroken(f"the list of contacts is refused: {word}")

    async def _get(
        self, path: str, query: Sequence[tuple[str, str]], template: str, accept: frozenset[int] = _READ
    ) -> Answered:
        url, form = f"{self._url}/v1/{quote(path, safe='/:')}", urlencode(query)
        headers = {"Accept": "application/json"}
        if len(url) + len(form) <= _LONGEST_URL:
            return await self._http.read(Call("GET", f"{url}?{form}", template, headers, accept=accept, content="json"))
        # Longer addresses are refused on the way; vendor: X-HTTP-Method-Override of the client libraries.
        headers |= {"X-HTTP-Method-Override": "GET", "Content-Type": "application/x-www-form-urlencoded"}
        return await self._http.read(Call("POST", url, template, headers, form.encode(), accept=accept, content="json"))

    async def _post(self, path: str, body: Mapping[str, Any]) -> Answered | NotSent | Unknown:
        headers = {"Accept": "application/json", "Content-Type": "application/json; charset=utf-8"}
        call = Call(
            "POST", f"{self._url}/v1/{path}", f"/v1/{path}", headers, msgspec.json.encode(body), accept=_WRITTEN,
            content="json",
        )  # fmt: skip
        return await self._http.write(call)


def _query(mask: str) -> list[tuple[str, str]]:
    return [("personFields", mask), ("sources", SOURCE)]


def _read(kind: type[T], answer: Answered, what: str) -> T:
    """An answer with persons. Where single texts are damaged, the others are read all the same."""
    try:
        return json_as(kind, answer.body, what=what)
    except ContractBroken:
        with_gaps = json_with_gaps(answer.body, what=what)
    try:
        return msgspec.convert(with_gaps, kind)
    except msgspec.ValidationError as error:
        raise ContractBroken(f"{what}: {error}") from None
