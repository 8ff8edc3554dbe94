"""The connector port: everything the pipeline asks of an app. It reads as the manual for adding one.

Terminology
    account     one authorised login; a connector instance belongs to one account.
    object      what is synced of it (Contacts, an address book), named by the operator; ``resolve`` turns the name
                into the app's own reference, and every other call takes that reference.
    cursor      an opaque text in which the connector keeps its place; the pipeline stores it only after everything
                before it has been stored.
    record      see core.record; ``values`` by the app's own field names, only the fields asked for.

Who calls what
    check       once at start and after lost authorisation; schema once at start and after "unknown field" refusals;
                changes by one feed task per object, never twice at once for an object; fetch and write by the
                pipeline's workers, several at once; the connector takes care of its app's lanes. find before somebody
                is created, where capabilities say so.

What a connector may raise, and nothing else: the RemoteError tree of core.errors (a single record that cannot be read
goes into the page as Unreadable). It never retries, never sleeps, never logs bodies: transport does.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal, Protocol

from zohosyncd.core.budget import Tariff
from zohosyncd.core.record import Record, Values
from zohosyncd.core.schema import Schema
from zohosyncd.ports.push import Push

PORT_VERSION: Final = 1
"""Grows when a connector that was written for the port as it was would no longer keep the promises made here."""


class WriteKind(StrEnum):
    """What a write does."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the app can do: pure data, constant for an account. The pipeline decides from this, never from names.

    Attributes:
        feed: "token" (the app remembers what we have seen), "since" (changed after a time), "list" (ids and versions).
        reports_deletions: whether ``changes`` yields Removed; otherwise only sweeps find deletions.
        exact_versions: equal versions mean equal content (etags); False where a version is a coarse time.
        modified_times: records carry ``modified``.
        returns_record: a Done of ``write`` carries what the app stored.
        whole_records: an update needs the record's ``native`` body and version of a fresh fetch.
        client_ids: creates carry an id of our choice, so that repeating one cannot make a second record.
        batch: most ops of one ``write`` call. fetch_batch: most ids of one ``fetch`` call.
        per_request: most ops that one request to the app carries, None for as many as ``batch``.
        apart: fields of names that travel in calls of their own, one for all records that gain and lose the same names.
        apart_batch: most ops of a ``write`` of updates that change nothing but these, and all in the same way.
        push: what its channels are like, None where the app does not ring; where it does, the connector is a
            ``ports.push.Pushes``, too.
        lanes: how many ``write`` calls may be under way at once.
        settle: seconds after which a record that was created without an answer is visible to ``created_since``, and no
            write without an answer arrives any more.
        overlap: seconds that a "since" feed reads again.
        deletable: whether records can be deleted through the API.
        finds: whether ``find`` can be asked who has an e-mail address, and knows what a feed may not show yet.
        tariff: what calls cost in the app's own credits, None where it counts none.
    """

    feed: Literal["token", "since", "list"]
    reports_deletions: bool
    exact_versions: bool
    modified_times: bool
    returns_record: bool
    whole_records: bool
    client_ids: bool
    batch: int
    fetch_batch: int
    lanes: int
    settle: float
    overlap: float = 0.0
    deletable: bool = True
    finds: bool = False
    tariff: Tariff | None = None
    per_request: int | None = None
    apart: frozenset[str] = frozenset()
    apart_batch: int = 0
    push: Push | None = None


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """Who we are there.

    Attributes:
        identity: the app's id of the org or mailbox; another one than last time is refused.
        name: a name for the operator (an organisation, a login).
        login: the address of the person whose login it is, "" where the app does not tell; an account whose file says
            ``login`` is refused where it is another one.
        clock_offset: server's clock minus ours, in seconds.
        region: ISO 3166 country for phone numbers without a country code, "" where the app does not tell.
    """

    identity: str
    name: str = ""
    clock_offset: float = 0.0
    region: str = ""
    login: str = ""


@dataclass(frozen=True, slots=True)
class Upserted:
    """A record exists and looks like this."""

    record: Record


@dataclass(frozen=True, slots=True)
class Listed:
    """A record exists with this version; its content was not read (feeds of kind "list")."""

    id: str
    version: str | None


@dataclass(frozen=True, slots=True)
class Removed:
    """The app says that the record is gone. Absence from a list is not this.

    ``at``: when it was deleted, by the app's clock; None where the app does not say. A record that was seen modified at
    that moment or later may be there again, and is asked for.
    """

    id: str
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The record was merged into another one or got another id."""

    id: str
    to: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record exists but cannot be read (a damaged card); ``reason`` without personal data."""

    id: str
    version: str | None
    reason: str


Change = Upserted | Listed | Removed | Moved | Unreadable


@dataclass(frozen=True, slots=True)
class Page:
    """One page of changes.

    Attributes:
        changes: at least once, in any order, duplicates allowed.
        cursor: where to go on after this page.
        complete: this page ends the pass: everything that existed or changed before the pass began has been yielded.
        full: the pass began without a cursor, so that after its complete page what was never yielded is absent.
        snapshot: the name of what the app has prepared at once: all pages with it show the app as it was when the first
            of them was asked for, or later; "" = as it is now. Only where ``full``.
    """

    changes: tuple[Change, ...]
    cursor: str
    complete: bool
    full: bool
    snapshot: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The record, as it is now."""

    record: Record


@dataclass(frozen=True, slots=True)
class Missing:
    """The app answered and says that there is no such record."""

    id: str


Fetched = Found | Missing | Moved | Unreadable


@dataclass(frozen=True, slots=True)
class Created:
    """A page of records created since some moment. ``beyond``: an older record was met, so that nothing is missing.

    Where no page says so, the list may have ended too early: the caller looks for a record that it must contain.
    """

    records: Sequence[Record]
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class WriteOp:
    """One wished write.

    Attributes:
        op_id: the intent's id, 32 hexadecimal digits: the client-chosen id of creates where the app allows one.
        kind: create, update or delete.
        record_id: the record's id, "" for a create.
        patch: new values by field name; fields that are not in it are not touched. ``None`` empties a field.
        known: the record as fetched just before (with ``native`` and ``version``), for updates and deletes.
    """

    op_id: str
    kind: WriteKind
    record_id: str
    patch: Values = field(default_factory=dict)
    known: Record | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """Carried out. ``stored`` is the record as the app shows it afterwards, None where it does not say.

    ``left``: fields of the patch that were not, or not surely, carried out although the rest was, in apps that take
    them by another call (tags): they stand as they were, and the record has to be looked at again.
    ``refused``: fields of the patch that the app does not take as they are, each with the reason, although the rest was
    carried out: they stand as they were, and nothing but another value helps.
    """

    id: str
    version: str | None = None
    modified: float | None = None
    stored: Record | None = None
    left: tuple[str, ...] = ()
    refused: tuple["Refused", ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Not carried out: the record is no longer as ``known`` says (412), or is gone already."""

    gone: bool = False


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Not carried out: the app says that this record exists already, perhaps under this id."""

    existing_id: str | None = None
    field: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """Accepted, but not there yet (a confirmation, a lock); look again later."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Not carried out and will not be as it is. ``code`` is the app's own, ``message`` without personal data.

    ``compliance``: the app never takes this person in again by itself, by law or by its own terms: only the person can.
    """

    code: str
    field: str = ""
    message: str = ""
    compliance: bool = False


@dataclass(frozen=True, slots=True)
class NotSent:
    """Surely not carried out: nothing left this machine, or the app refused the whole call unread (401, 429)."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Sent, but no answer that we can read: it may or may not have been carried out."""

    reason: str


WriteResult = Done | Conflict | Duplicate | Pending | Refused | NotSent | Unknown


class Connector(Protocol):
    """One app, seen through one account."""

    @property
    def app(self) -> str:
        """The app's name as configuration spells it."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What the app can do."""
        ...

    async def check(self) -> AccountInfo:
        """Who am I, by the cheapest authenticated call. Raises AuthLost if the login is refused."""
        ...

    async def objects(self) -> Mapping[str, str]:
        """Reference -> name for people of every object that can be synced."""
        ...

    async def resolve(self, name: str) -> str:
        """The reference of the object that the operator calls by this name ("" = the app's default object).

        Raises UsageError with the names that exist.
        """
        ...

    async def schema(self, ref: str) -> Schema:
        """The object's fields."""
        ...

    def changes(
        self, ref: str, fields: Sequence[str], cursor: str | None, *, deletions: bool = True
    ) -> AsyncIterator[Page]:
        """Pages from the cursor to the present; None = everything there is, from the beginning.

        ``deletions``: False where Removed may wait for a later pass, in apps that have to be asked for them by calls of
        their own; the cursor keeps the place. Each page is requested when the next one is asked for. Raises
        CursorExpired when the app forgot the cursor.
        An error in the middle ends the pass without a complete page.
        """
        ...

    async def fetch(self, ref: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
        """Read these records now, each id answered once, in any order; any number of ids."""
        ...

    async def recheck(self, ref: str) -> None:
        """A value is gone here, and the other side would be emptied: find out whether the app still shows its field.

        What is read from now on leaves out fields whose values the app keeps from this login; there is nothing to do
        where it never does, or leaves them out by itself. Raises the RemoteError tree.
        """
        ...

    async def write(self, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """Carry out at most ``capabilities.batch`` ops of one kind; one result per op, in order. Never retries.

        Updates of fields that travel apart may be ``capabilities.apart_batch``.

        Raises nothing of the RemoteError tree but AuthLost, PermissionLacking, RateLimited and Unavailable for calls
        that surely carried out nothing.
        """
        ...

    def created_since(self, ref: str, fields: Sequence[str], since: float) -> AsyncIterator[Created]:
        """Records created at or after that moment of the server's clock, newest first: finds creates without answer."""
        ...

    async def find(self, ref: str, addresses: Sequence[str]) -> list[str] | None:
        """Ids of the records that have one of these e-mail addresses now, whatever the case; others may be among them.

        None where the app cannot tell, or not completely; always where ``capabilities.finds`` is False.
        """
        ...
