"""Random worlds with rules and consent: people edit, opt in and out, requests get lost, runs are undone; at rest all fits.

The judge knows only what the people did and what the apps carried out: nobody who opted out anywhere is opted in by a
write unless a consent later than every opt-out was there to be seen, opt-outs have arrived wherever they may go, pairs
in scope are the same, and a quiet connection writes nothing.
"""

from random import Random

import pytest

from tests.pipeline.bench import Account, Bench, Connection
from tests.pipeline.test_undo import undo
from zohosyncd.connectors.memory import MEMBERS_SCHEMA, SLOTS_SCHEMA, Call, FaultKind
from zohosyncd.connectors.memory.schemas import OWNERS
from zohosyncd.connectors.memory.upkeep import moment
from zohosyncd.core.consent import NewMember, Opt
from zohosyncd.core.dates import moment_of
from zohosyncd.core.record import Item, Value, Values
from zohosyncd.core.rules.language import AddTo, Has, On, Operator, RemoveFrom, Rule, SetConsent, SetField, Test
from zohosyncd.core.rules.scope import Leave, Standing
from zohosyncd.core.side import SIDES, Side
from zohosyncd.ports.connector import WriteKind

OUT = {"unsubscribed", "cleaned"}
POOL = (
    Rule(Side.LEFT, (Test("opted_out", Operator.IS, (False,)),), (AddTo("tags", "CRM", revert=True),)),
    Rule(Side.LEFT, (Test("{custom}", Operator.IS, ("gold",)),), (AddTo("tags", "Gold"), SetConsent(Opt.IN))),
    Rule(Side.LEFT, (Has("tags", "Fair"),), (RemoveFrom("tags", "Cold", revert=True),)),
    Rule(Side.LEFT, (Test("{custom}", Operator.IS, ("left alone",)),), (SetConsent(Opt.OUT),)),
    Rule(Side.RIGHT, (Has("tags", "News"),), (SetField("{custom}", "news", On.CREATE),)),
    Rule(Side.RIGHT, (Test("opted_out", Operator.IS_NOT, (True,)), Has("tags", "News")), (SetConsent(Opt.IN),)),
)


class World:
    """Two apps, the people who use them, and the judge's own memory of consent."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.bench = bench
        self.chance = Random(f"governed/{seed}")
        self.sides: dict[Side, Account] = {}
        self.judged = dict.fromkeys(SIDES, 0)
        self.shadow: dict[tuple[Side, str], Values] = {}
        self.opted_out: dict[str, float] = {}  # by person, the latest opt-out; infinite without a time
        self.undone = False
        self.unasked: set[tuple[Side, str]] = set()  # created as unsubscribed without anybody's word

    async def begin(self) -> Connection:
        left = SLOTS_SCHEMA if self.chance.random() < 0.6 else MEMBERS_SCHEMA
        self.sides[Side.LEFT] = await self.bench.account("left", left)
        self.sides[Side.RIGHT] = await self.bench.account("right", MEMBERS_SCHEMA)
        rules = [_named(rule, self) for rule in POOL if self.chance.random() < 0.4]
        leave = self.chance.choice(list(Leave))
        if len({rule.side for rule in rules}) > 1 and leave is Leave.DELETE:
            leave = Leave.TAG
        said = {"leave": leave, "consent": {"new": self.chance.choice(list(NewMember))}}
        return await self.bench.connect("pair", self.sides[Side.LEFT], self.sides[Side.RIGHT], rules=rules, said=said)

    def is_flag(self, side: Side) -> bool:
        return self.sides[side].app.schema.consent is None

    # --- people -------------------------------------------------------------------------------------------------

    def live(self) -> None:
        side = self.chance.choice(SIDES)
        app = self.sides[side].app
        known = list(app.state())
        if not known or self.chance.random() < 0.25:
            self._new(side)
            return
        record = self.chance.choice(known)
        if self.chance.random() < 0.04:
            app.delete(record)
            return
        app.edit(record, self._edit(side))
        self._remember(side, record)

    def _new(self, side: Side) -> None:
        person = f"p{self.chance.randrange(4)}@example.org"
        app = self.sides[side].app
        email = "Email" if self.is_flag(side) else "email"
        if any(each.get(email) == person for each in app.state().values()):
            return
        names = {"First": "P", "Last": "X"} if self.is_flag(side) else {"first": "P", "last": "X"}
        record = app.create({email: person, **names, **self._edit(side)})
        self._remember(side, record)

    def _edit(self, side: Side) -> dict[str, Value]:
        chance, flag = self.chance, self.is_flag(side)
        tags = tuple(Item(name) for name in ("News", "Fair", "Cold") if chance.random() < 0.5)
        edits: list[dict[str, Value]] = [
            {"First" if flag else "first": f"N{chance.randrange(1000)}"},
            {"Custom" if flag else "custom": chance.choice(("gold", "left alone", None))},
            {"Tags" if flag else "tags": tags},
        ]
        if flag:
            edits += [{"Opted_Out": chance.random() < 0.6}, {"Owner": chance.choice(OWNERS)}]
        else:
            states = ("subscribed", "unsubscribed", "pending", "cleaned", "archived")
            edits.append({"state": chance.choice(states), "state_source": "person"})
        return chance.choice(edits)

    # --- the judge ----------------------------------------------------------------------------------------------

    def person(self, side: Side, values: Values) -> str:
        return str(values.get("Email" if self.is_flag(side) else "email"))

    def is_out(self, side: Side, values: Values) -> bool:
        return values.get("Opted_Out") is True if self.is_flag(side) else values.get("state") in OUT

    def _remember(self, side: Side, record: str) -> None:
        """Take note of what a record says of consent, and when the person opted out."""
        values = self.sides[side].app.state()[record]
        if values.get("state_source") == "person":
            self.unasked.discard((side, record))
        self.shadow[side, record] = values
        if (side, record) not in self.unasked and self.is_out(side, values):
            at = values.get("state_at")
            when = moment_of(at) if isinstance(at, str) and not self.is_flag(side) else None
            person = self.person(side, values)
            known = self.opted_out.get(person, 0.0)
            self.opted_out[person] = max(known, float("inf") if when is None else when)

    def judge(self) -> None:
        """Look at everything that the connector has written since the last time."""
        for side in SIDES:
            app = self.sides[side].app
            writes = app.writes[self.judged[side] :]
            self.judged[side] = len(app.writes)
            for write in writes:
                before = self.shadow.get((side, write.id), {})
                after = {**before, **write.values}
                consent = "Opted_Out" if self.is_flag(side) else "state"
                if write.kind is WriteKind.DELETE or consent not in write.values:
                    self.shadow[side, write.id] = after
                    continue
                opens = not self.is_out(side, after) and after.get(consent) != "archived"
                person = self.person(side, after)
                # A new record is as open as its source is; what that said before anybody was linked is not known.
                created = write.kind is WriteKind.CREATE
                was_out = self._says_out(side.other, person) if created else self.is_out(side, before)
                if opens and was_out and person in self.opted_out:
                    assert self._evidence(side.other, person), f"{person} was opted in on the {side}: {before} {write}"
                if created and not self._says_out(side.other, person):
                    self.unasked.add((side, write.id))
                self.shadow[side, write.id] = after

    def _says_out(self, side: Side, person: str) -> bool:
        records = self.sides[side].app.state().values()
        return any(self.is_out(side, each) for each in records if self.person(side, each) == person)

    def _evidence(self, side: Side, person: str) -> bool:
        """Whether somebody could see a consent there that is later than every opt-out."""
        for values in self.sides[side].app.state().values():
            if self.person(side, values) == person and not self.is_flag(side) and values.get("state") == "subscribed":
                at = values.get("state_at")
                if isinstance(at, str) and (moment_of(at) or 0.0) > self.opted_out[person]:
                    return True
        return False

    async def at_rest(self, connection: Connection) -> None:
        held = {hold[1] for hold in await connection.held()}
        for link in await self.bench.store.links_after(connection.plan.id, 0, 1000):
            left, right = (self.sides[side].app.state()[link.record_id(side)] for side in SIDES)
            outs = [
                self.is_out(side, values) and (side, link.record_id(side)) not in self.unasked
                for side, values in ((Side.LEFT, left), (Side.RIGHT, right))
            ]
            if outs[0] != outs[1] and link.left_id not in held:
                open_ = Side.RIGHT if outs[0] else Side.LEFT
                values = right if outs[0] else left
                closed = self.is_out(open_, values) or values.get("state") == "archived"
                assert closed or self._evidence(open_, self.person(open_, values)), (
                    f"an opt-out has not arrived: {left} {right}"
                )
            if link.standing is Standing.IN and not self.undone and not held & {link.left_id, link.right_id}:
                assert left.get("First" if self.is_flag(Side.LEFT) else "first") == right["first"]


def _named(rule: Rule, world: World) -> Rule:
    """The rule with the names of the fields that its sides have."""
    own = "Custom" if world.is_flag(rule.side) else "custom"
    other = "Custom" if world.is_flag(rule.side.other) else "custom"
    conditions = tuple(
        Test(own, each.operator, each.operands) if isinstance(each, Test) and each.name == "{custom}" else each
        for each in rule.conditions
    )
    actions = tuple(
        SetField(other, each.value, each.on) if isinstance(each, SetField) else each for each in rule.actions
    )
    return Rule(rule.side, conditions, actions)


@pytest.mark.parametrize("seed", range(60))
async def test_at_rest_everything_fits_and_nobody_was_opted_in_without_evidence(bench: Bench, seed: int) -> None:
    world = World(bench, seed)
    connection = await world.begin()
    for _ in range(world.chance.randrange(4)):
        world.live()
    for _ in range(8):
        for _ in range(world.chance.randrange(5)):
            world.live()
            await bench.clock.sleep(world.chance.choice((0.0, 7.0, 4_000.0)))
        if world.chance.random() < 0.3:
            kind = world.chance.choice((FaultKind.UNKNOWN_EXECUTED, FaultKind.UNKNOWN_NOT_EXECUTED, FaultKind.CONFLICT))
            world.sides[world.chance.choice(SIDES)].app.fail(Call.WRITE, kind)
        report = await connection.run()
        world.judge()
        if world.chance.random() < 0.15:
            world.undone = True
            await undo(connection, run=report.run)
            world.judge()
        if world.chance.random() < 0.3:
            await connection.hand_over()
    await bench.store.approve(connection.plan.id)
    await bench.until_quiet()
    world.judge()
    await world.at_rest(connection)
    before = bench.written()
    await connection.run(wait=True)
    assert bench.written() == before


def test_moments_of_the_apps_are_read() -> None:
    assert moment_of(moment(12.0)) == 12.0
