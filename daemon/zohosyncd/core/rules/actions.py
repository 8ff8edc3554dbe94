"""What the matching rules of one side do to the partner, and what is undone when a record leaves a rule.

Rules that match hold their effects in force at every look: what is so already is not written again. A rule of which
it is unknown whether it matches starts nothing and ends nothing. An effect with ``revert`` is remembered with what
was there before the first rule gave it; when no rule gives it any more it is undone, unless somebody has changed it
since. What another matching rule gives stays, and stays for good where that rule has no ``revert``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from zohosyncd.core.consent import Opt
from zohosyncd.core.record import Record, Unread, Value, Values
from zohosyncd.core.rules.applied import Applied, is_still
from zohosyncd.core.rules.compiling import RuleSet
from zohosyncd.core.rules.effects import ConsentEffect, Effect, FieldEffect, MemberEffect, wanted
from zohosyncd.core.rules.language import On
from zohosyncd.core.rules.subject import Owner, Subject
from zohosyncd.core.rules.truth import Truth
from zohosyncd.core.rules.vocabulary import OWNER
from zohosyncd.core.side import Side
from zohosyncd.core.spelling import fold


@dataclass(frozen=True, slots=True)
class Overruled:
    """An effect that did not take place because another one touches the same thing; both by their places."""

    path: str
    by: str


@dataclass(frozen=True, slots=True)
class Actions:
    """What is to be done to a record because of rules: only what is not so already.

    Attributes:
        fields: values to write. add, remove: (kind, name) of containers.
        owner: whom to give it to, None to leave it. opt: what the rules wish for its consent, None for nothing.
        applied: what the link remembers from now on: stored with the intents, before anything is sent.
        overruled: rules that gave way to others.
        unread: what has to be read before the rest can be done: field names, kinds of containers, "owner".
    """

    fields: Values = field(default_factory=dict)
    add: tuple[tuple[str, str], ...] = ()
    remove: tuple[tuple[str, str], ...] = ()
    owner: Owner | None = None
    opt: Opt | None = None
    applied: Applied = field(default_factory=Applied)
    overruled: tuple[Overruled, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether anything is to be written beside consent."""
        return bool(self.fields or self.add or self.remove or self.owner is not None)


def act(
    rules: RuleSet, side: Side, matches: Sequence[Truth], partner: Subject | None, applied: Applied | None = None
) -> Actions:
    """What the rules of ``side`` do to the record on the other side.

    Args:
        rules: the connection's rules. side: the side whose record was asked.
        matches: for each rule of that side, in order, whether it matches (``RuleSet.matches``).
        partner: the record on the other side, None where it is about to be created.
        applied: what the link remembers, None for nothing.

    Returns:
        What to write. Carried out, the same call gives nothing to write and remembers the same.
    """
    giving: dict[str, list[tuple[Truth, Effect]]] = {}
    for rule, truth in zip(rules.of(side), matches, strict=True):
        for effect in rule.effects:
            if truth is not Truth.NO and _takes_place(effect, partner):
                giving.setdefault(effect.key, []).append((truth, effect))
    step = _Step(partner if partner is not None else _NOTHING, created=partner is None)
    remembered = applied if applied is not None and partner is not None else Applied()
    overruled: list[Overruled] = []
    for key in dict.fromkeys([*giving, *remembered.given]):
        candidates = giving.get(key, [])
        sure = [effect for truth, effect in candidates if truth is Truth.YES]
        if sure:
            winner = _winner(sure)
            overruled += [Overruled(each.path, winner.path) for each in sure if wanted(each) != wanted(winner)]
            ends = any(e.revert and (truth is Truth.YES or key in remembered.given) for truth, e in candidates)
            step.give(key, winner, remembered, lasting=not ends)
        elif candidates:
            step.keep(key, remembered)
        else:
            step.undo(key, remembered)
    return step.actions(tuple(overruled))


def _takes_place(effect: Effect, partner: Subject | None) -> bool:
    return effect.on is On.ALWAYS or (effect.on is On.CREATE) == (partner is None)


def _winner(effects: Sequence[Effect]) -> Effect:
    """The first, except that adding wins over removing and out over in, whatever the order."""
    for effect in effects:
        if isinstance(effect, MemberEffect) and effect.present:
            return effect
        if isinstance(effect, ConsentEffect) and effect.opt is Opt.OUT:
            return effect
    return effects[0]


class _Step:
    """One look at the partner, effect by effect."""

    def __init__(self, partner: Subject, *, created: bool) -> None:
        self.partner = partner
        self.created = created
        self.fields: dict[str, Value] = {}
        self.add: list[tuple[str, str]] = []
        self.remove: list[tuple[str, str]] = []
        self.owner: Owner | None = None
        self.opt: Opt | None = None
        self.before: dict[str, Value] = {}
        self.given: dict[str, Value] = {}
        self.unread: list[str] = []

    def actions(self, overruled: tuple[Overruled, ...]) -> Actions:
        """What it came to."""
        return Actions(
            self.fields, tuple(self.add), tuple(self.remove), self.owner, self.opt,
            Applied(self.before, self.given), overruled, tuple(dict.fromkeys(self.unread)),
        )  # fmt: skip

    def give(self, key: str, effect: Effect, remembered: Applied, *, lasting: bool) -> None:
        """Bring an effect about; unless it is lasting, remember what was there before the first rule gave it."""
        if isinstance(effect, ConsentEffect):
            self.opt = effect.opt
            return
        shown = self._now(key)
        if isinstance(shown, Unread):
            self.unread.append(_what(key))
            self.keep(key, remembered)
            return
        if isinstance(effect, FieldEffect):
            self._set(effect.name, effect, shown)
            given = effect.value
        elif isinstance(effect, MemberEffect):
            given = effect.name if effect.present else None
            self._move(effect.kind, shown, given)
        else:
            given = effect.owner.id
            if not _same_owner(self.partner.owner, effect.owner):
                self.owner = effect.owner
        if not lasting:
            self.before[key] = remembered.before[key] if key in remembered.given else shown
            self.given[key] = given

    def keep(self, key: str, remembered: Applied) -> None:
        """Leave an effect as it is."""
        if key in remembered.given:
            self.before[key], self.given[key] = remembered.before[key], remembered.given[key]

    def undo(self, key: str, remembered: Applied) -> None:
        """Take an effect back, if the record still shows it."""
        before, given, shown = remembered.before[key], remembered.given[key], self._now(key)
        if isinstance(shown, Unread):
            self.unread.append(_what(key))
            self.keep(key, remembered)
        elif key.startswith("in:"):
            if (shown is None) == (given is None):
                self._move(key.split(":")[1], shown, before)
        elif key == OWNER:
            if shown == given != before and isinstance(before, str):
                self.owner = Owner(before)
        elif shown != before and is_still(given, shown):
            self.fields[key.removeprefix("field:")] = before

    def _set(self, name: str, effect: FieldEffect, shown: Value) -> None:
        if self.created:
            if effect.value is not None:
                self.fields[name] = effect.value
        else:
            self.fields.update(effect.lens.put(effect.value, {name: shown}))

    def _move(self, kind: str, shown: Value, wanted_name: Value) -> None:
        if isinstance(wanted_name, str) and shown is None:
            self.add.append((kind, wanted_name))
        elif wanted_name is None and isinstance(shown, str):
            self.remove.append((kind, shown))

    def _now(self, key: str) -> Value | Unread:
        """What the record shows of the thing that a key names."""
        if self.created:
            return None
        if key == OWNER:
            owner = self.partner.owner
            return owner if isinstance(owner, Unread) else (owner.id if owner is not None else None)
        if key.startswith("in:"):
            _, kind, name = key.split(":", 2)
            names = self.partner.containers.get(kind)
            return Unread.UNREAD if names is None else next(_named(names, name), None)
        name = key.removeprefix("field:")
        values = self.partner.record.values
        return values.get(name, Unread.UNREAD)


def _named(names: frozenset[str], folded: str) -> Iterator[str]:
    return (name for name in sorted(names) if fold(name) == folded)


def _what(key: str) -> str:
    return key.split(":")[1] if ":" in key else key


def _same_owner(now: Owner | Unread | None, target: Owner) -> bool:
    if not isinstance(now, Owner):
        return False
    if now.id and target.id:
        return now.id == target.id
    return any(
        ours and fold(ours) == fold(theirs) for ours, theirs in ((now.email, target.email), (now.name, target.name))
    )


_NOTHING = Subject(Record("", {}))
