"""Zoho's Bulk Read on the wire, and the count of records (vendor: Bulk Read, Get Record Count).

A job is created, looked at until it is completed, and its result downloaded: a zip file with one CSV file in it.
"""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec

from zohosyncd.connectors.zoho_crm.client import ZohoRefusal
from zohosyncd.connectors.zoho_crm.credits import BULK_READ
from zohosyncd.connectors.zoho_crm.judge import failure_of
from zohosyncd.connectors.zoho_crm.records import MODIFIED
from zohosyncd.connectors.zoho_crm.times import header_time
from zohosyncd.core.errors import ContractBroken, Unavailable
from zohosyncd.ports.connector import NotSent, Unknown
from zohosyncd.transport.call import MEBIBYTE, Call
from zohosyncd.transport.client import Client
from zohosyncd.transport.decode import json_as
from zohosyncd.transport.sender import Answered

MOST_BYTES: Final = 64 * MEBIBYTE
"""Largest result, zipped, that is taken: it is kept in memory while its rows are shown."""

_JSON: Final = {"Content-Type": "application/json"}
_READ: Final = frozenset({200, 204, 400, 404})
_DOWNLOAD: Final = 900.0
"""Seconds for a result: it is large."""

Between = tuple[float, float]
"""Records modified from the first of two moments to the second, both included."""


class Result(msgspec.Struct, frozen=True):
    """What a completed job has found: so many records, and whether there are more behind them."""

    count: int
    more_records: bool


class Export(msgspec.Struct, frozen=True):
    """A job."""

    state: str
    result: dict[str, Any] | None = None

    @property
    def word(self) -> str:
        """Its state in one spelling; the vendor writes it with a space."""
        return self.state.upper().replace(" ", "_")


class Exports(msgspec.Struct, frozen=True):
    """The answer to a look at a job."""

    data: list[Export]


class Additions(msgspec.Struct, frozen=True):
    """The answer to the creation of a job."""

    data: list[dict[str, Any]]


class Count(msgspec.Struct, frozen=True):
    """How many records there are."""

    count: int


class BulkWire:
    """Bulk Read of one org."""

    def __init__(self, http: Client, api_url: str) -> None:
        self._http = http
        self._api = f"{api_url}/crm/v8"
        self._jobs = f"{api_url}/crm/bulk/v8/read"

    async def count(self, module: str, between: Between | None = None) -> int:
        """How many records a module has, or how many were modified between two moments.

        Raises:
            ZohoRefusal: with Zoho's code. PermissionLacking: the login may not count.
        """
        url = f"{self._api}/{quote(module)}/actions/count"
        if between is not None:
            first, last = (header_time(each).replace(":", "\\:") for each in between)
            url += "?criteria=" + quote(f"({MODIFIED}:between:{first},{last})", safe="")
        answer = await self._read(url, "/crm/v8/{module}/actions/count")
        return json_as(Count, answer.body, what="count of records").count

    async def create(self, module: str, fields: Sequence[str], between: Between) -> str:
        """Have these fields of the records exported that were modified between two moments; the job's id.

        Raises:
            ContractBroken: it was not created, or nobody knows: it is not asked for twice, as it is dear.
            Unavailable: nothing was sent.
        """
        group = [
            {"field": {"api_name": MODIFIED}, "comparator": comparator, "value": header_time(moment)}
            for comparator, moment in zip(("greater_equal", "less_equal"), between, strict=True)
        ]
        query = {
            "module": {"api_name": module}, "fields": list(fields), "page": 1,
            "criteria": {"group_operator": "and", "group": group},
        }  # fmt: skip
        body = msgspec.json.encode({"query": query, "file_type": "csv"})
        accept = frozenset({200, 201, 202, 400, 404})
        call = Call("POST", self._jobs, "/crm/bulk/v8/read", _JSON, body, accept=accept, content="json", cost=BULK_READ)
        match await self._http.write(call):
            case NotSent(reason):
                raise Unavailable(f"cannot be reached: {reason}")
            case Unknown(reason):
                raise ContractBroken(f"a bulk job may have been created or not: {reason}")
            case answer:
                return _created(answer)

    async def look(self, job: str) -> Export:
        """Where a job stands. Raises ZohoRefusal if Zoho does not know it (any more)."""
        answer = await self._read(f"{self._jobs}/{quote(job)}", "/crm/bulk/v8/read/{job}")
        found = json_as(Exports, answer.body, what="bulk job").data
        if not found:
            raise ContractBroken("bulk job: the answer names no job")
        return found[0]

    async def download(self, job: str) -> bytes:
        """The zipped result of a completed job. Raises ZohoRefusal if it is not there (any more)."""
        call = Call(
            "GET", f"{self._jobs}/{quote(job)}/result", "/crm/bulk/v8/read/{job}/result", accept=_READ,
            timeout=_DOWNLOAD, deadline=_DOWNLOAD, max_bytes=MOST_BYTES,
        )  # fmt: skip
        return _good(await self._http.read(call)).body

    async def _read(self, url: str, template: str) -> Answered:
        return _good(await self._http.read(Call("GET", url, template, accept=_READ, content="json")))


def result_of(export: Export) -> Result:
    """What a completed job has found.

    Raises:
        ContractBroken: the answer does not say.
    """
    try:
        return msgspec.convert(export.result, Result)
    except msgspec.ValidationError as error:
        raise ContractBroken(f"result of a bulk job: {error}") from None


def _created(answer: Answered) -> str:
    if answer.status >= 400:
        failure = failure_of(answer)
        raise ZohoRefusal(failure.word if failure else f"status {answer.status}")
    rows = json_as(Additions, answer.body, what="new bulk job").data
    match rows[:1]:
        case [{"status": "success", "details": {"id": str() as job}}] if job.isdecimal():
            return job
        case [{"code": str() as code}]:
            raise ZohoRefusal(code)
        case _:
            raise ContractBroken("new bulk job: the answer names no job")


def _good(answer: Answered) -> Answered:
    if answer.status == 200:
        return answer
    failure = failure_of(answer)
    raise ZohoRefusal(failure.word if failure else f"status {answer.status}")
