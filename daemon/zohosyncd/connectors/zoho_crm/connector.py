"""Zoho CRM behind the connector port."""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

import structlog

from zohosyncd.connectors.tools import Tools
from zohosyncd.connectors.zoho_crm import company, feed, leads
from zohosyncd.connectors.zoho_crm.bulk import Bulk
from zohosyncd.connectors.zoho_crm.bulk_rows import Columns
from zohosyncd.connectors.zoho_crm.bulk_wire import BulkWire
from zohosyncd.connectors.zoho_crm.client import PER_PAGE, ZohoClient, ZohoRefusal
from zohosyncd.connectors.zoho_crm.completing import completed, listed
from zohosyncd.connectors.zoho_crm.credits import HEAVY, LEFT, edition_of
from zohosyncd.connectors.zoho_crm.fields import TAG, ModuleSchema, hidden_of, schema_of
from zohosyncd.connectors.zoho_crm.judge import judge_for
from zohosyncd.connectors.zoho_crm.layouts import with_layouts
from zohosyncd.connectors.zoho_crm.listing import Source
from zohosyncd.connectors.zoho_crm.locks import Locks
from zohosyncd.connectors.zoho_crm.lookups import Lookups
from zohosyncd.connectors.zoho_crm.meanings import MODULES
from zohosyncd.connectors.zoho_crm.oauth import login, place_of
from zohosyncd.connectors.zoho_crm.options import ZohoOptions
from zohosyncd.connectors.zoho_crm.probe import created_since
from zohosyncd.connectors.zoho_crm.queries import Queries
from zohosyncd.connectors.zoho_crm.reading import rows_by_id
from zohosyncd.connectors.zoho_crm.recent import Recent
from zohosyncd.connectors.zoho_crm.ringing import PUSH
from zohosyncd.connectors.zoho_crm.row_reader import RowReader
from zohosyncd.connectors.zoho_crm.tagging import MOST_TAGGED
from zohosyncd.connectors.zoho_crm.watch import Watch
from zohosyncd.connectors.zoho_crm.writing import carry_out
from zohosyncd.core.budget import Tariff
from zohosyncd.core.errors import ContractBroken, PermissionLacking, UsageError
from zohosyncd.core.record import Owner, Record
from zohosyncd.ports.connector import (
    AccountInfo,
    Capabilities,
    Created,
    Fetched,
    Found,
    Missing,
    NotSent,
    Page,
    Unreadable,
    Upserted,
    WriteKind,
    WriteOp,
    WriteResult,
)
from zohosyncd.ports.push import Bell, Channel
from zohosyncd.ports.world import Clock
from zohosyncd.transport.account_budget import AccountBudget

T = TypeVar("T")

MOST_ROWS: Final = 100
"""Records of one write call."""

_RECHECK: Final = 60.0
_log = structlog.get_logger("zohosyncd.zoho")


def open_account(options: ZohoOptions, tools: Tools) -> "ZohoConnector":
    """The connector of one account; nothing is sent yet."""
    if tools.budget is not None:
        tools.budget.share(options.credit_share, limit=options.credits_per_day, least=edition_of(None).daily(0))
    api_url = place_of(options, tools.consent()).api_url
    http = tools.client(
        login(options, tools), [api_url], options, judge=judge_for(tools.account), heavy=HEAVY, credits_left=LEFT
    )
    client, watch, exports = ZohoClient(http, api_url), Watch(http, api_url), BulkWire(http, api_url)
    return ZohoConnector(client, options, tools.clock, watch, exports, tools.budget)


class ZohoConnector:
    """One org of Zoho CRM. Objects are modules; an id is a record's id in its module.

    Updates name the moment of the read they were decided from, where one call has one record: Zoho then refuses what
    was modified in a later second. Batches have no such guard, since the moment counts for the whole call. Tags are
    changed by calls of their own, one for every set of them (see ``tagging``).
    """

    def __init__(
        self, client: ZohoClient, options: ZohoOptions, clock: Clock, watch: Watch, exports: BulkWire,
        budget: AccountBudget | None = None,
    ) -> None:  # fmt: skip
        self._budget = budget
        self._client = client
        self._watch = watch
        self._exports = exports
        self._options = options
        self._clock = clock
        self._schemas: dict[str, ModuleSchema] = {}
        self._lookups = Lookups(client, clock, creates=options.companies == "created")
        self._queries: dict[str, Queries] = {}
        self._bulk: dict[str, Bulk] = {}
        self._recent: dict[str, Recent] = {}
        self._locks: dict[str, Locks] = {}
        self._rechecked: dict[str, float] = {}

    @property
    def app(self) -> str:
        """The app's name as configuration spells it."""
        return "zoho_crm"

    @property
    def capabilities(self) -> Capabilities:
        """What Zoho can do."""
        return Capabilities(
            feed="since",
            reports_deletions=True,
            exact_versions=False,
            modified_times=True,
            returns_record=False,
            whole_records=False,
            client_ids=False,
            batch=MOST_ROWS,
            fetch_batch=PER_PAGE,
            lanes=self._options.concurrency,
            settle=self._options.settle,
            overlap=self._options.overlap,
            tariff=Tariff(call=1, records=10, tags=50, tagged=MOST_TAGGED),
            apart=frozenset({TAG}),
            apart_batch=MOST_TAGGED,
            push=PUSH,
        )

    async def check(self) -> AccountInfo:
        """The org, its country, and how far its clock is from ours."""
        before = self._clock.now()
        org, date = await self._client.org()
        edition = edition_of(org.edition)
        if self._budget is not None:
            self._budget.limit(edition.daily(org.users))
        if "concurrency" not in self._options.model_fields_set:
            self._client.widen(edition.concurrency)
        # The Date header has whole seconds, so the middle of its second is nearest.
        offset = 0.0 if date is None else date + 0.5 - (before + self._clock.now()) / 2.0
        return AccountInfo(org.id, org.company_name or "", offset, _region(org.country_code, org.country))

    async def objects(self) -> Mapping[str, str]:
        """The modules that can be synced: everything that the org has and the API reaches."""
        found = await _allowed(self._client.modules())
        if found is None:
            return {module: module for module in MODULES}
        usable = [each for each in found if each.api_supported is not False and each.viewable is not False]
        return {each.api_name: each.plural_label or each.api_name for each in usable}

    async def resolve(self, name: str) -> str:
        """A module by its API name or its label, whatever the case; Contacts by default."""
        wanted = (name or "Contacts").strip().casefold()
        for module in MODULES:
            if module.casefold() == wanted:
                return module
        objects = await self.objects()
        by_label = [ref for ref, label in objects.items() if label.casefold() == wanted]
        for ref in [ref for ref in objects if ref.casefold() == wanted] or by_label[: len(by_label) == 1]:
            return ref
        raise UsageError(
            f"Zoho CRM has no object {name!r} that can be synced", hint=f"known: {', '.join(sorted(objects))}"
        )

    async def schema(self, ref: str) -> ModuleSchema:
        """The module's fields as the user of the login has them, with tags, layouts and active users; read anew.

        Contacts have the fields of their company, too. What the login may not list is missing.
        """
        asked, locks = self._clock.monotonic(), self._locks.setdefault(ref, Locks(self._client, ref, self._clock))
        infos = await self._client.fields(ref)
        locks.know(infos, asked)
        tags, users = await _allowed(self._client.tags(ref)), await _allowed(self._client.active_users())
        owners = None if users is None else [Owner(each.id, each.full_name or "", each.email or "") for each in users]
        schema = schema_of(ref, infos, tags=tags, owners=owners, companies=self._options.companies != "shown")
        schema = replace(schema, locked=locks.locked)
        if layouts := await _allowed(self._client.layouts(ref)):
            schema = with_layouts(schema, layouts)
        if company.has_company(ref, schema) and (theirs := await _allowed(self._client.fields(company.MODULE))):
            schema = company.with_company(schema, theirs)
        if not schema.fields:
            raise ContractBroken(f"Zoho shows no fields of {ref}", hint="may the user of the login see this module?")
        self._schemas[ref] = schema
        self._queries[ref] = Queries(ref, infos, schema, self._options.long_reads, self._clock)
        columns = Columns(ref, infos, schema)
        self._bulk[ref] = Bulk(self._exports, ref, columns, self._options.long_reads, self._clock, self._budget)
        return schema

    async def changes(
        self, ref: str, fields: Sequence[str], cursor: str | None, *, deletions: bool = True
    ) -> AsyncIterator[Page]:
        """See the port; the feed is of kind "since" and reports deletions."""
        schema = await self._known(ref)
        recent = self._recent.setdefault(ref, Recent())
        source = Source(
            self._client, ref, tuple(fields), schema, self._options.overlap, self._queries[ref], recent, self._bulk[ref]
        )
        async for page in feed.pages(source, cursor, deletions=deletions):
            await self._locks[ref].seen(each.record for each in page.changes if isinstance(each, Upserted))
            yield page

    async def fetch(self, ref: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
        """Read these records. If all are missing the answer may be an empty one in place of an error: ask a witness."""
        schema = await self._known(ref)
        found = await rows_by_id(self._client, ref, listed(fields, schema), ids)
        missing = [each for each in dict.fromkeys(ids) if each not in found]
        converted = await leads.converted(self._client, ref, listed(fields, schema), missing)
        found |= converted
        rows = dict(zip(found, await completed(self._client, ref, fields, list(found.values()), schema), strict=True))
        reader = RowReader(fields, schema)
        answers = {each: reader.read(row) for each, row in rows.items()}
        await self._locks[ref].seen(each for each in answers.values() if isinstance(each, Record))
        answers |= {each: leads.marked(answers[each]) for each in converted}
        return [_fetched(each, answers.get(each)) for each in dict.fromkeys(ids)]

    async def recheck(self, ref: str) -> None:
        """Read the metadata anew, at most once a minute: from one day on, restricted data (HIPAA) shows as null."""
        schema, asked = await self._known(ref), self._clock.monotonic()
        if asked - self._rechecked.get(ref, float("-inf")) < _RECHECK:
            return
        infos = await self._client.fields(ref)
        self._locks[ref].know(infos, asked)
        hidden = hidden_of(infos) | (schema.hidden - {info.api_name for info in infos})  # and those of the company
        if news := sorted(hidden - schema.hidden):
            _log.warning("Zoho shows values of fields no more", module=ref, fields=news)
        self._schemas[ref] = replace(schema, hidden=hidden)
        self._rechecked[ref] = asked

    async def write(self, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """Create, update or delete at most 100 records in one call, and one more for every set of tags."""
        kinds = {op.kind for op in ops}
        most = MOST_TAGGED if kinds == {WriteKind.UPDATE} and all(op.patch.keys() == {TAG} for op in ops) else MOST_ROWS
        if len(kinds) > 1 or len(ops) > most:
            raise ValueError(f"at most {most} ops of one kind")
        if not ops:
            return []
        try:
            schema = await self._known(ref)
        except ContractBroken as error:
            return [NotSent(error.message) for _ in ops]

        async def send(allowed: Sequence[WriteOp]) -> list[WriteResult]:
            return await carry_out(self._client, ref, schema, allowed, self._lookups)

        return await self._locks[ref].through(ops, send)

    async def created_since(self, ref: str, fields: Sequence[str], since: float) -> AsyncIterator[Created]:
        """Records created at or after that second of Zoho's clock, newest first."""
        schema = await self._known(ref)
        async for page in created_since(self._client, ref, fields, since, schema):
            yield page

    async def find(self, ref: str, addresses: Sequence[str]) -> list[str] | None:  # noqa: ARG002
        """Never asked: Zoho's search works on an index that is behind its lists, which are read before each create."""
        return None

    async def open_channel(self, ref: str, bell: Bell, until: float) -> Channel:
        """Have Zoho ring for every change of a module. A bell always has the same channel, so repeating is harmless."""
        return await self._watch.enable(ref, bell, until)

    async def renew_channel(self, ref: str, bell: Bell, channel: Channel, until: float) -> Channel | None:
        """Let a channel live longer; None where it has ended already."""
        return await self._watch.extend(ref, bell, channel.id, until)

    async def close_channel(self, ref: str, channel: Channel) -> None:  # noqa: ARG002 - a channel's number says it all
        """Have Zoho ring no more."""
        await self._watch.disable(channel.id)

    async def _known(self, ref: str) -> ModuleSchema:
        return self._schemas.get(ref) or await self.schema(ref)


def _fetched(record_id: str, answer: Record | Unreadable | None) -> Fetched:
    match answer:
        case None:
            return Missing(record_id)
        case Record():
            return Found(answer)
        case Unreadable():
            return answer


async def _allowed(read: Awaitable[T]) -> T | None:
    """What a read answers, None where the login may not read it: nothing else depends on it."""
    try:
        return await read
    except (PermissionLacking, ZohoRefusal):
        return None


def _region(code: str | None, country: str | None) -> str:
    """ISO 3166 country of the org, where one of the two fields is one."""
    for text in (code, country):
        if text and len(text) == 2 and text.isascii() and text.isalpha():
            return text.upper()
    return ""
