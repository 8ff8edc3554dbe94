"""Bulk Read, ``/crm/bulk/v8/read``: a job that exports records of a module as a zipped CSV file.

A job is added, queued, in progress and completed, as time passes; its file shows the records as they were when it was
added, in no order that anybody promised. A file has 200,000 records at most (``page`` 2 begins behind them), is kept
for a day, and ten downloads a minute are served. Texts stand as they are, flags as true and false, lookups and users
as ids, choices as people see them, several choices in one cell. Tags, rich texts, files, linked lists and subforms are
not offered. A callback is optional; its address is told of the end of the job.
"""

import csv
import io
import zipfile
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from zohosyncd.sandbox.wire import Outgoing, Response

from .answers import CallError, answer, unknown_path, wrong_method
from .call import Call
from .criteria import Condition, Criteria, Group, holds
from .crm import Crm
from .refusals import too_many
from .schema import SINGLE
from .store import Entry, Table

MOST_ROWS, DOWNLOADS, MINUTE, LIFE = 200_000, 10, 60.0, 86_400.0
OFTEN = "Only 10 requests for download are allowed for a one-minute interval"
_LEFT_OUT = SINGLE | {"fileupload", "imageupload", "profileimage", "consent_lookup", "hologram"}
_POINTING = frozenset({"lookup", "ownerlookup", "userlookup"})
_COMPARATORS = {
    "equal": "equals", "not_equal": "not_equal", "in": "in", "between": "between", "starts_with": "starts_with",
    "greater_than": "greater_than", "greater_equal": "greater_equal", "less_than": "less_than",
    "less_equal": "less_equal",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job:
    """One export: when it was added, how long (seconds) it takes, what it found, and who wants to hear of its end."""

    number: int
    query: Mapping[str, Any]
    added: float
    takes: float
    fails: bool
    page: int
    count: int
    more: bool
    archive: bytes
    callback: str = ""

    def state(self, now: float) -> str:
        """Where it stands."""
        age = now - self.added
        if age >= self.takes:
            return "FAILURE" if self.fails else "COMPLETED"
        return next(
            (word for part, word in ((0.1, "ADDED"), (0.3, "QUEUED")) if age < self.takes * part), "IN PROGRESS"
        )


@dataclass
class Exports:
    """The jobs of an org."""

    crm: Crm
    jobs: dict[int, Job] = field(default_factory=dict)
    _downloads: deque[float] = field(default_factory=deque)
    _untold: list[Job] = field(default_factory=list)

    def handle(self, call: Call, parts: Sequence[str]) -> Response:
        """``POST read``, ``GET read/{job}``, ``GET read/{job}/result``."""
        match (call.method, list(parts)):
            case (_, ["read", *_]) if not self.crm.setup.bulk:
                raise CallError(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL")
            case ("POST", ["read"]):
                return self._add(call)
            case ("GET", ["read", number]) if number.isdecimal():
                return answer({"data": [self._shown(self._known(number))]})
            case ("GET", ["read", number, "result"]) if number.isdecimal():
                return self._result(self._known(number))
            case (_, ["read", *_]):
                raise wrong_method()
            case _:
                raise unknown_path()

    def callbacks(self) -> list[Outgoing]:
        """The jobs that have ended since, for whoever asked to be told."""
        now = self.crm.now()
        ended = [job for job in self._untold if now >= job.added + job.takes]
        self._untold = [job for job in self._untold if job not in ended]
        return [Outgoing(job.callback, msgspec.json.encode({"data": [self._shown(job)]})) for job in ended]

    def next_callback(self) -> float | None:
        """Seconds until the next one, None when nobody waits."""
        waits = [job.added + job.takes - self.crm.now() for job in self._untold]
        return max(0.0, min(waits)) if waits else None

    def _add(self, call: Call) -> Response:
        body = call.json()
        query = body.get("query")
        if not isinstance(query, dict):
            raise _missing("query")
        if body.get("file_type", "csv") != "csv":
            raise _invalid("file_type")
        table = self._table(query)
        names = _names(table, query.get("fields"))
        page = query.get("page", 1)
        if not isinstance(page, int) or page < 1:
            raise _invalid("page")
        criteria = _criteria(table, query["criteria"]) if "criteria" in query else None
        found = [entry for entry in self._entries(table) if self._meets(entry, criteria)]
        most = self.crm.setup.bulk_rows
        chosen = found[(page - 1) * most : page * most]
        number = self.crm.fresh_id()
        archive = _zipped(f"{number}.csv", self._rows(table, chosen, names))
        self.crm.setup.bulk_failures -= (fails := self.crm.setup.bulk_failures > 0)
        job = Job(
            number, query, self.crm.now(), self.crm.setup.bulk_takes, fails, page, len(chosen),
            len(found) > page * most, archive, _callback(body.get("callback")),
        )  # fmt: skip
        self.jobs[number] = job
        if job.callback:
            self._untold.append(job)
        details = {"id": str(number), "operation": "read", "state": "ADDED", **self._made(job)}
        row = {"status": "success", "code": "ADDED_SUCCESSFULLY", "message": "Added successfully.", "details": details}
        return answer({"data": [row], "info": {}}, 201)

    def _table(self, query: Mapping[str, Any]) -> Table:
        module = query.get("module")
        name = module.get("api_name") if isinstance(module, dict) else None
        if name is None:
            raise _missing("module")
        table = self.crm.tables.get(name)
        if table is None:
            raise CallError(400, "INVALID_MODULE", "the module name given seems to be invalid")
        return table

    def _entries(self, table: Table) -> list[Entry]:
        """Everything that a list shows, in an order of its own."""
        shown = [entry for number, entry in table.rows.items() if number not in self.crm.converted]
        return sorted(shown, key=lambda entry: (entry.number * 2_654_435_761) % (1 << 32))

    def _meets(self, entry: Entry, criteria: Criteria | None) -> bool:
        return criteria is None or holds(criteria, lambda name: self.crm.render(entry, [name])[name])

    def _rows(self, table: Table, entries: Sequence[Entry], names: Sequence[str]) -> list[list[str]]:
        views = [self._view(table, name) for name in names]
        return [["Id", *names], *([str(entry.number), *(view(entry) for view in views)] for entry in entries)]

    def _view(self, table: Table, name: str) -> Callable[[Entry], str]:
        own, _, theirs = name.partition(".")
        f = table.module.fields[own]
        rights = self.crm.setup.rights
        if own in rights.hidden or own in rights.restricted:
            return lambda _: ""
        if theirs and theirs != "id":
            return lambda entry: _cell(self._joined(f.target, entry.values.get(own), theirs))
        if f.kind in _POINTING:
            return lambda entry: _cell((self.crm.render(entry, [own])[own] or {}).get("id"))
        words = dict(zip(f.choices, f.displays, strict=False))
        if f.kind == "multiselectpicklist":
            return lambda entry: ";".join(words.get(each, each) for each in entry.values.get(own, ()))
        return lambda entry: _cell(words.get(value := self.crm.render(entry, [own])[own], value))

    def _joined(self, target: str, number: Any, name: str) -> Any:
        found = self.crm.tables[target].rows.get(number)
        return None if found is None else self.crm.render(found, [name])[name]

    def _known(self, number: str) -> Job:
        job = self.jobs.get(int(number))
        if job is None or self.crm.now() > job.added + job.takes + LIFE:
            raise CallError(404, "RESOURCE_NOT_FOUND", "The requested resource doesn't exist.", {"id": number})
        return job

    def _result(self, job: Job) -> Response:
        now = self.crm.now()
        while self._downloads and self._downloads[0] <= now - MINUTE:
            self._downloads.popleft()
        if len(self._downloads) >= DOWNLOADS:
            raise CallError.of(too_many(OFTEN, self.crm.setup.spelling))
        self._downloads.append(now)
        if job.state(now) != "COMPLETED":
            raise CallError(400, "INVALID_DATA", "the job has no result", {"id": str(job.number)})
        name = f"{job.number}.zip"
        headers = {"Content-Type": "application/zip", "Content-Disposition": f"attachment;filename={name}"}
        return Response(200, headers, job.archive)

    def _made(self, job: Job) -> dict[str, Any]:
        return {"created_by": self.crm.me.short(), "created_time": self.crm.stamp(int(job.added // 1))}

    def _shown(self, job: Job) -> dict[str, Any]:
        state = job.state(self.crm.now())
        shown = {"id": str(job.number), "operation": "read", "state": state, "query": {**job.query, "page": job.page}}
        shown |= {**self._made(job), "file_type": "csv"}
        if state == "COMPLETED":
            shown["result"] = {
                "page": job.page, "per_page": self.crm.setup.bulk_rows, "count": job.count, "more_records": job.more,
                "download_url": f"/crm/bulk/v8/read/{job.number}/result",
            }  # fmt: skip
        if state == "FAILURE":
            shown["result"] = {"error_message": {"code": "INTERNAL_ERROR", "status": "error", "details": {}}}
        return shown


def _names(table: Table, asked: Any) -> list[str]:
    fields = table.module.fields
    offered = [name for name, f in fields.items() if f.kind not in _LEFT_OUT and not f.rich and name != "Tag"]
    if asked is None:
        return offered
    if not isinstance(asked, list) or not all(isinstance(name, str) for name in asked):
        raise _invalid("fields")
    for name in asked:
        own, _, theirs = name.partition(".")
        if own not in offered or (theirs and fields[own].kind not in _POINTING):
            raise CallError(400, "INVALID_DATA", "the field is not supported", {"api_name": name})
    return list(asked)


def _criteria(table: Table, asked: Any) -> Criteria:
    if not isinstance(asked, dict):
        raise _invalid("criteria")
    if "group" in asked:
        word = str(asked.get("group_operator", "")).casefold()
        if word not in {"and", "or"} or not isinstance(asked["group"], list):
            raise _invalid("group_operator")
        return Group(word, tuple(_criteria(table, each) for each in asked["group"]))
    named, comparator, value = asked.get("field"), asked.get("comparator"), asked.get("value")
    name = named.get("api_name") if isinstance(named, dict) else None
    if not isinstance(name, str) or name not in table.module.fields or comparator not in _COMPARATORS or value is None:
        raise _invalid("criteria")
    operands = tuple(map(str, value)) if isinstance(value, list) else (str(value),)
    return Condition(name, _COMPARATORS[comparator], operands)


def _callback(asked: Any) -> str:
    if asked is None:
        return ""
    url = asked.get("url") if isinstance(asked, dict) else None
    if not isinstance(url, str) or asked.get("method") != "post":
        raise _invalid("callback")
    return url


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _zipped(name: str, rows: Sequence[Sequence[str]]) -> bytes:
    text, archive = io.StringIO(newline=""), io.BytesIO()
    csv.writer(text).writerows(rows)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo(name), text.getvalue(), zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def _invalid(name: str) -> CallError:
    return CallError(400, "INVALID_DATA", "invalid data", {"api_name": name})


def _missing(name: str) -> CallError:
    return CallError(400, "MANDATORY_NOT_FOUND", "required field not found", {"api_name": name})
