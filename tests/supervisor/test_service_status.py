"""What systemd is told: readiness, the watchdog's pace, and one sentence that any user of the machine may read."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from zohosyncd.core.errors import AuthLost, BudgetSpent, SettingsProblems, SyncError, Unavailable
from zohosyncd.supervisor.connections import ConnectionMode
from zohosyncd.supervisor.notify import Notifier
from zohosyncd.supervisor.service_status import sentence


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The service manager's end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def notifier(manager: socket.socket, **more: str) -> Notifier:
    return Notifier({"NOTIFY_SOCKET": manager.getsockname(), **more})


def test_states_and_sentence_arrive_in_one_datagram(manager: socket.socket) -> None:
    notifier(manager).status("2 connections", "READY=1")
    assert manager.recv(4096) == b"READY=1\nSTATUS=2 connections"


def test_a_sentence_is_told_once_until_it_is_another_one(manager: socket.socket) -> None:
    telling = notifier(manager)
    for said in ("one", "one", "two"):
        telling.status(said)
    assert [manager.recv(99), manager.recv(99)] == [b"STATUS=one", b"STATUS=two"]
    with pytest.raises(BlockingIOError):
        manager.recv(99)


def test_a_sentence_cannot_smuggle_in_another_state(manager: socket.socket) -> None:
    notifier(manager).status("a\nREADY=1")
    assert manager.recv(99) == b"STATUS=a READY=1"


def test_the_watchdog_is_fed_only_by_the_process_that_it_was_set_for() -> None:
    assert Notifier({"WATCHDOG_USEC": "60000000"}).watchdog_seconds == 60
    assert Notifier({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}).watchdog_seconds == 60
    assert Notifier({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}).watchdog_seconds == 0


def test_without_a_service_manager_nothing_happens() -> None:
    telling = Notifier({})
    telling.status("a", "READY=1")
    assert not telling.heard


def unit(
    mode: ConnectionMode = ConnectionMode.RUNNING, trouble: SyncError | None = None, stage: str = "live", held: int = 0
) -> SimpleNamespace:
    return SimpleNamespace(mode=mode, trouble=trouble, last=SimpleNamespace(stage=stage, waiting=held))


def said(ran_at: float = 0.0, refused: bool = False, **units: SimpleNamespace) -> str:
    return sentence(units, ran_at=ran_at, refused=refused)  # type: ignore[arg-type]


def test_it_says_how_many_there_are_and_when_one_ran_last() -> None:
    assert said() == "0 connections"
    assert said(a=unit(), b=unit(), ran_at=1_764_000_000.0) == (
        "2 connections: 2 in sync; last run ended at 16:00:00 UTC"
    )
    assert said(a=unit(stage="reading")) == "1 connection: 1 at the first sync"


def test_it_says_how_many_wait_and_for_what_and_no_sentence_of_an_app() -> None:
    waiting = {
        "a": unit(ConnectionMode.WAITING, AuthLost("the login ann@example.org is over")),
        "b": unit(ConnectionMode.WAITING, Unavailable("https://secret.example.org is away")),
        "c": unit(ConnectionMode.WAITING, Unavailable("away")),
        "d": unit(ConnectionMode.WAITING, BudgetSpent("none left")),
        "e": unit(ConnectionMode.WAITING, SettingsProblems([])),
        "f": unit(ConnectionMode.APPROVAL),
        "g": unit(held=3),
        "h": unit(ConnectionMode.PAUSED),
        "i": unit(),
    }
    for part in ("1 in sync", "1 paused (h)", "2 waiting for an app (b, c)", "2 waiting for an approval (f, g)"):
        assert part in said(**waiting)
    for part in ("1 waiting for credits (d)", "1 waiting for its files (e)", "1 waiting for a login (a)"):
        assert part in said(**waiting)
    assert "example.org" not in said(**waiting)


def test_a_long_list_is_cut_short_and_refused_files_are_told() -> None:
    many = {f"c{number}": unit(ConnectionMode.PAUSED) for number in range(5)}
    assert said(**many, refused=True) == (
        "5 connections: 5 paused (c0, c1, c2 and 2 more); the files on disk are refused: zohosyncd status says why"
    )
