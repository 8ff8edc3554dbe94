"""The recycle bin, ``/settings/recycle_bin``: what is in it, back out of it, and gone for good.

A restored record counts as modified; whether it stays in the list of deleted records is not documented, and a knob
(``restored_stay``). One that is deleted here stays in that list as ``permanent``. Source: REST API v8, Recycle Bin.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zohosyncd.sandbox.wire import Response

from .answers import CallError, answer, failure, nothing, unknown_path, wrong_method
from .call import PAGE, Call
from .crm import BASE, Crm
from .store import Gone, Table

_Held = tuple[Table, Gone]
_SCOPES = ("ids", "filters", "restore_all_records")


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
            return _restored(crm, call.json())
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
    return (each for each in held if each[1].kind(now) == "recycle" and not each[1].restored)


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


def _restored(crm: Crm, body: Mapping[str, Any]) -> Response:
    """Exactly one of ``ids``, ``filters`` and ``restore_all_records``; the last two are jobs, done at once here."""
    given = [name for name in _SCOPES if body.get(name) not in (None, False)]
    if not given:
        raise CallError(
            400, "EXPECTED_FIELD_MISSING", "expected field is missing", {"expected_fields": _named(_SCOPES)}
        )
    if len(given) > 1:
        message = "more than one of the fields that exclude each other"
        raise CallError(400, "AMBIGUITY_DURING_PROCESSING", message, {"ambiguity_due_to": _named(given)})
    ids = body.get("ids")
    if given == ["ids"]:
        if not isinstance(ids, list):
            raise _expected("ids", "jsonarray")
        if not 0 < len(ids) <= PAGE or not all(isinstance(each, str) and each.isdecimal() for each in ids):
            raise _expected("ids", "string")
        return _each(crm, [int(each) for each in ids], _restore)
    if given == ["filters"]:
        raise CallError(400, "NOT_SUPPORTED", "filters of the recycle bin are not simulated")
    for table, gone in list(_held(crm)):
        _restore(crm, table, gone)
    message = "Bulk restoration of records based on filters has been scheduled"
    return answer({"recycle_bin": [{"code": "SCHEDULED", "details": {}, "message": message, "status": "success"}]}, 202)


def _named(names: Sequence[str]) -> list[dict[str, str]]:
    return [{"api_name": name, "json_path": f"$.{name}"} for name in names]


def _expected(name: str, kind: str) -> CallError:
    details = {"api_name": name, "json_path": f"$.{name}", "expected_data_type": kind}
    return CallError(400, "INVALID_DATA", "invalid data", details)


def _restore(crm: Crm, table: Table, gone: Gone) -> str:
    crm.restore(table, gone.entry.number, crm.me.number)
    return "record restored"


def _purge(_: Crm, table: Table, gone: Gone) -> str:
    table.purge(gone.entry.number)
    return "record deleted permanently"
