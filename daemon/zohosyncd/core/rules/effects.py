"""Actions checked against the side that they change: what each of them touches, and with what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from zohosyncd.core.consent import Opt
from zohosyncd.core.lens import Lens
from zohosyncd.core.lens.fit import Misfit, fit_fields, is_multi
from zohosyncd.core.record import Value
from zohosyncd.core.rules.language import Action, AddTo, Condition, On, Operator, RemoveFrom, SetConsent, SetField
from zohosyncd.core.rules.names import container_problem, no_such_kind, owner_of, resolve
from zohosyncd.core.rules.predicates import choice_problem, operand_problem
from zohosyncd.core.rules.remarks import Places
from zohosyncd.core.rules.subject import Owner
from zohosyncd.core.rules.vocabulary import OPTED_OUT, OWNER, Vocabulary
from zohosyncd.core.schema import Field, FieldType
from zohosyncd.core.spelling import fold

_USE_OPT: Final = 'consent is not set as a field: use opt = "out", or opt = "in" which needs evidence'


@dataclass(frozen=True, slots=True)
class FieldEffect:
    """A field is set to ``value``, in the app's own spelling."""

    path: str
    name: str
    value: Value
    lens: Lens
    on: On
    revert: bool

    @property
    def key(self) -> str:
        """What it touches."""
        return f"field:{self.name}"


@dataclass(frozen=True, slots=True)
class MemberEffect:
    """The record is put into a container, or taken out of it."""

    path: str
    kind: str
    name: str
    present: bool
    revert: bool
    on: On = On.ALWAYS

    @property
    def key(self) -> str:
        """What it touches."""
        return f"in:{self.kind}:{fold(self.name)}"


@dataclass(frozen=True, slots=True)
class OwnerEffect:
    """The record is given to somebody."""

    path: str
    owner: Owner
    on: On
    revert: bool

    @property
    def key(self) -> str:
        """What it touches."""
        return OWNER


@dataclass(frozen=True, slots=True)
class ConsentEffect:
    """The person is opted out or in; ``core.consent`` decides whether that may be."""

    path: str
    opt: Opt
    revert: bool = False
    on: On = On.ALWAYS

    @property
    def key(self) -> str:
        """What it touches."""
        return OPTED_OUT


Effect = FieldEffect | MemberEffect | OwnerEffect | ConsentEffect


@dataclass(frozen=True, slots=True)
class ActionCompiler:
    """Compiles the actions onto one side. ``mapped``: the fields there that the mapping writes."""

    vocabulary: Vocabulary
    region: str
    mapped: Sequence[str]

    def rule(self, actions: Sequence[Action], path: str, places: Places) -> tuple[Effect, ...]:
        """The effects of one rule; a wrong action is left out and reported."""
        found: list[Effect] = []
        for index, action in enumerate(actions):
            place = f"{path}[{index}]"
            if isinstance(action, SetField):
                effect = self._set(action, place, places)
            elif isinstance(action, SetConsent):
                effect = self._consent(action, place)
            else:
                effect = self._member(action, place, places)
            if isinstance(effect, str):
                places.problem(place, effect)
            else:
                found.append(effect)
        return tuple(found)

    def _set(self, action: SetField, path: str, places: Places) -> Effect | str:
        resolved = resolve(action.name, self.vocabulary)
        if isinstance(resolved, str):
            return resolved
        if resolved.note:
            places.note(path, resolved.note)
        if action.revert and action.on is On.CREATE:
            return f"{action.name}: revert has nothing to go back to where a value is set on create"
        if resolved.word == OWNER:
            return self._owner(action, path)
        if resolved.word == OPTED_OUT or any(self.vocabulary.schema.is_consent(each.name) for each in resolved.fields):
            return _USE_OPT
        if resolved.word == "containers":
            return f'{action.name} is not set: use add = "{action.name}" or remove = "{action.name}"'
        if resolved.word:
            return f"{action.name} is only read"
        if len(resolved.fields) > 1:
            names = ", ".join(each.name for each in resolved.fields)
            return f'"{action.name}" is several fields here: name one of {names}'
        return self._field(action, resolved.fields[0], path, places)

    def _field(self, action: SetField, field: Field, path: str, places: Places) -> Effect | str:
        if not field.writable:
            return f"{field.name} is read-only"
        if is_multi(field) or field.type is FieldType.ADDRESS:
            return f"{field.name} is of type {field.type}: a rule sets only fields with one value"
        fit = fit_fields(field, field, self.region)
        if isinstance(fit, Misfit):
            return fit.reason
        if problem := _value_problem(field, action.value):
            return problem
        lens = fit.lenses[0]
        refusal = lens.refuses(action.value)
        if refusal is not None:
            return f"{field.name}: {refusal}"
        if field.name in self.mapped:
            if action.on is not On.CREATE:
                return f"{field.name} is also written by the mapping, which would undo it: use on = create"
            places.note(path, f"{field.name} is also mapped: on records that are created, this value wins")
        value = lens.put(action.value, {field.name: None}).get(field.name)
        return FieldEffect(path, field.name, value, lens, action.on, action.revert)

    def _owner(self, action: SetField, path: str) -> Effect | str:
        if not isinstance(action.value, str) or not action.value.strip():
            return "owner: expected a name, an e-mail address or an id in quotes"
        owner = owner_of(action.value, self.vocabulary)
        if isinstance(owner, str):
            if self.vocabulary.owners is not None:
                return owner
            text = action.value.strip()
            owner = Owner("", email=text) if "@" in text else Owner(text)
            if action.revert:
                return "owner: revert needs the list of the app's users, which is not known"
        return OwnerEffect(path, owner, action.on, action.revert)

    def _member(self, action: AddTo | RemoveFrom, path: str, places: Places) -> Effect | str:
        known = self.vocabulary.containers.get(action.kind)
        if known is None:
            return no_such_kind(action.kind, self.vocabulary)
        name = action.name.strip()
        if not name:
            return f"{action.kind}: expected a name in quotes"
        if known.max_length is not None and len(name) > known.max_length:
            return f'{action.kind}: "{name}" is longer than {known.max_length} characters'
        adds = isinstance(action, AddTo)
        if missing := container_problem(action.kind, name, self.vocabulary):
            if adds and not known.creatable:
                return f"{missing}, and the app cannot make it"
            places.note(path, missing + (": it will be made" if adds else ""))
        return MemberEffect(path, action.kind, name, adds, action.revert)

    def _consent(self, action: SetConsent, path: str) -> Effect | str:
        if OPTED_OUT not in self.vocabulary.words:
            return "the app keeps no consent: nobody can be opted out or in there"
        if action.revert:
            return "consent is not reverted: an opt-out stays, and opting in needs evidence of its own"
        return ConsentEffect(path, action.opt)


Given = tuple[str, frozenset[Condition], tuple[Effect, ...]]
"""Place, conditions and effects of one rule."""


def rivalries(rules: Sequence[Given], places: Places) -> None:
    """Report effects of one side's rules that contradict each other.

    It is a mistake where the later one could never take effect: in one rule, or in a rule that only matches what an
    earlier one matches, too. Else it is a note on what happens where both match: the first rule wins, except that
    being added to a container wins over being removed, and opting out over opting in, whatever the order.
    """
    for path, _, effects in rules:
        for first, second in combinations(effects, 2):
            if _contradict(first, second):
                places.problem(second.path, f"contradicts {first.path} of the same rule ({path})")
    for earlier, later in combinations(rules, 2):
        for first, second in _contradictions(earlier, later):
            winner = _unordered_winner(first, second)
            if earlier[1] <= later[1] and (winner or first) is first:
                places.problem(second.path, f"never takes effect: wherever it matches, {first.path} wins")
            elif later[1] <= earlier[1] and winner is second:
                places.problem(first.path, f"never takes effect: wherever it matches, {second.path} wins")
            else:
                wins = winner or first
                places.note(second.path, f"where both rules match, {wins.path} wins: it touches the same thing")


def _contradictions(earlier: Given, later: Given) -> Iterator[tuple[Effect, Effect]]:
    for first in earlier[2]:
        for second in later[2]:
            if _contradict(first, second):
                yield first, second


def _contradict(first: Effect, second: Effect) -> bool:
    if first.key != second.key or {first.on, second.on} == {On.CREATE, On.UPDATE}:
        return False
    return wanted(first) != wanted(second)


def _unordered_winner(first: Effect, second: Effect) -> Effect | None:
    for each in (first, second):
        if isinstance(each, MemberEffect) and each.present:
            return each
        if isinstance(each, ConsentEffect) and each.opt is Opt.OUT:
            return each
    return None


def wanted(effect: Effect) -> Value | Owner:
    """What an effect brings about, comparable among effects that touch the same thing."""
    if isinstance(effect, FieldEffect):
        return effect.value
    if isinstance(effect, MemberEffect):
        return effect.present
    return effect.owner if isinstance(effect, OwnerEffect) else str(effect.opt)


def _value_problem(field: Field, value: Value) -> str:
    if value is None or value == "":
        return f"{field.name} is required and cannot be emptied" if field.required else ""
    if not isinstance(value, str | bool | int | float):
        return f"{field.name}: expected one plain value"
    if problem := operand_problem(field, Operator.IS, (value,)):
        return problem
    if isinstance(value, str):
        if field.type is FieldType.CHOICE:
            return choice_problem(field, value)
        if field.max_length is not None and len(value) > field.max_length:
            return f"{field.name} holds at most {field.max_length} characters"
    return ""
