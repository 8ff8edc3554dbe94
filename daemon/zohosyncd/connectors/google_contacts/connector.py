"""Google Contacts behind the connector port."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from zohosyncd.connectors.google_contacts import feed, probe, writing
from zohosyncd.connectors.google_contacts.client import MOST_AT_ONCE, PeopleClient
from zohosyncd.connectors.google_contacts.fields import FIELDS, MEMBERSHIPS, schema_with
from zohosyncd.connectors.google_contacts.groups import Groups
from zohosyncd.connectors.google_contacts.judge import judge_for
from zohosyncd.connectors.google_contacts.newcomers import Newcomers
from zohosyncd.connectors.google_contacts.oauth import DELEGATED, site_of
from zohosyncd.connectors.google_contacts.options import GoogleOptions
from zohosyncd.connectors.google_contacts.person import Person, id_of, primary, text
from zohosyncd.connectors.google_contacts.reading import Reader
from zohosyncd.connectors.google_contacts.recent import Recent
from zohosyncd.connectors.login import login
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.errors import ContractBroken, UsageError
from zohosyncd.core.record import Record
from zohosyncd.core.schema import Schema
from zohosyncd.core.spelling import fold
from zohosyncd.ports.connector import (
    AccountInfo,
    Capabilities,
    Created,
    Fetched,
    Listed,
    Page,
    WriteOp,
    WriteResult,
)
from zohosyncd.ports.world import Clock

REF: Final = "people/me"
NAME: Final = "Contacts"


def open_account(options: GoogleOptions, tools: Tools) -> "GoogleContacts":
    """The connector of one account; nothing is sent yet."""
    url = options.people_url
    auth = login(site_of(options), options, tools, DELEGATED)
    http = tools.client(auth, [url], options, judge=judge_for(tools.account))
    return GoogleContacts(PeopleClient(http, url), options, tools.clock)


class GoogleContacts:
    """The contacts of one mailbox; an id is a contact's resource name.

    Google enforces no key of ours, so a create may not be repeated (``client_ids``); what it made bears our key where
    no person sees it (``marks``), and is found among the contacts that were changed last. Its search tells at most 30
    contacts, from a cache, by the beginnings of words: it cannot say that nobody has an address, so it is never asked
    (``finds``).
    """

    def __init__(self, client: PeopleClient, options: GoogleOptions, clock: Clock) -> None:
        self._client = client
        self._options = options
        self._clock = clock
        recent = Recent(clock, options.settle)
        newcomers = Newcomers(client, clock, recent, options.settle)
        self._reader = Reader(client, Groups(client, clock), recent, newcomers)
        self._asked: set[str] = set()
        self._writing = asyncio.Lock()

    @property
    def app(self) -> str:
        """The app's name as configuration spells it."""
        return "google_contacts"

    @property
    def capabilities(self) -> Capabilities:
        """What the People API can do."""
        return Capabilities(
            feed="token",
            reports_deletions=True,
            exact_versions=True,
            modified_times=True,
            returns_record=True,
            whole_records=True,
            client_ids=False,
            batch=MOST_AT_ONCE,
            fetch_batch=MOST_AT_ONCE,
            lanes=1,
            settle=self._options.settle,
            lag=self._options.lag,
            marks=True,
        )

    async def check(self) -> AccountInfo:
        """Whose mailbox this is."""
        before = self._clock.now()
        person, date = await self._client.me()
        if not id_of(person):
            raise ContractBroken("Google does not say whose mailbox this is")
        address = _address(person)
        # The Date header has whole seconds, so the middle of its second is nearest.
        offset = 0.0 if date is None else date + 0.5 - (before + self._clock.now()) / 2.0
        return AccountInfo(id_of(person), address or id_of(person), offset, login=address)

    async def objects(self) -> Mapping[str, str]:
        """A mailbox has one list of contacts."""
        return {REF: NAME}

    async def resolve(self, name: str) -> str:
        """The contacts, by whatever spelling of their name."""
        if fold(name) in {"", fold(NAME), REF}:
            return REF
        raise UsageError(f"a Google mailbox has no object {name!r}", hint=f"known: {NAME}; labels are for rules")

    async def schema(self, ref: str) -> Schema:  # noqa: ARG002 - there is one
        """The fields of a contact, with the labels that exist."""
        await self._reader.groups.load()
        return schema_with(self._options.custom, self._reader.groups.labels.values())

    async def changes(
        self, ref: str, fields: Sequence[str], cursor: str | None, *, deletions: bool = True  # noqa: ARG002
    ) -> AsyncIterator[Page]:  # fmt: skip
        """See the port; the feed is of kind "token" and reports deletions."""
        self._asked |= set(fields)
        news = self._reader.newcomers.untold()
        async for page in feed.changes(self._reader, fields, cursor):
            yield replace(page, changes=(*page.changes, *(Listed(each, None) for each in news))) if news else page
            news = ()

    async def fetch(self, ref: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:  # noqa: ARG002
        """Read these contacts, two hundred by one call."""
        self._asked |= set(fields)
        return await self._reader.fetch(fields, ids)

    async def recheck(self, ref: str) -> None:
        """Nothing to do: a contact's owner sees all of its fields."""

    async def write(self, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:  # noqa: ARG002
        """Create, update or delete at most 200 contacts, by one call for all that change in the same fields."""
        if len({op.kind for op in ops}) > 1 or len(ops) > MOST_AT_ONCE:
            raise ValueError(f"at most {MOST_AT_ONCE} ops of one kind")
        if not ops:
            return []
        named = {name for op in ops for name in op.patch}
        fields = sorted((set(FIELDS) - {MEMBERSHIPS}) | self._asked | named)
        async with self._writing:
            return await writing.write(self._reader, ops, fields)

    async def created_since(self, ref: str, fields: Sequence[str], since: float) -> AsyncIterator[Created]:  # noqa: ARG002
        """Contacts made or changed at or after that moment of Google's clock, newest first."""
        async for page in probe.created_since(self._reader, fields, since):
            yield page

    async def made_by(self, ref: str, fields: Sequence[str], op_ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:  # noqa: ARG002
        """The contacts that these writes of ours have made: they bear our key in their client data."""
        return await probe.made_by(self._reader, fields, op_ids) if op_ids else {}

    async def find(self, ref: str, addresses: Sequence[str]) -> list[str] | None:  # noqa: ARG002
        """Never asked: see the class."""
        return None


def _address(person: Person) -> str:
    # A profile's addresses come from the account itself.
    found = [each for each in person.get("emailAddresses") or () if isinstance(each, Mapping)]
    at = primary(found, "value")
    return text(found[at], "value") if at is not None else ""
