"""Makes a connection's plan from its settings and two live accounts. Nothing is started here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from zohosyncd.core import mapping as core_mapping
from zohosyncd.core.errors import Mistake, Mistakes
from zohosyncd.core.governance import Governance
from zohosyncd.core.guard import Guard, Limit
from zohosyncd.core.keys import kinds, mailbox_kind
from zohosyncd.core.lens import converter as core_converter
from zohosyncd.core.mapping import ContactMapping, compile_mapping
from zohosyncd.core.outcome import Deletion
from zohosyncd.core.reconcile import Policy
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import SIDES, Side, Winner
from zohosyncd.pipeline.plan import Endpoint, Plan, Recovery, World
from zohosyncd.ports.store import ConnectionState
from zohosyncd.settings import Connection, FieldPair
from zohosyncd.settings.converters import Converter
from zohosyncd.supervisor.accounts import AccountUnit, Known, Wish
from zohosyncd.supervisor.forms import wanting
from zohosyncd.supervisor.govern import compile_said, governance_of, mistakes_of, shown
from zohosyncd.supervisor.possible import Ability, lacking, named


@dataclass(frozen=True, slots=True)
class Compiled:
    """A connection's two schemas, the mapping between them, and what else decides. ``notes``: worth knowing."""

    refs: dict[Side, str]
    schemas: dict[Side, Schema]
    clock_offsets: dict[Side, float]
    mapping: ContactMapping
    region: str
    levels: tuple[str, ...]
    policy: Policy
    governance: Governance
    notes: tuple[str, ...] = ()

    def fields(self, side: Side) -> tuple[str, ...]:
        """Everything that is read of a side."""
        return tuple(dict.fromkeys((*self.mapping.fields(side), *self.governance.watched.get(side, ()))))


async def compile_connection(settings: Connection, accounts: Mapping[Side, AccountUnit]) -> Compiled:
    """Ask both apps for their fields and compile the mapping.

    Raises:
        Mistakes: everything in which it does not fit the apps. UsageError: there is no such object.
        RemoteError: an app cannot be asked now.
    """
    for side in SIDES:
        await accounts[side].check()
    refs = {side: await accounts[side].resolve(settings.place(side).object or "") for side in SIDES}
    for side in SIDES:
        await accounts[side].schema(refs[side])
    compiled = compile_known(settings, accounts)
    if compiled is None:
        raise RuntimeError("an account forgot what it has just said")
    return compiled


def compile_known(settings: Connection, accounts: Mapping[Side, AccountUnit]) -> Compiled | None:
    """Compile the mapping from what both apps said last, without asking them; None where one has not said it yet.

    Raises:
        Mistakes: everything in which it does not fit them.
    """
    known = {side: accounts[side].known(settings.place(side).object or "") for side in SIDES}
    return None if None in known.values() else _compiled(settings, accounts, {s: k for s, k in known.items() if k})


def _compiled(settings: Connection, accounts: Mapping[Side, AccountUnit], known: Mapping[Side, Known]) -> Compiled:
    infos = {side: each.info for side, each in known.items()}
    refs = {side: each.ref for side, each in known.items()}
    schemas = {side: each.schema for side, each in known.items()}
    region = settings.phone_region or next((info.region for info in infos.values() if info.region), "")
    levels = tuple(settings.match)
    mistakes = [*_newest(settings, accounts), *_impossible(settings, accounts, schemas)]
    mapping = _mapping(settings, schemas, region, levels, mistakes)
    changed = {side: accounts[side].connector.capabilities.modified_times for side in SIDES}
    compilation = compile_said(settings, schemas, changed, region, mapping)
    mistakes += mistakes_of(settings, compilation)
    if mistakes or mapping is None:
        raise Mistakes(mistakes)
    policy = policy_of(settings, accounts, schemas)
    governance = governance_of(settings, schemas, policy, compilation)
    notes = (*map(shown, compilation.notes), *wanting(settings, accounts, schemas, mapping))
    offsets = {side: info.clock_offset for side, info in infos.items()}
    return Compiled(refs, schemas, offsets, mapping, region, levels, policy, governance, notes)


def _mapping(
    settings: Connection, schemas: dict[Side, Schema], region: str, levels: tuple[str, ...], mistakes: list[Mistake]
) -> ContactMapping | None:
    """The mapping, or None with what is wrong added to the mistakes."""
    try:
        mapping = compile_mapping(
            schemas[Side.LEFT],
            schemas[Side.RIGHT],
            pairs=[_pair(each) for each in settings.fields],
            without=settings.mapping.without,
            direction=settings.direction,
            region=region,
            match=levels,
            shared=settings.shared_mailboxes,
            cleared=settings.cleared,
        )
    except Mistakes as error:
        mistakes += error.problems
        return None
    if not region and any(pair.name == "phones" for pair in mapping.pairs):
        hint = 'add phone_region = "DE" (your country)'
        mistakes.append(Mistake((), "it maps phones, and neither app tells its country", hint))
    return mapping


def _pair(said: FieldPair) -> core_mapping.FieldPair:
    """The pair as core knows it."""
    left, right = said.names
    return core_mapping.FieldPair(
        left, right, said.direction, said.winner, said.cleared, said.values or {}, tuple(map(_converter, said.convert))
    )


def _converter(said: Converter) -> core_converter.Converter:
    """One step: a word, or a table whose sign is the name of the key with its text."""
    if isinstance(said, str):
        return core_converter.Converter(core_converter.Conversion(said))
    return core_converter.Converter(core_converter.Conversion(said.sign), getattr(said, said.sign))


def _impossible(
    settings: Connection, accounts: Mapping[Side, AccountUnit], schemas: dict[Side, Schema]
) -> Iterator[Mistake]:
    """What these two objects cannot do."""
    sides = {
        side: Ability.of(named(each.name, each.settings.app), each.connector.capabilities, schemas[side])
        for side, each in accounts.items()
    }
    for each in lacking(settings, sides):
        yield Mistake(each.key, each.message, each.hint)


def _newest(settings: Connection, accounts: Mapping[Side, AccountUnit]) -> Iterator[Mistake]:
    """``newest`` asked for by name needs a modified time on both sides; as the unspoken default it may fall back."""
    said = settings.model_fields_set & {"winner", "first_sync_winner"}
    wishes: dict[tuple[str | int, ...], Winner] = {(key,): getattr(settings, key) for key in sorted(said)}
    wishes |= {("fields", at, "winner"): pair.winner for at, pair in enumerate(settings.fields) if pair.winner}
    for key, winner in wishes.items():
        for side in SIDES:
            if winner is Winner.NEWEST and not accounts[side].connector.capabilities.modified_times:
                message = (
                    '"newest" needs a modified time on both sides, and '
                    f"{accounts[side].name} ({accounts[side].settings.app}) tells none"
                )
                yield Mistake(key, message, 'say "left", "right" or "hold"')


async def build_plan(
    settings: Connection, compiled: Compiled, accounts: Mapping[Side, AccountUnit], world: World,
    bell: Callable[[], None] | None = None,
) -> tuple[Plan, ConnectionState]:  # fmt: skip
    """The plan of a connection, with its feeds wanting its fields. No app is asked.

    Args:
        settings, compiled, accounts, world: of the connection. bell: called when one of its sides has changed.

    Raises:
        StateError: the name belongs to other objects.
    """
    feeds, needs = {}, {}
    for side in SIDES:
        schema, shared = compiled.schemas[side], settings.shared_mailboxes
        wish = Wish.of(
            compiled.fields(side), schema, compiled.levels, compiled.region, side, shared,
            deletions=compiled.policy.deletions[side.other] is not Deletion.OFF,
        )  # fmt: skip
        needs[side] = wish.needs
        feeds[side] = await accounts[side].feed(compiled.refs[side], settings.name, wish, bell)
    for side in SIDES:  # what it read in an earlier life, and reads no more
        refs = {compiled.refs[each] for each in SIDES if accounts[each] is accounts[side]}
        accounts[side].forget(settings.name, but=refs)
    state = await world.store.open_connection(settings.name, feeds[Side.LEFT].object_id, feeds[Side.RIGHT].object_id)
    world.persons.forget()
    endpoints = {
        side: Endpoint(
            side,
            accounts[side].name,
            accounts[side].connector,
            compiled.refs[side],
            compiled.schemas[side],
            feeds[side],
            accounts[side].deliverer,
            compiled.clock_offsets[side],
            needs[side],
        )
        for side in SIDES
    }
    plan = Plan(
        settings.name,
        state.id,
        endpoints[Side.LEFT],
        endpoints[Side.RIGHT],
        compiled.mapping,
        compiled.policy,
        kinds(compiled.levels, compiled.region, settings.shared_mailboxes),
        guard_of(settings),
        create_without_email=settings.create_without_email,
        mailbox=mailbox_kind(settings.shared_mailboxes),
        approved=settings.first_sync == "auto",
        governance=compiled.governance,
        notes=compiled.notes,
        recovery=Recovery(state.recovery),
    )
    return plan, state


def policy_of(settings: Connection, accounts: Mapping[Side, AccountUnit], schemas: Mapping[Side, Schema]) -> Policy:
    """The operator's rules as core knows them."""
    return Policy(
        settings.direction,
        settings.winner,
        settings.first_sync_winner,
        {side: settings.deletions.towards(side) for side in SIDES},
        {side: accounts[side].connector.capabilities.exact_versions for side in SIDES},
        {side: schemas[side].locked for side in SIDES},
    )


def guard_of(settings: Connection) -> Guard:
    """The limits as core knows them."""
    guard = settings.guard
    return Guard(
        {
            "delete": Limit(guard.deletes.more_than, guard.deletes.percent),
            "blank": Limit(guard.blanks.more_than, guard.blanks.percent),
            "create": Limit(guard.creates.more_than, guard.creates.percent),
            "opt_out": Limit(guard.opt_outs.more_than, guard.opt_outs.percent),
        }
    )
