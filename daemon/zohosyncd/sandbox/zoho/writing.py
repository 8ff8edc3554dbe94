"""Writes of records: insert, update, upsert and delete, each row with an outcome of its own."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from zohosyncd.sandbox.wire import Response

from .answers import CallError, answer, failure, missing_parameter
from .call import Call
from .crm import Crm
from .layouts import wanted
from .references import POINTING, choice, number_in, pointing
from .store import Entry, Table
from .values import Misfit, accept

ROWS = 100
Row = dict[str, Any]


class RowError(Exception):
    """One row is refused; ``error`` stands in its place in the answer."""

    def __init__(self, code: str, message: str, details: Mapping[str, Any]) -> None:
        super().__init__(code)
        self.error = failure(code, message, details)


class Writer:
    """Writes of one user to one module. ``chance`` says for each row which code refuses it (None: none does).

    Rights bind the API's users alone: the people of the org (``by_hand``) may do everything.
    """

    def __init__(
        self, crm: Crm, table: Table, by: int, chance: Callable[[], str | None] = lambda: None, *, by_hand: bool = False
    ) -> None:
        self.crm, self.table, self.by = crm, table, by
        self.by_hand = by_hand
        self._rules = crm.setup.layout_always
        self._chance = chance

    def insert(self, call: Call) -> Response:
        """``POST /{module}``."""
        rows, body = _rows(call)
        workflows = self._asked(body)
        return _answer(self._each(rows, lambda a, r: self._insert(a, r, workflows)), good=201)

    def update(self, call: Call, number: str | None = None) -> Response:
        """``PUT /{module}`` and ``PUT /{module}/{id}``."""
        rows, body = _rows(call)
        if number is not None:
            rows = [{**row, "id": number} if isinstance(row, dict) else row for row in rows[:1]]
        self._unmodified(call, rows, self._named)
        workflows = self._asked(body)
        return _answer(self._each(rows, lambda a, r: self._update(a, r, workflows)))

    def upsert(self, call: Call) -> Response:
        """``POST /{module}/upsert``: by id, else by the first check field that finds a record."""
        rows, body = _rows(call)
        checks = self._checks(body.get("duplicate_check_fields"))
        self._unmodified(call, rows, lambda at, row: self._match(at, row, checks)[0])
        workflows = self._asked(body)
        return _answer(self._each(rows, lambda a, r: self._upsert(a, r, checks, workflows)))

    def delete(self, call: Call, number: str | None = None) -> Response:
        """``DELETE /{module}?ids=`` and ``DELETE /{module}/{id}``."""
        if number is None and not call.query.get("ids"):
            raise missing_parameter("ids")
        ids = [number] if number is not None else [part.strip() for part in call.query["ids"].split(",")]
        if len(ids) > ROWS:
            raise CallError(
                400, "LIMIT_EXCEEDED", "cannot delete more than 100 records", {"limit": ROWS, "param_name": "ids"}
            )
        return _answer(self._each([{"id": one} for one in ids], self._delete))

    def clean(self, at: int, row: Row) -> Row:
        """The values of a row as they would be stored; unknown and read-only names are ignored without a word."""
        values: Row = {}
        for name, value in row.items():
            f = self.table.module.fields.get(name)
            if name == "Tag" and self.crm.setup.tags_in_rows:
                values[name] = self._tags(at, value)
            if f is None or f.system or (not self.by_hand and name in self._forbidden()):
                continue
            accepted = pointing(self.crm, f, value) if f.kind in POINTING else accept(f, value)
            if f.kind == "picklist":
                accepted = choice(self.crm, f, accepted)
            if isinstance(accepted, Misfit):
                raise RowError("INVALID_DATA", "invalid data", {**accepted.details, "json_path": _path(at, name)})
            values[name] = accepted
        return values

    def _asked(self, body: Row) -> bool:
        """What a call wants to run besides: whether workflows do. Layout rules only where it names them."""
        named = [each.get("name") for each in body.get("apply_feature_execution") or () if isinstance(each, dict)]
        self._rules = self.crm.setup.layout_always or "layout_rules" in named
        return _workflows(body)

    def _forbidden(self) -> frozenset[str]:
        return self.crm.setup.rights.read_only | self.crm.setup.rights.hidden

    # one row

    def _each(self, rows: list[Any], act: Callable[[int, Row], Row]) -> list[Row]:
        return [self._try(at, row, act) for at, row in enumerate(rows)]

    def _try(self, at: int, row: Any, act: Callable[[int, Row], Row]) -> Row:
        try:
            if not isinstance(row, dict):
                raise RowError(
                    "INVALID_DATA", "invalid data", {"expected_data_type": "jsonobject", "json_path": f"$.data[{at}]"}
                )
            if code := self._chance():
                raise RowError(
                    code, "refused by a fault rule", {"api_name": "Last_Name", "json_path": _path(at, "Last_Name")}
                )
            return act(at, row)
        except RowError as refusal:
            return refusal.error

    def _insert(self, at: int, row: Row, workflows: bool) -> Row:
        values = self._laid_out(at, row, self.clean(at, row), {})
        for name, f in self.table.module.fields.items():
            if f.mandatory and values.get(name) is None:
                raise _missing(at, name)
        self._unique(at, values, None)
        return self._done(self.crm.create(self.table, values, self.by, workflows=workflows), "record added")

    def _update(self, at: int, row: Row, workflows: bool) -> Row:
        entry = self._named(at, row)
        if entry is None:
            raise RowError(
                "INVALID_DATA",
                "the id given seems to be invalid",
                {"id": row["id"], "api_name": "id", "json_path": _path(at, "id")},
            )
        return self._change(at, row, entry, workflows)

    def _change(self, at: int, row: Row, entry: Entry, workflows: bool) -> Row:
        if entry.number in self.crm.converted:
            raise RowError("INVALID_DATA", "the id given seems to be invalid", {"id": str(entry.number)})
        if entry.number in self.crm.locked:
            raise RowError("RECORD_LOCKED", "record is locked", {"id": str(entry.number)})
        values = self._laid_out(at, row, self.clean(at, row), entry.values)
        for name, value in values.items():
            if value is None and self.table.module.fields[name].mandatory:
                raise _missing(at, name)
        self._unique(at, values, entry)
        self.crm.change(self.table, entry, values, self.by, workflows=workflows)
        return self._done(entry, "record updated")

    def _upsert(self, at: int, row: Row, checks: list[str], workflows: bool) -> Row:
        entry, found_by = self._match(at, row, checks)
        if entry is None:
            return {**self._insert(at, row, workflows), "action": "insert", "duplicate_field": None}
        return {**self._change(at, row, entry, workflows), "action": "update", "duplicate_field": found_by}

    def _delete(self, _: int, row: Row) -> Row:
        number = int(row["id"]) if row["id"].isdecimal() else 0
        if number not in self.table.rows:
            raise RowError("INVALID_DATA", "record not deleted", {"id": row["id"]})
        if number in self.crm.locked:
            raise RowError("RECORD_LOCKED", "record is locked", {"id": row["id"]})
        self.table.remove(number, self.crm.second(), self.by)
        return {"code": "SUCCESS", "details": {"id": row["id"]}, "message": "record deleted", "status": "success"}

    def _done(self, entry: Entry, message: str) -> Row:
        shown = self.crm.render(entry, ["Created_Time", "Modified_Time"])
        authors = {"Created_By": self.crm.user(entry.created_by), "Modified_By": self.crm.user(entry.modified_by)}
        details = {
            **shown,
            **{name: user.short() for name, user in authors.items() if user},
            "$approval_state": "approved",
        }
        return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}

    # what a row refers to

    def _named(self, at: int, row: Row) -> Entry | None:
        given = row.get("id")
        if given is None:
            raise RowError(
                "MANDATORY_NOT_FOUND", "required field not found", {"api_name": "id", "json_path": _path(at, "id")}
            )
        return self.table.rows.get(number_in(given))

    def _match(self, at: int, row: Row, checks: list[str]) -> tuple[Entry | None, str | None]:
        if row.get("id") is not None:
            entry = self._named(at, row)
            if entry is None:
                raise RowError(
                    "INVALID_DATA",
                    "the id given seems to be invalid",
                    {"id": row["id"], "api_name": "id", "json_path": _path(at, "id")},
                )
            return entry, "id"
        for name in checks:
            value = row.get(name)
            if isinstance(value, str) and (held := self.table.holders(name, value.strip())):
                return self.table.rows[held[0]], name
        return None, None

    def _checks(self, asked: Any) -> list[str]:
        default, unique = self.table.module.check_field, self.table.unique
        if not asked:
            return [default, *(name for name in unique if name != default)]
        if not isinstance(asked, list) or any(name != default and name not in unique for name in asked):
            details = {"api_name": "duplicate_check_fields", "json_path": "$.duplicate_check_fields"}
            raise CallError(400, "INVALID_DATA", "invalid data", details)
        return [*asked, *(name for name in unique if name not in asked)]

    def _unmodified(self, call: Call, rows: list[Any], find: Callable[[int, Row], Entry | None]) -> None:
        """``If-Unmodified-Since`` is one header for the whole call: one newer record refuses it."""
        border = call.time("if-unmodified-since")
        if border is None:
            return
        for at, row in enumerate(rows):
            try:
                entry = find(at, row) if isinstance(row, dict) else None
            except RowError:
                continue
            if entry is not None and entry.modified > border:
                message = "Record updated time has already passed if-unmodified-since time"
                raise CallError(412, "ALREADY_MODIFIED", message, {"id": str(entry.number)})

    def _unique(self, at: int, values: Row, entry: Entry | None) -> None:
        for name in self.table.unique:
            value = values.get(name)
            held = self.table.holders(name, value) if isinstance(value, str) else []
            other = next((number for number in held if entry is None or number != entry.number), None)
            if other is not None:
                owner = self.crm.render(self.table.rows[other], ["Owner"])["Owner"]
                module = {"api_name": self.table.module.name, "id": str(self.table.module.number)}
                duplicate = {"id": str(other), "owner": owner, "module": module}
                details = {
                    "api_name": name,
                    "json_path": _path(at, name),
                    "id": str(other),
                    "duplicate_record": duplicate,
                }
                raise RowError("DUPLICATE_DATA", "duplicate data", details)

    def _laid_out(self, at: int, row: Row, values: Row, before: Mapping[str, Any]) -> Row:
        """The values that the layout has a place for, where the call is held to one. Raises RowError: it wants more."""
        layouts, module = self.crm.layouts, self.table.module
        given = row.get("Layout")
        if given is None and not self._rules:
            return values
        layout = layouts.of(module)[0] if given is None else layouts.named(module, given)
        if layout is None:
            raise RowError("INVALID_DATA", "invalid data", {"api_name": "Layout", "json_path": _path(at, "Layout")})
        if not self._rules:
            layout = replace(layout, rules=())
        after = {**before, **values}
        kept = {name: value for name, value in values.items() if not layout.hides(name, after)}
        after = {**before, **kept}
        for name, rule in wanted(layout, module.fields, after):
            if after.get(name) is None and not layout.hides(name, after):
                named = None if rule is None else {"name": rule.name, "id": layouts.rule_id(module, layout, rule)}
                raise _missing(at, name, layout_rule=named)
        return kept

    def _tags(self, at: int, value: Any) -> Any:
        given = value if isinstance(value, list) else []
        named = [tag.get("name") if isinstance(tag, dict) else tag for tag in given]
        names = [name.strip() for name in named if isinstance(name, str)]
        if len(names) < len(given) or len(names) > 10 or not all(0 < len(name) <= 25 for name in names):
            raise RowError("INVALID_DATA", "invalid data", {"api_name": "Tag", "json_path": _path(at, "Tag")})
        return self.crm.tags[self.table.module.name].all(names) or None


def _missing(at: int, name: str, **more: Any) -> RowError:
    told = {key: value for key, value in more.items() if value is not None}
    details = {**told, "api_name": name, "json_path": _path(at, name)}
    return RowError("MANDATORY_NOT_FOUND", "required field not found", details)


def _path(at: int, name: str) -> str:
    return f"$.data[{at}].{name}"


def _rows(call: Call) -> tuple[list[Any], Row]:
    body = call.json()
    rows = body.get("data")
    if rows is None:
        raise CallError(
            400, "MANDATORY_NOT_FOUND", "required field not found", {"api_name": "data", "json_path": "$.data"}
        )
    if not isinstance(rows, list) or not rows:
        raise CallError(
            400,
            "INVALID_DATA",
            "invalid data",
            {"api_name": "data", "expected_data_type": "jsonarray", "json_path": "$.data"},
        )
    if len(rows) > ROWS:
        raise CallError(
            400,
            "LIMIT_EXCEEDED",
            "cannot write more than 100 records",
            {"api_name": "data", "limit": ROWS, "json_path": "$.data"},
        )
    return rows, body


def _workflows(body: Row) -> bool:
    """Without ``trigger`` everything runs; a list names what runs."""
    trigger = body.get("trigger")
    return trigger is None or (isinstance(trigger, list) and "workflow" in trigger)


def _answer(results: list[Row], *, good: int = 200) -> Response:
    succeeded = sum(result["status"] == "success" for result in results)
    status = good if succeeded == len(results) else 207 if succeeded else 400
    return answer({"data": results}, status)
