"""Log lines say what happened and where, and never who."""

import asyncio
import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import structlog

from zohosyncd.core.errors import RemoteError
from zohosyncd.settings import Secret
from zohosyncd.telemetry.logs import configure, context
from zohosyncd.telemetry.redact import mask

CANARY_EMAIL = "canary.person@example.org"
CANARY_PHONE = "+49 170 5550123"
CANARY_SECRET = "1000.canary.5f4dcc3b"


@pytest.fixture
def log_to() -> Iterator[Callable[..., io.StringIO]]:
    def start(log_format: Any = "json", level: str = "info") -> io.StringIO:
        stream = io.StringIO()
        configure(log_format, level, stream=stream)
        return stream

    handlers = list(logging.getLogger().handlers)
    yield start
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers


def events(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_time_level_event_and_values(log_to: Callable[..., io.StringIO]) -> None:
    stream = log_to()
    structlog.get_logger("zohosyncd.feed").info("page read", count=200, account="zoho", share=0.5, full=True, left=None)
    (line,) = events(stream)
    assert list(line)[:3] == ["timestamp", "level", "event"]
    assert line["timestamp"].endswith("Z")
    assert (line["level"], line["event"], line["logger"]) == ("info", "page read", "feed")
    assert (line["count"], line["account"], line["share"], line["full"], line["left"]) == (200, "zoho", 0.5, True, None)


def test_the_level_holds_back_lesser_lines_and_can_be_changed_while_loggers_exist(
    log_to: Callable[..., io.StringIO],
) -> None:
    log = structlog.get_logger("zohosyncd.x")
    stream = log_to("json", "warning")
    log.info("unseen")
    log.warning("seen")
    assert [line["event"] for line in events(stream)] == ["seen"]
    stream = log_to("json", "debug")
    log.debug("now seen")
    assert [line["event"] for line in events(stream)] == ["now seen"]


async def test_ids_of_the_context_reach_tasks_that_were_started_in_it(log_to: Callable[..., io.StringIO]) -> None:
    stream = log_to()

    async def work() -> None:
        with context(request="r1"):
            structlog.get_logger().info("inside")

    with context(connection="crm-book", run="77"):
        await asyncio.create_task(work())
        structlog.get_logger().info("after")
    structlog.get_logger().info("outside")
    inside, after, outside = events(stream)
    assert (inside["connection"], inside["run"], inside["request"]) == ("crm-book", "77", "r1")
    assert after["connection"] == "crm-book"
    assert "request" not in after
    assert "connection" not in outside


@dataclass
class Person:
    name: str


class Kind(StrEnum):
    ONE = "one"


def leak_everywhere() -> None:
    log = structlog.get_logger("zohosyncd.leaky")
    log.info(
        f"could not sync {CANARY_EMAIL}, phone {CANARY_PHONE}", email=CANARY_EMAIL, deep={"a": [{"b": CANARY_PHONE}]}
    )
    log.info("auth", password=CANARY_SECRET, refresh_token=CANARY_SECRET, headers={"Authorization": CANARY_SECRET})
    log.info("auth", text=f"Authorization: Zoho-oauthtoken {CANARY_SECRET}", nested={"client_secret": [CANARY_SECRET]})
    log.info("objects", person=Person(CANARY_EMAIL), many={Person(CANARY_PHONE).name: 1}, raw=CANARY_EMAIL.encode())
    log.info("secret", value=Secret(CANARY_SECRET), where=Path("/home") / CANARY_EMAIL, body=CANARY_SECRET)
    logging.getLogger("aiohttp.client").warning("request for %s failed", CANARY_EMAIL)
    with context(login=CANARY_EMAIL):
        log.info("in context")
    local_variable = CANARY_SECRET
    try:
        try:
            raise KeyError(CANARY_SECRET)
        except KeyError as error:
            raise ExceptionGroup(
                "several", [ValueError(CANARY_SECRET), RemoteError(f"refused {CANARY_EMAIL}")]
            ) from error
    except ExceptionGroup:
        log.exception("failed", secret=local_variable)
    try:
        {}[CANARY_EMAIL]
    except KeyError as error:
        log.error("failed", error=error, exc_info=error)


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_no_canary_gets_through_whatever_is_logged(log_to: Callable[..., io.StringIO], log_format: str) -> None:
    stream = log_to(log_format, "debug")
    leak_everywhere()
    text = stream.getvalue()
    assert text.count("\n") >= 9
    for canary in ("canary", CANARY_EMAIL, "5550123", "5f4dcc3b"):
        assert canary not in text


def test_an_exception_tells_types_places_and_causes_but_no_values(log_to: Callable[..., io.StringIO]) -> None:
    stream = log_to()
    leak_everywhere()
    lines = next(line for line in events(stream) if line["event"] == "failed")["exception"]
    assert lines[0] == "ExceptionGroup: (message withheld)"
    assert any("test_logs.py" in line and "in leak_everywhere" in line for line in lines)
    assert "with ValueError: (message withheld)" in lines
    assert "with RemoteError: refused [e-mail]" in lines
    assert "caused by KeyError: (message withheld)" in lines


def test_errors_of_code_and_of_the_system_keep_their_message(log_to: Callable[..., io.StringIO]) -> None:
    stream = log_to()
    for error in (TypeError("'int' object is not iterable"), PermissionError(13, "Permission denied", "/home/ann")):
        structlog.get_logger().error("failed", error=error)
    assert [line["error"] for line in events(stream)] == [
        "TypeError: 'int' object is not iterable",
        "PermissionError: Permission denied",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "+49 170 1234567", "0170/1234567", "(555) 010-1234", "555-010-1234", "+1.555.010.1234", "00491701234567",
        "tel:+491701234567", "+44 (0)20 7946 0000", "call 5550101234.",
    ],
)  # fmt: skip
def test_what_looks_like_a_phone_is_masked(text: str) -> None:
    assert "[phone]" in mask(f"of {text}")
    assert "1234" not in mask(text)


@pytest.mark.parametrize(
    "text", ["a@b.de", "Ann.Smith+x@mail.example.org", "anna%40example.org", "<ü@exämple.org>", "a@localhost"]
)
def test_what_looks_like_an_email_is_masked(text: str) -> None:
    assert "[e-mail]" in mask(text)
    assert "@" not in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T00:25:10Z", "2026-11-24", "127.0.0.1:9595", "192.168.100.200", "192.168.100.200:443", "GET /crm/v8/Contacts",
        "0123456789abcdef0123456789abcdef", "554023000000527001", "/var/lib/zohosyncd/state.db", "0.1.0",
    ],
)  # fmt: skip
def test_times_addresses_ids_and_paths_stay_readable(text: str) -> None:
    assert mask(f"at {text}") == f"at {text}"


def test_a_console_line_is_for_people(log_to: Callable[..., io.StringIO]) -> None:
    stream = log_to("console")
    structlog.get_logger("zohosyncd.feed").warning("page read", count=200, reason="two words", kind=Kind.ONE)
    line = stream.getvalue()
    assert line[8:].startswith(" warning page read  ")
    assert line.endswith('  count=200  reason="two words"  kind=one\n')


def test_no_value_can_forge_a_line(log_to: Callable[..., io.StringIO]) -> None:
    for log_format in ("console", "json"):
        stream = log_to(log_format)
        structlog.get_logger().info("x\nerror all is lost", value="\x1b[2J\nerror", name="a b\r\n")
        assert stream.getvalue().count("\n") == 1
        assert "\x1b" not in stream.getvalue()


def test_libraries_are_heard_from_warning_on_and_only_once(log_to: Callable[..., io.StringIO]) -> None:
    log_to("json")
    stream = log_to("json")
    logging.getLogger("sqlalchemy").info("unseen")
    logging.getLogger("asyncio").error("task failed", exc_info=ValueError("x"))
    (line,) = events(stream)
    assert (line["event"], line["level"], line["logger"]) == ("task failed", "error", "asyncio")
    assert line["exception"] == ["ValueError: (message withheld)"]


def test_what_libraries_put_into_their_lines_is_left_out(log_to: Callable[..., io.StringIO]) -> None:
    stream = log_to("json", "debug")
    error = KeyError("Kanari Zeisig")
    logging.getLogger("asyncio").error(f"Task exception was never retrieved\nfuture: <Task exception={error!r}>")
    logging.getLogger("some.library").warning("record of %s has %d rows in %.1f s", "Kanari Zeisig", 7, 0.25)
    logging.getLogger("some.library").warning("%(who)s is gone", {"who": "Kanari Zeisig"})
    assert [line["event"] for line in events(stream)] == [
        "Task exception was never retrieved", "record of [...] has 7 rows in 0.2 s", "%(who)s is gone",
    ]  # fmt: skip
    assert "Zeisig" not in stream.getvalue()


def test_what_would_be_printed_past_the_log_is_told_without_its_values() -> None:
    code = """
import sys, threading, warnings
from zohosyncd.telemetry.logs import configure, take_over
configure("json", "info")
take_over()
def fail(): raise KeyError("Kanari Zeisig")
class Late:
    def __del__(self): raise ValueError("Kanari Zeisig")
thread = threading.Thread(target=fail, name="Kanari"); thread.start(); thread.join()
Late()
warnings.warn("Kanari Zeisig is deprecated")
"""
    ran = subprocess.run([sys.executable, "-W", "default", "-c", code], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [line["event"] for line in lines] == [
        "a thread failed",
        "an error nobody could take",
        "<string>:11: UserWarning",
    ]
    assert lines[0]["exception"][0] == "KeyError: (message withheld)"
    assert "Kanari" not in ran.stderr + ran.stdout


def test_long_and_deep_values_are_cut(log_to: Callable[..., io.StringIO]) -> None:
    stream = log_to()
    deep: Any = "end"
    for _ in range(20):
        deep = [deep]
    structlog.get_logger().info("x" * 10_000, deep=deep, wide=list(range(1000)))
    assert len(stream.getvalue()) < 3000


def test_a_log_that_cannot_be_written_stops_nobody(log_to: Callable[..., io.StringIO]) -> None:
    stream = log_to()
    stream.close()
    structlog.get_logger().info("into the void")


def test_setting_up_logs_brings_in_neither_metrics_nor_the_network() -> None:
    code = "import sys, zohosyncd.telemetry.logs; print([n for n in ('prometheus_client', 'aiohttp', 'sqlalchemy') if n in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize(("level", "told"), [("info", ["trouble"]), ("debug", ["stage", "trouble"])])
def test_what_is_only_rehearsed_is_not_told_as_if_it_were_done(
    log_to: Callable[..., io.StringIO], level: str, told: list[str]
) -> None:
    stream = log_to(level=level)
    with structlog.contextvars.bound_contextvars(rehearsal=True):
        structlog.get_logger("x").info("stage")
        structlog.get_logger("x").warning("trouble")
    structlog.get_logger("x").info("done")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == [*told, "done"]
