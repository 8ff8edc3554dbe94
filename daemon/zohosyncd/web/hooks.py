"""The hooks listener, the only one that strangers reach: ``/hooks/...`` for rings, ``/oauth/callback`` for consents.

Bodies are bounded in size and time before anybody looks at them. Whoever proves nothing gets the same answer, whether
something is there or not. Nothing of a request is logged.
"""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Protocol

from aiohttp import web

from zohosyncd.ports.push import LARGEST_BODY, Ring
from zohosyncd.settings import Listen, Settings
from zohosyncd.supervisor.authorising import CALLBACK
from zohosyncd.supervisor.doorbell import NOTHING_HERE, PREFIX, Doorbell, Reply, RingOutcome

_SHUTDOWN_SECONDS: Final = 1.0
_IDLE_SECONDS: Final = 15.0
_BODY_SECONDS: Final = 5.0
_AT_ONCE: Final = 64


class Callback(Protocol):
    """Who answers a person whom a login server has sent back."""

    async def __call__(self, request: web.Request) -> web.Response:
        """The page that the person sees."""
        ...


@asynccontextmanager
async def open_hooks(
    doorbell: Doorbell, settings: Settings, *, callback: Callback | None = None, body_seconds: float = _BODY_SECONDS
) -> AsyncIterator[Listen]:
    """Answer apps and login servers at ``[service] hooks_listen`` until the block ends.

    Args:
        doorbell: the bells. settings: with ``hooks_listen``. callback: answers :data:`CALLBACK`, if anybody does.
        body_seconds: how long a request may take to send its body.

    Yields:
        The address that is really used: port 0 becomes the port that was free.

    Raises:
        SettingsError: the address cannot be used; at its key.
    """
    listen = settings.service.hooks_listen
    if listen is None:
        raise ValueError("hooks_listen is off")
    runner = web.AppRunner(
        make_app(doorbell, callback, body_seconds),
        access_log=None,
        handle_signals=False,
        shutdown_timeout=_SHUTDOWN_SECONDS,
        keepalive_timeout=_IDLE_SECONDS,
        lingering_time=_SHUTDOWN_SECONDS,
        # Signatures are over the bytes as sent; and a small body may unpack to a huge one.
        auto_decompress=False,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, listen.host, listen.port, reuse_address=True).start()
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            reason = "is in use by another program" if taken else "cannot be used on this machine"
            hint = 'name another one, such as "127.0.0.1:9596", or 0 as the port for any free one'
            raise settings.not_now(("service", "hooks_listen"), f"{listen} {reason}", hint=hint) from error
        yield Listen(listen.host, runner.addresses[0][1])
    finally:
        await runner.cleanup()


def make_app(
    doorbell: Doorbell, callback: Callback | None = None, body_seconds: float = _BODY_SECONDS
) -> web.Application:
    """The application behind the listener: nothing but these two paths is there."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app.on_response_prepare.append(_nameless)
    rings = _Rings(doorbell, body_seconds)
    app.router.add_route("*", f"{PREFIX}{{bell:.*}}", rings.handle)
    if callback is not None:
        app.router.add_get(CALLBACK, callback)
    return app


class _Rings:
    """From requests to rings."""

    def __init__(self, doorbell: Doorbell, body_seconds: float) -> None:
        self._doorbell = doorbell
        self._body_seconds = body_seconds
        self._under_way = 0

    async def handle(self, request: web.Request) -> web.Response:
        """One request. What is wrong with it in any way closes its connection."""
        if self._under_way >= _AT_ONCE or self._doorbell.full(request.path):
            return _answer(Reply(429), close=True)
        self._under_way += 1
        try:
            async with asyncio.timeout(self._body_seconds):
                if (request.content_length or 0) > LARGEST_BODY:
                    return self._turned_away(RingOutcome.TOO_LARGE, 413)
                body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return self._turned_away(RingOutcome.TOO_LARGE, 413)
        except TimeoutError:
            return self._turned_away(RingOutcome.TOO_SLOW, 408)
        finally:
            self._under_way -= 1
        reply = self._doorbell.answer(request.path, self._ring(request, body))
        return _answer(reply, close=reply is NOTHING_HERE)

    def _turned_away(self, outcome: RingOutcome, status: int) -> web.Response:
        self._doorbell.turned_away(outcome)
        return _answer(Reply(status), close=True)

    def _ring(self, request: web.Request, body: bytes) -> Ring:
        headers = {name.lower(): value for name, value in request.headers.items()}
        url = f"{self._doorbell.public_url}{request.raw_path}"
        return Ring(request.method, url, dict(request.query), headers, body, self._doorbell.now())


async def _nameless(_: web.Request, response: web.StreamResponse) -> None:
    """Strangers need not know what answers them."""
    response.headers.popall("Server", None)


def _answer(reply: Reply, *, close: bool) -> web.Response:
    response = web.Response(
        status=reply.status,
        body=reply.body,
        content_type=reply.content_type,
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )
    if close:
        response.force_close()
    return response
