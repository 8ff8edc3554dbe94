"""How an in-memory app behaves, and how it fails: plain data."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from zohosyncd.core.record import Values
from zohosyncd.ports.connector import Capabilities


def as_typed(values: Values) -> Values:
    """Store what was sent, unchanged."""
    return values


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Everything in which apps differ. The defaults are those of a pleasant one.

    Attributes:
        feed: kind of the change feed.
        reports_deletions: whether the feed of kind "token" or "since" yields Removed and Moved.
        exact_versions: versions count changes; False: a version is the time of change in steps of ``granularity``.
        granularity: step of every time that the app shows, in seconds; 0 = as exact as the clock.
        modified_times: whether records carry ``modified``.
        returns_record: whether Done carries what was stored.
        whole_records: whether an update replaces the record with the edited ``native`` body of the one known.
        client_ids: whether a create takes the op's id, so that repeating it finds the first one.
        guard: whether an update or delete with an old version is refused as Conflict.
        unique: name of a field that no two records may share ("" = none).
        batch: most ops of a write. fetch_batch: most ids of one read. page: most changes of one page.
        lanes: writes under way at once.
        settle: see Capabilities.
        overlap: seconds that a "since" feed reads again.
        lag: seconds until a change is seen by the feed and by ``created_since`` (reads by id see it at once).
        says_lag: see Capabilities.lag.
        latency: seconds that each half of a call takes, before and after the app has acted.
        deletable: whether records can be deleted.
        finds: whether it tells who has an e-mail address; it does at once, whatever the ``lag``.
        marks: whether a new record carries the id of the op that made it.
        silent: fields whose change alone moves neither version nor time and is not in the feed (tags of some apps).
        refuses: fields whose values it takes from nobody but people; the rest of a write is carried out.
        compliance: states of consent that the app refuses for whoever opted out there.
        normaliser: what the app does to values that it is given, by the connector or by a person.
        clock_offset: the app's clock minus ours, in seconds.
        region: country of the account, "" = not told.
    """

    feed: Literal["token", "since", "list"] = "token"
    reports_deletions: bool = True
    exact_versions: bool = True
    granularity: float = 0.0
    modified_times: bool = True
    returns_record: bool = True
    whole_records: bool = False
    client_ids: bool = False
    guard: bool = True
    unique: str = ""
    batch: int = 100
    fetch_batch: int = 100
    page: int = 200
    lanes: int = 4
    settle: float = 2.0
    overlap: float = 0.0
    says_lag: float = 0.0
    lag: float = 0.0
    latency: float = 0.0
    deletable: bool = True
    finds: bool = True
    marks: bool = False
    silent: frozenset[str] = frozenset()
    refuses: frozenset[str] = frozenset()
    compliance: frozenset[str] = frozenset()
    normaliser: Callable[[Values], Values] = as_typed
    clock_offset: float = 0.0
    region: str = ""

    @property
    def capabilities(self) -> Capabilities:
        """What a connector to such an app says of it."""
        return Capabilities(
            feed=self.feed,
            reports_deletions=self.reports_deletions and self.feed != "list",
            exact_versions=self.exact_versions,
            modified_times=self.modified_times,
            returns_record=self.returns_record,
            whole_records=self.whole_records,
            client_ids=self.client_ids,
            batch=self.batch,
            fetch_batch=self.fetch_batch,
            lanes=self.lanes,
            settle=self.settle,
            overlap=self.overlap,
            lag=self.says_lag,
            deletable=self.deletable,
            finds=self.finds,
            marks=self.marks,
        )


class Call(StrEnum):
    """The calls that can be made to fail."""

    CHECK = "check"
    SCHEMA = "schema"
    CHANGES = "changes"  # counted by page
    FETCH = "fetch"
    WRITE = "write"
    CREATED_SINCE = "created_since"
    FIND = "find"
    MADE_BY = "made_by"


class FaultKind(StrEnum):
    """How a call fails."""

    UNAVAILABLE = "unavailable"  # raised, nothing carried out
    RATE_LIMITED = "rate_limited"  # raised, nothing carried out
    AUTH_LOST = "auth_lost"  # raised, nothing carried out
    PERMISSION = "permission"  # raised, nothing carried out
    BROKEN = "broken"  # reads: ContractBroken
    CURSOR_LOST = "cursor_lost"  # changes: CursorExpired
    EMPTY = "empty"  # reads: nothing there although there is; created_since: the list ends before it began
    UNKNOWN_EXECUTED = "unknown_executed"  # writes: carried out, no answer
    UNKNOWN_NOT_EXECUTED = "unknown_not_executed"  # writes: not carried out, no answer
    NOT_SENT = "not_sent"  # writes: surely not carried out
    REFUSED = "refused"  # writes: every op refused
    REFUSED_HALF = "refused_half"  # writes: every second op refused, the others carried out
    UNKNOWN_HALF = "unknown_half"  # writes: all carried out, every second one without an answer
    NAMES_LEFT = "names_left"  # writes: all carried out but names, which say so
    UNKNOWN_NAMES_LEFT = "unknown_names_left"  # writes: all carried out but names, no answer
    CONFLICT = "conflict"  # writes: every op answered by Conflict
    PENDING = "pending"  # writes: accepted, not there yet


@dataclass(slots=True)
class Fault:
    """The next ``times`` calls of this kind fail, after ``skip`` that do not."""

    call: Call
    kind: FaultKind
    times: int = 1
    skip: int = 0
    retry_after: float | None = None
