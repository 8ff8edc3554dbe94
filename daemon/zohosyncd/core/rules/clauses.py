"""Conditions checked against what a side offers: the names they use, the operators of each type, the operands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from zohosyncd.core.record import UNREAD, Unread
from zohosyncd.core.rules.conditions import Compiled, Fact, FieldTest, Group, Negation
from zohosyncd.core.rules.language import (
    WITH_SEVERAL,
    WITHOUT_OPERAND,
    AllOf,
    AnyOf,
    Condition,
    Has,
    NotThat,
    Operand,
    Operator,
    Test,
)
from zohosyncd.core.rules.moments import falls, moment_predicate, moments
from zohosyncd.core.rules.names import container_problem, no_such_kind, owner_of, resolve
from zohosyncd.core.rules.predicates import OPERATORS, POSITIVE, Predicate, predicate
from zohosyncd.core.rules.remarks import Places
from zohosyncd.core.rules.subject import Owner, Subject
from zohosyncd.core.rules.truth import Truth, some
from zohosyncd.core.rules.vocabulary import CHANGED, OPTED_OUT, Vocabulary
from zohosyncd.core.schema import Field, FieldType
from zohosyncd.core.spelling import fold

O = Operator  # noqa: E741  as in predicates
_EQUAL = (O.IS, O.IS_NOT, O.IN, O.NOT_IN)
_WORD_OPERATORS = {
    "owner": (*_EQUAL, O.EXISTS, O.EMPTY),
    "opted_out": (O.IS, O.IS_NOT),
    "containers": (*_EQUAL, O.CONTAINS, O.STARTS_WITH, O.EXISTS, O.EMPTY),
    "moment": (O.IS, O.IS_NOT, O.BEFORE, O.AFTER),
}


@dataclass(slots=True)
class ClauseCompiler:
    """Compiles the conditions of one side and remembers what they have to read."""

    vocabulary: Vocabulary
    region: str
    zone: tzinfo
    fields: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    needs_owner: bool = False
    needs_consent: bool = False
    needs_created: bool = False

    def rule(self, conditions: Sequence[Condition], path: str, places: Places) -> Group:
        """All conditions of a rule; a wrong one is left out and reported."""
        return self._group(conditions, path, places, needs_all=True, words="all of these")

    def _group(
        self, conditions: Sequence[Condition], path: str, places: Places, *, needs_all: bool, words: str
    ) -> Group:
        parts = [self._condition(each, f"{path}[{index}]", places) for index, each in enumerate(conditions)]
        return Group(path, words, tuple(part for part in parts if part is not None), needs_all)

    def _condition(self, condition: Condition, path: str, places: Places) -> Compiled | None:
        if isinstance(condition, AllOf | AnyOf):
            needs_all = isinstance(condition, AllOf)
            word = "all" if needs_all else "any"
            if not condition.conditions:
                places.problem(path, f'"{word}" needs at least one condition')
                return None
            words = f"{word} of these"
            return self._group(condition.conditions, f"{path}.{word}", places, needs_all=needs_all, words=words)
        if isinstance(condition, NotThat):
            part = self._condition(condition.condition, f"{path}.not", places)
            return Negation(path, part) if part is not None else None
        if isinstance(condition, Has):
            found = self._has(condition, path, places)
        else:
            found = self._test(condition, path, places)
        if isinstance(found, str):
            places.problem(path, found)
            return None
        return found

    def _test(self, test: Test, path: str, places: Places) -> Compiled | str:
        problem = _operand_count(test)
        resolved = resolve(test.name, self.vocabulary)
        if isinstance(resolved, str):
            return resolved
        if resolved.note:
            places.note(path, resolved.note)
        if problem:
            return f"{test.name}: {problem}"
        words = in_words(test)
        if resolved.fields:
            return self._fields(test, resolved.fields, path, words)
        operators = _WORD_OPERATORS[resolved.word]
        if test.operator not in operators:
            return f'"{test.name}" cannot be asked "{test.operator}": it has {", ".join(operators)}'
        if resolved.word == "owner":
            return self._owner(test, path, words)
        if resolved.word == "opted_out":
            return self._opted_out(test, path, words)
        if resolved.word == "moment":
            return self._moment(test, path, words)
        return self._containers(resolved.kind, test.operator, test.operands, path, words)

    def _fields(self, test: Test, fields: Sequence[Field], path: str, words: str) -> Compiled | str:
        tests: list[tuple[str, Predicate]] = []
        for each in fields:
            if test.operator not in OPERATORS[each.type]:
                has = ", ".join(OPERATORS[each.type])
                return f'{each.name} is of type {each.type} and cannot be asked "{test.operator}": it has {has}'
            operator = POSITIVE.get(test.operator, test.operator)
            if each.type is FieldType.MOMENT and operator is not O.EXISTS:
                found = moment_predicate(operator, test.operands[0], self.zone)
                found = f"{each.name}: {found}" if isinstance(found, str) else found
            else:
                found = predicate(each, operator, test.operands, self.region)
            if isinstance(found, str):
                return found
            tests.append((each.name, found))
        self.fields += [name for name, _ in tests]
        return FieldTest(path, words, tuple(tests), test.operator in POSITIVE)

    def _owner(self, test: Test, path: str, words: str) -> Compiled | str:
        wanted: list[Owner | str] = []
        for operand in test.operands:
            found = owner_of(operand, self.vocabulary)
            if isinstance(found, Owner) or self.vocabulary.owners is None:
                wanted.append(found if isinstance(found, Owner) else str(operand))
            else:
                return found
        self.needs_owner = True

        def look(subject: Subject) -> str | Unread:
            return UNREAD if isinstance(subject.owner, Unread) else str(subject.owner or "")

        def holds(subject: Subject) -> Truth:
            owner = subject.owner
            if isinstance(owner, Unread):
                return Truth.UNKNOWN
            if test.operator in WITHOUT_OPERAND or owner is None:
                return Truth.of(owner is not None)
            return some(_is_owner(owner, each) for each in wanted)

        return Fact(path, words, look, holds, test.operator in POSITIVE)

    def _opted_out(self, test: Test, path: str, words: str) -> Compiled | str:
        if not isinstance(test.operands[0], bool):
            return "opted_out is yes or no: expected true or false"
        flags = tuple(each.name for each in self.vocabulary.schema.meaning(OPTED_OUT))
        self.fields += flags
        self.needs_consent = self.vocabulary.consent or self.needs_consent

        def out(subject: Subject) -> Truth:
            if not isinstance(subject.consent, Unread):
                return Truth.of(subject.consent.out)
            values = subject.record.values
            return some(Truth.of(values[name] is True) if name in values else Truth.UNKNOWN for name in flags[:1])

        def look(subject: Subject) -> str | Unread:
            if not isinstance(subject.consent, Unread):
                return str(subject.consent.state)
            truth = out(subject)
            return UNREAD if truth is Truth.UNKNOWN else str(truth is Truth.YES).lower()

        return Fact(path, words, look, out, test.operands[0] == (test.operator in POSITIVE))

    def _has(self, condition: Has, path: str, places: Places) -> Compiled | str:
        if condition.kind not in self.vocabulary.containers:
            return no_such_kind(condition.kind, self.vocabulary)
        if problem := container_problem(condition.kind, condition.name, self.vocabulary):
            places.note(path, problem)
        words = f'has {condition.kind} "{condition.name}"'
        return self._containers(condition.kind, O.IS, (condition.name,), path, words)

    def _containers(
        self, kind: str, operator: Operator, operands: Sequence[Operand], path: str, words: str
    ) -> Compiled | str:
        if any(not isinstance(each, str) or not each.strip() for each in operands):
            return f"{kind}: expected a name in quotes"
        wanted = [fold(str(each)) for each in operands]
        self.kinds.append(kind)
        fits: Callable[[str], bool]
        if operator in _EQUAL:
            fits = wanted.__contains__
        elif operator is O.CONTAINS:
            fits = lambda name: wanted[0] in name  # noqa: E731
        elif operator is O.STARTS_WITH:
            fits = lambda name: name.startswith(wanted[0])  # noqa: E731
        else:
            fits = bool

        def look(subject: Subject) -> str | Unread:
            names = subject.containers.get(kind)
            return UNREAD if names is None else ", ".join(sorted(names))

        def holds(subject: Subject) -> Truth:
            names = subject.containers.get(kind)
            return Truth.UNKNOWN if names is None else Truth.of(any(fits(fold(name)) for name in names))

        return Fact(path, words, look, holds, operator in POSITIVE)

    def _moment(self, test: Test, path: str, words: str) -> Compiled | str:
        span = moments(test.operands[0], self.zone)
        if isinstance(span, str):
            return f"{test.name}: {span}"
        changed = test.name == CHANGED
        self.needs_created = self.needs_created or not changed

        def moment(subject: Subject) -> float | None:
            return subject.record.modified if changed else subject.created

        def look(subject: Subject) -> str | Unread:
            at = moment(subject)
            return UNREAD if at is None else datetime.fromtimestamp(at, self.zone).isoformat(timespec="seconds")

        def holds(subject: Subject) -> Truth:
            at = moment(subject)
            return Truth.UNKNOWN if at is None else Truth.of(falls(at, test.operator, span))

        return Fact(path, words, look, holds, test.operator in POSITIVE)


def in_words(test: Test) -> str:
    """A clause as a person would say it."""
    if test.operator in WITHOUT_OPERAND:
        return f"{test.name} {test.operator}"
    shown = [f'"{each}"' if isinstance(each, str) else str(each).lower() for each in test.operands]
    operands = f"[{', '.join(shown)}]" if test.operator in WITH_SEVERAL else ", ".join(shown)
    return f"{test.name} {test.operator} {operands}"


def _operand_count(test: Test) -> str:
    if test.operator in WITHOUT_OPERAND:
        return f'"{test.operator}" is compared with nothing' if test.operands else ""
    if test.operator in WITH_SEVERAL:
        return "" if test.operands else f'"{test.operator}" needs a list of values'
    return "" if len(test.operands) == 1 else f'"{test.operator}" needs exactly one value'


def _is_owner(owner: Owner, wanted: Owner | str) -> Truth:
    """Whether this is the wanted owner; a part that the app does not tell can leave that unknown."""
    if isinstance(wanted, Owner):
        for ours, theirs in ((owner.id, wanted.id), (owner.email, wanted.email), (owner.name, wanted.name)):
            if ours and theirs:
                return Truth.of(fold(ours) == fold(theirs))
        return Truth.UNKNOWN
    text = fold(wanted)
    parts = (owner.email,) if "@" in text else (owner.id, owner.name)
    if text in {fold(part) for part in parts if part}:
        return Truth.YES
    return Truth.UNKNOWN if "" in parts else Truth.NO
