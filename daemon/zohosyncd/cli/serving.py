"""A daemon at work: its listeners, its signals and the files that it watches. Shared by ``run`` and ``demo``."""

import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import structlog

from zohosyncd.cli.watching import watch
from zohosyncd.settings import Listen, SecretSources, Settings
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


async def watch_files(daemon: Daemon, folder: Path) -> None:
    """Load the configuration again whenever its files change, or those of its secrets; also behind a swapped link."""
    secrets = daemon.settings.secret_files(SecretSources(folder))
    await watch(folder, daemon.reloading.news, partial(reload, daemon), beside=secrets)


async def watch_signals(daemon: Daemon) -> None:
    """SIGHUP loads the configuration again; SIGTERM and SIGINT stop, and a second one of them does not wait."""
    async with anyio.create_task_group() as tasks:
        with anyio.open_signal_receiver(signal.SIGHUP, signal.SIGTERM, signal.SIGINT) as signals:
            async for number in signals:
                if number == signal.SIGHUP:
                    tasks.start_soon(reload, daemon)
                else:
                    daemon.stop()
                    return


async def reload(daemon: Daemon) -> None:
    """Reload, and let the service manager know that it is being done (sd_notify(3))."""
    daemon.notifier.send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
    try:
        await daemon.commands.reload()
    finally:
        daemon.service_status.tell("READY=1")


def log_reload(answer: Mapping[str, Any]) -> None:
    """Log what became of a reload, where the daemon itself does not."""
    for error in answer["errors"]:
        _log.error("configuration refused, the old one stays", reason=error)
    if answer["changes"].get("needs_restart"):
        _log.warning("these settings apply at the next start", keys=answer["changes"]["needs_restart"])
