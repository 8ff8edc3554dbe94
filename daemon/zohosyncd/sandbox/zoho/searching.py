"""``GET /{module}/search``, 2,000 records at most, and ``/actions/count``: over an index that may lag behind."""

from collections.abc import Callable, Iterable
from typing import Any

from zohosyncd.sandbox.wire import Response

from .answers import CallError, answer, missing_parameter, nothing
from .call import PAGE, Call
from .criteria import Condition, Criteria, Group, holds, parse
from .crm import Crm
from .search_index import SearchIndex, digits, words
from .store import Entry, Table

REACH = 2_000


def search(crm: Crm, table: Table, call: Call) -> Response:
    """Records that the index knows to match, newest first."""
    query = call.query
    per_page, page = call.number("per_page", PAGE, largest=PAGE), call.number("page", 1)
    if page * per_page > REACH:
        raise CallError(
            400, "LIMIT_EXCEEDED", "cannot search beyond 2000 records", {"limit": REACH, "param_name": "page"}
        )
    index = crm.index(table)
    numbers = sorted((number for number in _matching(crm, table, index, query) if number in table.rows), reverse=True)[
        :REACH
    ]
    entries = [table.rows[number] for number in numbers[(page - 1) * per_page : page * per_page]]
    if not entries:
        return nothing()
    names = crm.known(table, query["fields"].split(",")) if "fields" in query else crm.all_names(table)
    info = {"per_page": per_page, "count": len(entries), "page": page, "more_records": len(numbers) > page * per_page}
    return answer({"data": [crm.render(entry, names) for entry in entries], "info": info})


def count(crm: Crm, table: Table, call: Call) -> Response:
    """How many records there are, or match."""
    if not crm.setup.counts:
        raise CallError(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL")
    narrowed = call.query.keys() & {"criteria", "email", "phone", "word"}
    found = set(_matching(crm, table, crm.index(table), call.query)) if narrowed else table.rows.keys()
    return answer({"count": len(found & table.rows.keys())})


def _matching(crm: Crm, table: Table, index: SearchIndex, query: Any) -> Iterable[int]:
    if text := query.get("criteria"):
        return _by_criteria(crm, table, index, parse(text))
    if email := query.get("email"):
        return index.holding([f"@{email.strip().casefold()}"])
    if phone := query.get("phone"):
        return index.holding([f"#{digits(phone)}"])
    if word := query.get("word"):
        return index.holding(words(word))
    raise missing_parameter("criteria")


def _by_criteria(crm: Crm, table: Table, index: SearchIndex, criteria: Criteria) -> Iterable[int]:
    candidates = _candidates(table, index, criteria)
    numbers = index.seen if candidates is None else candidates
    return [
        number
        for number in numbers
        if number in table.rows and holds(criteria, _reader(crm, table, index, table.rows[number]))
    ]


def _candidates(table: Table, index: SearchIndex, criteria: Criteria) -> set[int] | None:
    """Records worth judging, None when only a look at all of them tells."""
    if isinstance(criteria, Group):
        sets = [_candidates(table, index, part) for part in criteria.parts]
        known = [found for found in sets if found is not None]
        if criteria.word == "and":
            return min(known, key=len) if known else None
        return set().union(*known) if len(known) == len(sets) else None
    if not _indexed(table, criteria):
        return None
    if criteria.operator == "equals":
        return index.holding(words(criteria.operands[0]))
    return set().union(*(index.holding(words(one)) for one in criteria.operands))


def _indexed(table: Table, condition: Condition) -> bool:
    plain = condition.name in table.module.searched and condition.name != "Full_Name"
    return plain and condition.operator in {"equals", "in"} and all(words(one) for one in condition.operands)


def _reader(crm: Crm, table: Table, index: SearchIndex, entry: Entry) -> Callable[[str], Any]:
    """How a condition sees a record: texts as the index has them, all else as it is."""
    seen = index.seen[entry.number]

    def value_of(name: str) -> Any:
        field = table.module.fields.get(name)
        if name != "id" and field is None:
            raise CallError(400, "INVALID_QUERY", "invalid query formed", {"api_name": name, "param_name": "criteria"})
        if field is not None and not field.system and field.kind not in {"lookup", "ownerlookup", "boolean"}:
            return seen.get(name)
        return crm.render(entry, [name])[name]

    return value_of
