"""Finds out what became of writes without an answer. A create is never repeated blindly.

Updates and deletes: read the record. Creates with an id of our choice: send them again. Other creates: once the
app has had time to show it, list what was created since, and adopt what is equal; send again only what nothing there
can be; whatever stays unexplained waits for a person.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import anyio

from zohosyncd.core.adoption import Stranger, Wished, explain, has_arrived, shows
from zohosyncd.core.errors import Unavailable
from zohosyncd.core.name_sets import difference
from zohosyncd.core.record import Record
from zohosyncd.core.schema import FieldType
from zohosyncd.core.settle import doubted
from zohosyncd.core.side import Side
from zohosyncd.pipeline.deliver import Delivery
from zohosyncd.pipeline.outcome import SETS_BACK, settlement_of
from zohosyncd.pipeline.plan import Endpoint, Plan, World
from zohosyncd.pipeline.work import Next
from zohosyncd.ports.connector import Done, Found, Missing, WriteKind
from zohosyncd.ports.marks import Marks
from zohosyncd.ports.store import Hold, HoldReason, Intent, IntentState, Settlement, Store

_EMPTY_READS, _EMPTY_PAUSE = 3, 0.5
"""How often, and after how many seconds each, a list is repeated that is empty where no record can bear witness."""

_LONGEST_PAUSE = 300.0
"""Seconds between two questions about an outcome that nothing tells, at most."""

_SLACK = 5.0
"""Seconds by which a server's created time may lie before our request, beyond the measured offset of its clock."""


class Resolver:
    """Finds out about the unknown outcomes of one connection."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan

    def due(self, delivery: Delivery) -> float:
        """Wall seconds from which on the outcome can be found out; what was asked in vain is asked less often."""
        again = delivery.asked_at + min(2.0 ** (delivery.asked - 1), _LONGEST_PAUSE) if delivery.asked else 0.0
        if delivery.intent.kind is not WriteKind.CREATE:
            return again
        capabilities = self._plan.endpoint(delivery.intent.side).connector.capabilities
        return again if capabilities.client_ids else max(again, _sent_at(delivery) + capabilities.settle)

    async def resolve(self, deliveries: Sequence[Delivery]) -> list[tuple[Delivery, Next]]:
        """Settle those that are due; what is not answered stays unknown. Raises the RemoteError tree."""
        now = self._world.clock.now()
        due = [each for each in deliveries if self.due(each) <= now]
        outcomes: list[tuple[Delivery, Next]] = []
        for side in ("left", "right"):
            mine = [each for each in due if each.intent.side == side]
            if not mine:
                continue
            endpoint = self._plan.endpoint(mine[0].intent.side)
            known = [each for each in mine if each.intent.kind is not WriteKind.CREATE]
            outcomes += await self._read(endpoint, known)
            creates = [each for each in mine if each.intent.kind is WriteKind.CREATE]
            if endpoint.connector.capabilities.client_ids:
                # The app cannot make a second record of them, whatever became of the first request.
                outcomes += [(each, Next.RESENT) for each in creates]
            elif creates:
                outcomes += await self._creates(endpoint, creates)
        answered = {delivery.intent.id for delivery, _outcome in outcomes}
        for each in due:
            if each.intent.id not in answered:
                each.asked, each.asked_at = each.asked + 1, self._world.clock.now()
        return outcomes

    async def _read(self, endpoint: Endpoint, deliveries: Sequence[Delivery]) -> list[tuple[Delivery, Next]]:
        ids = [each.intent.target_id for each in deliveries]
        answers = await endpoint.feed.fetch(ids)
        settlements: list[Settlement] = []
        outcomes: list[tuple[Delivery, Next]] = []
        for each in deliveries:
            answer = answers.get(each.intent.target_id)
            if isinstance(answer, Found) and each.intent.kind is WriteKind.UPDATE:
                if not self._is_arrived(each.intent, answer.record) and self._may_arrive(each):
                    continue
                settlement, outcome = self._read_update(each, answer.record)
            elif isinstance(answer, Missing) and each.intent.kind is WriteKind.DELETE:
                settlement, outcome = self._settlement(each, Done(each.intent.target_id))
            elif answer is None:
                continue
            else:
                settlement, outcome = Settlement(each.intent.id, self._plan.id), Next.AGAIN
            settlements.append(settlement)
            outcomes.append((each, outcome))
        if settlements:
            await self._world.store.settle(settlements)
        return outcomes

    def _may_arrive(self, delivery: Delivery) -> bool:
        """Whether what sets something back may still arrive.

        Nobody sends it again, so that it would look like a person's edit, and travel.
        """
        settle = self._plan.endpoint(delivery.intent.side).connector.capabilities.settle
        return delivery.intent.guarded in SETS_BACK and self._world.clock.now() < _sent_at(delivery) + settle

    def _is_arrived(self, intent: Intent, shown: Record) -> bool:
        left = self._left(intent, shown)
        return has_arrived({name: each for name, each in intent.patch.items() if name not in left}, shown.values)

    def _read_update(self, delivery: Delivery, shown: Record) -> tuple[Settlement, Next]:
        if self._is_arrived(delivery.intent, shown):
            left = self._left(delivery.intent, shown)
            return self._settlement(delivery, Done(shown.id, shown.version, shown.modified, shown, left))
        link = delivery.work.link
        if link is not None:
            link = doubted(link, delivery.intent.side, patch=delivery.intent.patch)
            delivery.work.link = link
        return Settlement(delivery.intent.id, self._plan.id, link=link), Next.AGAIN

    def _left(self, intent: Intent, shown: Record) -> tuple[str, ...]:
        """The fields of names that do not show what was sent: some apps take them by another call."""
        return tuple(
            name
            for name in self._names(intent.side) & intent.patch.keys()
            if name not in shown.values or any(difference(shown.values[name], intent.patch[name]))
        )

    def _names(self, side: Side) -> set[str]:
        schema = self._plan.endpoint(side).schema
        return {each.name for each in schema if each.type is FieldType.NAMES}

    def _wished(self, intent: Intent) -> Wished:
        """A create as its record may show it: without names, which may come by another call that never went out."""
        names = self._names(intent.side)
        patch = {name: value for name, value in intent.patch.items() if name not in names}
        return Wished(intent.id, patch, intent.target_seq, frozenset(intent.claims))

    def _settlement(self, delivery: Delivery, done: Done, *, adopted: bool = False) -> tuple[Settlement, Next]:
        return settlement_of(
            self._plan,
            delivery,
            done,
            answered=self._world.store.ordinal(),
            now=self._world.clock.now(),
            adopted=adopted,
        )

    async def _probe(self, endpoint: Endpoint, creates: Sequence[Delivery]) -> list[tuple[Delivery, Next]]:
        """List what was created since the earliest of them was sent; adopt, send again, or hold.

        One probe of an object at a time: two connections must not adopt the same record.
        """
        async with self._world.probing.setdefault(endpoint.object_id, anyio.Lock()):
            strangers = {each.id: each for each in await self._strangers(endpoint, creates)}
            mine = {each.intent.id: each for each in creates}
            explained = explain(
                [_stranger_of(self._world.store, endpoint, *each) for each in strangers.values()],
                [self._wished(each.intent) for each in creates],
                [self._wished(each) for each in await self._others(endpoint)],
            )
            settlements: list[Settlement] = []
            outcomes: list[tuple[Delivery, Next]] = []
            for intent_id, record_id in explained.adopted.items():
                create, record = mine[intent_id], strangers[record_id].record
                if (adopted := self._adopted(endpoint, create, record)) is not None:
                    settlements.append(adopted[0])
                    outcomes.append((create, adopted[1]))
            for intent_id, suspects in explained.suspects.items():
                settlement, outcome = self._not_found(mine[intent_id].intent, suspects)
                settlements.append(settlement)
                outcomes.append((mine[intent_id], outcome))
            await self._world.store.settle(settlements)
        return outcomes

    async def _creates(self, endpoint: Endpoint, creates: Sequence[Delivery]) -> list[tuple[Delivery, Next]]:
        marked = await self._by_mark(endpoint, creates)
        settled = {each.intent.id for each, _outcome in marked}
        left = [each for each in creates if each.intent.id not in settled]
        return [*marked, *(await self._probe(endpoint, left) if left else ())]

    async def _by_mark(self, endpoint: Endpoint, creates: Sequence[Delivery]) -> list[tuple[Delivery, Next]]:
        """Adopt the records that carry the mark of a create, whatever became of them since.

        A mark that is not found proves nothing, and one that several records carry was copied by a person.
        """
        connector = endpoint.connector
        if not connector.capabilities.marks or not isinstance(connector, Marks):
            return []
        async with self._world.probing.setdefault(endpoint.object_id, anyio.Lock()):
            ids, fields = [each.intent.id for each in creates], sorted(endpoint.feed.fields)
            marked = await connector.made_by(endpoint.ref, fields, ids)
            records = {name: found[0] for name, found in marked.items() if len(found) == 1}
            here = [each.id for each in records.values()]
            taken = await self._world.store.made(endpoint.object_id, here)
            taken |= set(await self._world.store.links(self._plan.id, endpoint.side, here))
            settlements: list[Settlement] = []
            outcomes: list[tuple[Delivery, Next]] = []
            for create in creates:
                record = records.get(create.intent.id)
                if record is None or record.id in taken:
                    continue
                if (adopted := self._adopted(endpoint, create, record)) is not None:
                    settlements.append(adopted[0])
                    outcomes.append((create, adopted[1]))
            await self._world.store.settle(settlements)
        return outcomes

    def _adopted(self, endpoint: Endpoint, create: Delivery, record: Record) -> tuple[Settlement, Next] | None:
        """What to store for a create whose record was found; None if somebody is at it: found out the next time."""
        person = (endpoint.object_id, record.id)
        if not self._world.claims.take([person]):
            return None
        create.work.persons += (person,)
        # Where it shows something else than was sent, its version is not that of the create: somebody has edited it.
        version = record.version if shows(create.intent.patch, record.values) else None
        done = Done(record.id, version, record.modified, record, self._left(create.intent, record))
        self._plan.tally.adopted[endpoint.side] += 1
        return self._settlement(create, done, adopted=True)

    async def _strangers(self, endpoint: Endpoint, creates: Sequence[Delivery]) -> "list[_Seen]":
        """Records created since, without those that are linked here, that are being created on the other side (they
        were there before), that a person has told apart from a source, and that another create is known to have
        made."""
        store, side = self._world.store, endpoint.side
        since = min(_sent_at(each) for each in creates) + endpoint.clock_offset - _SLACK
        sources = {
            each.source_id
            for each in await store.open_intents(self._plan.id)
            if each.kind is WriteKind.CREATE and each.side is not side
        }
        witness = await self._witness(endpoint, creates)
        parted = await store.apart(self._plan.id, side.other, [each.intent.source_id for each in creates])
        strangers = {other for others in parted.values() for other, both in others.items() if both}
        sources |= strangers
        found = await self._listed(endpoint, since, sources, witness)
        for _ in range(_EMPTY_READS if witness is None and not found else 0):
            # Nothing else tells whether the list may be empty: it has to say so again and again.
            await self._world.clock.sleep(_EMPTY_PAUSE)
            if await self._listed(endpoint, since, sources, None):
                raise Unavailable("the app said that nothing was created, and then that something was")
        return found

    async def _listed(
        self, endpoint: Endpoint, since: float, sources: Collection[str], witness: str | None
    ) -> "list[_Seen]":
        store, side = self._world.store, endpoint.side
        found: list[_Seen] = []
        fields = sorted(endpoint.feed.fields)
        async for page in endpoint.connector.created_since(endpoint.ref, fields, since):
            ids = [record.id for record in page.records]
            witness = None if page.beyond or witness in ids else witness
            known = {*sources} | set(await store.links(self._plan.id, side, ids))
            known |= await store.made(endpoint.object_id, ids)
            rows = await store.rows(endpoint.object_id, ids)
            found += [
                _Seen(record, rows[record.id].seq if record.id in rows else float("inf"))
                for record in page.records
                if record.id not in known
            ]
        if witness is not None:
            raise Unavailable("the list of the newest records ends before one that was there")
        return found

    async def _witness(self, endpoint: Endpoint, creates: Sequence[Delivery]) -> str | None:
        """A record that was there before any of these creates was decided: it is older, or listed."""
        before = min(each.intent.target_seq for each in creates)
        rows = await self._world.store.changes(endpoint.object_id, 0, 50)
        return next((row.record_id for row in rows if row.seq <= before and not row.gone), None)

    async def _others(self, endpoint: Endpoint) -> list[Intent]:
        """Creates of other connections in the same object that have no outcome either."""
        intents = await self._world.store.open_intents(None, (IntentState.SENT, IntentState.UNKNOWN))
        return [
            each
            for each in intents
            if each.kind is WriteKind.CREATE
            and each.object_id == endpoint.object_id
            and each.connection_id != self._plan.id
        ]

    def _not_found(self, intent: Intent, suspects: Sequence[str]) -> tuple[Settlement, Next]:
        if not suspects:
            return Settlement(intent.id, self._plan.id), Next.AGAIN
        now, source = self._world.clock.now(), (intent.side.other, intent.source_id)
        others = tuple((intent.side, suspect) for suspect in suspects)
        holds = [Hold(*source, HoldReason.UNEXPLAINED, others=others, keys=intent.claims, since=now)]
        holds += [Hold(*each, HoldReason.UNEXPLAINED, others=(source,), since=now) for each in others]
        return Settlement(intent.id, self._plan.id, holds=holds), Next.SETTLED


class _Seen(NamedTuple):
    """A record that a probe found, and the seq of its mirror row."""

    record: Record
    seq: float

    @property
    def id(self) -> str:
        return self.record.id


def _stranger_of(store: Store, endpoint: Endpoint, record: Record, seq: float) -> Stranger:
    return Stranger(record.id, record.values, seq, frozenset(store.digests(endpoint.feed.keys(record))))


def _sent_at(delivery: Delivery) -> float:
    return delivery.work.sent_at or delivery.intent.sent_at
