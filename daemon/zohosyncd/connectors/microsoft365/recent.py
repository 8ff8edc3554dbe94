"""What contacts were when we saw them ourselves, for as long as rounds of changes may be behind.

The service says that changes may show late in them, and that earlier ones may be told again, while single reads and
answers to writes show a contact as it is. Whoever believed such a row would take our own write, or somebody's edit that
was read already, back. So a row that differs from what was seen is asked for.
"""

from dataclasses import dataclass

from zohosyncd.ports.connector import Done, Fetched, Found, WriteResult
from zohosyncd.ports.world import Clock


@dataclass(frozen=True, slots=True)
class _Sight:
    """When (monotonic seconds) and in which version; no version for who is not there."""

    at: float
    version: str | None


class Recent:
    """Contacts of one mailbox that were read or written a short while ago.

    Args:
        clock: tells the time. seconds: how long rounds of changes may be behind.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self.seconds = seconds
        self._began = clock.monotonic()
        self._seen: dict[tuple[str, str], _Sight] = {}

    @property
    def is_new(self) -> bool:
        """Whether nobody here can know what an earlier life has just written."""
        return self._clock.monotonic() < self._began + self.seconds

    def read(self, folder: str, answer: Fetched) -> None:
        """A single read has shown a contact of a folder, or that it is not there."""
        if isinstance(answer, Found):
            self._note(folder, answer.record.id, answer.record.version)
        else:
            self._note(folder, answer.id, getattr(answer, "version", None))

    def wrote(self, folder: str, result: WriteResult, *, gone: bool) -> None:
        """A write was carried out; ``gone``: it was a deletion."""
        if isinstance(result, Done) and (gone or result.version is not None):
            self._note(folder, result.id, None if gone else result.version)

    def doubts(self, folder: str, contact: str, version: str | None) -> bool:
        """Whether a row that shows this version (None = removed) says something else than was seen."""
        sight = self._seen.get((folder, contact))
        known = sight is not None and sight.at + self.seconds > self._clock.monotonic()
        return known and sight is not None and sight.version != version

    def _note(self, folder: str, contact: str, version: str | None) -> None:
        now, key = self._clock.monotonic(), (folder, contact)
        self._seen.pop(key, None)
        self._seen[key] = _Sight(now, version)
        while self._seen:
            oldest = next(iter(self._seen))
            if self._seen[oldest].at + self.seconds > now:
                break
            del self._seen[oldest]
