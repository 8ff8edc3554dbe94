"""What is known about one record when rules are asked about it. What was not read is missing, and so unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from zohosyncd.core.consent import Consent
from zohosyncd.core.record import UNREAD, Record, Unread


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns a record in its app. A part that the app does not tell is ""."""

    id: str
    name: str = ""
    email: str = ""

    def __str__(self) -> str:
        return self.email or self.name or self.id


@dataclass(frozen=True, slots=True)
class Subject:
    """One record with what stands beside its fields.

    Attributes:
        record: the record; ``record.modified`` is when it was last changed.
        containers: by kind ("labels", "tags"), the names of the containers that the record is in; a kind that is
            missing was not read.
        owner: who owns it, None for nobody.
        consent: whether its person may be sent e-mails; UNREAD in apps that only have a flag among their fields.
        created: when it was created, in seconds since 1970 UTC, None where the app does not tell.
    """

    record: Record
    containers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    owner: Owner | Unread | None = UNREAD
    consent: Consent | Unread = UNREAD
    created: float | None = None
