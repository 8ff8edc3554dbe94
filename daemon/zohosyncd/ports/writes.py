"""What a connector is asked to write, and the seven things it may say about one write.

::

    Done       carried out
    Conflict   not carried out: the record is not as it was known, or is gone          read it, decide anew
    Duplicate  not carried out: it exists already                                      look for it, decide anew
    Pending    not carried out yet: locked, or waiting for somebody                    the same, later
    Refused    not carried out, and never will be as it is                             a person has to look at it
    NotSent    surely not carried out: nothing left, or the app refused it unread      the same, later
    Unknown    it may have been carried out                                            found out; never sent blindly

The right column is what the pipeline does. The one mistake that harms somebody is to say that nothing was carried out
where something may have been (it is made twice), or "done" where it was not (an edit is lost): in doubt, Unknown.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from zohosyncd.core.record import Record, Values


class WriteKind(StrEnum):
    """What a write does."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


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
