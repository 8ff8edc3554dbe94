"""Reading a side of a snapshot: completely and checked first, page by page then. Only a page of it is in memory."""

import json
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn

import anyio.lowlevel

from zohosyncd.core.emails import canonical_email, valid_email
from zohosyncd.core.errors import UsageError
from zohosyncd.core.plain import value_of
from zohosyncd.core.record import Values
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import Side
from zohosyncd.pipeline.plan import Plan
from zohosyncd.supervisor.snapshot import FORMAT

_PAGE: Final = 100
_LONGEST: Final = 16 * 1024 * 1024
_BREATH: Final = 100
"""So many lines are read at a time; others have their turn in between."""


class SnapshotFile:
    """One side of a snapshot. It stays open, so that what was checked is what is used.

    Args:
        path, file: where it is, and its bytes.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        self.at = 0.0
        """When the snapshot was taken (wall seconds); known once it was checked."""

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> "Iterator[SnapshotFile]":
        """Open a file. Raises UsageError where it cannot be read."""
        hint = "name the folder of a snapshot"
        try:
            if path.exists() and not path.is_file():
                raise UsageError(f"{path} cannot be read: it is no file", hint=hint)
            file = path.open("rb")
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}", hint=hint) from error
        with file:
            yield cls(path, file)

    async def check(self, plan: Plan, side: Side, person: str = "") -> set[str]:
        """Read to the end before anything of it is used.

        Args:
            plan, side: what it has to be a snapshot of. person: an e-mail or an id, "" for nobody.

        Returns:
            The ids of the records that are this person's.

        Raises:
            UsageError: it is damaged, with the line, or of something else, or of a newer version.
        """
        ended, found = False, set()
        schema = plan.endpoint(side).schema
        async for number, line in self._lines():
            if number == 1:
                self._header(plan, side, line)
            elif ended or line.get("line") not in ("record", "end"):
                self._damaged(number, "it has a line that no snapshot has")
            elif line["line"] == "end":
                ended = True
                if line.get("records") != number - 2:
                    self._damaged(number, f"it says {line.get('records')} records and has {number - 2}")
            else:
                record_id, values = self._record(number, line)
                if person and (record_id == person or _has(schema, values, person)):
                    found.add(record_id)
        if not ended:
            raise UsageError(
                f"{self._path} ends too early", hint="take another snapshot: this one was not written to its end"
            )
        return found

    async def pages(self, only: Collection[str] | None = None) -> AsyncIterator[dict[str, Values]]:
        """The records by id, in pages. ``only``: these, None for all."""
        page: dict[str, Values] = {}
        async for number, line in self._lines():
            if line.get("line") == "record":
                record_id, values = self._record(number, line)
                if only is None or record_id in only:
                    page[record_id] = values
                if len(page) == _PAGE:
                    yield page
                    page = {}
        if page:
            yield page

    async def _lines(self) -> AsyncIterator[tuple[int, dict[str, Any]]]:
        number = 0
        try:
            self._file.seek(0)
            while text := self._file.readline(_LONGEST):
                number += 1
                if number % _BREATH == 0:
                    await anyio.lowlevel.checkpoint()
                yield number, self._line(number, text)
        except OSError as error:
            raise UsageError(f"{self._path} cannot be read: {error.strerror}") from error

    def _line(self, number: int, text: bytes) -> dict[str, Any]:
        try:
            line = json.loads(text.decode(), parse_constant=_no_number)
        except UnicodeDecodeError:
            self._damaged(number, "it is not UTF-8")
        except (ValueError, RecursionError):
            self._damaged(number, "it is no JSON")
        if not isinstance(line, dict):
            self._damaged(number, "it is no table")
        return line

    def _header(self, plan: Plan, side: Side, line: dict[str, Any]) -> None:
        end, form = plan.endpoint(side), line.get("format")
        if line.get("line") != "snapshot":
            self._damaged(1, "it is no snapshot")
        if form != FORMAT:
            hint = f"this version reads format {FORMAT}; use the version that has written it, or a newer one"
            raise UsageError(f"{self._path} was written by another version (format {form})", hint=hint)
        if not isinstance(at := line.get("at"), int | float):
            self._damaged(1, "it does not say when it was taken")
        self.at = float(at)
        wanted = {"connection": plan.name, "side": side.value, "account": end.account, "app": end.connector.app}
        for key, value in {**wanted, "object": end.ref}.items():
            if line.get(key) != value:
                hint = f"connection {plan.name} has {value} there"
                raise UsageError(f"{self._path} belongs to another {key}: {line.get(key)}", hint=hint)

    def _record(self, number: int, line: dict[str, Any]) -> tuple[str, Values]:
        record_id, shown = line.get("id"), line.get("values")
        if not isinstance(record_id, str) or not record_id or not isinstance(shown, dict):
            self._damaged(number, "the record has no id or no values")
        found = {}
        for name, value in shown.items():
            try:
                found[name] = value_of(value)
            except ValueError as error:
                self._damaged(number, f"{name}: {error}")
        return record_id, found

    def _damaged(self, number: int, what: str) -> NoReturn:
        hint = "nothing was written; take the snapshot from a backup"
        raise UsageError(f"{self._path}:{number}: {what}", hint=hint)


def _has(schema: Schema, values: Values, address: str) -> bool:
    """Whether a record has this e-mail address."""
    if not valid_email(address):
        return False
    wanted = canonical_email(address)
    for each in schema.meaning("emails"):
        value = values.get(each.name)
        texts = [item.value for item in value] if isinstance(value, tuple) else [value]
        if any(isinstance(text, str) and canonical_email(text) == wanted for text in texts):
            return True
    return False


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
