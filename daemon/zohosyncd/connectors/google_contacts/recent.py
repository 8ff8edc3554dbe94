"""What contacts looked like when we saw them ourselves, for as long as Google's lists may be behind.

A list may show a contact as it was some minutes ago (vendor: writes may take several minutes until sync requests show
them), while reads by name and the answers to writes show it as it is. Whoever believed such a list would take our own
write back, as if a person had done so.
"""

from array import array
from collections.abc import Container
from dataclasses import dataclass

from zohosyncd.core.record import Record, Values
from zohosyncd.ports.world import Clock


@dataclass(frozen=True, slots=True)
class _Sight:
    """When (monotonic seconds), in which version and with which values, of which hashes are kept: there may be many.

    No version for who is gone.
    """

    at: float
    version: str | None
    names: tuple[str, ...]
    hashes: "array[int]"


class Recent:
    """Contacts of one mailbox that were read or written a short while ago.

    Args:
        clock: tells the time. seconds: how long lists may be behind.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._began = clock.monotonic()
        self._seen: dict[str, _Sight] = {}
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}

    def saw(self, record: Record) -> None:
        """A read by name, or the answer to a write, has shown it."""
        self._note(record.id, record.version, record.values)

    def lost(self, id_: str) -> None:
        """It is gone: it was deleted, or a read by name has not found it."""
        self._note(id_, None, {})

    def trusts(self, record: Record) -> bool:
        """Whether a complete list shows this contact as it is.

        It does not where it shows something else than was seen; nor for as long after the start as lists may be behind,
        since nobody here knows what an earlier life has written; nor if the contact was changed a short while ago: the
        next list, which is behind, would show it as before.
        """
        if self._clock.monotonic() < self._began + self._seconds:
            return False
        sight = self._sight(record.id)
        if sight is not None:
            return _same(sight, record)
        return record.modified is not None and record.modified + self._seconds <= self._clock.now()

    def is_known(self, record: Record) -> bool:
        """Whether a list shows what was seen already."""
        sight = self._sight(record.id)
        return sight is not None and _same(sight, record)

    def witness(self, others: Container[str]) -> str:
        """Somebody who was there a short while ago and is none of these, "" for nobody."""
        seen = (id_ for id_, sight in reversed(self._seen.items()) if sight.version is not None and id_ not in others)
        return next(seen, "")

    def has_seen(self, id_: str) -> bool:
        """Whether it was seen here, or is known to be gone."""
        return self._sight(id_) is not None

    def is_lost(self, id_: str) -> bool:
        """Whether it is known to be gone."""
        sight = self._sight(id_)
        return sight is not None and sight.version is None

    def _note(self, id_: str, version: str | None, values: Values) -> None:
        now = self._clock.monotonic()
        self._seen.pop(id_, None)
        names = tuple(sorted(values))
        names = self._names.setdefault(names, names)  # the same few for everybody
        self._seen[id_] = _Sight(now, version, names, array("q", [hash(values[name]) for name in names]))
        while self._seen:
            oldest = next(iter(self._seen))
            if self._seen[oldest].at + self._seconds > now:
                break
            del self._seen[oldest]

    def _sight(self, id_: str) -> _Sight | None:
        sight = self._seen.get(id_)
        return sight if sight is not None and sight.at + self._seconds > self._clock.monotonic() else None


def _same(sight: _Sight, record: Record) -> bool:
    """Equal in version and in all values that both have; a version alone may not tell of a label."""
    shown = record.values
    return sight.version == record.version and all(
        seen == hash(shown[name]) for name, seen in zip(sight.names, sight.hashes, strict=True) if name in shown
    )
