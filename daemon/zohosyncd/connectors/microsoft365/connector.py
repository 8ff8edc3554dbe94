"""The connector port over Outlook contacts."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from zohosyncd.connectors.microsoft365 import feed, reading, writing
from zohosyncd.connectors.microsoft365.batch import MOST
from zohosyncd.connectors.microsoft365.client import Folder, GraphClient
from zohosyncd.connectors.microsoft365.fields import SCHEMA
from zohosyncd.connectors.microsoft365.judge import judge_for
from zohosyncd.connectors.microsoft365.login import account_login
from zohosyncd.connectors.microsoft365.mailbox import Mailbox
from zohosyncd.connectors.microsoft365.options import MicrosoftOptions
from zohosyncd.connectors.microsoft365.recent import Recent
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.errors import ContractBroken, UsageError
from zohosyncd.core.record import Record
from zohosyncd.core.schema import Schema
from zohosyncd.ports.connector import (
    AccountInfo,
    Capabilities,
    Created,
    Fetched,
    Page,
    WriteKind,
    WriteOp,
    WriteResult,
)
from zohosyncd.ports.world import Clock

_DEFAULT: Final = "contacts"
"""The name by which the service finds the default folder, whatever it is called in the language of the mailbox."""


def open_account(options: MicrosoftOptions, tools: Tools) -> "MicrosoftConnector":
    """The connector of one account; no request is sent yet."""
    api_url = str(options.api_url)
    http = tools.client(account_login(options, tools), [api_url], options, judge=judge_for(tools.account))
    return MicrosoftConnector(GraphClient(http, api_url, options.user or ""), tools.clock, settle=options.settle)


class MicrosoftConnector:
    """The contact folders of one mailbox.

    Args:
        client: the mailbox. clock: to compare the server's time with ours. settle: see Capabilities.
    """

    def __init__(self, client: GraphClient, clock: Clock, *, settle: float = 120.0) -> None:
        self._client = client
        self._clock = clock
        self._settle = settle
        self._box = Mailbox(client, Recent(clock, settle))
        self._default: Folder | None = None
        self._folders: dict[str, Folder] = {}

    @property
    def app(self) -> str:
        """The app's name as configuration spells it."""
        return "microsoft365"

    @property
    def capabilities(self) -> Capabilities:
        """What Outlook can do. One batch at a time: it fills the four places that a mailbox has."""
        return Capabilities(
            feed="token",
            reports_deletions=True,
            exact_versions=True,
            modified_times=True,
            returns_record=True,
            whole_records=True,
            client_ids=False,
            batch=MOST,
            fetch_batch=MOST,
            lanes=1,
            settle=self._settle,
            lag=self._settle,
            finds=True,
            marks=True,
        )

    async def check(self) -> AccountInfo:
        """Whose mailbox it is. Without a person who has logged in, only the mailbox itself can be asked."""
        if not self._client.user:
            return await self._person()
        folder, server_time = await self._client.folder(_DEFAULT)
        number = folder.id if folder is not None else await self._client.some_parent()
        if not number:
            raise ContractBroken("the default folder of contacts is not shown", hint="does this mailbox have one?")
        return AccountInfo(number, self._client.user, self._offset(server_time))

    async def objects(self) -> Mapping[str, str]:
        """Id -> path of names of all contact folders."""
        await self._discover()
        return {folder.id: folder.name for folder in self._folders.values()}

    async def resolve(self, name: str) -> str:
        """The folder of that path of names, name or id; "" = the default one."""
        if not name:
            return (await self._default_folder()).id
        if name not in self._folders:
            await self._discover()
        if name in self._folders:
            return name
        wanted = name.strip("/").casefold()
        found = [each for each in self._folders.values() if each.name.casefold() == wanted]
        found = found or [each for each in self._folders.values() if each.name.casefold().endswith(f"/{wanted}")]
        if len(found) == 1:
            return found[0].id
        if found:
            known = ", ".join(f"{each.name} ({each.id})" for each in found)
            raise UsageError(f"several contact folders are called {name!r}", hint=f"name one by its id: {known}")
        known = ", ".join(each.name for each in self._folders.values())
        raise UsageError(f"there is no contact folder {name!r}; there are: {known}", hint=f"known: {known}")

    async def schema(self, ref: str) -> Schema:  # noqa: ARG002 - every folder has the same fields
        """The properties of a contact that we map."""
        return SCHEMA

    async def changes(
        self, ref: str, fields: Sequence[str], cursor: str | None, *, deletions: bool = True  # noqa: ARG002
    ) -> AsyncIterator[Page]:  # fmt: skip
        """Pages from the cursor to the present; see :mod:`.feed`."""
        async for page in feed.changes(self._box, ref, fields, cursor):
            yield page

    async def fetch(self, ref: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
        """Read these contacts now. One that is in another folder, Deleted Items among them, is not here."""
        return await reading.read_contacts(self._box, ref, fields, ids) if ids else []

    async def recheck(self, ref: str) -> None:
        """A contact is shown whole or not at all."""

    async def write(self, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """Carry out ops of one kind; see :mod:`.writing`."""
        if len(ops) > MOST:
            raise ValueError(f"{len(ops)} ops, at most {MOST} are allowed")
        if len({op.kind for op in ops}) > 1:
            raise ValueError("one write carries out ops of one kind")
        results = await writing.write(self._box, ref, ops)
        for op, result in zip(ops, results, strict=True):
            self._box.recent.wrote(ref, result, gone=op.kind is WriteKind.DELETE)
        return results

    async def created_since(self, ref: str, fields: Sequence[str], since: float) -> AsyncIterator[Created]:
        """Contacts created at or after that second, newest first."""
        async for page in reading.created_since(self._client, ref, fields, since):
            yield page

    async def made_by(self, ref: str, fields: Sequence[str], op_ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """The contacts of the folder that carry the marks of these ops."""
        return await reading.made_by(self._box, ref, fields, op_ids) if op_ids else {}

    async def find(self, ref: str, addresses: Sequence[str]) -> list[str] | None:
        """Ids of the contacts that have one of these e-mail addresses now."""
        return await reading.with_addresses(self._box, ref, addresses)

    async def _person(self) -> AccountInfo:
        row, server_time = await self._client.me()
        number, login = row.get("id"), _text(row, "userPrincipalName")
        if not isinstance(number, str) or not number:
            raise ContractBroken("user: the answer has no id")
        country = _text(row, "usageLocation")
        region = country.upper() if len(country) == 2 and country.isascii() and country.isalpha() else ""
        name = _text(row, "displayName") or login
        mail = _text(row, "mail")
        return AccountInfo(number, name, self._offset(server_time), region, login or mail, (mail,) if mail else ())

    def _offset(self, server_time: float | None) -> float:
        return server_time - self._clock.now() if server_time is not None else 0.0

    async def _default_folder(self) -> Folder:
        if self._default is None:
            found, _ = await self._client.folder(_DEFAULT)
            if found is None:
                number = await self._client.some_parent()
                if not number:
                    raise ContractBroken(
                        "the default folder of contacts is not shown",
                        hint="make one contact in it, or name another folder as object",
                    )
                found = Folder(number, "Contacts")
            self._default = found
        return self._default

    async def _discover(self) -> None:
        default = await self._default_folder()
        found = [default, *await self._client.folders()]
        self._folders = {each.id: each for each in found}


def _text(row: Mapping[str, Any], name: str) -> str:
    found = row.get(name)
    return found if isinstance(found, str) else ""
