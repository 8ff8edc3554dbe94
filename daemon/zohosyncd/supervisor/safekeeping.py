"""The state as a whole, and all that it holds about one person: ``backup``, ``export``, ``erase``."""

import glob
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from zohosyncd.core.emails import canonical_email, valid_email
from zohosyncd.core.errors import UsageError
from zohosyncd.core.link import Link
from zohosyncd.core.plain import plain_values
from zohosyncd.core.side import SIDES
from zohosyncd.pipeline.by_hand import claimed
from zohosyncd.pipeline.work import Person
from zohosyncd.ports.keeping import Dossier, InConnection, Place
from zohosyncd.ports.store import Hold, Intent, MirrorRow
from zohosyncd.supervisor.explain import entry_told

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_ELSEWHERE = (
    "the apps themselves: the records there stay, until they are deleted there",
    "the apps' own bins, archives and backups",
    "plan files that `plan --out` has written, and what was exported or printed before",
    "backups in other folders (`backup --to`), and copies of the state and of snapshots that were made by other means",
)


class Safekeeping:
    """Over one daemon; all results are JSON. Raises the SyncError tree."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon

    async def backup(self, folder: str | None, keep: int) -> dict[str, Any]:
        """Write the whole state to one file, and read it back.

        Args:
            folder: where to, None for ``backups`` beside the state. keep: how many backups stay there, 0 for all.

        Raises:
            StateError: it cannot be written.
        """
        clock = self._daemon.world.clock
        began = clock.monotonic()
        made = await self._daemon.store.upkeep.back_up(folder or "", keep=keep)
        return {
            "file": made.path, "bytes": made.size, "sha256": made.sha256, "tables": made.contents.version,
            "connections": made.contents.connections, "records": made.contents.records, "links": made.contents.links,
            "newest": made.contents.newest, "verified": True, "seconds": round(clock.monotonic() - began, 3),
            "removed": list(made.removed),
        }  # fmt: skip

    async def export(self, address: str) -> dict[str, Any]:
        """All that is held about the person with this address.

        Raises:
            UsageError: it is no address.
        """
        found = await self._daemon.store.subjects.find(_valid(address))
        return {
            "address": canonical_email(address),
            "at": _moment(self._daemon.world.clock.now()),
            "records": [_record(place, row) for place, row in found.records],
            "connections": [_connection(each) for each in found.connections],
            "mentions": [_place(each) for each in found.mentions],
            "files": {
                "snapshots": [str(each) for each in await self._snapshots(address, found)],
                "backups": [str(each) for each in self._backups()],
            },
        }

    async def erase(self, address: str, *, dry: bool) -> dict[str, Any]:
        """Remove all that is held about the person with this address, and see to it that it does not come back.

        Args:
            address: an e-mail address. dry: only tell what there is.

        Returns:
            A receipt without personal data, and beside it what the operator has to look at.

        Raises:
            UsageError: it is no address. Busy: the person is being worked on, or a write has no outcome yet.
        """
        daemon, address = self._daemon, _valid(address)
        found = await daemon.store.subjects.find(address)
        snapshots = await self._snapshots(address, found)
        if dry:
            mentions = [_place(each) for each in found.mentions]
            return {"found": _numbers(found), "mentions": mentions, "snapshots": [str(each) for each in snapshots]}

        async def persons() -> set[Person]:
            records = (await daemon.store.subjects.find(address)).records
            return {(place.object_id, place.record_id) for place, _row in records}

        async with claimed(daemon.world, persons):
            erased = await daemon.store.subjects.erase(address)
        daemon.world.persons.forget()
        for unit in list(daemon.connections.values()):
            unit.wake()
        receipt = {
            "receipt": daemon.world.entropy.new_id(),
            "at": _moment(daemon.world.clock.now()),
            "subject": erased.subject,
            "removed": {what: count for what, count in sorted(erased.removed.items()) if count},
            "suppressed": erased.suppressed,
            "backups_with_earlier_data": len(self._backups()),
            "snapshots_with_earlier_data": len(snapshots),
            "remains": list(_ELSEWHERE),
        }
        return {
            "receipt": receipt,
            "mentions": [_place(each) for each in erased.mentions],
            "snapshots": [str(each) for each in snapshots],
            "backups": [str(each) for each in self._backups()],
        }

    async def lift(self, address: str) -> dict[str, Any]:
        """Whoever has this address may come back: they are read again with the next complete read."""
        lifted = await self._daemon.store.subjects.lift(_valid(address))
        return {"lifted": lifted}

    def _backups(self) -> list[Path]:
        """Backups beside the state, and states that gave way to one."""
        state = Path(self._daemon.settings.service.state)
        replaced = (each for each in state.parent.glob(f"{glob.escape(state.name)}.replaced-*Z*") if _is_state(each))
        return sorted([*state.parent.joinpath("backups").glob("*.db"), *replaced])

    async def _snapshots(self, address: str, found: Dossier) -> list[Path]:
        """Folders of snapshots in which the address or one of the records stands."""
        ids = (f'"id":"{place.record_id}"' for place, _row in found.records)
        needles = [each.lower().encode() for each in (canonical_email(address), *ids)]
        return await anyio.to_thread.run_sync(_folders_with, self._daemon.snapshots, needles)


def _is_state(path: Path) -> bool:
    """Whether it is a state itself, and not what SQLite keeps beside one."""
    return not path.name.endswith(("-wal", "-shm"))


def _folders_with(root: Path, needles: list[bytes]) -> list[Path]:
    return sorted({file.parent for file in root.glob("*/*.jsonl") if any(_has(line, needles) for line in _lines(file))})


def _lines(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        yield from opened


def _has(line: bytes, needles: list[bytes]) -> bool:
    low = line.lower()
    return any(needle in low for needle in needles)


def _valid(address: str) -> str:
    if not valid_email(address.strip()):
        raise UsageError("that is no e-mail address", hint="name the person by an address that the apps have, or had")
    return address.strip()


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _numbers(found: Dossier) -> dict[str, int]:
    """How much is held, by what it is."""
    numbers = {"records": sum(row is not None for _place, row in found.records)}
    for each in found.connections:
        parts = {
            "links": each.links, "writes": each.intents, "holds": each.holds, "quarantined": each.quarantined,
            "partings": each.parted, "journal": each.journal,
        }  # fmt: skip
        for what, some in parts.items():
            numbers[what] = numbers.get(what, 0) + len(some)
    return {what: count for what, count in numbers.items() if count}


def _place(place: Place) -> dict[str, Any]:
    return {"account": place.account, "object": place.ref, "id": place.record_id}


def _record(place: Place, row: MirrorRow | None) -> dict[str, Any]:
    if row is None:
        return {**_place(place), "state": "not kept", "values": {}}
    state = "gone" if row.gone else "exists"
    return {**_place(place), "state": state, "modified": row.modified, "values": plain_values(row.values)}


def _connection(each: InConnection) -> dict[str, Any]:
    return {
        "connection": each.name,
        "links": [_link(link) for link in each.links],
        "writes": [_intent(intent) for intent in each.intents],
        "held": [_hold(hold) for hold in each.holds],
        "quarantined": [
            {"side": one.side.value, "id": one.record_id, "code": one.code, "field": one.field, "message": one.message}
            for one in each.quarantined
        ],
        "parted": [{"left": one.left_id, "right": one.right_id, "strangers": one.strangers} for one in each.parted],
        "history": [entry_told(entry) for entry in each.journal],
    }


def _link(link: Link) -> dict[str, Any]:
    agreed = {side.value: plain_values(link.base(side).values) for side in SIDES}
    sent = {side.value: plain_values(link.base(side).sent) for side in SIDES}
    return {"left": link.left_id, "right": link.right_id, "state": link.status.value, "agreed": agreed, "sent": sent}


def _intent(intent: Intent) -> dict[str, Any]:
    return {
        "side": intent.side.value, "kind": intent.kind.value, "state": intent.state.value,
        "source": intent.source_id, "target": intent.target_id, "values": plain_values(intent.patch),
        "before": plain_values(intent.before),
    }  # fmt: skip


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "side": hold.side.value, "id": hold.record_id, "reason": hold.reason.value, "field": hold.field,
        "decision": hold.decision.value if hold.decision else "", "values": plain_values(hold.detail),
    }  # fmt: skip
