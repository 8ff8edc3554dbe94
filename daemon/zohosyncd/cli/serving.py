"""A daemon at work: its listeners, its signals and the files that it watches. Shared by ``run`` and ``demo``."""

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import structlog

from zohosyncd.settings import Listen, Settings
from zohosyncd.supervisor.daemon import Daemon, open_daemon
from zohosyncd.web.control import open_control
from zohosyncd.web.listener import open_listener

_log = structlog.get_logger("zohosyncd.run")


@asynccontextmanager
async def opened(folder: Path, settings: Settings) -> AsyncIterator[tuple[Daemon, Listen]]:
    """The daemon with its listeners open; nothing runs yet."""
    async with (
        open_daemon(folder, settings=settings, serving=True) as daemon,
        open_listener(daemon, settings) as listen,
        open_control(daemon.commands, settings.service.control),
    ):
        yield daemon, listen


async def watch_files(daemon: Daemon, folder: Path, told: Callable[[dict[str, object]], None]) -> None:
    """Load the configuration again whenever its files change; also where a mount swaps a symbolic link."""
    from watchfiles import awatch

    async for changes in awatch(folder, step=200, debounce=600, recursive=True, ignore_permission_denied=True):
        if any(path.endswith(".toml") or "/..data" in path for _kind, path in changes):
            told(await daemon.commands.reload())


async def watch_signals(daemon: Daemon, told: Callable[[dict[str, object]], None]) -> None:
    """SIGHUP loads the configuration again; SIGTERM and SIGINT stop."""
    with anyio.open_signal_receiver(signal.SIGHUP, signal.SIGTERM, signal.SIGINT) as signals:
        async for number in signals:
            if number == signal.SIGHUP:
                daemon.notifier.send("RELOADING=1")
                told(await daemon.commands.reload())
                daemon.notifier.send("READY=1")
            else:
                daemon.stop()
                return


def log_reload(answer: dict[str, object]) -> None:
    """One line for what became of a reload."""
    if not answer["applied"]:
        for error in answer["errors"]:  # type: ignore[attr-defined]
            _log.error("configuration refused, the old one stays", reason=error)
