"""The connector port over CardDAV."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from zohosyncd.connectors.carddav import bodies, feed, writing
from zohosyncd.connectors.carddav.client import DavClient
from zohosyncd.connectors.carddav.discovery import Book, Home, discover
from zohosyncd.connectors.carddav.fields import schema_with
from zohosyncd.connectors.carddav.href import last_segment
from zohosyncd.connectors.carddav.reading import GROUP, MULTIGET, read_cards, when
from zohosyncd.core.errors import ContractBroken, UsageError
from zohosyncd.core.schema import Schema
from zohosyncd.ports.connector import (
    AccountInfo,
    Capabilities,
    Created,
    Fetched,
    Missing,
    Page,
    Unreadable,
    WriteOp,
    WriteResult,
)
from zohosyncd.ports.world import Clock

BATCH: Final = 50
"""Most writes of one call: each is a request of its own, then one multiget reads them all back."""

LANES: Final = 2


class CardDavConnector:
    """Address books of one login.

    Args:
        client: the account's server.
        url: the configured address.
        clock: to compare the server's time with ours.
        concurrency: most PUTs of one ``write`` under way at once.
        settle: see Capabilities.
        custom: properties of the operator's own, in upper case.
    """

    def __init__(
        self,
        client: DavClient,
        url: str,
        clock: Clock,
        *,
        concurrency: int = 8,
        settle: float = 0.0,
        custom: Sequence[str] = (),
    ) -> None:
        self._client = client
        self._url = url
        self._clock = clock
        self._lanes = writing.Lanes(concurrency)
        self._settle = settle
        self._schema = schema_with(custom)
        self._books: dict[str, Book] = {}
        self._timed = False

    @property
    def app(self) -> str:
        """The app's name as configuration spells it."""
        return "carddav"

    @property
    def capabilities(self) -> Capabilities:
        """What the server can do; how it reports changes and times is known after :meth:`check`."""
        listed = any(not book.syncs for book in self._books.values())
        return Capabilities(
            feed="list" if listed else "token",
            reports_deletions=not listed,
            exact_versions=True,
            modified_times=self._timed,
            returns_record=True,
            whole_records=True,
            client_ids=True,
            batch=BATCH,
            per_request=1,
            fetch_batch=MULTIGET,
            lanes=LANES,
            settle=self._settle,
            finds=True,
        )

    async def check(self) -> AccountInfo:
        """Find the login's principal and its address books."""
        home = await self._discover()
        server_time = when(home.date)
        self._timed = await self._has_times(home)
        return AccountInfo(
            identity=f"{self._client.host}{home.principal}",
            name=last_segment(home.principal) or self._client.host,
            clock_offset=server_time - self._clock.now() if server_time is not None else 0.0,
        )

    async def objects(self) -> Mapping[str, str]:
        """Path -> display name of the address books."""
        await self._discover()
        return {book.path: book.name for book in self._books.values()}

    async def resolve(self, name: str) -> str:
        """The address book of that path, display name or last part of its path; "" = the only one there is."""
        if not self._matching(name):
            await self._discover()
        found = self._matching(name)
        if len(found) == 1:
            return found[0].path
        known = ", ".join(f"{book.name} ({book.path})" for book in self._books.values()) or "none"
        if found:
            raise UsageError(
                f"several address books are called {name!r}" if name else "there are several address books",
                hint=f"name one by its path: {known}",
            )
        raise UsageError(
            f"there is no address book {name!r}" if name else "there is no address book", hint=f"known: {known}"
        )

    def _matching(self, name: str) -> list[Book]:
        books = list(self._books.values())
        if not name:
            return books
        by_path = [book for book in books if name.rstrip("/") == book.path.rstrip("/")]
        by_name = [book for book in books if book.name == name]
        return by_path or by_name or [book for book in books if last_segment(book.path) == name]

    async def schema(self, ref: str) -> Schema:  # noqa: ARG002 - every address book has the same fields
        """The properties of a card that we map, and those that the account names."""
        return self._schema

    async def changes(
        self,
        ref: str,
        fields: Sequence[str],
        cursor: str | None,
        *,
        deletions: bool = True,  # noqa: ARG002
    ) -> AsyncIterator[Page]:
        """Pages from the cursor to the present; see :mod:`.feed`."""
        async for page in feed.changes(self._client, await self._book(ref), fields, cursor):
            yield page

    async def fetch(self, ref: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
        """Read these cards now. A group of cards is no person, and so not there."""
        answers = await read_cards(self._client, ref, fields, ids)
        return [Missing(each.id) if isinstance(each, Unreadable) and each.reason == GROUP else each for each in answers]

    async def recheck(self, ref: str) -> None:
        """A record is shown whole or not at all."""

    async def write(self, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """Carry out ops of one kind; see :mod:`.writing`."""
        if len(ops) > BATCH:
            raise ValueError(f"{len(ops)} ops, at most {BATCH} are allowed")
        if len({op.kind for op in ops}) > 1:
            raise ValueError("one write carries out ops of one kind")
        fields = tuple(self._schema.fields)
        return await writing.write(self._client, await self._book(ref), ops, fields, self._lanes)

    async def created_since(
        self,
        ref: str,  # noqa: ARG002
        fields: Sequence[str],  # noqa: ARG002
        since: float,  # noqa: ARG002
    ) -> AsyncIterator[Created]:
        """Never needed, as creates carry ids of our choice; an address book does not say when a card was made."""
        raise ContractBroken("an address book does not say when its cards were made")
        yield Created(())  # an iterator, as the port says

    async def find(self, ref: str, addresses: Sequence[str]) -> list[str] | None:
        """Paths of the cards that contain one of these addresses now; None where queries are not answered."""
        return await self._client.cards_with((await self._book(ref)).path, addresses)

    async def _book(self, ref: str) -> Book:
        if ref not in self._books:
            await self._discover()
        if ref not in self._books:
            raise ContractBroken("the address book is no longer there", hint="was it deleted or renamed?")
        return self._books[ref]

    async def _discover(self) -> Home:
        home = await discover(self._client, self._url)
        self._books = {book.path: book for book in home.books}
        return home

    async def _has_times(self, home: Home) -> bool:
        """Whether reports show when a card was changed: told by any card of the first book that has one.

        Nothing else tells it: Radicale's collections have such a time and its reports leave it out.
        """
        for book in home.books:
            card = await self._client.any_card(book.path)
            if card is not None:
                return card.text(bodies.MODIFIED) is not None
        return False
