"""The recycle bin, ``/settings/recycle_bin``: what is in it, back out of it, and gone for good.

A restored record counts as modified and is no longer in the list of deleted records; one that is deleted here stays in
that list as ``permanent``.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from zohosyncd.sandbox.wire import Response

from .answers import CallError, answer, failure, nothing, unknown_path, wrong_method
from .call import PAGE, Call
from .crm import BASE, Crm
from .store import Gone, Table

_Held = tuple[Table, Gone]


def recycle_bin(crm: Crm, call: Call, rest: Sequence[str]) -> Response:
    """``GET`` and ``DELETE`` of all, of ``ids`` or of one; ``POST`` of ``{id}/actions/restore`` and of given ids."""
    match (call.method, list(rest)):
        case ("GET", []):
            return _listed(crm, call)
        case ("GET", [number]) if number.isdecimal():
            found = _found(crm, int(number))
            return nothing() if found is None else answer({"recycle_bin": [_row(crm, *found)], "info": _info(1, 1)})
        case ("DELETE", []):
            return _each(crm, _ids(call.query.get("ids", "").split(",")), _purge)
        case ("DELETE", [number]) if number.isdecimal():
            return _each(crm, [int(number)], _purge)
        case ("POST", ["actions", "restore"]):
            rows = call.json().get("recycle_bin")
            named = [str(row.get("id", "")) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
            return _each(crm, _ids(named), _restore)
        case ("POST", [number, "actions", "restore"]) if number.isdecimal():
            return _each(crm, [int(number)], _restore)
        case (_, [] | ["actions", "restore"] | [_, "actions", "restore"]):
            raise wrong_method()
        case _:
            raise unknown_path()


def _held(crm: Crm) -> Iterator[_Held]:
    """Everything that is in it, newest first."""
    now = crm.now()
    held = [(table, gone) for table in crm.tables.values() for gone in table.gone.values()]
    held.sort(key=lambda each: (each[1].when, each[1].entry.number), reverse=True)
    return (each for each in held if each[1].kind(now) == "recycle")


def _found(crm: Crm, number: int) -> _Held | None:
    return next((each for each in _held(crm) if each[1].entry.number == number), None)


def _listed(crm: Crm, call: Call) -> Response:
    wanted = set(_ids(call.query["ids"].split(","))) if "ids" in call.query else None
    found = [each for each in _held(crm) if wanted is None or each[1].entry.number in wanted]
    size, page = call.number("per_page", PAGE, largest=PAGE), call.number("page", 1)
    shown = found[(page - 1) * size : page * size]
    if not shown:
        return nothing()
    info = _info(len(shown), page, size, more=len(found) > page * size)
    return answer({"recycle_bin": [_row(crm, *each) for each in shown], "info": info})


def _info(count: int, page: int, size: int = PAGE, *, more: bool = False) -> dict[str, Any]:
    return {"per_page": size, "count": count, "page": page, "more_records": more}


def _row(crm: Crm, table: Table, gone: Gone) -> dict[str, Any]:
    by, owner = crm.user(gone.by), crm.user(gone.entry.values.get("Owner", gone.entry.created_by))
    return {
        "id": str(gone.entry.number),
        "display_name": crm.called(table, gone.entry),
        "deleted_time": crm.stamp(gone.when),
        "deleted_by": None if by is None else by.short(),
        "owner": None if owner is None else owner.short(),
        "module": {"api_name": table.module.name, "id": str(BASE + table.module.number)},
    }


def _ids(texts: Sequence[str]) -> list[int]:
    named = [text.strip() for text in texts if text.strip()]
    if not named or not all(text.isdecimal() for text in named):
        raise CallError(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", {"param": "ids"})
    return list(map(int, named))


def _each(crm: Crm, numbers: Sequence[int], act: Any) -> Response:
    rows = []
    for number in numbers:
        found = _found(crm, number)
        if found is None:
            rows.append(failure("INVALID_DATA", "the id given seems to be invalid", {"id": str(number)}))
        else:
            message = act(crm, *found)
            rows.append({"code": "SUCCESS", "details": {"id": str(number)}, "message": message, "status": "success"})
    failed = sum(row["status"] == "error" for row in rows)
    return answer({"recycle_bin": rows}, 200 if not failed else 400 if failed == len(rows) else 207)


def _restore(crm: Crm, table: Table, gone: Gone) -> str:
    table.restore(gone.entry.number, crm.second(), crm.users[0].number)
    return "record restored"


def _purge(_: Crm, table: Table, gone: Gone) -> str:
    table.purge(gone.entry.number)
    return "record deleted permanently"
