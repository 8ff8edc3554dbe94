"""The pair that an operator wishes for: two fields, a value map, converters; or everything that is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from zohosyncd.core.lens import Lens
from zohosyncd.core.lens.converter import WITH_TEXT, Conversion, ConvertedLens, Converter, canon_of
from zohosyncd.core.lens.fit import Fit, Misfit, fit_fields
from zohosyncd.core.lens.joined_fields import JoinedFields
from zohosyncd.core.lens.joined_name import NamePart
from zohosyncd.core.lens.text import text_canon
from zohosyncd.core.lens.value_map import ValueMap, fit_values
from zohosyncd.core.schema import Field, FieldType

_CONVERTIBLE: Final = (FieldType.TEXT, FieldType.CHOICE)


@dataclass(frozen=True, slots=True)
class Wish:
    """A wished pair that is possible. ``unmapped``: choices of either side that its value map has nothing for."""

    fit: Fit
    unmapped: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


def fit_wish(
    left: Sequence[Field],
    right: Sequence[Field],
    values: Mapping[str, str],
    convert: Sequence[Converter],
    region: str,
) -> Wish | tuple[str, ...]:
    """The pair of these fields, or what is wrong with it.

    Args:
        left, right: the fields; several only where they are joined or split.
        values: right word by left word, {} for no value map. convert: converters, from left to right.
        region: country of phone numbers without country code, "" if unknown.
    """
    problems = tuple(_problems(left, right, values, convert))
    if problems:
        return problems
    if values:
        mapped = fit_values(left[0], right[0], values)
        return Wish(mapped.fit, mapped.unmapped) if isinstance(mapped, ValueMap) else mapped
    if not convert:
        plain = fit_fields(left[0], right[0], region)
        return Wish(plain) if isinstance(plain, Fit) else (plain.reason,)
    return _converted(left, right, convert, region)


def _converted(
    left: Sequence[Field], right: Sequence[Field], convert: Sequence[Converter], region: str
) -> Wish | tuple[str, ...]:
    joins = next((each for each in convert if each.kind is Conversion.JOIN), None)
    splits = next((each for each in convert if each.kind is Conversion.SPLIT), None)
    plain = fit_fields(left[0], right[0], region)
    if isinstance(plain, Misfit):
        return (plain.reason,)
    lenses: list[Lens] = [
        _joined(fields, by.text) if by is not None else lens
        for fields, by, lens in zip((left, right), (joins, splits), plain.lenses, strict=True)
    ]
    steps = tuple(each for each in convert if each not in {joins, splits})
    canon = canon_of(steps, text_canon if joins or splits else plain.canon)
    if steps:
        lenses[0] = ConvertedLens(lenses[0], steps, canon)
    return Wish(Fit((lenses[0], lenses[1]), canon))


def _joined(fields: Sequence[Field], separator: str) -> JoinedFields:
    return JoinedFields(tuple(NamePart(each.name, each.max_length, each.required) for each in fields), separator)


def _problems(
    left: Sequence[Field], right: Sequence[Field], values: Mapping[str, str], convert: Sequence[Converter]
) -> Iterator[str]:
    kinds = [each.kind for each in convert]
    if values and convert:
        yield "a value map and converters exclude each other"
    for fields, kind, side in ((left, Conversion.JOIN, "left"), (right, Conversion.SPLIT, "right")):
        if len(fields) > 1 and kind not in kinds:
            yield f'several fields on the {side} need the converter "{kind}"'
        if len(fields) < 2 and kind in kinds:
            yield f'"{kind}" needs several fields on the {side}'
        if len({each.name for each in fields}) < len(fields):
            yield f"a field stands twice on the {side}"
    if Conversion.JOIN in kinds[1:]:
        yield '"join" comes before every other converter'
    if Conversion.SPLIT in kinds[:-1]:
        yield '"split" comes behind every other converter'
    allowed = (FieldType.TEXT,) if {Conversion.JOIN, Conversion.SPLIT} & set(kinds) else _CONVERTIBLE
    if convert:
        for each in (*left, *right):
            if each.type not in allowed:
                yield f"{each.name} is of type {each.type}: converters are for {' and '.join(allowed)} fields"
    for step in convert:
        separates = step.kind in {Conversion.JOIN, Conversion.SPLIT}
        if step.kind in WITH_TEXT and not (step.text if separates else step.text.strip()):
            yield f'"{step.kind}" needs a text'
        if step.kind not in WITH_TEXT and step.text:
            yield f'"{step.kind}" takes no text'
