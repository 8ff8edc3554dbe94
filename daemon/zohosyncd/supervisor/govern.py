"""Makes of what a connection says about rules, consent, deletions and leaving what core decides with."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from zohosyncd.core.consent import ConsentPolicy, NewMember, Opt
from zohosyncd.core.errors import Mistake
from zohosyncd.core.governance import Governance, complete
from zohosyncd.core.mapping import ContactMapping
from zohosyncd.core.outcome import Deletion, Policy
from zohosyncd.core.rules import language
from zohosyncd.core.rules.compiling import Compilation, compile_rules
from zohosyncd.core.rules.remarks import Remark
from zohosyncd.core.rules.scope import Leave
from zohosyncd.core.rules.vocabulary import CHANGED, CREATED, OPTED_OUT, OWNER, Vocabulary
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import SIDES, Side
from zohosyncd.settings import Connection, actions, clauses
from zohosyncd.settings.comparisons import Comparison
from zohosyncd.settings.rules import Rule


def compile_said(
    settings: Connection, schemas: Mapping[Side, Schema], changed: Mapping[Side, bool], region: str,
    mapping: ContactMapping | None,
) -> Compilation:  # fmt: skip
    """The rules of a connection, checked against both apps.

    Args:
        settings: the connection. schemas: of both sides.
        changed: by side, whether the app tells when a record was last changed.
        region: country of phone numbers, "" if unknown.
        mapping: what it writes is not for rules; None if it is wrong itself.
    """
    vocabularies = {side: Vocabulary.of(schema, changed=changed[side]) for side, schema in schemas.items()}
    written = {
        side: [
            name
            for pair in (mapping.pairs if mapping else ())
            if pair.direction.writes(side)
            for name in pair.fields(side)
        ]
        for side in SIDES
    }
    return compile_rules(
        [_rule(each) for each in settings.rules], vocabularies,
        direction=settings.direction, region=region, mapped=written,
    )  # fmt: skip


def mistakes_of(settings: Connection, compilation: Compilation) -> tuple[Mistake, ...]:
    """What is wrong with the rules and with what happens to a pair that leaves them, each with its place."""
    found = [Mistake(_key(each.path), each.message) for each in compilation.problems]
    if settings.leave is Leave.DELETE and all(compilation.rules.of(side) for side in SIDES):
        message = '"delete" needs rules of one side only, or nobody could tell which record is to go'
        found.append(Mistake(("leave",), message, 'the nearest is "tag"'))
    return tuple(found)


def shown(remark: Remark) -> str:
    """A remark with its place as an operator counts."""
    return str(Mistake(_key(remark.path), remark.message))


def counted(path: str) -> str:
    """A place as an operator counts: ``rules[1].if[1]`` is the first clause of the first rule."""
    return re.sub(r"(?<=\[)\d+(?=\])", lambda position: str(int(position[0]) + 1), path)


def governance_of(
    settings: Connection, schemas: Mapping[Side, Schema], policy: Policy, compilation: Compilation
) -> Governance:
    """Everything that decides beside the mapping."""
    flags = frozenset(side for side, schema in schemas.items() if schema.consent is None)
    consent = ConsentPolicy(
        {side: settings.consent.towards(side) for side in SIDES}, {}, NewMember(settings.consent.new), flags
    )
    tags = Deletion.TAG in policy.deletions.values()
    return complete(
        Governance(
            schemas, compilation.rules, consent, settings.consent.tag, settings.leave, settings.leave_tag,
            settings.deletions.tag if tags else "",
        ),
        policy,
    )  # fmt: skip


def _key(path: str) -> tuple[str | int, ...]:
    """``rules[0].if[1]`` as the parts that lead there."""
    return tuple(int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", path))


def _rule(said: Rule) -> language.Rule:
    conditions = tuple(_condition(each) for each in said.if_)
    return language.Rule(said.from_, conditions, tuple(_action(each) for each in said.then))


def _condition(said: clauses.Clause) -> language.Condition:
    match said:
        case Comparison():
            return _comparison(said)
        case clauses.OwnedBy():
            return language.Test(OWNER, language.Operator.IS, (said.owner,))
        case clauses.OptedOut():
            return language.Test(OPTED_OUT, language.Operator.IS, (said.opted_out,))
        case clauses.Has():
            return language.Has(said.has, said.value)
        case clauses.HasNot():
            return language.NotThat(language.Has(said.has_not, said.value))
        case clauses.Created():
            return _period(CREATED, said.created)
        case clauses.Changed():
            return _period(CHANGED, said.changed)
        case clauses.AnyOf():
            return language.AnyOf(tuple(map(_condition, said.any_)))
        case clauses.AllOf():
            return language.AllOf(tuple(map(_condition, said.all_)))
        case clauses.Not():
            return language.NotThat(_condition(said.not_))
    raise TypeError(f"a clause of an unknown shape: {type(said).__name__}")


def _comparison(said: Comparison) -> language.Test:
    operator, operand = language.Operator(said.sign), said.operand
    if operator in language.WITHOUT_OPERAND:
        # "exists = false" says the same as "empty = true".
        other = {language.Operator.EXISTS: language.Operator.EMPTY, language.Operator.EMPTY: language.Operator.EXISTS}
        return language.Test(said.field, operator if operand else other[operator])
    return language.Test(said.field, operator, tuple(_operands(operand)))


def _operands(operand: object) -> Iterator[language.Operand]:
    for each in operand if isinstance(operand, tuple) else (operand,):
        yield each if isinstance(each, bool | int | float) else _text(each)


def _text(operand: object) -> str:
    return operand.isoformat() if isinstance(operand, date) else str(operand)


def _period(name: str, said: clauses.Period) -> language.Test:
    if isinstance(said, clauses.AfterDate):
        return language.Test(name, language.Operator.AFTER, (_text(said.after),))
    return language.Test(name, language.Operator.BEFORE, (_text(said.before),))


def _action(said: actions.AnyAction) -> language.Action:
    match said:
        case actions.SetField():
            return language.SetField(said.set, said.value, language.On(said.on), said.revert)
        case actions.Add():
            return language.AddTo(said.add, said.value, said.revert)
        case actions.Remove():
            return language.RemoveFrom(said.remove, said.value, said.revert)
        case actions.Opt():
            return language.SetConsent(Opt(said.opt), said.revert)
    raise TypeError(f"an action of an unknown shape: {type(said).__name__}")
