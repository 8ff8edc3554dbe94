"""Tags: the list of a module, and the actions that add them to records and remove them.

Source: REST API v8, Get Tags, Create Tags, Add Tags, Remove Tags. The pages do not say whether a tag action moves the
modified time, nor whether ``Tag`` may stand in an insert or update. Here it does neither, the worst for whoever relies
on it; the knobs ``tags_modify`` and ``tags_in_rows`` of the org turn that round.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zohosyncd.sandbox.wire import Response

from .answers import CallError, answer, failure, missing_parameter, nothing, wrong_method
from .call import Call
from .crm import Crm
from .store import Entry, Table
from .tag_list import Tag, Tags

LONGEST, MOST, RECORDS, IN_MODULE = 25, 10, 500, 200
Row = dict[str, Any]


class Refusal(Exception):
    """One row, or the call, is refused with this error."""

    def __init__(self, code: str, details: Mapping[str, Any], message: str = "invalid data") -> None:
        super().__init__(code)
        self.error = failure(code, message, details)


def settings(crm: Crm, call: Call) -> Response:
    """``GET`` and ``POST /settings/tags?module=``."""
    name = call.query.get("module")
    if name is None:
        raise missing_parameter("module")
    if name not in crm.tables:
        raise CallError(400, "INVALID_MODULE", "the module name given seems to be invalid", {"param_name": "module"})
    known = crm.tags[name]
    if call.method == "POST":
        return _created(crm, known, call)
    if call.method != "GET":
        raise wrong_method()
    if not known.tags:
        return nothing()
    info = {"count": len(known.tags), "allowed_count": IN_MODULE}
    return answer({"tags": [_described(crm, tag) for tag in known.tags.values()], "info": info})


def _created(crm: Crm, known: Tags, call: Call) -> Response:
    given = call.json().get("tags")
    if not isinstance(given, list) or not given:
        raise CallError(400, "MANDATORY_NOT_FOUND", "required field not found", {"api_name": "tags"})
    rows = []
    for at, wanted in enumerate(given):
        path = f"$.tags[{at}].name"
        try:
            name = checked(wanted.get("name") if isinstance(wanted, dict) else None, path)
            if known.find(name) is not None:
                raise Refusal("DUPLICATE_DATA", {"api_name": "name", "json_path": path}, "duplicate data")
        except Refusal as refusal:
            rows.append(refusal.error)
            continue
        tag = known.ensure(name)
        details = {"id": str(tag.number), "created_time": crm.stamp(tag.created)}
        rows.append(
            {"code": "SUCCESS", "details": details, "message": "tags created successfully", "status": "success"}
        )
    good = sum(row["status"] == "success" for row in rows)
    return answer({"tags": rows}, 201 if good == len(rows) else 207 if good else 400)


@dataclass(frozen=True, slots=True)
class Tagging:
    """What a tag action asks for: which records, which tags, and what happens to the tags that they have."""

    names: tuple[str, ...]
    numbers: tuple[int, ...]
    over_write: bool


def act(
    crm: Crm, table: Table, call: Call, action: str, number: str | None, chance: Callable[[], str | None]
) -> Response:
    """``POST /{module}/actions/add_tags`` and ``remove_tags``, and the same of one record (``number``)."""
    asked = _asked(crm, table, call, number)
    rows = []
    for one in asked.numbers:
        try:
            if code := chance():
                raise Refusal(code, {"id": str(one)}, "refused by a fault rule")
            rows.append(_tagged(crm, table, one, asked, action))
        except Refusal as refusal:
            rows.append(refusal.error)
    good = sum(row["status"] == "success" for row in rows)
    body = {"data": rows, "wf_scheduler": "false", "success_count": str(good), "locked_count": 0}
    return answer(body, 200 if good == len(rows) else 207 if good else 400)


def _tagged(crm: Crm, table: Table, number: int, asked: Tagging, action: str) -> Row:
    entry = table.rows.get(number)
    if entry is None:
        raise Refusal("INVALID_DATA", {"id": str(number)}, "the id given seems to be invalid")
    if number in crm.locked:
        raise Refusal("RECORD_LOCKED", {"id": str(number)}, "record is locked")
    known = crm.tags[table.module.name]
    has: tuple[Tag, ...] = entry.values.get("Tag", ())
    if action == "remove_tags":
        gone = [known.find(name) for name in asked.names]
        has = tuple(tag for tag in has if tag not in gone)
    else:
        has = tuple(dict.fromkeys((() if asked.over_write else has) + known.all(asked.names)))
    if len(has) > MOST:
        raise Refusal("LIMIT_EXCEEDED", {"id": str(number), "limit": MOST}, "a record can have 10 tags")
    put(crm, table, entry, has, crm.me.number)
    details = {"id": str(number), "tags": [tag.name for tag in has]}
    return {"code": "SUCCESS", "details": details, "message": "tags updated successfully", "status": "success"}


def put(crm: Crm, table: Table, entry: Entry, tags: tuple[Tag, ...], by: int) -> None:
    """Give a record these tags and no others; whether that counts as a change is the org's knob."""
    values = {"Tag": tags or None}
    if crm.setup.tags_modify:
        crm.change(table, entry, values, by, workflows=False)
    else:
        kept = {**entry.values, **values}
        entry.values = {name: value for name, value in kept.items() if value is not None}


def checked(name: Any, path: str) -> str:
    """The name of a tag as Zoho takes it, or a refusal."""
    if not isinstance(name, str) or not name.strip():
        raise Refusal("INVALID_DATA", {"api_name": "name", "expected_data_type": "text", "json_path": path})
    if len(name.strip()) > LONGEST:
        raise Refusal("INVALID_DATA", {"api_name": "name", "maximum_length": LONGEST, "json_path": path})
    return name.strip()


def _asked(crm: Crm, table: Table, call: Call, number: str | None) -> Tagging:
    body = call.json()
    given, ids = body.get("tags"), [number] if number is not None else body.get("ids")
    if not isinstance(given, list) or not given:
        raise CallError(400, "MANDATORY_NOT_FOUND", "required field not found", {"api_name": "tags"})
    if not isinstance(ids, list) or not ids:
        raise CallError(400, "MANDATORY_NOT_FOUND", "required field not found", {"api_name": "ids"})
    if len(ids) > RECORDS:
        raise CallError(400, "LIMIT_EXCEEDED", "cannot tag more than 500 records", {"limit": RECORDS})
    known = crm.tags[table.module.name]
    try:
        names = tuple(_named(known, tag, f"$.tags[{at}]") for at, tag in enumerate(given))
    except Refusal as refusal:
        error = refusal.error
        raise CallError(400, error["code"], error["message"], error["details"]) from None
    return Tagging(names, tuple(int(one) if str(one).isdecimal() else 0 for one in ids), body.get("over_write") is True)


def _named(known: Tags, tag: Any, path: str) -> str:
    """The name that is meant; an id counts more than a name."""
    given = tag if isinstance(tag, dict) else {}
    number = given.get("id")
    if number is not None:
        found = known.tags.get(int(number) if str(number).isdecimal() else 0)
        if found is None:
            raise Refusal("INVALID_DATA", {"api_name": "id", "json_path": f"{path}.id"})
        return found.name
    return checked(given.get("name"), f"{path}.name")


def _described(crm: Crm, tag: Tag) -> Row:
    author = crm.user(tag.by)
    by = author.short() if author is not None else None
    when = crm.stamp(tag.created)
    return {
        "id": str(tag.number), "name": tag.name, "color_code": tag.colour,
        "created_by": by, "created_time": when, "modified_by": by, "modified_time": when,
    }  # fmt: skip
