"""Rules checked against what both sides offer, and made ready for use. Mistakes are values, all of them at once."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from zohosyncd.core.rules.clauses import ClauseCompiler
from zohosyncd.core.rules.conditions import Finding, Group
from zohosyncd.core.rules.effects import ActionCompiler, Effect, FieldEffect, MemberEffect, OwnerEffect, rivalries
from zohosyncd.core.rules.language import Rule
from zohosyncd.core.rules.remarks import Places, Remark
from zohosyncd.core.rules.subject import Subject
from zohosyncd.core.rules.truth import Truth, some
from zohosyncd.core.rules.vocabulary import Vocabulary
from zohosyncd.core.side import SIDES, Direction, Side


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule, ready for use. ``path``: its place, "rules[2]"."""

    path: str
    side: Side
    condition: Group
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What has to be read of a side so that its rules can be decided, and those of the other side carried out.

    Attributes:
        fields: field names. containers: kinds of containers.
        owner, consent, created: whether these are needed.
    """

    fields: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    owner: bool = False
    consent: bool = False
    created: bool = False


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of a connection, ready for use.

    Attributes:
        rules: in the order of the file. reading: by side, what has to be read.
        version: a short stable hash over what the rules say; another one means that every pair is decided anew.
    """

    rules: tuple[CompiledRule, ...] = ()
    reading: Mapping[Side, Reading] = field(default_factory=dict)
    version: str = ""

    def of(self, side: Side) -> tuple[CompiledRule, ...]:
        """The rules that ask about records of that side."""
        return tuple(rule for rule in self.rules if rule.side is side)

    def matches(self, side: Side, subject: Subject) -> tuple[Truth, ...]:
        """Whether a record of that side matches each of its rules, in order."""
        return tuple(rule.condition.truth(subject) for rule in self.rules if rule.side is side)

    def match(self, side: Side, subject: Subject | None) -> Truth | None:
        """Whether a record matches any rule of its side, None where the side has no rule.

        Args:
            side: the record's side. subject: what is known of it, None where nothing is.
        """
        own = self.of(side)
        if not own:
            return None
        return Truth.UNKNOWN if subject is None else some(rule.condition.truth(subject) for rule in own)

    def explain(self, side: Side, subject: Subject) -> tuple[Finding, ...]:
        """The same, rule by rule and clause by clause, with what was seen."""
        return tuple(rule.condition.explain(subject) for rule in self.of(side))


@dataclass(frozen=True, slots=True)
class Compilation:
    """What became of the rules: usable only without problems.

    Attributes:
        rules: the rules, without those parts that are wrong.
        problems: the mistakes, in the order of the file. notes: what an operator should know; nothing is wrong.
    """

    rules: RuleSet
    problems: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()


def compile_rules(
    rules: Sequence[Rule],
    vocabularies: Mapping[Side, Vocabulary],
    *,
    direction: Direction = Direction.BOTH,
    region: str = "",
    zone: tzinfo = UTC,
    mapped: Mapping[Side, Sequence[str]] | None = None,
) -> Compilation:
    """Check rules against both sides and make them ready.

    Args:
        rules: in the order of the file. vocabularies: what the sides offer.
        direction: the connection's; rules of a side from which nothing may travel only decide scope.
        region: country of phone numbers without country code, "" if unknown.
        zone: whose days are meant where a moment (``created``, ``changed``) is compared with a date.
        mapped: by side, the fields that the mapping writes.
    """
    places = Places()
    compiled: list[CompiledRule] = []
    compilers = {side: ClauseCompiler(vocabularies[side], region, zone) for side in SIDES}
    for index, rule in enumerate(rules):
        path = f"rules[{index}]"
        condition = compilers[rule.side].rule(rule.conditions, f"{path}.if", places)
        target = rule.side.other
        written = (mapped or {}).get(target, ())
        effects = ActionCompiler(vocabularies[target], region, written).rule(rule.actions, f"{path}.then", places)
        if not direction.writes(target):
            places.note(path, _only_scope(rule.side, direction, bool(rule.actions)))
            effects = ()
        compiled.append(CompiledRule(path, rule.side, condition, effects))
    for side in SIDES:
        own = [(rule, each) for rule, each in zip(rules, compiled, strict=True) if rule.side is side]
        given = [(each.path, frozenset(rule.conditions), each.effects) for rule, each in own]
        rivalries(given, places)
    reading = {side: _reading(side, compilers[side], compiled) for side in SIDES}
    return Compilation(RuleSet(tuple(compiled), reading, _version(rules)), tuple(places.problems), tuple(places.notes))


def _only_scope(side: Side, direction: Direction, has_actions: bool) -> str:
    done = " and its actions are not carried out" if has_actions else ""
    return (
        f"nothing travels from the {side} side ({direction}): this rule keeps linked pairs in sync while it matches, "
        f"but creates nothing{done}"
    )


def _reading(side: Side, compiler: ClauseCompiler, compiled: Sequence[CompiledRule]) -> Reading:
    effects = [effect for rule in compiled if rule.side is side.other for effect in rule.effects]
    fields = [*compiler.fields, *(each.name for each in effects if isinstance(each, FieldEffect))]
    kinds = [*compiler.kinds, *(each.kind for each in effects if isinstance(each, MemberEffect))]
    return Reading(
        fields=tuple(dict.fromkeys(fields)),
        containers=tuple(dict.fromkeys(kinds)),
        owner=compiler.needs_owner or any(isinstance(each, OwnerEffect) for each in effects),
        consent=compiler.needs_consent,
        created=compiler.needs_created,
    )


def _version(rules: Sequence[Rule]) -> str:
    return hashlib.sha256("\n".join(repr(rule) for rule in rules).encode()).hexdigest()[:16] if rules else ""
