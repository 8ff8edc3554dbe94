"""Plans in files: a header, one line of JSON for each thing that would happen, and the numbers at the end."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from zohosyncd.core.errors import UsageError

_PAGE: Final = 1000
_FORMAT: Final = 1


@contextmanager
def written(path: Path) -> Iterator[Callable[[Sequence[Any]], None]]:
    """A file that only its owner can read, and a function that adds lines; without its end a plan leaves no file.

    Args:
        path: the file. It may not exist: a plan is never written over.

    Raises:
        UsageError: it exists, or cannot be written.
    """
    if path.exists():
        raise UsageError(f"{path} exists already", hint="name another file, or remove it first")
    part = path.with_name(path.name + ".part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError(
            f"{part} exists already", hint="another plan is being written, or left it: remove it"
        ) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:

            def write(lines: Sequence[Any]) -> None:
                for line in lines:
                    file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")

            yield write
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan that was read up to its header; ``writes`` reads the rest."""

    path: Path
    header: dict[str, Any]

    @classmethod
    def open(cls, path: Path, connection: str) -> "PlanFile":
        """Read the header and see that the plan is whole. Raises UsageError with what is wrong and what to do."""
        hint = f"make a new one: zohosyncd plan {connection} --out FILE"
        first: Any = None
        last: Any = None
        for _number, line in _lines(path):
            first, last = first or line, line
        if not isinstance(first, dict) or first.get("line") != "plan" or first.get("format") != _FORMAT:
            raise UsageError(f"{path} is not a plan of this program", hint=hint)
        if not isinstance(last, dict) or last.get("line") != "end":
            raise UsageError(f"{path} has no end: it is not the whole plan", hint=hint)
        if first.get("connection") != connection:
            raise UsageError(f"{path} is a plan of the connection {first.get('connection')}", hint=hint)
        return cls(path, first)

    def writes(self) -> Iterator[dict[str, Any]]:
        """The lines that a run may carry out, in order."""
        for _number, line in _lines(self.path):
            if line.get("line") == "write":
                yield line

    def digests(self) -> Iterator[list[str]]:
        """Their digests, in parts. Raises UsageError for a line that lacks something."""
        from zohosyncd.core.chosen import digest_of_line

        part: list[str] = []
        for line in self.writes():
            try:
                # A record that is deleted has no new values; what it had is not what is chosen.
                told = {} if line["kind"] == "delete" else line["fields"]
                fields = {name: (each["old"], each["new"]) for name, each in told.items()}
                found = digest_of_line(line["side"], line["kind"], line["left"], line["right"], fields)
            except (KeyError, TypeError, AttributeError) as error:
                raise UsageError(f"{self.path} has a write that is not understood") from error
            part.append(found.hex())
            if len(part) == _PAGE:
                yield part
                part = []
        if part:
            yield part


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, text in enumerate(file, 1):
                try:
                    line = json.loads(text)
                except ValueError:
                    line = None
                if not isinstance(line, dict):
                    raise UsageError(f"line {number} of {path} is not understood", hint="is it a plan of this program?")
                yield number, line
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a text"
        raise UsageError(f"{path} cannot be read: {reason}") from error


def show(line: dict[str, Any], *, err: bool = False) -> None:
    """One line of a plan for people."""
    texts = _FORMS.get(line["line"], _nothing)(line)
    for text in texts:
        click.echo(text, err=err)


def title(line: dict[str, Any]) -> str:
    """What a line is about: who, or else the ids."""
    ids = " = ".join(f"{side} {line[side]}" for side in ("left", "right") if line.get(side))
    return f"{line['who']} ({ids})" if line.get("who") else ids


def _write(line: dict[str, Any]) -> Iterator[str]:
    why = line.get("why") or f"the guard ({line.get('guard')}) stops it, batch {line.get('batch')}"
    yield f"{line['kind']} {line['side']}  {title(line)}: {why}"
    for name, each in line["fields"].items():
        old, new = _value(each["old"]), _value(each["new"])
        yield f"    {name}: {new}" if line["kind"] == "create" else f"    {name}: {old} -> {new}"


def _clash(line: dict[str, Any]) -> Iterator[str]:
    yield f"clash  {title(line)}: {line['why']}"
    yield f"    lost: {', '.join(f'{name} {_value(value)}' for name, value in line['lost'].items())}"


def _held(line: dict[str, Any]) -> Iterator[str]:
    field = f", {line['field']}" if line["field"] else ""
    yield f"held  {title(line)}: {line['reason']}{field}"


def _refused(line: dict[str, Any]) -> Iterator[str]:
    yield f"refused  {title(line)}: {line['code']} {line['field']} {line['message']}".rstrip()


def _nothing(_line: dict[str, Any]) -> Iterator[str]:
    return iter(())


def _stays(line: dict[str, Any]) -> Iterator[str]:
    yield f"stays  {title(line)}: {line['why']}"


def _lacking(line: dict[str, Any]) -> Iterator[str]:
    yield f"lacking {line['side']}  {title(line)}: the last complete read did not show it, batch {line['batch']}"


_FORMS = {
    "stays": _stays, "write": _write, "waiting": _write, "clash": _clash, "held": _held, "quarantined": _refused,
    "lacking": _lacking,
}  # fmt: skip


def _value(value: Any) -> str:
    """A value on one line; control characters of a contact are no orders to a terminal."""
    if value is None:
        return "(empty)"
    if isinstance(value, list):
        return ", ".join(_value(each.get("value")) for each in value) or "(empty)"
    if isinstance(value, dict):
        return ", ".join(_value(each) for each in value.values() if each) or "(empty)"
    return "".join(each if each.isprintable() else " " for each in str(value))
