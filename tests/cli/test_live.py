"""``status --watch``: it stays up to date, finds a daemon that is started anew, and ends cleanly."""

import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CONNECTION, started
from zohosyncd.cli import live
from zohosyncd.cli.status import print_status
from zohosyncd.cli.terminal import HarmlessStream


def status(links: int = 7, **more: Any) -> dict[str, Any]:
    connection = {
        "state": "running",
        "stage": "live",
        "links": links,
        "reason": "",
        "cure": "",
        "do_now": "nothing",
        **more,
    }
    return {
        "version": "0.1.0", "state": "/s", "serving": True, "refused": [], "uptime_seconds": time.monotonic(),
        "accounts": {"zoho": {"app": "zoho_crm", "state": "up", "reason": "", "cure": "", "in_flight": links % 2}},
        "connections": {CONNECTION: connection},
    }  # fmt: skip


def update_all(statuses: list[dict[str, Any] | None], *, as_json: bool) -> None:
    with live._lines(as_json=as_json) as update:
        for each in statuses:
            update(each, print_status)


def test_into_a_pipe_each_change_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    update_all([status(), status(), status(8), None, None, status(8)], as_json=True)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line and line["connections"][CONNECTION]["links"] for line in lines] == [7, 8, None, 8]


def test_into_a_pipe_each_change_is_the_whole_screen(capsys: pytest.CaptureFixture[str]) -> None:
    update_all([status(), status(), None, status(9, do_now="decide about 2 held records")], as_json=False)
    out = capsys.readouterr().out
    assert out.count("zohosyncd 0.1.0") == 2
    assert out.count("no daemon answers") == 1
    assert "decide about 2 held records" in out
    assert "\x1b" not in out


def test_what_only_moves_is_no_change(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = status(8), status(8)
    first["accounts"]["zoho"]["in_flight"] = 5
    second["connections"][CONNECTION]["oldest_pending_seconds"] = 3.0
    update_all([first, second], as_json=True)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_on_a_terminal_it_draws_and_obeys_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stdout", HarmlessStream(terminal))
    with live._screen() as update:
        update(status(8, do_now="decide \x1b[31m"), print_status)
    assert terminal.getvalue().count("\x1b[?1049h") == terminal.getvalue().count("\x1b[?1049l") == 1
    assert "\x1b[31m" not in terminal.getvalue()


@pytest.mark.slow
def test_on_a_terminal_it_stays_in_its_place_and_leaves_it_as_it_was(conf: Path, tmp_path: Path) -> None:
    """A real terminal, a real daemon that ends and comes back, and Ctrl-C."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "zohosyncd", "status", "--watch", "--config", str(conf)]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "160", "LINES": "50"}
    with started(tmp_path / "log", "run", "--config", conf) as daemon:
        daemon.wait_for("ready")
        watching = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
        )
        os.close(theirs)
        seen = _read_until(ours, lambda text: CONNECTION in text)
        daemon.stop()
    seen += _read_until(ours, lambda text: "no daemon answers" in text)
    with started(tmp_path / "log2", "run", "--config", conf) as daemon:
        daemon.wait_for("ready")
        seen += _read_until(ours, lambda text: CONNECTION in text)
        watching.send_signal(signal.SIGINT)
        seen += _read_until(ours, lambda _: False)
        assert watching.wait(10) == 0
        daemon.stop()
    assert seen.count("\x1b[?1049h") == 1  # the other screen, and back
    assert seen.count("\x1b[?1049l") == 1
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")  # the cursor is there again
    assert CONNECTION in seen[seen.rindex("\x1b[?1049l") :]  # what was seen last stays
    assert "Traceback" not in seen


def _read_until(terminal: int, found: Callable[[str], bool], seconds: float = 30.0) -> str:
    """What the terminal shows, until it is found or the other end is closed."""
    text, until = "", time.monotonic() + seconds
    while not found(text):
        assert time.monotonic() < until, text
        try:
            text += os.read(terminal, 65536).decode(errors="replace")
        except OSError:  # closed
            break
    return text
