"""Our sender straight into the sandbox: no socket, no waiting, whatever happens happens by the clock that was handed in."""

from urllib.parse import parse_qsl, unquote, urlsplit

from zohosyncd.ports.world import Clock
from zohosyncd.sandbox.wire import Answer, Delayed, Request, Reset, Response
from zohosyncd.sandbox.world import World
from zohosyncd.transport.sender import TOO_LARGE, Answered, HttpRequest, Lost, Outcome, Undelivered


class WorldSender:
    """A Sender that hands requests to a simulated world, whatever their host, and delays answers by the clock.

    ``sent`` keeps every request; ``unreachable`` makes the next n requests fail before they leave. With ``latency`` each
    request takes so many seconds, and an app refuses those that are too many at the same time.
    """

    def __init__(self, world: World, clock: Clock, latency: float = 0.0) -> None:
        self.latency = latency
        self._running: list[Request] = []
        self._world = world
        self._clock = clock
        self.sent: list[HttpRequest] = []
        self.unreachable = 0

    async def send(self, request: HttpRequest) -> Outcome:
        if self.unreachable:
            self.unreachable -= 1
            return Undelivered("connection refused")
        self.sent.append(request)
        asked = _request(request)
        if not self.latency:
            return await self._outcome(request, self._world.handle(asked))
        self._running.append(asked)
        try:
            refused = self._world.crowded(asked, self._running)
            await self._clock.sleep(self.latency)
            return await self._outcome(request, refused or self._world.handle(asked))
        finally:
            self._running.remove(asked)

    async def _outcome(self, request: HttpRequest, answer: Answer) -> Outcome:
        match answer:
            case Response(status, headers, body):
                if len(body) > request.max_bytes:
                    return Lost(TOO_LARGE)
                return Answered(status, {name.lower(): value for name, value in headers.items()}, body, request.url)
            case Reset():
                return Lost("connection lost")
            case Delayed(seconds):
                await self._clock.sleep(min(seconds, request.deadline))
                late = answer.late()
                if seconds >= request.deadline or late is None:
                    return Lost("deadline")
                return await self._outcome(request, late)


def _request(request: HttpRequest) -> Request:
    parts = urlsplit(request.url)
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(request.method, unquote(parts.path), query, headers, request.body)
