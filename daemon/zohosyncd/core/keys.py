"""Match keys: by what two records are recognised as the same person before they are linked.

A level is a configured way to match: parts joined by "+" ("email", "phone+family_name"), or a pair of fields
("Customer_Number=userDefined.customer"). A record yields every key that its parts give; two records with an equal
key of one level are candidates. The kind of a key names everything that its form depends on, so that keys of equal
kinds can be compared across apps and over time.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final, NamedTuple

from zohosyncd.core import phones
from zohosyncd.core.emails import canonical_email, valid_email
from zohosyncd.core.lens.fit import nearest
from zohosyncd.core.mailboxes import is_shared
from zohosyncd.core.names import casefold_name, full_name, split_full_name, spoken
from zohosyncd.core.record import Values
from zohosyncd.core.schema import FieldType, Schema
from zohosyncd.core.side import SIDES, Side
from zohosyncd.core.spelling import fold_compatible

_NORMALISER: Final = 1
_FIELD_NORMALISER: Final = 2
_PERSONAL, _MAILBOX = "personal", "mailbox"
_BETWEEN: Final = "\x1f"
_STRONG: Final = ("email", "phone")
_FORMS: Final = {
    FieldType.EMAIL: "email",
    FieldType.EMAILS: "email",
    FieldType.PHONE: "phone",
    FieldType.PHONES: "phone",
}
_TELLING: Final = (*_FORMS, FieldType.TEXT, FieldType.NUMBER, FieldType.URL)
"""Types whose values can tell people apart; many share a choice, a flag, a date, an owner or a tag."""
_Fields = Mapping[str, tuple[str, ...]]
"""Field names by what they mean, best first."""


class MatchKey(NamedTuple):
    """One key of a record: how it was made ("email/1", "phone+family_name/DE/1"), and its value (personal data)."""

    kind: str
    value: str


def kinds(levels: Sequence[str], region: str, shared: Collection[str] = ()) -> tuple[str, ...]:
    """The kinds of the levels, in their order of preference.

    Args:
        levels, region: as in :func:`key_maker`. shared: what stands before the @ of mailboxes that several people use.
    """
    return tuple(kind for level in levels for kind, _parts in _made_of(level, region, shared))


def mailbox_kind(shared: Collection[str]) -> str:
    """The kind of the key that only suggests: the address of a shared mailbox. "" where nothing counts as one."""
    return f"mailbox/{_tag(shared)}" if shared else ""


@dataclass(frozen=True, slots=True)
class KeyMaker:
    """Makes the keys of many records of one object; everything that only depends on the schema is worked out once.

    Made by :func:`key_maker`. ``levels`` are kinds with what they are made of: a field name, or the names of parts.
    ``forms``: how the values of named fields are compared: "email" or "phone" where that is not as text.
    """

    levels: tuple[tuple[str, str | tuple[str, ...]], ...]
    fields: Mapping[str, tuple[str, ...]]
    region: str
    forms: Mapping[str, str] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of key that it makes."""
        return frozenset(kind for kind, _made_of in self.levels)

    def __call__(self, values: Values) -> tuple[MatchKey, ...]:
        """All keys that a record gives, in the order of the levels, none twice.

        Args:
            values: what was read of the record; a part that was not read gives no key.
        """
        found: dict[MatchKey, None] = {}
        for kind, made_of in self.levels:
            for value in self._values(made_of, values):
                found[MatchKey(kind, value)] = None
        return tuple(found)

    def _values(self, made_of: str | tuple[str, ...], values: Values) -> Iterable[str]:
        if isinstance(made_of, str):
            part = self.forms.get(made_of)
            if part is None:
                return _plain(values, made_of)
            return _PARTS[part](values, {f"{part}s": (made_of,)}, self.region)
        if len(made_of) == 1:
            return self._part(made_of[0], values)
        parts: list[tuple[str, ...]] = []
        for part in made_of:
            found = tuple(self._part(part, values))
            if not found:
                return ()
            parts.append(found)
        return map(_BETWEEN.join, product(*parts))

    def _part(self, part: str, values: Values) -> Iterable[str]:
        if part not in {_PERSONAL, _MAILBOX}:
            return _PARTS[part](values, self.fields, self.region)
        addresses = _emails(values, self.fields, self.region)
        return (each for each in addresses if is_shared(each, self.shared) is (part == _MAILBOX))


def key_maker(
    schema: Schema, levels: Sequence[str], region: str, side: Side | None = None, shared: Collection[str] = ()
) -> KeyMaker:
    """What makes the keys of an object's records.

    Args:
        schema: what the fields mean.
        levels: the configured ways to match.
        region: country of phone numbers without country code, "" if unknown.
        side: the records' side, for levels that name a pair of fields.
        shared: what stands before the @ of mailboxes that several people use, in small letters. Such an address is a
            key only together with a full name; alone it makes a key of :func:`mailbox_kind`.

    Raises:
        ValueError: a level names a pair of fields and no side is given.
    """
    made: list[tuple[str, str | tuple[str, ...]]] = []
    for level in levels:
        if not _is_pair(level):
            made += _made_of(level, region, shared)
        elif side is None:
            raise ValueError("a level that names a pair of fields needs the side")
        else:
            made.append((_kind(level, region), _pair(level)[SIDES.index(side)]))
    if shared and "email" in levels:
        made.append((mailbox_kind(shared), (_MAILBOX,)))
    semantics = dict.fromkeys(semantic for made_of in _MADE_OF.values() for semantic in made_of)
    fields = {semantic: tuple(field.name for field in schema.meaning(semantic)) for semantic in semantics}
    forms = {name: form for _kind_, name in made if isinstance(name, str) and (form := _form(schema, name))}
    return KeyMaker(tuple(made), fields, region, forms, frozenset(shared))


def match_keys(
    values: Values, schema: Schema, levels: Sequence[str], region: str, side: Side | None = None
) -> tuple[MatchKey, ...]:
    """The keys of one record; for many records of one object make a :func:`key_maker` once."""
    return key_maker(schema, levels, region, side)(values)


def level_problems(levels: Sequence[str], left: Schema, right: Schema) -> list[str]:
    """What is wrong with configured levels, each as a sentence; [] if nothing is."""
    problems: list[str] = []
    for level in levels:
        if _is_pair(level):
            for side, schema, name in zip(SIDES, (left, right), _pair(level), strict=True):
                if name in schema.fields:
                    kind = schema.fields[name].type
                    if kind not in _TELLING:
                        problems.append(f'match "{level}": {name} is of type {kind}, which tells nobody apart')
                else:
                    near = nearest(name, tuple(schema.fields))
                    hint = f" (did you mean {near}?)" if near else ""
                    problems.append(f'match "{level}": the {side} side has no field "{name}"{hint}')
            problems += _unlike(level, left, right)
            continue
        parts = level.split("+")
        unknown = [part for part in parts if part not in _PARTS]
        for part in unknown:
            near = nearest(part, tuple(_PARTS))
            problems.append(f'match "{level}": "{part}" is none of {", ".join(_PARTS)}{near and f" (near: {near})"}')
        if not unknown and not set(parts) & set(_STRONG):
            problems.append(f'match "{level}": names alone tell nobody apart, add email or phone')
    return problems


def fields_needed(levels: Sequence[str], schema: Schema, side: Side, shared: Collection[str] = ()) -> tuple[str, ...]:
    """The fields of that side that the keys of these levels are made of; ``shared``: as in :func:`key_maker`."""
    if shared and "email" in levels:
        levels = (*levels, "email+full_name")
    found: dict[str, None] = {}
    for level in levels:
        if _is_pair(level):
            found[_pair(level)[SIDES.index(side)]] = None
            continue
        for part in level.split("+"):
            for semantic in _MADE_OF.get(part, ()):
                found |= dict.fromkeys(field.name for field in schema.meaning(semantic))
    return tuple(name for name in found if name in schema.fields)


def names_in(schema: Schema, values: Values) -> tuple[str, str]:
    """Given and family name of a record, each "" where there is none."""
    return _given_family(values, {name: tuple(each.name for each in schema.meaning(name)) for name in _NAMES})


def _made_of(level: str, region: str, shared: Collection[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The kinds that a level stands for, each with its parts, the surest first."""
    if level != "email" or not shared:
        return [(_kind(level, region), tuple(level.split("+")))]
    tag = _tag(shared)
    return [(f"email/{tag}", (_PERSONAL,)), (f"mailbox+full_name/{tag}", (_MAILBOX, "full_name"))]


def _tag(shared: Collection[str]) -> str:
    """Another list of shared mailboxes makes other keys."""
    return f"{_NORMALISER}-{hashlib.sha256(' '.join(sorted(shared)).encode()).hexdigest()[:6]}"


def _is_pair(level: str) -> bool:
    return "=" in level


def _pair(level: str) -> tuple[str, str]:
    left, _, right = level.partition("=")
    return left.strip(), right.strip()


def _form(schema: Schema, name: str) -> str:
    """How a field's values are compared: "email", "phone", or "" for as text."""
    found = schema.fields.get(name)
    return _FORMS.get(found.type, "") if found is not None else ""


def _unlike(level: str, left: Schema, right: Schema) -> list[str]:
    """An address or a number is compared in a form of its own; a text beside it would never be equal to it."""
    forms = [_form(schema, name) for schema, name in zip((left, right), _pair(level), strict=True)]
    known = all(name in schema.fields for schema, name in zip((left, right), _pair(level), strict=True))
    return [f'match "{level}": the two fields hold different kinds of values'] if known and len(set(forms)) > 1 else []


def _kind(level: str, region: str) -> str:
    if _is_pair(level):
        left, right = _pair(level)
        return f"field:{left}={right}/{region.upper()}/{_FIELD_NORMALISER}.{phones.NORMALISER}"
    if "phone" in level.split("+"):
        return f"{level}/{region.upper()}/{phones.NORMALISER}"
    return f"{level}/{_NORMALISER}"


def _plain(values: Values, name: str) -> Iterator[str]:
    value = values.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        text = fold_compatible(str(value))
        if text:
            yield text


def _texts(values: Values, fields: _Fields, semantic: str) -> Iterator[str]:
    for name in fields[semantic]:
        value = values.get(name)
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from (item.value for item in value)


def _emails(values: Values, fields: _Fields, _: str) -> Iterator[str]:
    for text in _texts(values, fields, "emails"):
        if valid_email(text):
            yield canonical_email(text)


def _phones(values: Values, fields: _Fields, region: str) -> Iterator[str]:
    for text in _texts(values, fields, "phones"):
        number = phones.canonical_phone(text, region)
        if phones.is_e164(number):
            yield number


def _first(values: Values, fields: _Fields, semantic: str) -> str:
    return next((text for text in _texts(values, fields, semantic) if text.strip()), "")


def _given_family(values: Values, fields: _Fields) -> tuple[str, str]:
    if fields["given_name"] or fields["family_name"]:
        return _first(values, fields, "given_name"), _first(values, fields, "family_name")
    return split_full_name(_first(values, fields, "full_name"))


def _family_name(values: Values, fields: _Fields, _: str) -> Iterator[str]:
    if name := casefold_name(_given_family(values, fields)[1]):
        yield name


def _given_name(values: Values, fields: _Fields, _: str) -> Iterator[str]:
    if name := casefold_name(_given_family(values, fields)[0]):
        yield name


def _full_name(values: Values, fields: _Fields, _: str) -> Iterator[str]:
    given, family = _given_family(values, fields)
    if name := casefold_name(full_name(given, "", family) or spoken(_first(values, fields, "full_name"))):
        yield name


def _company(values: Values, fields: _Fields, _: str) -> Iterator[str]:
    if name := casefold_name(_first(values, fields, "company")):
        yield name


_PARTS: Final[dict[str, Callable[[Values, _Fields, str], Iterator[str]]]] = {
    "email": _emails,
    "phone": _phones,
    "family_name": _family_name,
    "given_name": _given_name,
    "full_name": _full_name,
    "company": _company,
}
_NAMES: Final = ("given_name", "family_name", "full_name")
_MADE_OF: Final[dict[str, tuple[str, ...]]] = {
    "email": ("emails",),
    "phone": ("phones",),
    "family_name": _NAMES,
    "given_name": _NAMES,
    "full_name": _NAMES,
    "company": ("company",),
}
