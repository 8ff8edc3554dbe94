"""Finds out what became of writes without an answer. A create is never repeated blindly.

Updates and deletes: read the record. Creates with an id of our choice: send them again. Other creates: once the
app has had time to show it, list what was created since, and adopt what is equal; send again only what nothing there
can be; whatever stays unexplained waits for a person.
"""

from collections.abc import Sequence

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
        """List what was created since the earliest of them was sent; adopt, send again, or hold."""
        since = min(_sent_at(each) for each in creates) + endpoint.clock_offset - _SLACK
        waiting = list(creates)
        unexplained: list[Record] = []
        settlements: list[Settlement] = []
        outcomes: list[tuple[Delivery, Next]] = []
        fields = sorted(endpoint.feed.fields)
        async for records in endpoint.connector.created_since(endpoint.ref, fields, since):
            links = await self._world.store.links(self._plan.id, endpoint.side, [record.id for record in records])
            for record in records:
                if record.id in links:
                    continue
                mine = next((each for each in waiting if _equal(each.intent.patch, record.values)), None)
                if mine is None:
                    unexplained.append(record)
                    continue
                waiting.remove(mine)
                done = Done(record.id, record.version, record.modified, record)
                settlement, outcome = self._settlement(mine, done, adopted=True)
                settlements.append(settlement)
                outcomes.append((mine, outcome))
        for each in waiting:
            settlement, outcome = self._not_found(endpoint, each, unexplained)
            settlements.append(settlement)
            outcomes.append((each, outcome))
        await self._world.store.settle(settlements)
        self._plan.tally.adopted[endpoint.side] += len(creates) - len(waiting)
        return outcomes

    def _not_found(
        self, endpoint: Endpoint, delivery: Delivery, unexplained: Sequence[Record]
    ) -> tuple[Settlement, Next]:
        intent, claims = delivery.intent, set(delivery.intent.claims)
        suspects = []
        for record in unexplained:
            keys = self._world.store.digests(endpoint.feed.keys(record))
            if not keys or claims.intersection(keys):
                suspects.append(record.id)
        if not suspects:
            return Settlement(intent.id, self._plan.id), Next.AGAIN
        hold = Hold(
            intent.side.other, intent.source_id, HoldReason.UNEXPLAINED,
            others=tuple((intent.side, suspect) for suspect in suspects), keys=intent.claims,
            since=self._world.clock.now(),
        )  # fmt: skip
        return Settlement(intent.id, self._plan.id, holds=(hold,)), Next.SETTLED


def _sent_at(delivery: Delivery) -> float:
    return delivery.work.sent_at or delivery.intent.sent_at


def _equal(sent: Values, shown: Values) -> bool:
    """Whether the app shows what was sent, up to what servers do; at least one value has to be there as sent."""
    same = [name for name, value in sent.items() if value is not None and shown.get(name) == value]
    return bool(same) and all(
        name in shown and (shown[name] == value or may_be_normalised(value, shown[name]))
        for name, value in sent.items()
    )
