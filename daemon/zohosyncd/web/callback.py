"""``/oauth/callback``: where a consent page sends a person's browser back to. It says what came of it, and no more.

Neither the code nor the address is logged or shown again. The page loads nothing and tells no one where it was.
"""

import errno
import html
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import anyio
from aiohttp import web

from zohosyncd.core.errors import SyncError, UsageError
from zohosyncd.settings import Listen, Settings
from zohosyncd.supervisor.authorising import CALLBACK

_SHUTDOWN_SECONDS: Final = 1.0
_LONGEST_QUERY: Final = 8 * 1024
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
}

Returned = Callable[[str], Awaitable[str]]
"""Takes the parameters as they stand in the address; answers the account's name, or raises SyncError."""


class OAuthCallback:
    """Answers the browser that a consent page has sent back.

    Args:
        returned: what is done with its parameters.
    """

    def __init__(self, returned: Returned) -> None:
        self._returned = returned

    async def handle(self, request: web.Request) -> web.Response:
        """The page that the person sees."""
        query = request.rel_url.raw_query_string
        if not query or len(query) > _LONGEST_QUERY:
            return _page("This page is only for the way back from a consent page.", 400)
        # A browser that leaves early must not break off what its answer began: a code is good only once.
        with anyio.CancelScope(shield=True):
            try:
                account = await self._returned(query)
            except SyncError as error:
                return _page(str(error), 400)
        return _page(f"The account {account} is authorised. You can close this page.")


def callback_app(returned: Returned) -> web.Application:
    """An application with nothing but this path."""
    app = web.Application(client_max_size=1024)
    app.router.add_get(CALLBACK, OAuthCallback(returned).handle, allow_head=False)
    return app


@asynccontextmanager
async def open_callback(returned: Returned, listen: Listen) -> AsyncIterator[Listen]:
    """Wait for browsers at an address until the block ends.

    Yields:
        The address that is really used: port 0 becomes the port that was free.

    Raises:
        UsageError: it cannot be used.
    """
    runner = web.AppRunner(
        callback_app(returned), access_log=None, handle_signals=False, shutdown_timeout=_SHUTDOWN_SECONDS
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, listen.host, listen.port, reuse_address=True).start()
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            reason = "is in use by another program" if taken else "cannot be used on this machine"
            raise UsageError(f"{listen} {reason}", hint="name another port") from error
        yield Listen(listen.host, runner.addresses[0][1])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def open_hooks_callback(returned: Returned, settings: Settings) -> AsyncIterator[Listen | None]:
    """Wait for browsers at ``[service] hooks_listen``, if it is configured, until the block ends.

    Raises:
        SettingsError: the address cannot be used; at its key.
    """
    listen = settings.service.hooks_listen
    if listen is None:
        yield None
        return
    async with AsyncExitStack() as stack:
        try:
            used = await stack.enter_async_context(open_callback(returned, listen))
        except UsageError as error:
            hint = 'name another one, such as "127.0.0.1:9596", or 0 as the port for any free one'
            raise settings.service_error(("service", "hooks_listen"), error.message, hint=hint) from error
        yield used


def _page(text: str, status: int = 200) -> web.Response:
    body = f"<!doctype html><meta charset=utf-8><title>zohosyncd</title><p>{html.escape(text)}</p>\n"
    return web.Response(text=body, status=status, content_type="text/html", headers=_HEADERS)
