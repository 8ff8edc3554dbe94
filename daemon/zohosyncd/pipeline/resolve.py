"""Finds out what became of writes without an answer. A create is never repeated blindly.

Updates and deletes: read the record. Creates with an id of our choice: send them again. Other creates: once the
app has had time to show it, list what was created since, and adopt what is equal; send again only what nothing there
can be; whatever stays unexplained waits for a person.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from zohosyncd.core.normalised import may_be_normalised
from zohosyncd.core.record import Record, Values
from zohosyncd.core.settle import doubted
from zohosyncd.pipeline.deliver import Delivery
from zohosyncd.pipeline.outcome import settlement_of
from zohosyncd.pipeline.plan import Endpoint, Plan, World
from zohosyncd.pipeline.work import Next
from zohosyncd.ports.connector import Done, Found, Missing, WriteKind
from zohosyncd.ports.store import Hold, HoldReason, Settlement

_SLACK = 5.0
"""Seconds by which a server's created time may lie before our request, beyond the measured offset of its clock."""


class Resolver:
    """Finds out about the unknown outcomes of one connection."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan

    def due(self, delivery: Delivery) -> float:
        """Wall seconds from which on the outcome can be found out."""
        if delivery.intent.kind is not WriteKind.CREATE:
            return 0.0
        capabilities = self._plan.endpoint(delivery.intent.side).connector.capabilities
        return 0.0 if capabilities.client_ids else _sent_at(delivery) + capabilities.settle

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
                outcomes += await self._probe(endpoint, creates)
        return outcomes

    async def _read(self, endpoint: Endpoint, deliveries: Sequence[Delivery]) -> list[tuple[Delivery, Next]]:
        answers = await endpoint.feed.fetch([each.intent.target_id for each in deliveries])
        settlements: list[Settlement] = []
        outcomes: list[tuple[Delivery, Next]] = []
        for each in deliveries:
            answer = answers.get(each.intent.target_id)
            if isinstance(answer, Found) and each.intent.kind is WriteKind.UPDATE:
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

    def _read_update(self, delivery: Delivery, shown: Record) -> tuple[Settlement, Next]:
        if _equal(delivery.intent.patch, shown.values):
            return self._settlement(delivery, Done(shown.id, shown.version, shown.modified, shown))
        link = delivery.work.link
        if link is not None:
            link = doubted(link, delivery.intent.side, patch=delivery.intent.patch)
            delivery.work.link = link
        return Settlement(delivery.intent.id, self._plan.id, link=link), Next.AGAIN

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

        No candidate is what was in the mirror before a create was decided, or what itself is being created on the
        other side. What another connection works on is looked at later.
        """
        since = min(_sent_at(each) for each in creates) + endpoint.clock_offset - _SLACK
        fields = sorted(endpoint.feed.fields)
        found = _Found(list(creates))
        sources = await self._sources(endpoint)
        async for records in endpoint.connector.created_since(endpoint.ref, fields, since):
            seqs = await self._strangers(endpoint, records, sources)
            for record in records:
                if record.id in seqs:
                    self._explain(endpoint, found, record, seqs[record.id])
        for each in found.waiting:
            settlement, outcome = self._not_found(endpoint, each, found.unexplained)
            found.settlements.append(settlement)
            found.outcomes.append((each, outcome))
        await self._world.store.settle(found.settlements)
        self._plan.tally.adopted[endpoint.side] += found.adopted
        return found.outcomes

    async def _sources(self, endpoint: Endpoint) -> set[str]:
        """Records of this side that are being created on the other."""
        intents = await self._world.store.open_intents(self._plan.id)
        return {each.source_id for each in intents if each.kind is WriteKind.CREATE and each.side is not endpoint.side}

    async def _strangers(
        self, endpoint: Endpoint, records: Sequence[Record], sources: Collection[str]
    ) -> dict[str, float]:
        """Of these records those that nobody has made yet, as far as this connection knows; with their seq."""
        store, ids = self._world.store, [record.id for record in records]
        links = await store.links(self._plan.id, endpoint.side, ids)
        rows = await store.rows(endpoint.object_id, ids)
        return {
            each: rows[each].seq if each in rows else float("inf")
            for each in ids
            if each not in links and each not in sources
        }

    def _explain(self, endpoint: Endpoint, found: "_Found", record: Record, seq: float) -> None:
        possible = [each for each in found.waiting if each.intent.target_seq < seq]
        mine = next((each for each in possible if _equal(each.intent.patch, record.values)), None)
        if mine is None:
            found.unexplained.append((record, seq))
            return
        found.waiting.remove(mine)
        person = (endpoint.object_id, record.id)
        if not self._world.claims.take([person]):
            return  # somebody is at it: found out the next time
        mine.work.persons += (person,)
        done = Done(record.id, record.version, record.modified, record)
        settlement, outcome = self._settlement(mine, done, adopted=True)
        found.settlements.append(settlement)
        found.outcomes.append((mine, outcome))
        found.adopted += 1

    def _not_found(
        self, endpoint: Endpoint, delivery: Delivery, unexplained: Sequence[tuple[Record, float]]
    ) -> tuple[Settlement, Next]:
        intent, claims = delivery.intent, set(delivery.intent.claims)
        suspects = []
        for record, seq in unexplained:
            keys = self._world.store.digests(endpoint.feed.keys(record))
            if intent.target_seq < seq and (not keys or claims.intersection(keys)):
                suspects.append(record.id)
        if not suspects:
            return Settlement(intent.id, self._plan.id), Next.AGAIN
        now, source = self._world.clock.now(), (intent.side.other, intent.source_id)
        others = tuple((intent.side, suspect) for suspect in suspects)
        holds = [Hold(*source, HoldReason.UNEXPLAINED, others=others, keys=intent.claims, since=now)]
        holds += [Hold(*each, HoldReason.UNEXPLAINED, others=(source,), since=now) for each in others]
        return Settlement(intent.id, self._plan.id, holds=holds), Next.SETTLED


@dataclass(slots=True)
class _Found:
    """What a probe has found out so far."""

    waiting: list[Delivery]
    unexplained: list[tuple[Record, float]] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    outcomes: list[tuple[Delivery, Next]] = field(default_factory=list)
    adopted: int = 0


def _sent_at(delivery: Delivery) -> float:
    return delivery.work.sent_at or delivery.intent.sent_at


def _equal(sent: Values, shown: Values) -> bool:
    """Whether the app shows what was sent, up to what servers do; at least one value has to be there as sent."""
    same = [name for name, value in sent.items() if value is not None and shown.get(name) == value]
    return bool(same) and all(
        name in shown and (shown[name] == value or may_be_normalised(value, shown[name]))
        for name, value in sent.items()
    )
