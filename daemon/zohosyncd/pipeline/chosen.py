"""The writes that a person has chosen from a plan: a run that is given them makes these and no others."""

from collections.abc import Iterable

from zohosyncd.core.chosen import digests_of
from zohosyncd.ports.store import Intent


class Chosen:
    """Lines of a plan, by their digests; they are numbered in the order given."""

    def __init__(self, digests: Iterable[bytes]) -> None:
        self._beyond: set[bytes] = set()
        self._lines: dict[bytes, list[int]] = {}
        for number, digest in enumerate(digests):
            self._lines.setdefault(digest, []).append(number)

    def allows(self, intents: Iterable[Intent]) -> bool:
        """Whether all writes of one decision were chosen; a person's writes are made together or not at all."""
        return all(self._found(intent) for intent in intents)

    def leave_out(self, intents: Iterable[Intent]) -> None:
        """They were wished and not chosen."""
        self._beyond.update(_digests(intent)[0] for intent in intents if not self._found(intent))

    @property
    def beyond(self) -> int:
        """How many different writes were wished and not chosen."""
        return len(self._beyond)

    def made(self, intent: Intent) -> None:
        """One of them was carried out."""
        digest = self._found(intent)
        if digest:
            numbers = self._lines[digest]
            numbers.pop(0)
            if not numbers:
                del self._lines[digest]

    @property
    def left(self) -> list[int]:
        """The numbers of the lines that were not carried out, ascending."""
        return sorted(number for numbers in self._lines.values() for number in numbers)

    def _found(self, intent: Intent) -> bytes:
        return next((each for each in _digests(intent) if each in self._lines), b"")


def _digests(intent: Intent) -> tuple[bytes, ...]:
    ids = (intent.source_id, intent.target_id)
    return digests_of(intent.side, intent.kind.value, *ids, intent.before, intent.patch)
