"""Who was erased and shall not come back: keyed hashes, in the state and in a small file beside it.

The file is there so that a backup of before does not bring the person back. A hash tells nobody anything without the
state key; with it, it is still a trace of the person, kept for no other use than this one.
"""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from zohosyncd.core.emails import canonical_email, valid_email
from zohosyncd.core.errors import StateError
from zohosyncd.core.keys import MatchKey
from zohosyncd.core.record import Item, Record
from zohosyncd.ports.store import Observation, Seen, SeenListed, SeenRecord
from zohosyncd.storage.generation import replace_file
from zohosyncd.storage.tables import object_, suppressed
from zohosyncd.storage.work import Work, among

Suppression = tuple[bytes, bytes]
"""The hash of the address under which somebody was erased, and one of the hashes that are not stored any more."""

_ADDRESS, _RECORD = "erased address", "erased record"
_KEYS: Final = ("email/", "mailbox/")
_ANY = sa.select(sa.literal(1)).select_from(suppressed).limit(1)
_ALL = sa.select(suppressed.c.subject, suppressed.c.digest).order_by(suppressed.c.subject, suppressed.c.digest)
_THESE = sa.select(suppressed.c.digest).where(among(suppressed.c.digest))
_LIFT = sa.delete(suppressed).where(suppressed.c.subject == sa.bindparam("of_subject"))
_PLACE = sa.select(object_.c.account, object_.c.ref).where(object_.c.id == sa.bindparam("object_id"))


def address_digest(work: Work, address: str) -> bytes:
    """The hash of an address."""
    return work.codec.mac(MatchKey(_ADDRESS, canonical_email(address)))


def record_digest(work: Work, account: str, ref: str, record_id: str) -> bytes:
    """The hash of a record, the same in each state with this key."""
    return work.codec.mac(MatchKey(_RECORD, f"{account}\0{ref}\0{record_id}"))


def suppress(work: Work, hashes: Iterable[Suppression]) -> None:
    """Remember hashes."""
    work.add(suppressed, [{"subject": subject, "digest": digest} for subject, digest in sorted(set(hashes))])


def lift(work: Work, address: str) -> int:
    """Forget the hashes of whoever was erased under an address; how many there were."""
    return work.sql.execute(_LIFT, {"of_subject": address_digest(work, address)}).rowcount


def everything(work: Work) -> list[Suppression]:
    """All hashes."""
    return [(row.subject, row.digest) for row in work.all(_ALL)]


def allowed(work: Work, observation: Observation, known: Collection[str]) -> Sequence[Seen]:
    """What may be stored of an observation: without records that are not known and belong to somebody erased.

    Args:
        known: ids of records that are in the mirror; they stay what they are.
    """
    if not observation.seen or not work.value(_ANY):
        return observation.seen
    account, ref = work.all(_PLACE, object_id=observation.object_id)[0]
    asked: dict[int, set[bytes]] = {}
    for at, each in enumerate(observation.seen):
        record_id = each.record.id if isinstance(each, SeenRecord) else each.id
        if record_id not in known and isinstance(each, SeenRecord | SeenListed):
            asked[at] = {record_digest(work, account, ref, record_id)}
        if record_id not in known and isinstance(each, SeenRecord):
            asked[at] |= {address_digest(work, address) for address in addresses(each.record, each.keys)}
    wanted = {digest for found in asked.values() for digest in found}
    there = {row.digest for row in work.by_ids(_THESE, wanted)}
    return [each for at, each in enumerate(observation.seen) if not asked.get(at, set()) & there]


def addresses(record: Record, keys: Sequence[MatchKey]) -> set[str]:
    """The addresses that a record is found by; where it is matched by none, whatever looks like one."""
    found = {key.value for key in keys if key.kind.startswith(_KEYS)}
    return found or {canonical_email(text) for text in texts(record) if valid_email(text)}


def texts(record: Record) -> list[str]:
    """The plain texts among the values."""
    found: list[str] = []
    for value in record.values.values():
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, tuple):
            found += [item.value for item in value if isinstance(item, Item)]
    return found


# --- beside the state -------------------------------------------------------------------------------------------


def suppressed_path(path: Path) -> Path:
    """The file beside a state."""
    return path.with_name(path.name + ".suppressed")


def read_beside(path: Path) -> set[Suppression]:
    """The hashes beside a state. Raises StateError for a file that says something else."""
    file = suppressed_path(path)
    try:
        lines = (line.split() for line in file.read_text(encoding="ascii").splitlines())
        return {(bytes.fromhex(subject), bytes.fromhex(digest)) for subject, digest in lines}
    except FileNotFoundError:
        return set()
    except (OSError, ValueError) as error:
        raise StateError(
            f"{file} cannot be read", hint="it holds who was erased: take it from where its last good copy is"
        ) from error


def write_beside(path: Path, hashes: Collection[Suppression]) -> None:
    """Write all of them, wholly or not at all. Raises StateError."""
    told = "".join(f"{subject.hex()} {digest.hex()}\n" for subject, digest in sorted(hashes))
    try:
        replace_file(suppressed_path(path), told.encode("ascii"))
    except OSError as error:
        raise StateError(
            f"{suppressed_path(path)} cannot be written: {error.strerror}", hint="make room, and give the command again"
        ) from error
