"""The TCP listener: ``/metrics``, ``/livez``, ``/readyz``, ``/status``. It changes nothing and shows no person."""

import errno
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

from aiohttp import web

from zohosyncd.core.errors import SyncError
from zohosyncd.settings import Listen, Settings
from zohosyncd.telemetry.metrics import Metrics
from zohosyncd.web.public_status import public_status

_SHUTDOWN_SECONDS: Final = 1.0
_KEEPALIVE_SECONDS: Final = 75.0


class StatusSource(Protocol):
    """Who knows how the daemon is: :class:`~zohosyncd.supervisor.commands.Commands`."""

    async def status(self) -> dict[str, Any]:
        """The whole status."""
        ...


class Watched(Protocol):
    """What the listener shows: :class:`~zohosyncd.supervisor.daemon.Daemon`."""

    @property
    def metrics(self) -> Metrics:
        """All metrics."""
        ...

    @property
    def commands(self) -> StatusSource:
        """Who knows the status."""
        ...

    async def refresh_metrics(self) -> None:
        """Bring the gauges that the state knows up to date."""
        ...

    def live(self) -> bool:
        """Whether the process works; if not, it should be started anew."""
        ...

    async def ready(self) -> bool:
        """Whether it does what it is there for."""
        ...


@asynccontextmanager
async def open_listener(watched: Watched, settings: Settings) -> AsyncIterator[Listen]:
    """Serve metrics, health and status at ``[service] listen`` until the block ends.

    Yields:
        The address that is really used: port 0 becomes the port that was free.

    Raises:
        SettingsError: the address cannot be used; at its key.
    """
    runner = web.AppRunner(
        make_app(watched),
        access_log=None,
        handle_signals=False,
        shutdown_timeout=_SHUTDOWN_SECONDS,
        keepalive_timeout=_KEEPALIVE_SECONDS,
    )
    await runner.setup()
    try:
        yield await _start(runner, settings)
    finally:
        await runner.cleanup()


async def _start(runner: web.AppRunner, settings: Settings) -> Listen:
    listen = settings.service.listen
    try:
        await web.TCPSite(runner, listen.host, listen.port, reuse_address=True).start()
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = "is in use by another program" if taken else f"cannot be used: {_plain(error)}"
        hint = 'name another one, such as "127.0.0.1:9597", or 0 as the port for any free one'
        raise settings.not_now(("service", "listen"), f"{listen} {reason}", hint=hint) from error
    return Listen(listen.host, runner.addresses[0][1])


def _plain(error: OSError) -> str:
    """asyncio wraps the reason into a sentence of its own: ``... address ('10.0.0.1', 1): cannot assign ...``."""
    return (error.strerror or str(error)).rpartition("): ")[2].strip("[] ").removeprefix("Errno ")


def make_app(watched: Watched) -> web.Application:
    """The application behind the listener."""
    app = web.Application(client_max_size=1024)
    shown = _Shown(watched)
    app.router.add_get("/metrics", shown.metrics)
    app.router.add_get("/livez", shown.livez)
    app.router.add_get("/readyz", shown.readyz)
    app.router.add_get("/status", shown.status)
    return app


class _Shown:
    """The four pages."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    async def metrics(self, request: web.Request) -> web.Response:
        await self._watched.refresh_metrics()
        page, content_type = self._watched.metrics.render(request.headers.get("Accept", ""))
        response = web.Response(body=page, headers={"Content-Type": content_type})
        response.enable_compression()
        return response

    async def livez(self, _: web.Request) -> web.Response:
        return _verdict(self._watched.live(), "live", "not live")

    async def readyz(self, _: web.Request) -> web.Response:
        return _verdict(await self._watched.ready(), "ready", "not ready: its log says why")

    async def status(self, _: web.Request) -> web.Response:
        try:
            return _json(public_status(await self._watched.commands.status()))
        except SyncError:
            return _json(
                {"error": {"message": "the status cannot be told now", "hint": "the daemon's log says why"}}, 503
            )


def _verdict(good: bool, yes: str, no: str) -> web.Response:
    return web.Response(text=(yes if good else no) + "\n", status=200 if good else 503)


def _json(body: Mapping[str, Any], status: int = 200) -> web.Response:
    text = json.dumps(body, ensure_ascii=False, indent=2) + "\n"
    return web.Response(
        text=text, status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )
