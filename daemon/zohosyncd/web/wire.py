"""What travels over the control socket: lines of JSON, and errors that arrive as what they were.

A request is a line, and so is its answer. Before the answer there may be parts: lines that a command tells one after
the other. Where a command needs much, parts of it follow the request, and an empty one ends them.

::

    {"command": "sync", "arguments": {"connection": "crm-book"}}
    {"part": [...]}
    {"result": {"crm-book": {"links": 12, ...}}}
    {"error": {"class": "UsageError", "message": "there is no connection ...", "hint": "..."}}
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from zohosyncd.core import errors
from zohosyncd.core.errors import RemoteError, SettingsError, SettingsProblems, SyncError, UsageError

LARGEST_REQUEST: Final = 64 * 1024
LARGEST_ANSWER: Final = 32 * 1024 * 1024


class Talk:
    """What two ends say to each other beside request and answer; by itself nobody says anything."""

    async def tell(self, lines: Sequence[Any]) -> None:
        """Tell the one who gave the command; waits until it is taken."""

    async def heard(self) -> AsyncIterator[Sequence[Any]]:
        """What the one who gave the command says beside it, part by part."""
        return
        yield ()


class DaemonBug(SyncError):
    """A command failed inside the daemon for a reason that nobody foresaw; its log says where."""


@dataclass(frozen=True, slots=True)
class Request:
    """One command with its arguments."""

    command: str
    arguments: Mapping[str, Any]


def write_request(request: Request) -> bytes:
    """A request as its line."""
    return _line({"command": request.command, "arguments": dict(request.arguments)})


def read_request(line: bytes) -> Request:
    """A request from its line.

    Raises:
        UsageError: it is none.
    """
    match _object(line):
        case {"command": str(command), "arguments": dict(arguments)}:
            return Request(command, arguments)
        case {"command": str(command), **rest} if "arguments" not in rest:
            return Request(command, {})
        case _:
            raise UsageError("the request is not understood", hint='send one line: {"command": NAME, "arguments": {}}')


def write_part(lines: Sequence[Any]) -> bytes:
    """Some of what there is to say."""
    return _line({"part": list(lines)})


def read_part(line: bytes) -> list[Any] | None:
    """What a part says, None if the line is none."""
    match _object(line):
        case {"part": list(lines)}:
            return lines
        case _:
            return None


def write_result(result: Mapping[str, Any]) -> bytes:
    """The answer of a command that worked."""
    return _line({"result": dict(result)})


def write_error(error: SyncError) -> bytes:
    """The answer of a command that failed."""
    return _line({"error": _described(error)})


def read_answer(line: bytes) -> dict[str, Any]:
    """The result in an answer.

    Raises:
        SyncError: the command failed; of the class that it had in the daemon.
        DaemonBug: the answer is none.
    """
    match _object(line):
        case {"result": dict(result)}:
            return result
        case {"error": dict(error)}:
            raise _revived(error)
        case _:
            raise DaemonBug("the daemon's answer is not understood", hint="do the daemon and this command differ?")


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _object(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _described(error: SyncError) -> dict[str, Any]:
    described: dict[str, Any] = {"class": _class_of(error), "message": error.message, "hint": error.hint}
    if isinstance(error, RemoteError) and error.request:
        described |= {"request": error.request, "vendor_request": error.vendor_request}
    if isinstance(error, SettingsError):
        described |= {"file": error.file, "key": error.key, "line": error.line}
    if isinstance(error, SettingsProblems):
        described["problems"] = [_described(problem) for problem in error.problems]
    return described


def _class_of(error: SyncError) -> str:
    """The nearest class that both ends have: rooms may have finer ones of their own."""
    if isinstance(error, DaemonBug):
        return DaemonBug.__name__
    return next(each.__name__ for each in type(error).__mro__ if each.__module__ == errors.__name__)


def _revived(described: Mapping[str, Any]) -> SyncError:
    message, hint = str(described.get("message", "")), str(described.get("hint", ""))
    match described.get("class"):
        case "SettingsError":
            return _revived_mistake(described)
        case "SettingsProblems":
            return SettingsProblems([_revived_mistake(each) for each in described.get("problems", ())])
        case "DaemonBug":
            return DaemonBug(message, hint=hint)
        case name:
            found = getattr(errors, str(name), SyncError)
            known = isinstance(found, type) and issubclass(found, SyncError)
            error = found(message, hint=hint) if known else SyncError(message, hint=hint)
            if isinstance(error, RemoteError):
                error.request = str(described.get("request", ""))
                error.vendor_request = str(described.get("vendor_request", ""))
            return error


def _revived_mistake(described: Mapping[str, Any]) -> SettingsError:
    return SettingsError(
        str(described.get("message", "")),
        file=str(described.get("file", "")),
        key=str(described.get("key", "")),
        line=described.get("line"),
        hint=str(described.get("hint", "")),
    )
