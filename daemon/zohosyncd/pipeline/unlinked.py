"""Records without a link: who they are, and their creation on the other side if they are nobody there."""

from collections.abc import Mapping, Sequence

from zohosyncd.core.create import Impossible
from zohosyncd.core.decide import crosses, links
from zohosyncd.core.link import Link
from zohosyncd.core.match import Ambiguous, Match, NoPartner, Partner, Taken
from zohosyncd.core.newborn import newborn
from zohosyncd.core.record import Values
from zohosyncd.core.rules.scope import Crossing
from zohosyncd.core.rules.truth import Truth
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.deliver import Delivery, Owner
from zohosyncd.pipeline.draft import Approvals, Batch
from zohosyncd.pipeline.intents import IntentMaker, refused_of
from zohosyncd.pipeline.lookup import Lookup
from zohosyncd.pipeline.matching import find_matches
from zohosyncd.pipeline.plan import Plan, World
from zohosyncd.pipeline.reading import UNREADABLE
from zohosyncd.pipeline.said import Said, said_about
from zohosyncd.pipeline.unexplained import Unexplained
from zohosyncd.ports.store import Choice, Decision, Hold, HoldReason, JournalEntry, KeyDigest, MirrorRow, Quarantined

_RECENT = 10.0
"""How long ago, in seconds, the other side may have been read when somebody is about to be created there."""

_SETTLING = (Crossing.NO_RULE, Crossing.NO_MATCH, Crossing.UNREAD)
"""Rules say that nothing comes of the record by itself; who is its candidate on the other side may still find it."""

_RECOVERED = "recovered"
"""Marks a hold of somebody without a match key who may have been created before an old state was put back."""

Keys = Mapping[str, tuple[KeyDigest, ...]]


class Unlinked:
    """Examines records of one connection that have no link."""

    def __init__(self, world: World, plan: Plan, owner: Owner, maker: IntentMaker, approvals: Approvals) -> None:
        self._world = world
        self._plan = plan
        self._owner = owner
        self._maker = maker
        self._approvals = approvals
        self._lookup = Lookup(world, plan)
        self._unexplained = Unexplained(world, plan)

    async def examine(self, batch: Batch) -> None:
        """Match them; partners are claimed, and those with new links go on as linked ones."""
        rows, chosen = await self._chosen(batch)
        readable = [row for row in rows if self._is_readable(batch, row, chosen)]
        readable = await self._without_unexplained(batch, readable, chosen)
        if not readable:
            return
        side, other = batch.side, self._plan.endpoint(batch.side.other)
        if batch.permit.create:
            await other.feed.refresh_if_older(_RECENT)
        horizon = await self._world.store.last_seq(other.object_id)
        ids = [row.record_id for row in readable]
        found, keys = await find_matches(self._world.store, self._plan, side, ids, batch.persons)
        newcomers = [row for row in readable if self._is_newcomer(batch, row, found[row.record_id])]
        if await self._lookup.news_of(side.other, newcomers):
            horizon = await self._world.store.last_seq(other.object_id)
            found, keys = await find_matches(self._world.store, self._plan, side, ids, batch.persons)
        said = await said_about(self._world, self._plan, side, ids, chosen, found)
        candidates = [each.record_id for each in found.values() if isinstance(each, Partner)]
        partners = await self._world.store.rows(other.object_id, candidates) if self._has_rules else {}
        fresh: list[tuple[MirrorRow, Link]] = []
        for row in readable:
            decided = found[row.record_id]
            if row.record_id in said.unborn:
                batch.draft.holds.append(chosen[row.record_id])
                batch.put_off(row)
            elif isinstance(decided, Partner):
                if not self._may_link(side, row, partners.get(decided.record_id)):
                    batch.settled.append(row)
                elif batch.claims.take(row.record_id, [(other.object_id, decided.record_id)]):
                    left, right = (row.record_id, decided.record_id)[:: 1 if side is Side.LEFT else -1]
                    fresh.append((row, Link(0, left, right, version=self._plan.version)))
                else:
                    batch.put_off(row)
            elif self._is_to_be_made(batch, row, decided, keys, said):
                self._create(batch, row, keys, horizon, said.strangers(row.record_id))
            else:
                batch.settled.append(row)
        settled = {row.record_id for row in batch.settled}
        nothing_to_do = [(side, row.record_id) for row in readable if row.record_id in settled]
        self._approvals.decided(nothing_to_do, (), batch.draft)
        if fresh:
            batch.linked += await self._store_links(batch, fresh)

    def _is_to_be_made(self, batch: Batch, row: MirrorRow, decided: Match, keys: Keys, said: Said) -> bool:
        """Whether a record that is nobody on the other side is created there; what a person has to decide is held."""
        if self._crossing(batch.side, row) in _SETTLING:
            return False
        if said.is_own(row.record_id, decided):
            # Until it is there, the decision stays: what is only planned may have to be decided anew.
            batch.draft.holds.append(said.holds[row.record_id])
            return True
        if not isinstance(decided, NoPartner) or self._is_nameless(decided, batch, row):
            self._hold(batch, row, decided, keys.get(row.record_id, ()))
            return False
        return not said.wants_nobody(row.record_id)

    async def _chosen(self, batch: Batch) -> tuple[list[MirrorRow], dict[str, Hold]]:
        """The rows that nobody wants to be left alone, and the holds about which a person has decided.

        Whatever is held again for the same reason waits since the first time.
        """
        ids = [row.record_id for row in batch.unlinked]
        held = await self._world.store.held_of(self._plan.id, batch.side, ids)
        batch.before |= {record: hold for record, holds in held.items() for hold in holds if not hold.field}
        chosen = {record: hold for record, hold in batch.before.items() if hold.decision}
        rows = []
        for row in batch.unlinked:
            if row.record_id in chosen and chosen[row.record_id].decision is Choice.LEAVE:
                batch.settled.append(row)
            else:
                rows.append(row)
        return rows, chosen

    def _is_readable(self, batch: Batch, row: MirrorRow, chosen: Mapping[str, Hold]) -> bool:
        batch.draft.examined.append((batch.side, row.record_id))
        if UNREADABLE not in row.values:
            return True
        if row.record_id in chosen:
            batch.draft.holds.append(chosen[row.record_id])
        reason, now = str(row.values[UNREADABLE]), self._world.clock.now()
        batch.draft.quarantined.append(Quarantined(batch.side, row.record_id, "unreadable", message=reason, since=now))
        batch.settled.append(row)
        return False

    async def _without_unexplained(
        self, batch: Batch, rows: Sequence[MirrorRow], chosen: Mapping[str, Hold]
    ) -> list[MirrorRow]:
        """Without those beside whose creation, or beside which, somebody may stand already; a person decides."""
        ids = [row.record_id for row in rows if row.record_id not in chosen]
        holds = await self._unexplained.of(batch.side, ids, batch.persons) if ids else {}
        left = []
        for row in rows:
            if row.record_id in holds:
                batch.draft.holds.append(holds[row.record_id])
                batch.settled.append(row)
            else:
                left.append(row)
        return left

    @property
    def _has_rules(self) -> bool:
        return bool(self._plan.governance.rules.rules)

    def _may_link(self, side: Side, row: MirrorRow, partner: MirrorRow | None) -> bool:
        """Whether two records that are the same person are linked: without rules always, else if one matches."""
        if not self._has_rules:
            return True
        if partner is None or partner.gone:
            return False
        left, right = (row, partner) if side is Side.LEFT else (partner, row)
        return links(self._plan.governance, left.record(), right.record()) is Truth.YES

    def _crossing(self, side: Side, row: MirrorRow) -> Crossing:
        return crosses(self._plan.governance, self._plan.policy, side, row.record())

    def _may_create(self, batch: Batch) -> bool:
        return batch.permit.create and self._plan.policy.direction.writes(batch.side.other)

    def _is_newcomer(self, batch: Batch, row: MirrorRow, decided: Match) -> bool:
        """Whether it would be created, and nobody can have read the other side completely since it is there."""
        if not isinstance(decided, NoPartner) or row.seq <= batch.permit.known.get(batch.side, 0):
            return False
        return self._may_create(batch) and self._crossing(batch.side, row) not in _SETTLING

    def _is_nameless(self, decided: NoPartner, batch: Batch, row: MirrorRow) -> bool:
        """Whether it could be created, but nothing would ever tell who it is.

        Of a state that was put back nobody knows whether it has been created since: a person has to say so.
        """
        if not decided.keyless or not self._may_create(batch):
            return False
        before = batch.before.get(row.record_id)
        doubted = before is not None and _RECOVERED in before.detail
        return doubted or bool(self._plan.recovery) or not self._plan.create_without_email

    async def _store_links(self, batch: Batch, fresh: Sequence[tuple[MirrorRow, Link]]) -> list[tuple[MirrorRow, Link]]:
        """Commit new links first: their ids are needed to move their bases later.

        What was held stays so until they are merged: else nothing would find them again if that failed.
        """
        now, plan = self._world.clock.now(), self._plan
        journal = [
            JournalEntry("linked", plan.id, batch.run, left_id=link.left_id, right_id=link.right_id, at=now)
            for _row, link in fresh
        ]
        both = [(each, link.record_id(each)) for _row, link in fresh for each in SIDES]
        examined = [] if batch.permit.merge else both
        await self._world.store.decide(
            Decision(plan.id, links=[link for _row, link in fresh], examined=examined, journal=journal)
        )
        plan.tally.links += len(fresh)
        stored = await self._world.store.links(plan.id, batch.side, [row.record_id for row, _link in fresh])
        return [(row, stored[row.record_id]) for row, _link in fresh]

    def _create(self, batch: Batch, row: MirrorRow, keys: Keys, horizon: int, strangers: frozenset[str]) -> None:
        """Plan the record's creation on the other side, if that is allowed and possible.

        ``strangers``: records there that may share its keys, as a person has told them apart.
        """
        plan, target = self._plan, batch.side.other
        if not self._may_create(batch):
            batch.settled.append(row)
            return
        if self._may_be_there_unseen(batch, row):
            batch.claims.drop(row.record_id)
            batch.later.append(row)
            return
        schema, record = plan.endpoint(target).schema, row.record()
        made = newborn(plan.mapping, plan.policy, plan.governance, batch.side, schema, record)
        if isinstance(made, Crossing):
            batch.settled.append(row)
            return
        if isinstance(made, Impossible):
            now = self._world.clock.now()
            batch.draft.quarantined.append(
                Quarantined(batch.side, row.record_id, "required", made.field, made.reason, now)
            )
            batch.settled.append(row)
            return
        mine = keys.get(row.record_id, ())
        # A shared mailbox is claimed only by who has nothing else: colleagues may be created at the same time.
        mine = tuple(key for key in mine if key.kind != plan.mailbox) or mine
        intent = self._maker.create(made, batch.side, row, mine, batch.run, horizon, despite=strangers)
        work = batch.work(row)
        work.open = {intent.id}
        work.more = bool(plan.governance.rules.of(target))
        work.refused = tuple(refused_of(each, row.record_id, intent.created_at) for each in made.unfit)
        batch.draft.quarantined += work.refused
        self._approvals.decided([(batch.side, row.record_id)], [intent], batch.draft)
        batch.draft.intents.append(intent)
        batch.draft.works.append((work, [Delivery(intent, plan.endpoint(target).ref, self._owner, work)]))

    def _may_be_there_unseen(self, batch: Batch, row: MirrorRow) -> bool:
        """Whether somebody may have typed the same person into the other side, whose lists do not show it yet."""
        can = self._plan.endpoint(batch.side.other).connector.capabilities
        if can.finds and row.seq > batch.permit.known.get(batch.side, 0):
            return False  # it was asked
        return row.changed_at + can.lag > self._world.clock.now()

    def _hold(self, batch: Batch, row: MirrorRow, decided: Match, keys: tuple[KeyDigest, ...]) -> None:
        side, other, draft = batch.side, batch.side.other, batch.draft
        others: tuple[tuple[Side, str], ...] = ()
        reason = HoldReason.NO_KEY
        if isinstance(decided, Ambiguous):
            reason = HoldReason.SHARED_MAILBOX if decided.shared else HoldReason.AMBIGUOUS
            others = tuple(
                sorted([(side, own) for own in decided.own - {row.record_id}] + [(other, o) for o in decided.others])
            )
        elif isinstance(decided, Taken):
            reason = HoldReason.TOMBSTONE if decided.buried else HoldReason.LINKED_ELSEWHERE
            others = ((other, decided.record_id),)
            draft.woken += others  # its own partner may be lost: then this record may take the place
        before = batch.before.get(row.record_id)
        since = before.since if before is not None and before.reason is reason else self._world.clock.now()
        doubted = reason is HoldReason.NO_KEY and self._plan.create_without_email
        detail: Values = {_RECOVERED: True} if doubted else {}
        draft.holds.append(Hold(side, row.record_id, reason, others=others, keys=keys, detail=detail, since=since))
