"""Moments compared with what a rule says: a day as the connection's time zone counts it, or a moment of one second."""

from datetime import date, datetime, timedelta, tzinfo

from zohosyncd.core.dates import moment_of
from zohosyncd.core.record import Value
from zohosyncd.core.rules.language import Operand, Operator
from zohosyncd.core.rules.predicates import Predicate, is_blank
from zohosyncd.core.rules.truth import Truth


def moments(operand: Operand, zone: tzinfo) -> tuple[float, float] | str:
    """The span that an operand names, from its first moment to the first one after it, in seconds since 1970 UTC.

    A date is the whole day as the connection's time zone counts it: "after" it begins with the next day. A moment
    without an offset is meant in that zone, too; it spans one second, as apps tell no less.
    """
    text = str(operand)
    try:
        if isinstance(operand, str) and len(text.strip()) == 10:
            day = date.fromisoformat(text.strip())
            after = day + timedelta(days=1)
            return _midnight(day, zone), _midnight(after, zone)
        if not isinstance(operand, str):
            return 'expected a date "YYYY-MM-DD" or a moment "YYYY-MM-DDTHH:MM:SS" in quotes'
        moment = datetime.fromisoformat(text.strip())
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
        return moment.timestamp(), moment.timestamp() + 1
    except (ValueError, OverflowError):
        return f'"{text}" is no date: expected "YYYY-MM-DD" or "YYYY-MM-DDTHH:MM:SS"'


def falls(at: float, operator: Operator, span: tuple[float, float]) -> bool:
    """Whether a moment lies before, after, or (any other operator) within a span; all in seconds since 1970 UTC."""
    start, end = span
    if operator is Operator.BEFORE:
        return at < start
    return at >= end if operator is Operator.AFTER else start <= at < end


def moment_predicate(operator: Operator, operand: Operand, zone: tzinfo) -> Predicate | str:
    """The test of a field of type MOMENT for ``is``, ``before`` or ``after``, or what is wrong with the operand.

    An empty field is neither before nor after anything; what is no moment with an offset leaves it unknown.
    """
    span = moments(operand, zone)
    if isinstance(span, str):
        return span

    def test(value: Value) -> Truth:
        if is_blank(value):
            return Truth.NO
        at = moment_of(value) if isinstance(value, str) else None
        return Truth.UNKNOWN if at is None else Truth.of(falls(at, operator, span))

    return test


def _midnight(day: date, zone: tzinfo) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
