"""Log lines: JSON for machines, one plain line for people; ids from the context; nothing about persons.

::

    with context(connection="crm-book", run=run_id):
        log.info("run ended", created=3, updated=1)
"""

import json
import logging
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, suppress
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.processors import TimeStamper

from zohosyncd.telemetry.redact import message_of, redact

Event = MutableMapping[str, Any]

LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

_FIRST_KEYS: Final = ("timestamp", "level", "event")
_MAX_FRAMES: Final = 30
_MAX_CAUSES: Final = 8


def configure(log_format: Literal["json", "console"], level: str, *, stream: TextIO | None = None) -> None:
    """Set up logging for the whole process; may be called again at any time.

    Args:
        log_format: ``json`` or ``console``.
        level: least level logged: debug, info, warning or error. What libraries log is shown from warning on.
        stream: where lines go; standard error by default.
    """
    render = _render_json if log_format == "json" else _render_console
    target = sys.stderr if stream is None else stream
    structlog.configure(
        processors=[
            merge_contextvars,
            *([] if level == "debug" else [_drop_rehearsals]),
            _add_level,
            _add_logger,
            _describe_exception,
            _redact,
            TimeStamper("iso"),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *names: _Lines(target, str(names[0]) if names else ""),
        cache_logger_on_first_use=False,  # a reload changes level and format of loggers that exist
    )
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, _FromLibraries)]:
        root.removeHandler(handler)
    root.addHandler(_FromLibraries(max(LEVELS[level], logging.WARNING)))


def context(**ids: str | int) -> AbstractContextManager[None]:
    """Add these ids (connection, account, run, request) to every line logged inside, also by tasks started there."""
    return bound_contextvars(**ids)


def ids_of(error: BaseException | None) -> dict[str, str]:
    """The ids of the call that an error is about, for its log line: ours, and the app's own where it has one."""
    found = {name: getattr(error, name, "") for name in ("request", "vendor_request")}
    return {name: value for name, value in found.items() if value}


class _Lines:
    """Writes finished lines. A log that cannot be written stops nobody's work."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream = stream
        self.name = name

    def _write(self, line: str) -> None:
        with suppress(OSError, ValueError):  # the reader has gone, or the stream is closed
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = warn = error = critical = exception = fatal = msg = log = _write


class _FromLibraries(logging.Handler):
    """Takes what libraries say to the standard logging the same way as our own lines."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        log.log(record.levelno, _told_by(record), **({"exc_info": record.exc_info} if record.exc_info else {}))


def _told_by(record: logging.LogRecord) -> str:
    """What a library says, without what it puts in: its values may be anybody's, and only numbers are harmless."""
    first = str(record.msg).partition("\n")[0]
    if record.name == "py.warnings":  # FILE:LINE: CATEGORY: text
        return ":".join(first.split(":")[:3])
    if not record.args:
        return first
    given = (record.args,) if isinstance(record.args, Mapping) else record.args
    shown = tuple(each if isinstance(each, int | float) else "[...]" for each in given)
    try:
        return first % shown
    except (TypeError, ValueError):  # named values, or another sign than %s for what was taken out
        return first


def take_over() -> None:
    """Have the log tell what would else be printed with its values: errors of threads and of finalizers, warnings."""

    def of_a_thread(failed: threading.ExceptHookArgs) -> None:
        if failed.exc_value is not None and not isinstance(failed.exc_value, SystemExit):
            structlog.get_logger("zohosyncd.thread").error("a thread failed", exc_info=failed.exc_value)

    def of_a_finalizer(failed: Any) -> None:
        structlog.get_logger("zohosyncd.finalizer").warning("an error nobody could take", exc_info=failed.exc_value)

    threading.excepthook = of_a_thread
    sys.unraisablehook = of_a_finalizer
    logging.captureWarnings(capture=True)


def _drop_rehearsals(_logger: object, method: str, event: Event) -> Event:
    """What a rehearsal would do is told to whoever asked for it; in a log it would read as if it had been done."""
    if event.get("rehearsal") and method == "info":
        raise structlog.DropEvent
    return event


def _add_level(_: Any, method: str, event: Event) -> Event:
    event["level"] = {"exception": "error", "warn": "warning", "fatal": "critical"}.get(method, method)
    return event


def _add_logger(logger: Any, _: str, event: Event) -> Event:
    if logger is not None and logger.name:
        event["logger"] = logger.name.removeprefix("zohosyncd.")
    return event


def _describe_exception(_: Any, __: str, event: Event) -> Event:
    """Turn ``exc_info`` into text: types, places and trusted messages; no locals, no source lines."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = list(describe(error))
    return event


def describe(error: BaseException) -> Iterator[str]:
    """An error and what led to it, innermost frame last, as lines that hold no values of variables."""
    todo: list[tuple[BaseException, str]] = [(error, "")]
    seen: set[int] = set()
    while todo and len(seen) < _MAX_CAUSES:
        current, prefix = todo.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield f"{prefix}{type(current).__name__}: {message_of(current)}".removesuffix(": ")
        for frame in traceback.extract_tb(current.__traceback__, limit=-_MAX_FRAMES):
            yield f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}"
        if isinstance(current, BaseExceptionGroup):
            todo += [(each, "with ") for each in current.exceptions]
        cause = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
        if cause is not None:
            todo.append((cause, "caused by "))


def _short(filename: str) -> str:
    for start in ("/site-packages/", "/zohosyncd/"):
        _, found, rest = filename.rpartition(start)
        if found:
            return rest
    return filename.rpartition("/")[2]


def _redact(_: Any, __: str, event: Event) -> Event:
    return redact(event)


def _render_json(_: Any, __: str, event: Event) -> str:
    ordered = {key: event[key] for key in _FIRST_KEYS if key in event} | dict(event)
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":"))


def _render_console(_: Any, __: str, event: Event) -> str:
    time, level, text = (event.pop(key, "") for key in _FIRST_KEYS)
    exception = event.pop("exception", [])
    event.pop("logger", None)
    pairs = "".join(f"  {key}={_plain(value)}" for key, value in event.items())
    lines = "".join(f"\n    {_printable(line)}" for line in exception)
    return f"{str(time)[11:19]} {level:<7} {_printable(str(text))}{pairs}{lines}"


def _plain(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return (
        json.dumps(text, ensure_ascii=False)
        if isinstance(value, str) and (not text or " " in text)
        else _printable(text)
    )


def _printable(text: str) -> str:
    """Control characters escaped, so that no value can forge a line or move the cursor."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
