"""The connector port: everything the pipeline asks of an app. It reads as the manual for adding one.

Terminology
    account     one authorised login; a connector instance belongs to one account and lives as long as it is open.
    object      what is synced of it (Contacts, an address book, a list), named by the operator; ``resolve`` turns the
                name into the app's own reference, and every other call takes that reference.
    record      see core.record; ``values`` by the app's own field names, only the fields asked for. The id is the
                app's, and never changes while the record lives, or ``Moved`` says so.
    cursor      an opaque text in which the connector keeps its place. It is stored with what was read before it, may
                be given back after a restart, or days later, and may be given back twice.
    pass        one run of ``changes`` to its end: *full* from no cursor (everything there is), else from a cursor.

Who calls what, and when
    check          before anything else, and again after trouble. Once an account; its answer is kept.
    objects        by commands that list them. ``resolve``: when a connection starts.
    schema         when a connection starts (connections that start together share one answer), and after the app has
                   refused a field. Fields may appear and vanish between two calls.
    changes        by one task per object, which reads pages one after the other: a poll from the stored cursor at the
                   pace of the connections (seconds to minutes), and beside it, from None, a complete read: first, for
                   a new field, and once a day (the sweep). A complete read stops after any page and goes on later with
                   that page's cursor. So two passes over one object may be open at once, never two of the same kind.
    fetch          by several workers at once: before each write for the records to be written, for what a feed only
                   listed, for what a complete read did not show, and after a write without an answer.
    recheck        before a value that is gone here empties the other side.
    find           before somebody is created, where ``Capabilities.finds``; up to some fifty addresses a call.
    write          by at most ``Capabilities.lanes`` tasks at once. Ops of one call are of one kind and one object.
    created_since  after a create without an answer, ``Capabilities.settle`` seconds later, where creates carry no id of
                   our choice: whether it is there is decided from this.
    made_by        (of ports.marks) before that, where ``Capabilities.marks``.
    close          there is none: a connector keeps no connection of its own and starts no task.

What each of them must raise, and nothing else
    AuthLost          the login is refused and only a person can cure it (a revoked consent, a changed password).
    PermissionLacking the login works and lacks a scope, a role or a right; the message names it.
    RateLimited       too many requests; with ``retry_after`` if the app said so. BudgetSpent: credits of the day.
    Unavailable       the app cannot be reached, or fails for the moment.
    ContractBroken    an answer that is not what the app documents: a proxy's page, half a body, a missing part.
    CursorExpired     by ``changes`` alone: the app has forgotten the cursor; a full pass follows.
    UsageError        by ``resolve`` alone: there is no such object, or it is not clear which.
    ValueError        by ``write`` alone, for a mistake of the caller: ops of mixed kinds, or too many.
    A single record that cannot be read is no error: it goes into the page or the answer as Unreadable.
    An answer that cannot be read is never "nothing": an empty list, Missing and Removed are only what the app has said.
    Messages and reasons hold no personal data: operators see them, and logs keep them.

What a connector leaves to others
    Retries, deadlines, login, limits, credits, logs, and which host may be called belong to ``transport``: it hands
    back an answer with a status that the call names, or raises. A connector never sleeps, never retries, never logs a
    body. Clock, ids and the address come in through its tools; it keeps nothing on disk. Cancellation passes through.

The values that travel are in ports.changes and ports.writes; they are named here, too.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from zohosyncd.core.budget import Tariff
from zohosyncd.core.schema import Schema
from zohosyncd.ports.changes import (
    Change,
    Created,
    Fetched,
    Found,
    Listed,
    Missing,
    Moved,
    Page,
    Removed,
    Unreadable,
    Upserted,
)
from zohosyncd.ports.push import Push
from zohosyncd.ports.writes import (
    Conflict,
    Done,
    Duplicate,
    NotSent,
    Pending,
    Refused,
    Unknown,
    WriteKind,
    WriteOp,
    WriteResult,
)

__all__ = [
    "PORT_VERSION",
    "AccountInfo",
    "Capabilities",
    "Change",
    "Conflict",
    "Connector",
    "Created",
    "Done",
    "Duplicate",
    "Fetched",
    "Found",
    "Listed",
    "Missing",
    "Moved",
    "NotSent",
    "Page",
    "Pending",
    "Refused",
    "Removed",
    "Unknown",
    "Unreadable",
    "Upserted",
    "WriteKind",
    "WriteOp",
    "WriteResult",
]

PORT_VERSION: Final = 1
"""Grows when a connector that was written for the port as it was would no longer keep the promises made here."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the app can do: pure data, constant for an account. The pipeline decides from this, never from names.

    It is read at any time after ``check``, so it may depend on what that found out. Each of them is a promise that the
    contract suite tries; where an app keeps it only sometimes, the weaker one is right. What all accounts of the app
    can do at best stands in its spec (``connectors.offers``), for operators.

    Attributes:
        feed: "token" (the app remembers what we have seen), "since" (changed after a time), "list" (all ids and
            versions, or all records, each time).
        reports_deletions: whether ``changes`` yields Removed; otherwise only complete reads find deletions.
        exact_versions: equal versions mean equal content (an etag, or a digest of all that we read of it); False where
            a version is a coarse time, or there is none.
        modified_times: every record carries ``modified``, and it moves with every change. Without it "the newest wins"
            is refused.
        returns_record: a Done of a create or an update carries what the app stored, read after the write.
        whole_records: an update needs the record's ``native`` body and version of a fresh fetch; without them the
            connector refuses.
        client_ids: creates carry an id of our choice, so that repeating one cannot make a second record, and is Done
            with the same id.
        batch: most ops of one ``write`` call. fetch_batch: how many ids one request of ``fetch`` reads, for the
            caller to size its questions by; ``fetch`` itself takes any number.
        per_request: most ops that one request to the app carries, None for as many as ``batch``.
        apart: fields of names that travel in calls of their own, one for all records that gain and lose the same names.
        apart_batch: most ops of a ``write`` of updates that change nothing but these, and all in the same way.
        push: what its channels are like, None where the app does not ring; where it does, the connector is a
            ``ports.push.Pushes``, too.
        lanes: how many ``write`` calls may be under way at once.
        settle: seconds after which a record that was created without an answer is visible to ``created_since``, and no
            write without an answer arrives any more. 0 where reads show writes at once.
        overlap: seconds that a "since" feed reads again, for what the app shows late.
        deletable: whether records can be deleted through the API.
        finds: whether ``find`` can be asked who has an e-mail address, and knows what a feed may not show yet.
        tariff: what calls cost in the app's own credits, None where it counts none.
        lag: seconds by which ``changes`` may be behind the people who make records. Who is new on the other side waits
            as long before being made here, so that somebody who was typed into both apps is not made twice: always
            where nobody can be asked who has an address (``finds``), else in the first sync, which asks for nobody.
        marks: new records carry the op's id where no person sees it, and can be found by it; the connector is a
            ``ports.marks.Marks`` then, too.
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
    marks: bool = False
    lag: float = 0.0


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """Who we are there.

    Attributes:
        identity: the app's id of the org or mailbox, the same for ever; another one than last time is refused.
        name: a name for the operator (an organisation, a login).
        login: the address of the person whose login it is, "" where the app does not tell; an account whose file says
            ``login`` is refused where it is another one. aliases: further addresses of the same person.
        clock_offset: server's clock minus ours, in seconds.
        region: ISO 3166 country for phone numbers without a country code, "" where the app does not tell.
    """

    identity: str
    name: str = ""
    clock_offset: float = 0.0
    region: str = ""
    login: str = ""
    aliases: tuple[str, ...] = ()


class Connector(Protocol):
    """One app, seen through one account."""

    @property
    def app(self) -> str:
        """The app's name as configuration spells it: that of its spec."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What the app can do; no request is made for it."""
        ...

    async def check(self) -> AccountInfo:
        """Who am I, by the cheapest authenticated call. Raises AuthLost if the login is refused."""
        ...

    async def objects(self) -> Mapping[str, str]:
        """Reference -> name for people of every object that can be synced, as the login sees them now."""
        ...

    async def resolve(self, name: str) -> str:
        """The reference of the object that the operator calls by this name ("" = the app's default object).

        A reference names itself, too. Raises UsageError with the names that exist.
        """
        ...

    async def schema(self, ref: str) -> Schema:
        """The object's fields, with what they mean, and where containers, owners and consent stand."""
        ...

    def changes(
        self, ref: str, fields: Sequence[str], cursor: str | None, *, deletions: bool = True
    ) -> AsyncIterator[Page]:
        """Pages from the cursor to the present; None = everything there is, from the beginning.

        Each page is requested when the next one is asked for. At least one page comes, the last one and no other is
        ``complete``, and all pages of a pass have the same ``full``; a pass that goes on from a page's cursor is the
        same pass. What changed before the pass began is in it; what changes meanwhile comes in it or in the next one.

        ``fields``: whose values the records carry; names that the object has not (any more) are left out. A cursor may
        come back with other fields: what is then unread of records that did not change is read by a complete read.
        ``deletions``: False where Removed may wait for a later pass, in apps that have to be asked for them by calls of
        their own; the cursor keeps the place.

        Raises CursorExpired when the app forgot the cursor. An error in the middle ends the pass without a complete
        page; what was read before it stays read.
        """
        ...

    async def fetch(self, ref: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
        """Read these records now, each id answered once, in any order; any number of ids.

        It is the truth that writes and deletions are decided from: it asks the records themselves, not a search or a
        list that lags. Missing is what the app says of this id; an app that answers "not found" for records that the
        login may merely not see does not say that.
        """
        ...

    async def recheck(self, ref: str) -> None:
        """A value is gone here, and the other side would be emptied: find out whether the app still shows its field.

        What is read from now on leaves out fields whose values the app keeps from this login; there is nothing to do
        where it never does, or leaves them out by itself. Raises the RemoteError tree.
        """
        ...

    async def write(self, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """Carry out at most ``capabilities.batch`` ops of one kind; one result per op, in order. Never retries.

        A field that is not in an op's patch keeps its value to the byte, known to us or not. An update or a deletion
        whose ``known`` is no longer what the app has is a Conflict, where the app can tell. Updates of fields that
        travel apart may be ``capabilities.apart_batch``.

        Raises nothing of the RemoteError tree but AuthLost, PermissionLacking, RateLimited and Unavailable, and these
        only if no op of the call was carried out, not even one: else the results tell (see ports.writes).
        """
        ...

    def created_since(self, ref: str, fields: Sequence[str], since: float) -> AsyncIterator[Created]:
        """Records created at or after that moment of the server's clock, newest first: finds creates without answer.

        Where the app does not tell when a record was made: everybody, the last page ``beyond``. Where
        ``capabilities.client_ids`` it is never called.
        """
        ...

    async def find(self, ref: str, addresses: Sequence[str]) -> list[str] | None:
        """Ids of the records that have one of these e-mail addresses now, whatever the case; others may be among them.

        None where the app cannot tell, or not completely; always where ``capabilities.finds`` is False.
        """
        ...
