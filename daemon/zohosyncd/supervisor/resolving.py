"""What an operator says about what is held or refused: one record, or a page of all of a reason at a time."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from zohosyncd.core.errors import RemoteError, StateError, SyncError, UsageError
from zohosyncd.core.link import LinkStatus
from zohosyncd.core.side import SIDES, Side
from zohosyncd.pipeline.by_hand import ByHand
from zohosyncd.pipeline.deciding import Deciding, must_fit
from zohosyncd.pipeline.plan import Plan
from zohosyncd.ports.store import Choice, Decision, Hold, HoldKey, HoldReason, JournalEntry, Quarantined
from zohosyncd.supervisor.connections import ConnectionUnit
from zohosyncd.supervisor.naming import known, record_named, records_named, side_named

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_PAGE = 100
Page = dict[str, Any]
"""``done`` and ``failed`` (each a list of what was concerned), and ``next``: where to go on, "" at the end."""


class Resolving:
    """Answers to what waits, over one daemon; all results are JSON. Raises the SyncError tree."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon

    # --- what is held -----------------------------------------------------------------------------------------

    async def resolve(
        self, connection: str, *, record: str | None, reason: str | None, field: str | None, choice: str | None,
        take: str | None, partner: str | None, replace_others: bool, dry_run: bool, after: str | None,
    ) -> Page:  # fmt: skip
        """Decide about one held record, or about a page of all those held for one reason."""
        unit, plan = await self._prepared(connection)
        if partner is not None:
            if record is None:
                raise UsageError("--link is about one record", hint="name the held record, and its partner with --link")
            return await self._link_held(unit, plan, record, partner, replace_others=replace_others, dry_run=dry_run)
        wanted = _choice(unit, choice, take)
        deciding = Deciding(self._daemon.world, plan)
        if reason in set(HoldReason):
            must_fit(HoldReason(reason), wanted)

        async def decide(hold: Hold) -> None:
            deciding.must_answer(hold, wanted)
            if not dry_run and hold.decision is not wanted:
                await deciding.decide(hold, wanted)

        return await self._over_holds(unit, plan, decide, record, reason, field, after)

    async def retry_held(
        self, connection: str, *, record: str | None, reason: str | None, field: str | None, after: str | None
    ) -> Page:
        """Look at what is held again; a decision about it is taken back."""
        unit, plan = await self._prepared(connection)
        return await self._over_holds(
            unit, plan, Deciding(self._daemon.world, plan).retry, record, reason, field, after
        )

    async def _over_holds(
        self, unit: ConnectionUnit, plan: Plan, act: Callable[[Hold], Awaitable[None]],
        record: str | None, reason: str | None, field: str | None, after: str | None,
    ) -> Page:  # fmt: skip
        if (record is None) == (reason is None):
            raise UsageError("say which: a record, or all of a reason", hint="name RECORD, or --reason R")
        if record is not None:
            hold = await self._hold(plan, record, field)
            await act(hold)
            unit.wake()
            return {"done": [_told(hold)], "failed": [], "next": ""}
        if reason not in set(HoldReason):
            raise UsageError(f"there is no reason {reason}", hint=f"known: {', '.join(HoldReason)}")
        holds = await self._daemon.store.held_after(plan.id, _key(after), _PAGE, HoldReason(reason))
        wanted = [hold for hold in holds if field is None or hold.field == field]
        page = await _each(wanted, act, _told)
        unit.wake()
        return {**page, "next": _text(holds[-1].key) if len(holds) == _PAGE else ""}

    async def _hold(self, plan: Plan, record: str, field: str | None) -> Hold:
        """The one hold that a record (and a field) names."""
        store, found = self._daemon.store, dict[HoldKey, Hold]()
        nobody = True
        for side in SIDES:
            ids = await records_named(self._daemon.world, plan, side, record)
            nobody = nobody and not ids
            links = await store.links(plan.id, side, ids)
            left = {link.left_id for link in links.values() if link.status is LinkStatus.LIVE}
            held = [await store.held_of(plan.id, side, ids), await store.held_of(plan.id, Side.LEFT, left)]
            found |= {hold.key: hold for each in held for holds in each.values() for hold in holds}
        fields = ", ".join(sorted({hold.field for hold in found.values() if hold.field}))
        wanted = [hold for hold in found.values() if field is None or hold.field == field]
        if len(wanted) == 1:
            return wanted[0]
        if nobody:
            raise UsageError("nobody is known by that e-mail or record id", hint=f"see `zohosyncd held {plan.name}`")
        if not found:
            raise UsageError("that record is not held", hint=f"`zohosyncd held {plan.name}` lists what is")
        if not wanted:
            raise UsageError(f"the field {field} is not held", hint=f"held: {fields or 'the whole record'}")
        if fields and field is None:
            raise UsageError(f"several fields are held: {fields}", hint="say which with --field")
        ids_ = ", ".join(hold.record_id for hold in wanted)
        raise UsageError("several records of that name are held", hint=f"say which by its id: {ids_}")

    async def _link_held(
        self, unit: ConnectionUnit, plan: Plan, record: str, partner: str, *, replace_others: bool, dry_run: bool
    ) -> Page:
        hold = await self._hold(plan, record, None)
        if hold.field:
            raise UsageError("it is a field that is held, and it has a partner already", hint="say --take")
        other = await record_named(self._daemon.world, plan, hold.side.other, partner)
        if not dry_run:
            left, right = (hold.record_id, other) if hold.side is Side.LEFT else (other, hold.record_id)
            await ByHand(self._daemon.world, plan).link(left, right, replace_others=replace_others)
            unit.wake()
        return {"done": [_told(hold)], "failed": [], "next": ""}

    # --- what is refused --------------------------------------------------------------------------------------

    async def retry_quarantined(
        self, connection: str, *, record: str | None, reason: str | None, after: str | None
    ) -> Page:
        """Look at what is refused again, and write it again."""
        unit, plan = await self._prepared(connection)
        hand = ByHand(self._daemon.world, plan)

        async def retry(refused: Quarantined) -> None:
            await hand.look_again([(refused.side, refused.record_id)])

        page = await self._over_refused(plan, retry, record, reason, after)
        unit.wake()
        return page

    async def drop_quarantined(
        self, connection: str, *, record: str | None, reason: str | None, after: str | None
    ) -> Page:
        """Accept that something does not travel: it is listed no more until its record changes."""
        _unit, plan = await self._prepared(connection)

        async def drop(refused: Quarantined) -> None:
            ids = (refused.record_id, "") if refused.side is Side.LEFT else ("", refused.record_id)
            now = self._daemon.world.clock.now()
            entry = JournalEntry("accepted", plan.id, "", refused.side, *ids, reason=refused.code, at=now)
            key = (refused.side, refused.record_id, refused.field)
            await self._daemon.store.decide(Decision(plan.id, accepted=[key], journal=[entry]))

        return await self._over_refused(plan, drop, record, reason, after)

    async def _over_refused(
        self, plan: Plan, act: Callable[[Quarantined], Awaitable[None]],
        record: str | None, reason: str | None, after: str | None,
    ) -> Page:  # fmt: skip
        if (record is None) == (reason is None):
            raise UsageError("say which: a record, or all of a reason", hint="name RECORD, or --reason CODE")
        store = self._daemon.store
        if reason is None:
            mine: list[Quarantined] = []
            for side in SIDES:
                ids = await records_named(self._daemon.world, plan, side, record or "")
                found = await store.quarantined_of(plan.id, side, ids)
                mine += [each for refused in found.values() for each in refused]
            if not mine:
                hint = f"`zohosyncd quarantine {plan.name}` lists what is"
                raise UsageError("that record is not quarantined", hint=hint)
            return {**await _each(mine, act, _told_refused), "next": ""}
        refused = await store.quarantined_after(plan.id, _key(after), _PAGE, reason)
        if not refused and after is None:
            codes = ", ".join(sorted((await store.counts(plan.id)).quarantined)) or "nothing"
            raise UsageError(f"nothing is quarantined for {reason}", hint=f"quarantined: {codes}")
        last = refused[-1] if len(refused) == _PAGE else None
        page = await _each(refused, act, _told_refused)
        return {**page, "next": _text((last.side, last.record_id, last.field)) if last else ""}

    async def _prepared(self, connection: str) -> tuple[ConnectionUnit, Plan]:
        unit = known(self._daemon, connection)
        plan, _runner = await unit.prepare()
        return unit, plan


def _choice(unit: ConnectionUnit, choice: str | None, take: str | None) -> Choice:
    if (choice is None) == (take is None):
        raise UsageError(
            "say what to do with it", hint="one of --take left|right, --create, --link RECORD, --leave, --opt-out"
        )
    if take is not None:
        return Choice(side_named(unit.settings, take).value)
    if choice not in (Choice.CREATE, Choice.LEAVE, Choice.OPT_OUT):
        raise UsageError(f"there is no decision {choice}", hint="known: create, leave, opt_out")
    return Choice(choice)


async def _each(found: Sequence[Any], act: Callable[[Any], Awaitable[None]], told: Callable[[Any], Any]) -> Page:
    """Act on each; what cannot be done now is told with the reason, and the others go on."""
    done, failed = [], []
    for each in found:
        try:
            await act(each)
        except (StateError, RemoteError):
            raise  # the next one would fail alike
        except SyncError as error:
            failed.append({**told(each), "error": str(error)})
        else:
            done.append(told(each))
    return {"done": done, "failed": failed}


def _told(hold: Hold) -> dict[str, Any]:
    return {
        "side": hold.side.value, "record_id": hold.record_id, "field": hold.field, "reason": hold.reason.value
    }  # fmt: skip


def _told_refused(refused: Quarantined) -> dict[str, Any]:
    return {
        "side": refused.side.value, "record_id": refused.record_id, "field": refused.field, "reason": refused.code
    }  # fmt: skip


def _text(key: HoldKey) -> str:
    """A place in a listing as text."""
    side, record_id, field = key
    return "\n".join((side.value, record_id, field))


def _key(text: str | None) -> HoldKey | None:
    if text is None:
        return None
    side, _, rest = text.partition("\n")
    record_id, found, field = rest.partition("\n")
    if side not in set(Side) or not found:
        raise UsageError("that is no place to go on", hint="take `next` of the answer before")
    return Side(side), record_id, field
