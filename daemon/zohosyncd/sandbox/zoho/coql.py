"""COQL, ``POST /coql``: a select over one module, with conditions, an order and a limit.

Of the language: ``select`` of fields and of one step through a lookup (``Account_Name.Account_Name``), ``where`` with
comparisons, ``in``, ``between``, ``like`` and ``is (not) null``, joined in pairs, ``order by``, ``limit``, ``offset``.
A lookup or user selected by its own name shows its id and nothing else. Tags, subforms and the like are refused.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from zohosyncd.sandbox.wire import Response

from .answers import CallError, answer, nothing
from .call import Call
from .coql_language import PAGE, Comparison, Condition, Pair, Query, parse
from .crm import Crm
from .store import Entry, Table
from .times import instant

MOST_ROWS, MOST_FIELDS, MOST_CRITERIA, MOST_VALUES = 2_000, 500, 25, 100
_LOOKUPS = frozenset({"lookup", "ownerlookup", "userlookup"})
_UNSUPPORTED = frozenset({"Tag"})
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


def price(body: bytes) -> int:
    """Credits of a query, by its limit: 1 up to 200 rows, 2 up to 1,000, 3 up to 2,000."""
    found = re.search(rb"\blimit\s+(\d+)(?:\s*,\s*(\d+))?", body, re.IGNORECASE)
    limit = PAGE if found is None else int(found[2] or found[1])
    return 1 if limit <= PAGE else 2 if limit <= 1_000 else 3


def query(crm: Crm, call: Call) -> Response:
    """Answer a query."""
    if not crm.setup.queries:
        raise CallError(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL")
    text = call.json().get("select_query")
    if not isinstance(text, str):
        raise CallError(400, "MANDATORY_NOT_FOUND", "required field not found", {"api_name": "select_query"})
    asked = parse(text)
    table = crm.tables.get(asked.module)
    if table is None:
        raise CallError(400, "INVALID_MODULE", "the module name given seems to be invalid")
    if asked.limit > MOST_ROWS:
        raise CallError(400, "LIMIT_EXCEEDED", "the limit given exceeds the maximum", {"limit": MOST_ROWS})
    if asked.offset + asked.limit > crm.setup.query_reach:
        raise CallError(400, "LIMIT_EXCEEDED", "more records than offsets reach", {"limit": crm.setup.query_reach})
    _check(crm, table, asked)
    entries = list(islice(_walk(crm, table, asked), asked.offset, asked.offset + asked.limit + 1))
    more = len(entries) > asked.limit
    del entries[asked.limit :]
    if not entries:
        return nothing()
    views = [(name, _view(crm, table, name)) for name in asked.names]
    rows = [{**{name: view(entry) for name, view in views}, "id": str(entry.number)} for entry in entries]
    return answer({"data": rows, "info": {"count": len(rows), "more_records": more}})


def _check(crm: Crm, table: Table, asked: Query) -> None:
    if len(asked.names) > MOST_FIELDS:
        raise CallError(400, "LIMIT_EXCEEDED", "too many fields", {"limit": MOST_FIELDS})
    ordered = [name for name, _ in asked.order]
    if len(set(ordered)) < len(ordered):
        raise CallError(400, "DUPLICATE_DATA", "duplicate field in order by")
    comparisons = list(_comparisons(asked.where))
    if len(comparisons) > MOST_CRITERIA or any(len(each.values) > MOST_VALUES for each in comparisons):
        raise CallError(400, "LIMIT_EXCEEDED", "too many criteria or values")
    for name in (*asked.names, *ordered, *(each.name for each in comparisons)):
        _view(crm, table, name)


def _comparisons(condition: Condition) -> Iterator[Comparison]:
    if isinstance(condition, Comparison):
        yield condition
    else:
        yield from _comparisons(condition.left)
        yield from _comparisons(condition.right)


# how a column is seen


def _view(crm: Crm, table: Table, name: str) -> Callable[[Entry], Any]:
    own, _, theirs = name.partition(".")
    field = table.module.fields.get(own)
    if own == "id" and not theirs:
        return lambda entry: str(entry.number)
    if field is None or own in _UNSUPPORTED or (theirs and field.kind not in _LOOKUPS):
        raise CallError(400, "INVALID_QUERY", "invalid query formed", {"column_name": name})
    if not theirs:
        if field.kind in _LOOKUPS:
            return lambda entry: _only_id(crm.render(entry, [own])[own])
        return lambda entry: crm.render(entry, [own])[own]
    if theirs == "id":
        return lambda entry: (crm.render(entry, [own])[own] or {}).get("id")
    target = crm.tables.get(field.target)
    if target is None or theirs not in target.module.fields:
        raise CallError(400, "INVALID_QUERY", "invalid query formed", {"column_name": name})
    return lambda entry: _joined(crm, target, entry.values.get(own), theirs)


def _only_id(shown: Any) -> Any:
    return None if shown is None else {"id": shown["id"]}


def _joined(crm: Crm, target: Table, number: Any, name: str) -> Any:
    found = target.rows.get(number)
    return None if found is None else crm.render(found, [name])[name]


# which records, in which order


def _walk(crm: Crm, table: Table, asked: Query) -> Iterator[Entry]:
    holds = _judge(crm, table, asked.where)
    rows = table.rows
    if asked.order in ((("Modified_Time", False),), (("Modified_Time", False), ("id", False))):
        low, high = _bounds(asked.where, "Modified_Time", lambda text: instant(text))
        for when, number in table.changes.up((low, -1)):
            if when > high:
                return
            if holds(rows[number]):
                yield rows[number]
        return
    found = [rows[number] for number in table.ids.up() if holds(rows[number])]
    for name, descending in reversed(asked.order):
        view = _sortable(crm, table, name)
        found.sort(key=view, reverse=descending)
    yield from found


def _sortable(crm: Crm, table: Table, name: str) -> Callable[[Entry], Any]:
    view = _operand(crm, table, name)
    return lambda entry: ((value := view(entry)) is not None, value)


def _bounds(condition: Condition, name: str, number: Callable[[str], int | None]) -> tuple[int, int]:
    """Between what a field can lie so that the condition may hold."""
    none, most = 0, 1 << 62
    if isinstance(condition, Pair):
        left, right = _bounds(condition.left, name, number), _bounds(condition.right, name, number)
        if condition.word == "and":
            return max(left[0], right[0]), min(left[1], right[1])
        return min(left[0], right[0]), max(left[1], right[1])
    if condition.name != name or condition.sign not in {"=", "<", "<=", ">", ">=", "between"}:
        return none, most
    values = [number(each) for each in condition.values]
    low = values[0] if condition.sign in {"=", ">", ">=", "between"} else None
    high = values[-1] if condition.sign in {"=", "<", "<=", "between"} else None
    return none if low is None else low, most if high is None else high


def _judge(crm: Crm, table: Table, condition: Condition) -> Callable[[Entry], bool]:
    if isinstance(condition, Pair):
        left, right = _judge(crm, table, condition.left), _judge(crm, table, condition.right)
        if condition.word == "and":
            return lambda entry: left(entry) and right(entry)
        return lambda entry: left(entry) or right(entry)
    view, sign = _operand(crm, table, condition.name), condition.sign
    if sign in {"is null", "is not null"}:
        return lambda entry: (view(entry) is None) == (sign == "is null")
    wanted = [_wanted(table, condition.name, each) for each in condition.values]
    return lambda entry: (value := view(entry)) is not None and _holds(sign, value, wanted)


def _holds(sign: str, value: Any, wanted: Sequence[Any]) -> bool:
    if compare := _SIGNS.get(sign):
        return compare(value, wanted[0])
    match sign:
        case "in":
            return value in wanted
        case "not in":
            return value not in wanted
        case "between":
            return bool(wanted[0] <= value <= wanted[1])
        case _:
            pattern = ".*".join(re.escape(part) for part in str(wanted[0]).split("%"))
            return (re.fullmatch(pattern, str(value), re.DOTALL) is not None) == (sign == "like")


def _operand(crm: Crm, table: Table, name: str) -> Callable[[Entry], Any]:
    """A value as it is compared: moments as seconds, ids as numbers, texts without case."""
    if name in {"id", "Created_Time", "Modified_Time"}:
        part = {"id": "number", "Created_Time": "created", "Modified_Time": "modified"}[name]
        return lambda entry: getattr(entry, part)
    view = _view(crm, table, name)

    def operand(entry: Entry) -> Any:
        value = view(entry)
        if isinstance(value, dict):
            return int(value["id"])
        return value.casefold() if isinstance(value, str) else value

    return operand


def _wanted(table: Table, name: str, text: str) -> Any:
    field = table.module.fields.get(name)
    if name in {"Created_Time", "Modified_Time"}:
        return _valid(instant(text), name)
    if name == "id" or (field is not None and field.kind in _LOOKUPS) or name.endswith(".id"):
        return _valid(int(text) if text.isdecimal() else None, name)
    if field is not None and field.kind == "boolean":
        return text.casefold() == "true"
    if field is not None and field.kind in {"integer", "double", "currency"}:
        return float(text)
    return text.casefold()


def _valid(value: Any, name: str) -> Any:
    if value is None:
        raise CallError(400, "INVALID_QUERY", "invalid query formed", {"column_name": name})
    return value
