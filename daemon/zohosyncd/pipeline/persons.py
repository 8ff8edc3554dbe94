"""Whose record is it? In a ring of connections the links of the others say so; a person is worked on as a whole."""

from collections.abc import Iterable, Mapping

from zohosyncd.core.rings import rings
from zohosyncd.pipeline.work import Claims, Person
from zohosyncd.ports.store import Store

NOBODY: Mapping[str, frozenset[Person]] = {}


class Persons:
    """All records that links tie together, over all connections of a ring.

    Outside of a ring nobody is asked: a connection's own links say everything there is to know.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rings: Mapping[int, frozenset[int]] | None = None

    def forget(self) -> None:
        """A connection is new: rings are found anew."""
        self._rings = None

    async def of(self, connection_id: int, object_id: int, ids: Iterable[str]) -> Mapping[str, frozenset[Person]]:
        """The persons of these records of an object, each with the record itself; strangers are left out."""
        ring = await self.ring(connection_id)
        return NOBODY if len(ring) == 1 else await self._store.tied(ring, object_id, list(ids))

    async def ring(self, connection_id: int) -> frozenset[int]:
        """The connections of its ring; the connection alone where it is in none."""
        if self._rings is None:
            states = await self._store.connections()
            self._rings = rings({each.id: (each.left_object, each.right_object) for each in states})
        return self._rings.get(connection_id, frozenset((connection_id,)))


class BatchClaims:
    """Which persons a batch has claimed, by the record it did so for, until a work takes them over."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._of: dict[str, set[Person]] = {}

    def take(self, record_id: str, persons: Iterable[Person]) -> bool:
        """Claim what this record does not have yet: all of it, or none."""
        mine = self._of.get(record_id, set())
        if not self._claims.take(more := set(persons) - mine):
            return False
        self._of[record_id] = mine | more
        return True

    def has(self, record_id: str, persons: Iterable[Person]) -> bool:
        """Whether this record has claimed them all."""
        return self._of.get(record_id, set()).issuperset(persons)

    def hand_over(self, record_id: str) -> tuple[Person, ...]:
        """What was claimed for a record, to be given back by somebody else."""
        return tuple(self._of.pop(record_id, ()))

    def drop(self, record_id: str) -> None:
        """Give back what was claimed for a record."""
        self._claims.release(self.hand_over(record_id))

    def release(self) -> None:
        """Give back everything that nobody has taken over."""
        for record_id in list(self._of):
            self.drop(record_id)
