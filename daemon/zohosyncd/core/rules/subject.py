"""What is known about one record when rules are asked about it. What was not read is missing, and so unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from zohosyncd.core.consent import Consent, ConsentState
from zohosyncd.core.dates import moment_of
from zohosyncd.core.name_sets import names_of
from zohosyncd.core.record import UNREAD, Owner, Record, Unread
from zohosyncd.core.schema import ConsentFields, Schema
from zohosyncd.core.spelling import fold

__all__ = ["Owner", "Subject", "bears", "subject_of"]


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


def subject_of(schema: Schema, record: Record, *, opt_out_tag: str = "") -> Subject:
    """A record with what its fields tell of containers, owner, consent and creation.

    Args:
        schema: of the record's object. record: as it was read.
        opt_out_tag: the connection's tag for opt-outs, "" where it has none.
    """
    values = record.values
    containers = {
        kind: frozenset(names_of(values[each.field]))
        for kind, each in schema.containers.items()
        if each.field in values
    }
    owner = values.get(schema.owner, UNREAD) if schema.owner else UNREAD
    created = values.get(schema.created) if schema.created else None
    return Subject(
        record,
        containers,
        owner if isinstance(owner, Owner | Unread) else None,
        _consent(schema, record, tagged=bears(containers, opt_out_tag)),
        moment_of(created) if isinstance(created, str) else None,
    )


def bears(containers: Mapping[str, frozenset[str]], tag: str) -> bool:
    """Whether a record is in a container of this name, of whatever kind; of no name it is in none."""
    return bool(tag) and any(fold(tag) in map(fold, names) for names in containers.values())


def _consent(schema: Schema, record: Record, *, tagged: bool) -> Consent | Unread:
    if schema.consent is not None:
        return _stated(schema.consent, record, tagged=tagged)
    flags = schema.meaning("opted_out")
    if not flags or flags[0].name not in record.values:
        return UNREAD
    out = record.values[flags[0].name] is True
    return Consent(ConsentState.UNSUBSCRIBED if out else ConsentState.NEVER, tagged=tagged)


def _stated(fields: ConsentFields, record: Record, *, tagged: bool) -> Consent | Unread:
    values = record.values
    state = values.get(fields.state)
    if state not in set(ConsentState):
        return UNREAD
    at, source = values.get(fields.at), values.get(fields.source)
    return Consent(
        ConsentState(str(state)),
        moment_of(at) if isinstance(at, str) else None,
        source if isinstance(source, str) else "",
        tagged=tagged,
    )
