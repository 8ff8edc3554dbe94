"""A daemon at work: its listeners, its signals and the files that it watches. Shared by ``run`` and ``demo``."""

import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import structlog

from zohosyncd.cli.watching import watch
from zohosyncd.settings import Listen, Settings
from zohosyncd.supervisor.daemon import Daemon, open_daemon
from zohosyncd.web.callback import OAuthCallback, open_hooks_callback
from zohosyncd.web.control import open_control
from zohosyncd.web.hooks import open_hooks
from zohosyncd.web.listener import open_listener

_log = structlog.get_logger("zohosyncd.run")


@asynccontextmanager
async def opened(folder: Path, settings: Settings) -> AsyncIterator[tuple[Daemon, Listen]]:
    """The daemon with its listeners open; nothing runs yet."""
    async with (
        open_daemon(folder, settings=settings, serving=True) as daemon,
        open_listener(daemon, settings) as listen,
        open_control(daemon.commands, settings.service.control),
        AsyncExitStack() as stack,
    ):
        returned = daemon.commands.authorising.returned
        if daemon.bells.doorbell is not None:
            callback = OAuthCallback(returned).handle
            await stack.enter_async_context(open_hooks(daemon.bells.doorbell, settings, callback=callback))
        else:
            await stack.enter_async_context(open_hooks_callback(returned, settings))
        yield daemon, listen


Told = Callable[[Mapping[str, Any]], None]
"""Is told what became of a reload: the answer of :meth:`Commands.reload`."""


async def watch_files(daemon: Daemon, folder: Path, told: Told) -> None:
    """Load the configuration again whenever its files change; also where a mount swaps a symbolic link."""

    async def changed() -> None:
        told(await reload(daemon))

    await watch(folder, changed)


async def watch_signals(daemon: Daemon, told: Told) -> None:
    """SIGHUP loads the configuration again; SIGTERM and SIGINT stop, and a second one of them does not wait."""
    with anyio.open_signal_receiver(signal.SIGHUP, signal.SIGTERM, signal.SIGINT) as signals:
        async for number in signals:
            if number == signal.SIGHUP:
                told(await reload(daemon))
            else:
                daemon.stop()
                return


async def reload(daemon: Daemon) -> dict[str, Any]:
    """Reload, and let the service manager know that it is being done (sd_notify(3))."""
    daemon.notifier.send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
    try:
        return await daemon.commands.reload()
    finally:
        daemon.notifier.send("READY=1", f"STATUS={len(daemon.connections)} connections")


def log_reload(answer: Mapping[str, Any]) -> None:
    """Log what became of a reload, where the daemon itself does not."""
    for error in answer["errors"]:
        _log.error("configuration refused, the old one stays", reason=error)
    if answer["changes"].get("needs_restart"):
        _log.warning("these settings apply at the next start", keys=answer["changes"]["needs_restart"])
