"""Mailchimp behind the connector port."""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Final

from zohosyncd.connectors.mailchimp import creating, feed, updating
from zohosyncd.connectors.mailchimp.client import MailchimpClient, MemberPage
from zohosyncd.connectors.mailchimp.feed import Source
from zohosyncd.connectors.mailchimp.fields import merge_types, schema_of
from zohosyncd.connectors.mailchimp.judge import judge
from zohosyncd.connectors.mailchimp.login import login_of
from zohosyncd.connectors.mailchimp.members import (
    Shape,
    changed_at,
    contact_of,
    is_archived,
    query_fields,
    read,
    subscriber_hash,
)
from zohosyncd.connectors.mailchimp.options import MailchimpOptions
from zohosyncd.connectors.mailchimp.pages import walk
from zohosyncd.connectors.mailchimp.sending import Target
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.errors import ContractBroken, UsageError
from zohosyncd.core.record import Record
from zohosyncd.core.schema import Schema
from zohosyncd.ports.connector import (
    AccountInfo,
    Capabilities,
    Created,
    Fetched,
    Found,
    Missing,
    Moved,
    NotSent,
    Page,
    WriteKind,
    WriteOp,
    WriteResult,
)
from zohosyncd.ports.world import Clock
from zohosyncd.transport.together import together

BATCH: Final = 100
"""Most writes of one call: new members go in one request, which takes 500; of those that change each has its own, and
all are to be sent while what they were decided from is young."""

FETCH: Final = 50
LANES: Final = 2


def open_account(options: MailchimpOptions, tools: Tools) -> "MailchimpConnector":
    """The connector of one account; nothing is sent yet."""
    url = None if options.url is None else str(options.url)
    login, base = login_of(tools.secret(options.api_key).reveal(), url)
    http = tools.client(login, [base], options, judge=judge)
    return MailchimpConnector(MailchimpClient(http, base), options, tools.clock)


class MailchimpConnector:
    """One Mailchimp account. Objects are audiences; a record is a member, its id the contact id.

    The other id, made of the address, changes with it; only the tags of a member are changed by it.
    """

    def __init__(self, client: MailchimpClient, options: MailchimpOptions, clock: Clock) -> None:
        self._client = client
        self._options = options
        self._clock = clock
        self._sources: dict[str, Source] = {}

    @property
    def app(self) -> str:
        """The app's name as configuration spells it."""
        return "mailchimp"

    @property
    def capabilities(self) -> Capabilities:
        """What Mailchimp can do."""
        return Capabilities(
            feed="since",
            reports_deletions=False,  # archiving is told; what is deleted for ever is not
            exact_versions=False,
            modified_times=True,
            returns_record=True,
            whole_records=False,
            client_ids=False,
            batch=BATCH,
            fetch_batch=FETCH,
            lanes=LANES,
            settle=self._options.settle,
            lag=self._options.settle,
            overlap=self._options.overlap,
            finds=True,
        )

    async def check(self) -> AccountInfo:
        """The account, its country, and how far its clock is from ours."""
        before = self._clock.now()
        account, date = await self._client.account()
        # The Date header has whole seconds, so the middle of its second is nearest.
        offset = 0.0 if date is None else date + 0.5 - (before + self._clock.now()) / 2.0
        country = account.contact.country.upper()
        region = country if len(country) == 2 and country.isascii() and country.isalpha() else ""
        return AccountInfo(account.account_id, account.account_name, offset, region)

    async def objects(self) -> Mapping[str, str]:
        """Id -> name of the audiences."""
        return {each.id: each.name or each.id for each in await self._client.audiences()}

    async def resolve(self, name: str) -> str:
        """The audience of that id or name, whatever the case; "" = the only one there is."""
        objects = await self.objects()
        wanted = name.strip().casefold()
        if name in objects:
            return name
        found = [ref for ref, label in objects.items() if not wanted or label.strip().casefold() == wanted]
        if len(found) == 1:
            return found[0]
        known = ", ".join(f"{label} ({ref})" for ref, label in objects.items()) or "none"
        if found:
            several = f"several audiences are called {name!r}" if wanted else "there are several audiences"
            raise UsageError(several, hint=f"name one by its id: {known}")
        raise UsageError(
            f"Mailchimp has no audience {name!r}" if wanted else "there is no audience", hint=f"known: {known}"
        )

    async def schema(self, ref: str) -> Schema:
        """The audience's merge fields and what every member has; read anew."""
        infos = await self._client.merge_fields(ref)
        shape = Shape(schema_of(infos, require=self._options.require_fields), merge_types(infos))
        known = self._sources.get(ref)
        if known is None:
            self._sources[ref] = Source(self._client, ref, shape, self._options.overlap)
        else:
            known.shape = shape
        return shape.schema

    async def changes(
        self, ref: str, fields: Sequence[str], cursor: str | None, *, deletions: bool = True
    ) -> AsyncIterator[Page]:
        """See the port; the feed is of kind "since"."""
        source = await self._source(ref)
        async for page in feed.pages(source, fields, cursor, deletions=deletions):
            yield page

    async def fetch(self, ref: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
        """Read these members, each by a call of its own: there is none for several."""
        source = await self._source(ref)
        wanted = list(dict.fromkeys(ids))
        answers = await together(partial(self._fetched, source, fields, each) for each in wanted)
        if answers and all(isinstance(each, Missing) for each in answers) and not await self._client.has_audience(ref):
            raise ContractBroken("the audience is no longer there", hint="was it deleted in Mailchimp?")
        return answers

    async def recheck(self, ref: str) -> None:
        """A member is shown whole; a merge field that is gone is left out by itself."""

    async def write(self, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """Create, change or archive at most 100 members."""
        kinds = {op.kind for op in ops}
        if len(kinds) > 1 or len(ops) > BATCH:
            raise ValueError(f"at most {BATCH} ops of one kind")
        if not ops:
            return []
        try:
            target = Target(await self._source(ref), lenient=not self._options.require_fields)
            match ops[0].kind:
                case WriteKind.CREATE:
                    return await creating.create(target, ops)
                case WriteKind.UPDATE:
                    return await updating.update(target, ops)
                case WriteKind.DELETE:
                    return await updating.archive(target, ops)
        except ContractBroken as error:  # of what is read before anything is written
            return [NotSent(error.message) for _ in ops]

    async def created_since(self, ref: str, fields: Sequence[str], since: float) -> AsyncIterator[Created]:
        """Members that may have been made since, newest first: Mailchimp tells when they were changed, no more."""
        source = await self._source(ref)
        asked, border = query_fields(fields, "members."), float(since // 1)

        async def ask(offset: int) -> MemberPage:
            return await self._client.members(ref, asked, offset=offset, order="DESC")

        async for _page, rows, last in walk(ask):
            young = [row for row in rows if (at := changed_at(row)) is not None and at >= border]
            beyond = len(young) < len(rows)
            records = [
                read(await feed.with_all_tags(source, fields, row), fields, source.shape)
                for row in young
                if not is_archived(row)
            ]
            readable = [each for each in records if isinstance(each, Record)]
            if len(readable) < len(records):
                raise ContractBroken("the list of the newest members has one that cannot be read")
            yield Created(readable, beyond=beyond)
            if beyond or last:
                return

    async def find(self, ref: str, addresses: Sequence[str]) -> list[str] | None:
        """Who has one of these addresses now. Members are found by their address, whatever lists show of them yet."""
        keys = list(dict.fromkeys(subscriber_hash(each) for each in addresses))
        rows = await together(partial(self._client.member, ref, key, query_fields(())) for key in keys)
        return [contact_of(row) for row in rows if row is not None and not is_archived(row)]

    async def _fetched(self, source: Source, fields: Sequence[str], contact: str) -> Fetched:
        row = await self._client.member(source.ref, contact, query_fields(fields))
        if row is None or is_archived(row):
            return Missing(contact)
        if contact_of(row) != contact:
            return Moved(contact, contact_of(row))
        record = read(await feed.with_all_tags(source, fields, row), fields, source.shape)
        return Found(record) if isinstance(record, Record) else record

    async def _source(self, ref: str) -> Source:
        if ref not in self._sources:
            await self.schema(ref)
        return self._sources[ref]
