"""One simulated world: its apps, its clock, its faults, answering requests in-process."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from .control import PREFIX, Control, Counter, WorldClock
from .dates import http_date
from .faults import Faults
from .wire import Answer, App, Clock, Delayed, Outgoing, Request, Reset, Response


@runtime_checkable
class Crowdable(Protocol):
    """An app that refuses requests when too many are being processed at the same time."""

    def crowded(self, request: Request, running: Sequence[Request]) -> Response | None:
        """The refusal of a request, when those that are running (it is one of them) are too many."""
        ...


@runtime_checkable
class Ringing(Protocol):
    """An app that makes requests by itself."""

    def outgoing(self) -> list[Outgoing]:
        """The requests whose time has come; each is told once."""
        ...

    def next_outgoing(self) -> float | None:
        """How many seconds until the next one goes out, None when none is waiting."""
        ...


class World:
    """Apps behind one address. Everything follows from the clock, the seed and the requests: no wall clock, no sockets.

    ``clock`` is moved on and frozen by the control endpoints only through the world's own ``time``: give
    that to the apps. So a world is made in two steps: ``World(clock, seed)``, then ``add(app)`` for each app.
    """

    def __init__(self, clock: Clock, seed: int, apps: Sequence[App] = ()) -> None:
        self.time = WorldClock(clock)
        self.seed = seed
        self.apps: dict[str, App] = {}
        self.post: Callable[[Outgoing], None] | None = None
        """Takes what apps send by themselves, at once; without it nobody hears them."""
        self._faults = Faults(seed)
        self._counter = Counter()
        self._control = Control(self.apps, self.time, self._faults, self._counter)
        for app in apps:
            self.add(app)

    def add(self, app: App) -> None:
        """Put an app into the world."""
        self.apps[app.name] = app
        self._counter.reset(self.apps)

    @property
    def faults(self) -> Faults:
        """The fault rules of all apps."""
        return self._faults

    def owner(self, path: str) -> App | None:
        """The app that a path belongs to: the one with the longest prefix of it."""
        found = ((len(prefix), app) for app in self.apps.values() for prefix in app.prefixes if path.startswith(prefix))
        return max(found, key=lambda each: each[0], default=(0, None))[1]

    def settle(self) -> float | None:
        """Let out what apps send by themselves and whose time has come; how many seconds until there is more.

        It goes out by itself after each request; whoever keeps the time calls this for what comes later.
        """
        ringing = [app for app in self.apps.values() if isinstance(app, Ringing)]
        for app in ringing:
            for each in app.outgoing():
                if self.post is not None:
                    self.post(each)
        waits = [wait for app in ringing if (wait := app.next_outgoing()) is not None]
        return min(waits, default=None)

    def handle(self, request: Request) -> Answer:
        """Answer one request: an app's, or a control request under ``/_sandbox/``."""
        answer = self._handled(request)
        self.settle()
        return answer

    def _handled(self, request: Request) -> Answer:
        if request.path.startswith(PREFIX):
            return self._dated(self._control.handle(request))
        app = self.owner(request.path)
        if app is None:
            return self._dated(Response(404, {"Content-Type": "text/plain;charset=UTF-8"}, b"nothing lives here\n"))
        self._counter.note(app, request)
        return self._dated(self._faults.answer(app, request))

    def crowded(self, request: Request, running: Sequence[Request]) -> Response | None:
        """The refusal of a request that comes while too many of its app are running; for whoever knows what runs."""
        app = self.owner(request.path)
        if not isinstance(app, Crowdable):
            return None
        refused = app.crowded(request, [one for one in running if self.owner(one.path) is app])
        if refused is not None:
            self._counter.note(app, request)
        return refused

    def _dated(self, answer: Answer) -> Answer:
        """Every answer has a date; apps whose clock differs have set their own."""
        match answer:
            case Response():
                return self._date(answer)
            case Delayed(seconds, response, then):
                later = None if then is None else lambda: self._late(then)
                return Delayed(seconds, None if response is None else self._date(response), later)
            case Reset(partial):
                return Reset(None if partial is None else self._date(partial))

    def _late(self, then: Callable[[], Response]) -> Response:
        response = self._date(then())
        self.settle()
        return response

    def _date(self, response: Response) -> Response:
        if "Date" in response.headers:
            return response
        return Response(response.status, {**response.headers, "Date": http_date(self.time.now())}, response.body)
