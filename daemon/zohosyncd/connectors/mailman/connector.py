"""The connector of one Mailman core: its lists are the objects, their subscriptions the records."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from zohosyncd.connectors.mailman import feed, reading, writing
from zohosyncd.connectors.mailman.client import MailmanClient
from zohosyncd.connectors.mailman.fields import SCHEMA
from zohosyncd.connectors.mailman.options import MailmanOptions
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.errors import ContractBroken, UsageError
from zohosyncd.core.schema import Schema
from zohosyncd.ports.connector import (
    AccountInfo,
    Capabilities,
    Created,
    Fetched,
    Page,
    WriteOp,
    WriteResult,
)
from zohosyncd.ports.world import Clock
from zohosyncd.transport.auth import BasicAuth
from zohosyncd.transport.retry import http_date

BATCH: Final = 20


def open_account(options: MailmanOptions, tools: Tools) -> "MailmanConnector":
    """The connector of one account; no request is sent yet."""
    url = str(options.url)
    login = BasicAuth(options.username, tools.secret(options.password).reveal())
    client = MailmanClient(tools.client(login, [url], options), url)
    return MailmanConnector(client, tools.clock, settle=options.settle)


class MailmanConnector:
    """See ports.connector.Connector.

    Args:
        client: the wire. clock: for the server's offset. settle: see Capabilities.
    """

    def __init__(self, client: MailmanClient, clock: Clock, *, settle: float = 0.0) -> None:
        self._client, self._clock, self._settle = client, clock, settle

    @property
    def app(self) -> str:
        """The app's name as configuration spells it."""
        return "mailman"

    @property
    def capabilities(self) -> Capabilities:
        """The same for every core: no versions, no times, one write after the other."""
        return Capabilities(
            feed="list",
            reports_deletions=False,
            exact_versions=False,
            modified_times=False,
            returns_record=False,
            whole_records=False,
            client_ids=False,
            batch=BATCH,
            per_request=1,
            fetch_batch=BATCH,
            lanes=1,
            settle=self._settle,
            finds=True,
        )

    async def check(self) -> AccountInfo:
        """A core has no id of its own: it is known by its address."""
        before = self._clock.now()
        versions, date = await self._client.versions()
        name = versions.get("mailman_version")
        if not isinstance(name, str):
            raise ContractBroken("there is no Mailman core", hint="is the account's url that of its REST API?")
        told = http_date(date)
        offset = told + 0.5 - (before + self._clock.now()) / 2 if told is not None else 0.0
        return AccountInfo(self._client.root, name, offset)

    async def objects(self) -> Mapping[str, str]:
        """List id -> posting address of every list."""
        return {str(each["list_id"]): str(each["fqdn_listname"]) for each in await self._client.lists()}

    async def resolve(self, name: str) -> str:
        """The list with this id or posting address; "" = the only one there is."""
        lists = await self.objects()
        found = [ref for ref, address in lists.items() if name.lower() in {"", ref.lower(), address.lower()}]
        if len(found) == 1:
            return found[0]
        known = ", ".join(lists.values()) or "none"
        said = "there are several lists" if found else f"there is no list {name!r}" if name else "there is no list"
        raise UsageError(said, hint=f"known: {known}")

    async def schema(self, ref: str) -> Schema:  # noqa: ARG002 - every list has the same fields
        """What a subscription has."""
        return SCHEMA

    async def changes(
        self, ref: str, fields: Sequence[str], cursor: str | None, *, deletions: bool = True  # noqa: ARG002
    ) -> AsyncIterator[Page]:  # fmt: skip
        """Everybody, each time; see :mod:`.feed`."""
        async for page in feed.changes(self._client, ref, fields, cursor):
            yield page

    async def fetch(self, ref: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
        """Read these subscriptions now."""
        return await reading.fetch(self._client, ref, fields, ids)

    async def recheck(self, ref: str) -> None:
        """A subscription is shown whole or not at all."""

    async def write(self, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """Carry out ops of one kind; see :mod:`.writing`."""
        if len(ops) > BATCH:
            raise ValueError(f"{len(ops)} ops, at most {BATCH} are allowed")
        if len({op.kind for op in ops}) > 1:
            raise ValueError("one write carries out ops of one kind")
        return await writing.write(self._client, ref, ops)

    async def created_since(
        self, ref: str, fields: Sequence[str], since: float  # noqa: ARG002 - it tells no times
    ) -> AsyncIterator[Created]:  # fmt: skip
        """Everybody, as Mailman does not tell when somebody subscribed."""
        async for page in reading.created(self._client, ref, fields):
            yield page

    async def find(self, ref: str, addresses: Sequence[str]) -> list[str] | None:
        """The subscriptions of these addresses, also those that wait for a confirmation."""
        return await reading.find(self._client, ref, addresses)
