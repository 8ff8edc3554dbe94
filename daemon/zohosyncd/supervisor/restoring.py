"""``snapshot restore``: a snapshot is read completely and checked, and only then anything of it is written."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zohosyncd.core.errors import Paused, UsageError
from zohosyncd.core.plain import value_of
from zohosyncd.core.record import Values
from zohosyncd.core.side import Side
from zohosyncd.pipeline.plan import Plan
from zohosyncd.ports.connector import WriteKind
from zohosyncd.supervisor.naming import known, side_named
from zohosyncd.supervisor.rehearse import Tell, nobody, with_names
from zohosyncd.supervisor.snapshot import FORMAT
from zohosyncd.supervisor.undoing import told

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_PAGE: Final = 100


class Restorings:
    """Restores over one daemon."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon

    async def restore(
        self, connection: str, folder: str, *, side: str, dry: bool, missing: bool, tell: Tell = nobody
    ) -> dict[str, Any]:
        """Bring back what a snapshot shows; with ``dry`` only tell.

        Args:
            connection: its name. folder: of the snapshot. side: only this one, "" for both.
            missing: also make anew what is gone. tell: takes the lines.

        Raises:
            UsageError: the folder holds no snapshot of this connection, or a damaged one.
            Paused: nothing may be written.
        """
        unit = known(self._daemon, connection)
        plan, runner = await unit.prepare()
        if runner.paused and not dry:
            raise Paused(f"connection {connection} is paused", hint=f"zohosyncd resume {connection}")
        sides = [side_named(unit.settings, side)] if side else [Side.RIGHT, Side.LEFT]
        files = {each: Path(folder) / f"{each.value}.jsonl" for each in sides}
        for each, file in files.items():
            _checked(plan, each, file)
        done: dict[str, int] = {kind.value: 0 for kind in WriteKind}
        kept, made = 0, ""
        for each, file in files.items():
            async for run, steps in runner.restore(each, _pages(file), dry=dry, missing=missing):
                made = run
                for step in steps:
                    kept += step.kind is None
                    if step.kind is not None:
                        done[step.kind.value] += 1
                await tell(await with_names(self._daemon.store, plan, [told(step) for step in steps]))
        return {"connection": connection, "dry_run": dry, "run": "" if dry else made, **done, "stays": kept}


def _checked(plan: Plan, side: Side, file: Path) -> None:
    """Read a file to its end before anything of it is used. Raises UsageError with the line that is wrong."""
    ended = False
    for number, line in _lines(file):
        if number == 1:
            _header(plan, side, file, line)
        elif ended or line.get("line") not in ("record", "end"):
            raise _damaged(file, number, "it has a line that no snapshot has")
        elif line["line"] == "end":
            ended = True
            if line.get("records") != number - 2:
                raise _damaged(file, number, f"it says {line.get('records')} records and has {number - 2}")
        else:
            _record(file, number, line)
    if not ended:
        raise UsageError(f"{file} ends too early", hint="take another snapshot: this one was not written to its end")


def _header(plan: Plan, side: Side, file: Path, line: dict[str, Any]) -> None:
    end = plan.endpoint(side)
    if line.get("line") != "snapshot":
        raise _damaged(file, 1, "it is no snapshot")
    if line.get("format") != FORMAT:
        raise UsageError(f"{file} was written by another version (format {line.get('format')})")
    wanted = {"connection": plan.name, "side": side.value, "account": end.account, "object": end.ref}
    for key, value in wanted.items():
        if line.get(key) != value:
            raise UsageError(
                f"{file} belongs to another {key}: {line.get(key)}", hint=f"connection {plan.name} has {value} there"
            )


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with file.open(encoding="utf-8") as lines:
            for number, text in enumerate(lines, 1):
                try:
                    line = json.loads(text)
                except ValueError:
                    raise _damaged(file, number, "it is no JSON") from None
                if not isinstance(line, dict):
                    raise _damaged(file, number, "it is no table")
                yield number, line
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{file} cannot be read: {reason}", hint="name the folder of a snapshot") from error


def _record(file: Path, number: int, line: dict[str, Any]) -> tuple[str, Values]:
    record_id, shown = line.get("id"), line.get("values")
    if not isinstance(record_id, str) or not isinstance(shown, dict):
        raise _damaged(file, number, "the record has no id or no values")
    try:
        return record_id, {name: value_of(value) for name, value in shown.items()}
    except ValueError as error:
        raise _damaged(file, number, str(error)) from error


def _damaged(file: Path, number: int, what: str) -> UsageError:
    return UsageError(f"{file}:{number}: {what}", hint="nothing was written; take the snapshot from a backup")


async def _pages(file: Path) -> AsyncIterator[dict[str, Values]]:
    page: dict[str, Values] = {}
    for number, line in _lines(file):
        if line.get("line") == "record":
            record_id, values = _record(file, number, line)
            page[record_id] = values
            if len(page) == _PAGE:
                yield page
                page = {}
    if page:
        yield page
