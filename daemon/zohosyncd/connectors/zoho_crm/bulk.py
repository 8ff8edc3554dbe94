"""Reading all records of a module by jobs of Bulk Read: one job exports up to 200,000 of them for fifty credits.

A job stands in the walk by Modified_Time where many pages would: it shows what was changed from the border on up to a
moment, in whatever order, and the list goes on from that moment. So whoever changes meanwhile is seen again behind it,
and wherever a job fails the queries or lists go on from its border. The job's id is part of the place: another process
looks at the same job, and shows its file from where this one was.

A file shows the past, and its form is only partly documented. Its pages say so (``Page.snapshot``), and of every file
some rows are compared with a list before one of them is believed.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Final

import msgspec
import structlog

from zohosyncd.connectors.zoho_crm.bulk_rows import Columns, telling
from zohosyncd.connectors.zoho_crm.bulk_wire import BulkWire, Result, result_of
from zohosyncd.connectors.zoho_crm.credits import BULK_READ
from zohosyncd.connectors.zoho_crm.cursor import Job, Pass
from zohosyncd.connectors.zoho_crm.long_reads import ROOM, best_way
from zohosyncd.connectors.zoho_crm.options import LongReads
from zohosyncd.connectors.zoho_crm.queries import MOST_FIELDS
from zohosyncd.connectors.zoho_crm.reading import Row
from zohosyncd.core.errors import ContractBroken, PermissionLacking
from zohosyncd.ports.world import Clock
from zohosyncd.transport.account_budget import AccountBudget

PIECE: Final = 2_000
"""Rows that are shown at once."""

WORTH_A_QUESTION: Final = 15_000
"""Rows after which one asks how many there are: by queries, they have cost twenty-four credits."""

_ASK_AGAIN: Final = 86_400.0
_LOOKS: Final = (10.0, 10.0, 20.0, 30.0, 60.0)
"""Seconds before each look at a job; the last one goes on. Each look costs a credit."""

_NAP: Final = 5.0
"""Seconds after which a page without records is shown while a job runs: whoever reads may have other things to do."""

_PATIENCE: Final = 3_600.0
"""Seconds after which a job is given up."""

_MOST_HALVES: Final = 40
_SHARE_OF_JOBS: Final = 10

_log = structlog.get_logger("zohosyncd.feed")

Check = Callable[[Sequence[Row]], Awaitable[None]]
"""Compares rows of a file with a list. Raises ContractBroken if they differ."""


class Bulk:
    """Whether and how all records of a module are read by jobs.

    Args:
        wire: the calls. module: API name. columns: what a file shows of it. mode: the operator's wish. clock: time.
        budget: the account's credits, None where nobody counts them.
    """

    def __init__(
        self, wire: BulkWire, module: str, columns: Columns, mode: LongReads, clock: Clock,
        budget: AccountBudget | None = None,
    ) -> None:  # fmt: skip
        self.wire = wire
        self.module = module
        self.columns = columns
        self.clock = clock
        self.room = ROOM
        """Most records that one job is asked for."""
        self._budget = budget
        self._mode = mode
        self._refused_until = 0.0

    @property
    def forced(self) -> bool:
        """Whether the operator wants jobs, whatever they cost."""
        return self._mode == "bulk"

    def usable(self, fields: Sequence[str]) -> bool:
        """Whether these fields may be read by jobs now."""
        allowed = self._mode in {"auto", "bulk"} and self.clock.now() >= self._refused_until and self._affordable
        return allowed and len(fields) <= MOST_FIELDS and self.columns.offer(fields)

    @property
    def _affordable(self) -> bool:
        """Whether a job, which is paid at once, is a small part of what may be spent in a day: else it might wait."""
        budget = self._budget
        return budget is None or not budget.counted or budget.allowance.credits >= _SHARE_OF_JOBS * BULK_READ

    def refuse(self, error: ContractBroken | PermissionLacking) -> None:
        """They do not work for this login: queries and lists do, for a day.

        Raises:
            PermissionLacking: the operator wants jobs and nothing in their place.
        """
        if self.forced and isinstance(error, PermissionLacking):
            raise error
        _log.info("bulk read does not work here", module=self.module, reason=error.message)
        self._refused_until = self.clock.now() + _ASK_AGAIN

    def asks(self, before: int, after: int) -> bool:
        """Whether it is time to ask how many records there are, between two numbers of rows that have been read.

        Asking costs a credit, which few records are not worth: lists and queries read the first of them anyway.
        """
        return before == 0 if self.forced else before < WORTH_A_QUESTION <= after

    async def planned(self, run: Pass, *, queries: bool) -> Job | None:
        """The job to be created for the rest of a complete read, None where another way is better.

        Args:
            queries: whether they could be used in its place.
        """
        if not run.started or run.border is None or run.border >= run.started:
            return None
        try:
            count = max(0, await self.wire.count(self.module) - run.rows)
        except (ContractBroken, PermissionLacking) as error:
            if self.forced:
                return Job(until=run.started)
            self.refuse(error)
            return None
        if not self.forced and best_way(count, queries=queries) != "bulk":
            return None
        return Job(until=run.started if count <= self.room else 0.0)


class Exporting:
    """The stage of a pass that reads records from the files of jobs."""

    def __init__(self, bulk: Bulk, fields: Sequence[str], check: Check) -> None:
        self._bulk = bulk
        self._fields = fields
        self._check = check
        self._file: Iterator[Row] | None = None
        self._count = 0

    async def next(self, run: Pass) -> tuple[list[Row], Pass]:
        """The next rows, as a query shows them, and the pass behind them; no rows while there is none yet.

        Raises:
            ContractBroken, PermissionLacking: the job does not work.
        """
        job = run.job
        if job is None:
            raise RuntimeError("no job is under way")
        if not job.id:
            return [], await self._created(run, job)
        if self._file is None:
            waiting = await self._looked(job)
            if waiting is not None:
                return [], msgspec.structs.replace(run, job=waiting)
        rows = list(islice(self._file or (), PIECE))
        if rows:
            return rows, msgspec.structs.replace(run, job=msgspec.structs.replace(job, shown=job.shown + len(rows)))
        if job.shown != self._count:
            raise ContractBroken("a bulk file has not as many rows as were told")
        self._file = None
        following = Job() if job.until < run.started else None
        return [], msgspec.structs.replace(run, job=following, lower=job.until, border=job.until)

    async def _created(self, run: Pass, job: Job) -> Pass:
        border = run.border or 0.0
        until = job.until or await self._window(border, run.started)
        bulk = self._bulk
        created = await bulk.wire.create(bulk.module, bulk.columns.asked(self._fields), (border, until))
        now = bulk.clock.now()
        return msgspec.structs.replace(run, job=Job(created, until, begun=now, due=now + _LOOKS[0]))

    async def _window(self, border: float, end: float) -> float:
        """Up to which moment one file has room."""
        until = end
        for _ in range(_MOST_HALVES):
            if await self._bulk.wire.count(self._bulk.module, (border, until)) <= self._bulk.room:
                return until
            until = border + (until - border) // 2
            if until <= border:
                break
        raise ContractBroken("more records were changed in one second than a bulk file has room for")

    async def _looked(self, job: Job) -> Job | None:
        """Look at a job when it is time: None if its file is open now, else the job to go on with."""
        bulk = self._bulk
        now = bulk.clock.now()
        if job.begun <= now < job.due:
            await bulk.clock.sleep(min(_NAP, job.due - now))
            return job
        export = await bulk.wire.look(job.id)
        match export.word:
            case "COMPLETED":
                await self._opened(job, result_of(export))
                return None
            case "ADDED" | "QUEUED" | "IN_PROGRESS" if now - job.begun < _PATIENCE:
                looks = job.looks + 1
                due = now + _LOOKS[min(looks, len(_LOOKS) - 1)]
                return msgspec.structs.replace(job, looks=looks, due=due)
            case _:
                raise ContractBroken("a bulk job failed, or did not end in time")

    async def _opened(self, job: Job, result: Result) -> None:
        if result.more_records:
            raise ContractBroken("there are more records than a bulk file has room for")
        archive = await self._bulk.wire.download(job.id)
        rows = self._bulk.columns.rows(archive, self._fields)
        first = list(islice(rows, PIECE))
        if first:
            await self._check(telling(first))
        file = chain(first, rows)
        for start in range(0, job.shown, PIECE):
            size = min(PIECE, job.shown - start)
            if len(list(islice(file, size))) < size:
                raise ContractBroken("a bulk file has become shorter")
            await self._bulk.clock.sleep(0.0)  # others have work to do, too
        self._file, self._count = file, result.count
