"""POST /batches: many calls in one, carried out later; their answers are an archive at an address of its own."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from zohosyncd.sandbox.wire import Request, Response

from .problems import Problem, invalid, not_found
from .setup import MailchimpSetup
from .shown import link, moment

MOST: Final = 1_000
MOST_OPEN: Final = 500
FILES: Final = "/3.0/batch-results/"
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(slots=True)
class Batch:
    """One batch; ``answers`` once it has been carried out."""

    id: str
    operations: list[dict[str, Any]]
    submitted: float
    completed: float | None = None
    answers: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Batches:
    """All batches of an account. ``carry_out``: answers one request, without a login."""

    setup: MailchimpSetup
    now: Callable[[], float]
    carry_out: Callable[[Request], Response]
    base_url: Callable[[], str]
    _known: dict[str, Batch] = field(default_factory=dict)
    _busy: bool = False

    def settle(self) -> None:
        """Carry out those whose time has come."""
        if self._busy:
            return
        self._busy = True
        try:
            for batch in self._known.values():
                if batch.completed is None and self.now() >= batch.submitted + self.setup.batch_seconds:
                    batch.answers = [self._done(operation) for operation in batch.operations]
                    batch.completed = self.now()
        finally:
            self._busy = False

    def begin(self, body: Any) -> dict[str, Any]:
        """POST /batches. Raises Problem."""
        operations = body.get("operations") if isinstance(body, dict) else None
        if not isinstance(operations, list):
            raise invalid(("operations", "This value is required."))
        if len(operations) > MOST:
            raise invalid(("operations", f"A batch has at most {MOST} operations."))
        for at, each in enumerate(operations):
            if not isinstance(each, dict) or each.get("method") not in _METHODS or not each.get("path"):
                raise invalid((f"operations.{at}", "method and path are required."))
            if each.keys() - {"method", "path", "params", "body", "operation_id"}:
                raise invalid((f"operations.{at}", "This field is not known."))
        if sum(batch.completed is None for batch in self._known.values()) >= MOST_OPEN:
            raise Problem(429, "Too Many Requests", f"You have more than {MOST_OPEN} pending batches.")
        batch = Batch(f"b{len(self._known) + 1:09x}", operations, self.now())
        self._known[batch.id] = batch
        return self.shown(batch)

    def get(self, batch_id: str) -> Batch:
        """A batch. Raises Problem."""
        found = self._known.get(batch_id)
        if found is None:
            raise not_found()
        return found

    def drop(self, batch_id: str) -> None:
        """Stop a batch, or forget its results. Raises Problem."""
        del self._known[self.get(batch_id).id]

    def everything(self) -> list[Batch]:
        """All of them."""
        return list(self._known.values())

    def shown(self, batch: Batch) -> dict[str, Any]:
        """A batch as its status is told."""
        done = batch.completed is not None
        started = self.now() > batch.submitted + self.setup.batch_seconds / 2
        return {
            "id": batch.id,
            "status": "finished" if done else "started" if started else "pending",
            "total_operations": len(batch.operations),
            "finished_operations": len(batch.answers),
            "errored_operations": sum(each["status_code"] >= 400 for each in batch.answers),
            "submitted_at": moment(batch.submitted),
            "completed_at": moment(batch.completed),
            "response_body_url": f"{self.base_url()}{FILES}{batch.id}-response.tar.gz" if done else "",
            "_links": [link("self")],
        }

    def archive(self, path: str) -> Response:
        """The file of a batch's answers: no login is asked for."""
        batch = self._known.get(path.removeprefix(FILES).removesuffix("-response.tar.gz"))
        if batch is None or batch.completed is None:
            return Response(403, {"Content-Type": "application/xml"}, b"<Error><Code>AccessDenied</Code></Error>")
        content = json.dumps(batch.answers).encode()
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w") as files:
            about = tarfile.TarInfo(f"{batch.id}.json")
            about.size = len(content)
            files.addfile(about, io.BytesIO(content))
        return Response(200, {"Content-Type": "application/x-gzip"}, gzip.compress(raw.getvalue(), mtime=0))

    def _done(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        path = "/3.0/" + str(operation["path"]).strip("/").removeprefix("3.0/")
        query = tuple((str(name), str(value)) for name, value in (operation.get("params") or {}).items())
        answer = self.carry_out(
            Request(operation["method"], path, query, {}, str(operation.get("body") or "").encode())
        )
        return {
            "status_code": answer.status,
            "operation_id": operation.get("operation_id"),
            "response": answer.body.decode(),
        }
