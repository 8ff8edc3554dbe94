"""The sandbox on a port of this machine: a thin shell around a world, in which delays and resets become real."""

import asyncio
import errno
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage

from .others import accounts
from .postman import Postman
from .scene import Scene
from .scene.worlds import build_world
from .wire import Delayed, Request, Reset, Response
from .world import World
from .zoho.crm import ZohoSetup

HOST = "127.0.0.1"
_CREDITS = 5_000_000
_LARGEST_BODY = 256 * 1024 * 1024
_SHUTDOWN = 0.1
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class WallClock:
    """The machine's time."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()


@dataclass(frozen=True, slots=True)
class Served:
    """A world that is being served: where, and of which people (None when it has no scene)."""

    base_url: str
    port: int
    world: World
    scene: Scene | None = None


def bind(port: int) -> socket.socket:
    """Take a port of the loopback address, 0 = any free one; ``OSError`` says so when it is taken."""
    try:
        return socket.create_server((HOST, port), backlog=512)
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise OSError(error.errno, f"port {port} of {HOST} {reason}") from error


@asynccontextmanager
async def serve(world: World, port: int = 0, *, latency_ms: float = 0.0) -> AsyncIterator[Served]:
    """Serve a world on the loopback address until the block ends.

    Args:
        world: what answers.
        port: where to listen; 0 = any free port, which the result names.
        latency_ms: how long each app takes before it answers, in milliseconds.

    Raises:
        OSError: the port cannot be used; ``errno`` tells why.
    """
    async with _serve_on(bind(port), world, latency_ms) as served:
        yield served


@asynccontextmanager
async def run_sandbox(
    port: int = 0,
    people: int = 1_000,
    seed: int = 1,
    latency_ms: float = 0.0,
    *,
    write_config: Path | None = None,
    setup: ZohoSetup | None = None,
    others: Collection[str] = (),
) -> AsyncIterator[Served]:
    """The whole sandbox: Zoho CRM and an address book with a scene of people, and the other apps; until the block ends.

    Args:
        port: where to listen on 127.0.0.1; 0 = any free port.
        people: how many people the scene has, both sides together.
        seed: one seed, one scene.
        latency_ms: how long each request takes, in milliseconds.
        write_config: a folder in which to write a configuration that `zohosyncd run --config` starts from.
        others: other apps that the configuration connects with Zoho CRM, by their names.
        setup: how the org is set up, with custom fields of its own for example; by default it has credits for a poll
            every second.

    Raises:
        OSError: the port cannot be used, or the folder cannot be written.
    """
    setup = setup or ZohoSetup(credits=_CREDITS)
    listener = bind(port)
    try:
        base_url = f"http://{HOST}:{listener.getsockname()[1]}"
        scene = Scene(people, seed)
        world = await asyncio.to_thread(build_world, WallClock(), scene, base_url, setup)
        if write_config is not None:
            from .config_folder import write_config as write

            write(write_config, base_url, setup=setup, others=accounts(world, base_url, others))
    except BaseException:
        listener.close()
        raise
    async with _serve_on(listener, world, latency_ms) as served:
        yield Served(served.base_url, served.port, world, scene)


@asynccontextmanager
async def _serve_on(listener: socket.socket, world: World, latency_ms: float) -> AsyncIterator[Served]:
    port: int = listener.getsockname()[1]
    shell = _Shell(world, latency_ms / 1_000)
    postman = Postman(world)
    shell.handled = postman.look
    server = web.Server(shell.handle, request_factory=_make_request, access_log=None)
    runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        async with postman.at_work():
            yield Served(f"http://{HOST}:{port}", port, world)
    finally:
        shell.closing.set()
        # What is being accepted right now must be taken in first: asyncio loses such a socket when its server closes.
        asyncio.get_running_loop().remove_reader(listener)
        await asyncio.sleep(0.01)
        await runner.cleanup()
        listener.close()


def _make_request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: "asyncio.Task[None]",
) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=_LARGEST_BODY)


def _nobody() -> None:
    pass


@dataclass
class _Shell:
    world: World
    latency: float
    handled: Callable[[], None] = _nobody
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    _running: dict[int, Request] = field(default_factory=dict)

    async def handle(self, raw: web.BaseRequest) -> web.StreamResponse:
        request = await _taken(raw)
        if request.path.startswith("/_sandbox/"):
            return await self._answered(raw, request)
        self._running[id(raw)] = request
        try:
            if (refused := self.world.crowded(request, list(self._running.values()))) is not None:
                return _given(refused)
            if self.latency:
                await asyncio.sleep(self.latency)
            return await self._answered(raw, request)
        finally:
            del self._running[id(raw)]

    async def _answered(self, raw: web.BaseRequest, request: Request) -> web.StreamResponse:
        answer = self.world.handle(request)
        self.handled()
        match answer:
            case Response() as response:
                return _given(response)
            case Reset(partial):
                return await _reset(raw, partial)
            case Delayed() as delayed:
                return await self._delayed(raw, delayed)

    async def _delayed(self, raw: web.BaseRequest, delayed: Delayed) -> web.StreamResponse:
        """Wait as told; silence ends early when the client has left, a late execution does not."""
        until = time.monotonic() + delayed.seconds
        silent = delayed.response is None and delayed.then is None
        while (left := until - time.monotonic()) > 0 and not self.closing.is_set():
            if silent and raw.transport is None:
                break
            try:
                await asyncio.wait_for(self.closing.wait(), min(left, 0.25) if silent else left)
            except TimeoutError:
                continue
        late = delayed.late()
        return await _reset(raw, None) if late is None else _given(late)


async def _taken(raw: web.BaseRequest) -> Request:
    headers: dict[str, str] = {}
    for name, value in raw.headers.items():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return Request(raw.method, raw.path, tuple(raw.query.items()), headers, await raw.read())


def _given(response: Response) -> web.Response:
    headers = {"Server": "sandbox", **response.headers}
    body = None if response.status in {204, 304} else response.body
    return web.Response(status=response.status, headers=headers, body=body)


async def _reset(raw: web.BaseRequest, partial: Response | None) -> web.StreamResponse:
    """Break the connection with RST, before any answer or in the middle of one."""
    transport = raw.transport
    if transport is not None:
        if partial is not None and isinstance(transport, asyncio.Transport):
            transport.write(_half(partial))
            await asyncio.sleep(0.02)
        peer = transport.get_extra_info("socket")
        if peer is not None and not transport.is_closing():
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        if isinstance(transport, asyncio.Transport):
            transport.abort()
    return web.Response(status=500)


def _half(response: Response) -> bytes:
    lines = [f"HTTP/1.1 {response.status} Sandbox", f"Content-Length: {max(len(response.body), 2)}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode("latin-1", "replace") + (response.body or b"  ")[: max(len(response.body) // 2, 1)]
