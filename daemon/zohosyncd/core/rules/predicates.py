"""How the value of one field is compared with what a rule says, by the type of the field.

Texts are compared without regard to case, spacing and Unicode form, e-mails, phones and web addresses in their
canonical form; of several items one that fits is enough. An empty value is known: it equals nothing, contains nothing
and is neither before nor after anything. A flag that was never set says no. A date is a day of the calendar and is
moved by no time zone; one without its year is neither before nor after anything that can be known. A moment is compared
with the days of the connection's time zone.
"""

from collections.abc import Callable, Sequence
from typing import Final

from zohosyncd.core.dates import canonical_date, has_year
from zohosyncd.core.emails import canonical_email
from zohosyncd.core.lens.address import PARTS
from zohosyncd.core.lens.fit import nearest
from zohosyncd.core.lens.number import number_of
from zohosyncd.core.lens.url import canonical_url
from zohosyncd.core.phones import canonical_phone
from zohosyncd.core.record import Item, Postal, Value
from zohosyncd.core.rules.language import Operand, Operator
from zohosyncd.core.rules.truth import Truth
from zohosyncd.core.schema import Field, FieldType
from zohosyncd.core.spelling import fold

O = Operator  # noqa: E741  the twelve of them are named on every line here
T = FieldType
Predicate = Callable[[Value], Truth]

POSITIVE: Final = {O.IS_NOT: O.IS, O.NOT_IN: O.IN, O.EMPTY: O.EXISTS}
"""Negative operators are the opposite of these, so that what is unknown to one is unknown to the other."""

_EQUAL: Final = (O.IS, O.IS_NOT, O.IN, O.NOT_IN)
_TEXT: Final = (O.CONTAINS, O.STARTS_WITH)
_FILLED: Final = (O.EXISTS, O.EMPTY)
OPERATORS: Final[dict[FieldType, tuple[Operator, ...]]] = {
    **dict.fromkeys(
        (T.TEXT, T.CHOICE, T.EMAIL, T.PHONE, T.URL, T.EMAILS, T.PHONES, T.URLS, T.NAMES), (*_EQUAL, *_TEXT, *_FILLED)
    ),
    T.DATE: (*_EQUAL, O.BEFORE, O.AFTER, *_FILLED),
    T.NUMBER: (*_EQUAL, O.GREATER, O.LESS, *_FILLED),
    T.BOOLEAN: (O.IS, O.IS_NOT),
    T.ADDRESS: (O.CONTAINS, *_FILLED),
    T.MOMENT: (O.IS, O.IS_NOT, O.BEFORE, O.AFTER, *_FILLED),
    # An owner is asked by its word.
    **dict.fromkeys((T.OWNER, T.OTHER), ()),
}
"""The operators that each type of field has."""


def predicate(field: Field, operator: Operator, operands: Sequence[Operand], region: str) -> Predicate | str:
    """The test of one field's value for a positive operator, or what is wrong with the operands.

    Args:
        field: what is compared; its type has the operator (:data:`OPERATORS`).
        operator: one that is not a key of :data:`POSITIVE`.
        operands: with what; none for ``exists``.
        region: country of phone numbers without country code, "" if unknown.
    """
    if operator is O.EXISTS:
        return lambda value: Truth.of(not is_blank(value))
    problem = operand_problem(field, operator, operands)
    if problem:
        return problem
    if field.type is T.BOOLEAN:
        return lambda value: Truth.of((value is True) in operands)
    if field.type is T.NUMBER:
        return _number(operator, operands)
    if field.type is T.DATE:
        return _date(operator, operands)
    return _textual(field, operator, [str(each) for each in operands], region)


def is_blank(value: Value) -> bool:
    """Whether a value is empty, however the app spells that."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, tuple):
        return not any(item.value.strip() for item in value)
    return value is None or value == Postal()


def operand_problem(field: Field, operator: Operator, operands: Sequence[Operand]) -> str:
    """What is wrong with the operands of a clause about a field, "" if nothing is."""
    for operand in operands:
        if field.type is T.BOOLEAN:
            if not isinstance(operand, bool):
                return f"{field.name} is yes or no: expected true or false"
        elif field.type is T.NUMBER:
            if isinstance(operand, bool | str):
                return f"{field.name} is a number: expected a number without quotes"
        elif not isinstance(operand, str):
            return f"{field.name} is of type {field.type}: expected a text in quotes"
        elif not operand.strip():
            return 'to be compared with an empty text says nothing: use "empty" or "exists"'
        elif field.type is T.DATE:
            date = canonical_date(operand)
            if date is None or date != operand.strip():
                return f'{field.name} is a date: expected "YYYY-MM-DD", a day without a time'
            if operator in {O.BEFORE, O.AFTER} and not has_year(date):
                return f"{field.name}: a date without its year is neither before nor after anything"
        elif (
            field.type in {T.CHOICE, T.NAMES}
            and operator in {O.IS, O.IN}
            and (problem := choice_problem(field, operand))
        ):
            return problem
    return ""


def choice_problem(field: Field, operand: str) -> str:
    """Why a text is none of a field's choices, "" if it is one or they are unknown."""
    if not field.choices or fold(operand) in {fold(choice) for choice in field.choices}:
        return ""
    near = nearest(operand, field.choices)
    hint = f" (did you mean {near}?)" if near else f" (it has {', '.join(field.choices[:12])})"
    return f'{field.name} has no choice "{operand}"{hint}'


def _number(operator: Operator, operands: Sequence[Operand]) -> Predicate:
    wanted = [number for each in operands if (number := number_of(each)) is not None]

    def test(value: Value) -> Truth:
        if is_blank(value):
            return Truth.NO
        number = number_of(value)
        if number is None:
            return Truth.UNKNOWN
        if operator is O.GREATER:
            return Truth.of(number > wanted[0])
        if operator is O.LESS:
            return Truth.of(number < wanted[0])
        return Truth.of(number in wanted)

    return test


def _date(operator: Operator, operands: Sequence[Operand]) -> Predicate:
    wanted = [date for each in operands if (date := canonical_date(str(each))) is not None]

    def test(value: Value) -> Truth:
        if is_blank(value):
            return Truth.NO
        date = canonical_date(value) if isinstance(value, str) else None
        if date is None:
            return Truth.UNKNOWN
        if operator in {O.BEFORE, O.AFTER}:
            if not has_year(date):
                return Truth.UNKNOWN
            return Truth.of(date < wanted[0] if operator is O.BEFORE else date > wanted[0])
        return _same_day(date, wanted)

    return test


def _same_day(date: str, wanted: Sequence[str]) -> Truth:
    """A wanted date without its year is that day of any year; a day whose year is unknown may be the wanted one."""
    day = date[-5:]
    if date in wanted or f"--{day}" in wanted:
        return Truth.YES
    if not has_year(date) and any(each[-5:] == day for each in wanted):
        return Truth.UNKNOWN
    return Truth.NO


def _textual(field: Field, operator: Operator, operands: Sequence[str], region: str) -> Predicate:
    canon: dict[FieldType, Callable[[str], str]] = {
        **dict.fromkeys((T.EMAIL, T.EMAILS), canonical_email),
        **dict.fromkeys((T.PHONE, T.PHONES), lambda text: canonical_phone(text, region)),
        **dict.fromkeys((T.URL, T.URLS), canonical_url),
    }
    key = canon.get(field.type, fold)
    whole = {key(each) for each in operands}
    parts = [fold(each) for each in operands]

    def fits(text: str) -> bool:
        if operator in {O.IS, O.IN}:
            return key(text) in whole
        forms = (fold(text), key(text))
        if operator is O.CONTAINS:
            return any(part in form for form in forms for part in parts)
        return any(form.startswith(part) for form in forms for part in parts)

    return lambda value: Truth.of(any(fits(text) for text in _texts(value)))


def _texts(value: Value) -> Sequence[str]:
    if isinstance(value, tuple):
        return [item.value for item in value if isinstance(item, Item) and item.value.strip()]
    if isinstance(value, Postal):
        return [text for part in PARTS if (text := getattr(value, part)).strip()]
    return [] if is_blank(value) else [str(value)]
