"""A person as the People API shows one (vendor: Person): its source, its entries, and which of them count. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

Person = Mapping[str, Any]
"""The JSON of a person, as it came: what we do not know in it has to survive."""

Entry = Mapping[str, Any]
"""One element of a field of a person. Every field of a person is a list."""

CONTACT: Final = "CONTACT"
"""The type of the source that the mailbox's own contact is; profiles and directories are others."""

KEY: Final = "zohosyncd"
"""Under which key of ``clientData`` a contact that we made names the write that made it. People do not see it."""


def id_of(person: Person) -> str:
    """Its resource name, "" where it has none."""
    return text(person, "resourceName")


def source_of(person: Person) -> Entry | None:
    """The source that is the mailbox's contact, with its etag; None for who is no contact any more."""
    return next((each for each in _listed(_metadata(person), "sources") if each.get("type") == CONTACT), None)


def version_of(person: Person) -> str | None:
    """The etag of the contact, which a write has to name."""
    source = source_of(person)
    return (text(source, "etag") or None) if source is not None else None


def modified_of(person: Person) -> float | None:
    """When the contact was last changed, in seconds since 1970."""
    source = source_of(person)
    return moment(text(source, "updateTime")) if source is not None else None


def is_deleted(person: Person) -> bool:
    """Whether the feed says that it is gone."""
    return _metadata(person).get("deleted") is True


def former_ids(person: Person) -> tuple[str, ...]:
    """The resource names that it had before."""
    names = _metadata(person).get("previousResourceNames")
    return tuple(each for each in names if isinstance(each, str) and each) if isinstance(names, list) else ()


def makers_of(person: Person) -> tuple[str, ...]:
    """The ids of our writes that made it: none where it is not of ours, several where people have merged contacts."""
    keys = (text(each, "value") for each in entries(person, "clientData") if text(each, "key") == KEY)
    return tuple(dict.fromkeys(each for each in keys if each))


def entries(person: Person, field: str) -> list[Entry]:
    """The entries of a field that belong to the contact; those of a profile are not ours to read or write."""
    found = []
    for each in _listed(person, field):
        source = _mapping(_mapping(each, "metadata"), "source")
        if source.get("type", CONTACT) == CONTACT:
            found.append(each)
    return found


def primary(found: Sequence[Entry], *names: str) -> int | None:
    """The place of the entry that counts where one is shown: the primary one that is not blank, else the first such.

    Args:
        found: the entries; their order says nothing. names: what an entry has to have one of.
    """
    filled = [at for at, each in enumerate(found) if any(text(each, name).strip() for name in names)]
    return min(filled, key=lambda at: (not is_primary(found[at]), at), default=None)


def current_job(found: Sequence[Entry]) -> int | None:
    """The place of the organisation that a person is with: the current one, or one that has not ended."""
    open_ = [at for at, each in enumerate(found) if not _mapping(each, "endDate") or each.get("current") is True]
    return min(
        open_, key=lambda at: (found[at].get("current") is not True, not is_primary(found[at]), at), default=None
    )


def is_primary(entry: Entry) -> bool:
    """Whether Google says that this entry counts most."""
    metadata = _mapping(entry, "metadata")
    return metadata.get("primary") is True or metadata.get("sourcePrimary") is True


def text(entry: Entry, name: str) -> str:
    """A text of an entry as it is, "" where there is none."""
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def number(entry: Entry, name: str) -> int:
    """A number of an entry, 0 where there is none."""
    value = entry.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def part(entry: Entry, name: str) -> Entry:
    """An object inside an entry, empty where there is none."""
    return _mapping(entry, name)


def moment(written: str) -> float | None:
    """Seconds since 1970 of a timestamp (RFC 3339), None for what is none."""
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _metadata(person: Person) -> Entry:
    return _mapping(person, "metadata")


def _mapping(entry: Entry, name: str) -> Entry:
    value = entry.get(name)
    return value if isinstance(value, Mapping) else {}


def _listed(entry: Entry, name: str) -> list[Entry]:
    value = entry.get(name)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
