"""The field pairs of a connection, compiled from the schemas of its two sides.

Every field says what it means (its semantic name), so the pairs of any two apps follow without anybody writing them
down; an operator adds pairs for fields of his own and switches default pairs off. Types, read-only fields and wishes
decide the direction of each pair, and the reason is kept where that is less than wished.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from zohosyncd.core import phones
from zohosyncd.core.errors import Mistake, Mistakes
from zohosyncd.core.keys import fields_needed, level_problems
from zohosyncd.core.lens import Lens
from zohosyncd.core.lens.containers import names_lens
from zohosyncd.core.lens.converter import Converter
from zohosyncd.core.lens.defaults import default_fits
from zohosyncd.core.lens.fit import Fit, Misfit, nearest
from zohosyncd.core.lens.items import ItemsCanon
from zohosyncd.core.lens.wished import Wish, fit_wish
from zohosyncd.core.pair import Pair, described
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.side import SIDES, Cleared, Direction, Side, Winner
from zohosyncd.core.spelling import fold

__all__ = ["ContactMapping", "FieldPair", "Pair", "compile_mapping"]


@dataclass(frozen=True, slots=True)
class ContactMapping:
    """All pairs of a connection.

    Attributes:
        pairs: in the order of the semantic names, then the configured ones.
        left_fields: all fields to read of the left side: the mapped ones and those that match keys are made of.
        right_fields: the same of the right side.
        unmapped_left: fields of the left side that no pair uses.
        unmapped_right: fields of the right side that no pair uses.
        version: a short stable hash over everything that changes the meaning: the pairs', their directions and who
            wins, the fields that keys are made of, the region.
        dropped: pairs that no value can travel through, each as a sentence with the reason.
        used_left: fields of the left side that a pair uses.
        used_right: the same of the right side.
    """

    pairs: tuple[Pair, ...]
    left_fields: tuple[str, ...]
    right_fields: tuple[str, ...]
    unmapped_left: tuple[str, ...]
    unmapped_right: tuple[str, ...]
    version: str
    dropped: tuple[str, ...] = ()
    used_left: tuple[str, ...] = ()
    used_right: tuple[str, ...] = ()

    def fields(self, side: Side) -> tuple[str, ...]:
        """All fields to read of that side."""
        return self.left_fields if side is Side.LEFT else self.right_fields

    def used_fields(self, side: Side) -> tuple[str, ...]:
        """The fields of that side that a pair uses; the others are only read."""
        return self.used_left if side is Side.LEFT else self.used_right

    def options_without_word(self) -> Iterator[str]:
        """A sentence for each side of a value map whose options it has nothing for: records with them are refused."""
        for pair in self.pairs:
            yield from pair.options_without_word()

    def unmapped(self, side: Side) -> tuple[str, ...]:
        """The fields of that side that no pair uses."""
        return self.unmapped_left if side is Side.LEFT else self.unmapped_right


@dataclass(frozen=True, slots=True)
class FieldPair:
    """A pair that an operator configured: two field names, and what he wishes for them.

    Attributes:
        left, right: a field's name; several names on one of the sides where ``convert`` joins or splits.
        direction: may only narrow. winner, cleared: None for the connection's rule.
        values: a value map, the right word by the left one. convert: converters, in the order from left to right.
    """

    left: str | tuple[str, ...]
    right: str | tuple[str, ...]
    direction: Direction = Direction.BOTH
    winner: Winner | None = None
    cleared: Cleared | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    convert: tuple[Converter, ...] = ()

    @property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of the left and of the right fields."""
        both = [(each,) if isinstance(each, str) else each for each in (self.left, self.right)]
        return both[0], both[1]

    @property
    def name(self) -> str:
        """How it is called in messages and listings."""
        return " = ".join(" + ".join(names) for names in self.names)


def compile_mapping(
    left: Schema,
    right: Schema,
    *,
    pairs: Sequence[FieldPair] = (),
    without: Collection[str] = (),
    direction: Direction,
    region: str,
    match: Sequence[str] = (),
    shared: Collection[str] = (),
    cleared: Cleared = Cleared.TRAVEL,
) -> ContactMapping:
    """The pairs of two schemas.

    Args:
        left: fields of the left object.
        right: fields of the right object.
        pairs: configured pairs; each replaces the default pairs that use one of its fields.
        without: names of default pairs that are switched off.
        direction: the connection's direction; pairs only narrow it.
        region: country of phone numbers without country code, "" if unknown.
        match, shared: levels by which records are matched, and mailboxes that several people use (``core.keys``); their
            fields are read, too.
        cleared: what it does to the other side that somebody has emptied a field, for pairs that do not say.

    Raises:
        Mistakes: with all problems at once, each naming the field, what exists nearest, and the reason.
    """
    compiler = _Compiler(left, right, direction, region, cleared)
    configured = compiler.configured(pairs)
    defaults = compiler.defaults(configured, without)
    for at, level in enumerate(match):
        compiler.problems += [Mistake(("match", at), each) for each in level_problems([level], left, right)]
    if compiler.problems:
        raise Mistakes(compiler.problems)
    found = tuple(described(pair, (left, right), region) for pair in (*defaults, *configured))
    used = [_used(found, side) for side in SIDES]
    needed = [fields_needed(match, schema, side, shared) for schema, side in zip((left, right), SIDES, strict=True)]
    return ContactMapping(
        pairs=found,
        left_fields=tuple(dict.fromkeys((*used[0], *needed[0]))),
        right_fields=tuple(dict.fromkeys((*used[1], *needed[1]))),
        unmapped_left=tuple(name for name in left.fields if name not in used[0]),
        unmapped_right=tuple(name for name in right.fields if name not in used[1]),
        version=_version(found, region, needed),
        dropped=tuple(compiler.dropped),
        used_left=used[0],
        used_right=used[1],
    )


class _Compiler:
    """One compilation: collects problems and dropped pairs on its way."""

    def __init__(self, left: Schema, right: Schema, direction: Direction, region: str, cleared: Cleared) -> None:
        self.schemas = (left, right)
        self.cleared = cleared
        self.direction = direction
        self.region = region
        self.problems: list[Mistake] = []
        self.dropped: list[str] = []

    def configured(self, wishes: Sequence[FieldPair]) -> tuple[Pair, ...]:
        found: dict[int, Pair] = {}
        for index, wish in enumerate(wishes):
            key = ("fields", index)
            fitted = self._fit(wish, key)
            if fitted is None:
                continue
            fit = fitted.fit
            if wish.winner is Winner.UNION and not fit.multi:
                self.problems.append(Mistake((*key, "winner"), '"union" is only for fields with several values'))
            if wish.direction.narrow(self.direction) is None:
                self.dropped.append(f"{wish.name}: {wish.direction} is not the direction of the connection")
                continue
            pair = self._pair(wish.name, fit, wish.direction)
            if isinstance(pair, str):
                self.problems.append(Mistake(key, f"{wish.name}: {pair}"))
            else:
                said = replace(pair, winner=wish.winner, cleared=wish.cleared or pair.cleared)
                found[index] = replace(said, values=wish.values, steps=wish.convert, unmapped=fitted.unmapped)
        self._refuse_twice(found)
        return tuple(found.values())

    def _refuse_twice(self, found: Mapping[int, Pair]) -> None:
        """A mistake at each further pair that uses a field of one before it."""
        for side in SIDES:
            seen: set[str] = set()
            for index, pair in found.items():
                used = set(pair.lens(side).fields)
                self.problems += [
                    Mistake(("fields", index, side.value), f"{name} stands in more than one configured pair")
                    for name in sorted(used & seen)
                ]
                seen |= used

    def defaults(self, configured: Iterable[Pair], without: Collection[str]) -> tuple[Pair, ...]:
        taken = [_used(configured, side) for side in SIDES]
        fits = default_fits(*self.schemas, self.region)
        for at, name in enumerate(without):
            if name not in fits:
                near = _hint(name, tuple(fits))
                self.problems.append(Mistake(("mapping", "without", at), f'no default pair is called "{name}"{near}'))
        found: list[Pair] = []
        for name, fit in fits.items():
            replaced = any(set(lens.fields) & set(used) for lens, used in zip(_lenses(fit), taken, strict=True))
            if replaced or name in without:
                continue
            pair = fit.reason if isinstance(fit, Misfit) else self._pair(name, fit, Direction.BOTH)
            if isinstance(pair, str):
                self.dropped.append(f"{name}: {pair}")
            else:
                found.append(pair)
        return tuple(found)

    def _fit(self, wish: FieldPair, key: tuple[str | int, ...]) -> Wish | None:
        fields: list[tuple[Field, ...]] = []
        unknown = False
        for side, schema, names in zip(SIDES, self.schemas, wish.names, strict=True):
            for name in names:
                if name not in schema.fields:
                    near = _hint(name, tuple(schema.fields))
                    self.problems.append(Mistake((*key, side.value), f'the {side} side has no field "{name}"{near}'))
                    unknown = True
            fields.append(tuple(schema.fields[name] for name in names if name in schema.fields))
        if unknown:
            return None
        if not wish.values and not wish.convert and all(each[0].type is FieldType.NAMES for each in fields):
            lenses = [names_lens(each[0], schema) for each, schema in zip(fields, self.schemas, strict=True)]
            return Wish(Fit((lenses[0], lenses[1]), ItemsCanon(fold)))
        fitted = fit_wish(fields[0], fields[1], wish.values, wish.convert, self.region)
        if isinstance(fitted, Wish):
            return fitted
        self.problems += [Mistake(key, f"{wish.name}: {problem}") for problem in fitted]
        return None

    def _pair(self, name: str, fit: Fit, wish: Direction) -> Pair | str:
        """The pair in the widest direction that wish, connection, types and read-only fields allow, or why none is."""
        direction = self.direction.narrow(wish)
        reasons: list[str] = []
        for allowed, reason in self._limits(fit):
            if direction is None:
                break
            narrowed = direction.narrow(allowed) if allowed is not None else None
            if narrowed is not direction:
                reasons.append(reason)
            direction = narrowed
        why = ", and ".join(reasons)
        if direction is None:
            return why
        return Pair(name, *fit.lenses, fit.canon, direction, fit.multi, why, cleared=self.cleared)

    def _limits(self, fit: Fit) -> Iterable[tuple[Direction | None, str]]:
        yield fit.direction, fit.reason
        away = (Direction.LEFT_TO_RIGHT, Direction.RIGHT_TO_LEFT)
        for lens, schema, allowed in zip(fit.lenses, self.schemas, away, strict=True):
            fixed = [name for name in lens.fields if not schema.fields[name].writable]
            if fixed and (not fit.multi or len(fixed) == len(lens.fields)):
                verb = "is" if len(fixed) == 1 else "are"
                yield allowed, f"{', '.join(fixed)} {verb} read-only"
            consent = [name for name in lens.fields if schema.is_consent(name)]
            if consent:
                yield allowed, f"{', '.join(consent)} is consent, which is written by its own rules alone"


def _lenses(fit: Fit | Misfit) -> tuple[Lens, ...]:
    return fit.lenses if isinstance(fit, Fit) else ()


def _hint(name: str, names: Sequence[str]) -> str:
    near = nearest(name, names)
    return f" (did you mean {near}?)" if near else ""


def _used(pairs: Iterable[Pair], side: Side) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for pair in pairs for name in pair.lens(side).fields))


def _version(pairs: Sequence[Pair], region: str, needed: Sequence[Sequence[str]]) -> str:
    parts = [region.upper(), f"{phones.NORMALISER}"]
    parts += [f"{pair.name} {pair.meaning} {pair.direction} {pair.winner} {pair.cleared}" for pair in pairs]
    parts += [f"{side} key {name}" for side, names in zip(SIDES, needed, strict=True) for name in names]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
