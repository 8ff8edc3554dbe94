"""Keys kept in order in buckets, so that a page or a write never costs a walk over all records."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", int, tuple[int, int])
_FULL = 1_000


class SortedKeys(Generic[Key]):
    """A set of keys in ascending order with walks that start anywhere, in both directions."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        ordered = sorted(keys)
        half = _FULL // 2
        self._buckets: list[list[Key]] = [ordered[i : i + half] for i in range(0, len(ordered), half)]
        self._last: list[Key] = [bucket[-1] for bucket in self._buckets]

    def __len__(self) -> int:
        return sum(map(len, self._buckets))

    def add(self, key: Key) -> None:
        """Put a key that is not there yet in its place."""
        if not self._buckets:
            self._buckets, self._last = [[key]], [key]
            return
        at = min(bisect_left(self._last, key), len(self._buckets) - 1)
        bucket = self._buckets[at]
        insort(bucket, key)
        self._last[at] = bucket[-1]
        if len(bucket) > _FULL:
            cut = len(bucket) // 2
            self._buckets[at : at + 1] = [bucket[:cut], bucket[cut:]]
            self._last[at : at + 1] = [bucket[cut - 1], bucket[-1]]

    def remove(self, key: Key) -> None:
        """Take a key out; ``KeyError`` when it is not there."""
        at = bisect_left(self._last, key)
        bucket = self._buckets[at] if at < len(self._buckets) else []
        place = bisect_left(bucket, key)
        if place == len(bucket) or bucket[place] != key:
            raise KeyError(key)
        del bucket[place]
        if bucket:
            self._last[at] = bucket[-1]
        else:
            del self._buckets[at], self._last[at]

    def up(self, after: Key | None = None) -> Iterator[Key]:
        """Keys above ``after`` (all when None), smallest first."""
        start = 0 if after is None else bisect_right(self._last, after)
        for number in range(start, len(self._buckets)):
            bucket = self._buckets[number]
            place = bisect_right(bucket, after) if after is not None and number == start else 0
            yield from bucket[place:]

    def down(self, before: Key | None = None) -> Iterator[Key]:
        """Keys below ``before`` (all when None), largest first."""
        start = len(self._buckets) - 1
        if before is not None:
            start = min(bisect_left(self._last, before), start)
        for number in range(start, -1, -1):
            bucket = self._buckets[number]
            place = bisect_left(bucket, before) if before is not None and number == start else len(bucket)
            yield from reversed(bucket[:place])
