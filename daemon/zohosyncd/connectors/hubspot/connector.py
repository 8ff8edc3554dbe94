"""HubSpot behind the connector port."""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import Final, TypeVar

from zohosyncd.connectors.hubspot import feed
from zohosyncd.connectors.hubspot.client import MOST, HubSpotClient
from zohosyncd.connectors.hubspot.fields import EMAIL, LISTS, ContactSchema, schema_of
from zohosyncd.connectors.hubspot.judge import judge_for
from zohosyncd.connectors.hubspot.lists import MOST_MEMBERS, Lists
from zohosyncd.connectors.hubspot.lists_wire import ListsWire
from zohosyncd.connectors.hubspot.oauth import login_of
from zohosyncd.connectors.hubspot.opt_outs import OptOuts
from zohosyncd.connectors.hubspot.options import HubSpotOptions
from zohosyncd.connectors.hubspot.probe import created_since
from zohosyncd.connectors.hubspot.reading import Elsewhere, read_by_id
from zohosyncd.connectors.hubspot.records import id_of
from zohosyncd.connectors.hubspot.rows import Reader
from zohosyncd.connectors.hubspot.wire import HubSpotRefusal, Wire
from zohosyncd.connectors.hubspot.writing import carry_out
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.budget import Tariff
from zohosyncd.core.errors import ContractBroken, PermissionLacking, UsageError
from zohosyncd.core.record import Owner
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
    Unreadable,
    WriteKind,
    WriteOp,
    WriteResult,
)
from zohosyncd.ports.world import Clock
from zohosyncd.transport.account_budget import AccountBudget

T = TypeVar("T")

REF: Final = "contacts"
_LABEL: Final = "Contacts"
LEFT: Final = "x-hubspot-ratelimit-daily-remaining"
"""Header, in lower case, that tells private apps what is left of the day's requests."""

LEAST_PER_DAY: Final = 250_000
"""Requests in a day of the smallest subscriptions (vendor: usage guidelines)."""

SEARCHES: Final = 4.0
"""Searches per second: all apps of an account have five together, and this one is not alone."""


def open_account(options: HubSpotOptions, tools: Tools) -> "HubSpotConnector":
    """The connector of one account; nothing is sent yet."""
    if tools.budget is not None:
        tools.budget.share(options.credit_share, limit=options.requests_per_day, least=LEAST_PER_DAY)
    private = options.access_token is not None
    http = tools.client(
        login_of(options, tools), [options.api], options,
        judge=judge_for(tools.account, private=private), heavy_per_second=SEARCHES, credits_left=LEFT,
    )  # fmt: skip
    return HubSpotConnector(Wire(http, options.api), options, tools.clock, tools.budget)


class HubSpotConnector:
    """Contacts of one HubSpot account; an id is a contact's record id.

    Contacts are read once more just before they are written (see ``standing``), opt-outs go to the subscriptions of
    their address (``opt_outs``), and lists are changed by calls of their own (``lists``).
    """

    def __init__(self, wire: Wire, options: HubSpotOptions, clock: Clock, budget: AccountBudget | None = None) -> None:
        client = self._client = HubSpotClient(wire)
        self._options = options
        self._clock = clock
        self._budget = budget
        self._lists = Lists(ListsWire(wire))
        self._opt_outs = OptOuts(client, clock)
        self._seen = feed.Seen()
        self._schema: ContactSchema | None = None

    @property
    def app(self) -> str:
        """The app's name as configuration spells it."""
        return "hubspot"

    @property
    def capabilities(self) -> Capabilities:
        """What HubSpot can do."""
        return Capabilities(
            feed="since",
            reports_deletions=True,
            exact_versions=False,
            modified_times=True,
            returns_record=False,
            whole_records=False,
            client_ids=False,
            batch=MOST,
            fetch_batch=MOST,
            lanes=self._options.concurrency,
            settle=self._options.settle,
            lag=self._options.settle,
            overlap=self._options.overlap,
            finds=True,
            tariff=Tariff(call=1, records=MOST, tags=MOST_MEMBERS, tagged=MOST_MEMBERS),
            apart=frozenset({LISTS}),
            apart_batch=MOST_MEMBERS,
        )

    async def check(self) -> AccountInfo:
        """The account, and how far its clock is from ours."""
        before = self._clock.now()
        account, date = await self._client.account()
        if self._budget is not None and self._client.wire.daily:
            self._budget.limit(self._client.wire.daily)
        # The Date header has whole seconds, so the middle of its second is nearest.
        offset = 0.0 if date is None else date + 0.5 - (before + self._clock.now()) / 2.0
        hub = str(account.portal_id)
        return AccountInfo(hub, f"HubSpot account {hub}", offset)

    async def objects(self) -> Mapping[str, str]:
        """Contacts, and nothing else."""
        return {REF: _LABEL}

    async def resolve(self, name: str) -> str:
        """Contacts, whatever the case."""
        if name.strip().casefold() in {"", REF}:
            return REF
        raise UsageError(f"HubSpot has no object {name!r} that can be synced", hint=f"known: {_LABEL}")

    async def schema(self, ref: str) -> ContactSchema:  # noqa: ARG002 - there is one object
        """The properties of contacts, with owners and lists; read anew. What the login may not list is missing."""
        infos = await self._client.properties()
        owners = await _allowed(self._client.owners())
        listed = await _allowed(self._known_lists())
        known = None if owners is None else [Owner(each.id, each.name, each.email or "") for each in owners]
        schema = schema_of(infos, owners=known, lists=listed)
        if not schema.fields:
            raise ContractBroken("HubSpot shows no properties of contacts")
        self._schema = schema
        return schema

    async def changes(
        self, ref: str, fields: Sequence[str], cursor: str | None, *, deletions: bool = True
    ) -> AsyncIterator[Page]:
        """See the port; the feed is of kind "since" and reports deletions."""
        reader = await self._reader(ref)
        source = feed.Source(self._client, tuple(fields), reader, self._options.overlap, self._seen, self._clock)
        async for page in feed.pages(source, cursor, deletions=deletions):
            yield page

    async def fetch(self, ref: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
        """Read these contacts; one that was merged into another is answered with where it lives now."""
        reader = await self._reader(ref)
        answers = await read_by_id(self._client, fields, ids)
        rows = [each for each in answers.values() if isinstance(each, dict)]
        records = await reader.records(rows, fields)
        found: dict[str, Fetched] = {
            id_of(row): each if isinstance(each, Unreadable) else Found(each)
            for row, each in zip(rows, records, strict=True)
        }
        for each, answer in answers.items():
            if answer is None:
                found[each] = Missing(each)
            elif isinstance(answer, Elsewhere):
                found[each] = Moved(each, answer.to)
        return [found[each] for each in answers]

    async def recheck(self, ref: str) -> None:
        """HubSpot leaves out properties that the login may not see."""

    async def write(self, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """Create, update or archive at most 100 contacts, or change the lists of 500."""
        kinds = {op.kind for op in ops}
        only_lists = kinds == {WriteKind.UPDATE} and all(op.patch.keys() == {LISTS} for op in ops)
        most = MOST_MEMBERS if only_lists else MOST
        if len(kinds) > 1 or len(ops) > most:
            raise ValueError(f"at most {most} ops of one kind")
        if not ops:
            return []
        try:
            reader = await self._reader(ref)
            return await carry_out(self._client, reader.schema, ops, self._lists, self._opt_outs)
        except ContractBroken as error:
            # Only reads raise it, and they come before anything is written.
            return [NotSent(error.message) for _ in ops]

    async def created_since(self, ref: str, fields: Sequence[str], since: float) -> AsyncIterator[Created]:
        """Contacts created at or after that moment of HubSpot's clock, newest first."""
        async for page in created_since(self._client, await self._reader(ref), fields, since):
            yield page

    async def find(self, ref: str, addresses: Sequence[str]) -> list[str] | None:  # noqa: ARG002 - there is one object
        """Contacts with these addresses, from the contacts themselves and not from the search."""
        wanted = list(dict.fromkeys(each.strip().lower() for each in addresses if "@" in each))
        found: dict[str, None] = {}
        for start in range(0, len(wanted), MOST):
            rows = await self._client.read([EMAIL], wanted[start : start + MOST], by=EMAIL)
            found |= dict.fromkeys(id_of(row) for row in rows)
        return list(found)

    async def _known_lists(self) -> list[str]:
        await self._lists.load()
        return self._lists.names

    async def _reader(self, ref: str) -> Reader:
        schema = self._schema or await self.schema(ref)
        return Reader(schema, self._lists, self._opt_outs)


async def _allowed(read: Awaitable[T]) -> T | None:
    """What a read answers, None where the login may not read it: nothing else depends on it."""
    try:
        return await read
    except (PermissionLacking, HubSpotRefusal):
        return None
