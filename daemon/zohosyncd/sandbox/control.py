"""``/_sandbox/...``: what tests and rehearsals use to look at the apps, edit as people do, and make trouble.

Scripts outside this project use these shapes: keep them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import msgspec

from .faults import Faults
from .wire import App, Clock, Request, Response

PREFIX = "/_sandbox/"


@runtime_checkable
class Tunable(Protocol):
    """An app with knobs of its own."""

    def tune(self, knobs: Mapping[str, Any]) -> None:
        """Turn some of the knobs; ``ValueError`` names an unknown one."""
        ...


@dataclass
class WorldClock:
    """The world's time: the given clock, moved on by what was asked, or standing still."""

    base: Clock
    _ahead: float = 0.0
    _frozen: float | None = None

    def now(self) -> float:
        """The present moment, seconds since 1970."""
        return self.base.now() + self._ahead if self._frozen is None else self._frozen

    def advance(self, seconds: float) -> None:
        """Jump forward."""
        if seconds < 0:
            message = "the clock goes forward only"
            raise ValueError(message)
        self._ahead += seconds
        if self._frozen is not None:
            self._frozen += seconds

    def freeze(self, frozen: bool) -> None:
        """Stop the clock, or let it go on from where it stands."""
        if frozen:
            self._frozen = self.now()
        elif self._frozen is not None:
            self._ahead, self._frozen = self._frozen - self.base.now(), None


@dataclass
class Counter:
    """Calls and credits per app and kind of request."""

    _seen: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)

    def note(self, app: App, request: Request) -> None:
        """Count one request, whatever comes of it."""
        counts = self._seen.setdefault(app.name, {}).setdefault(app.template(request), {"calls": 0, "credits": 0})
        counts["calls"] += 1
        counts["credits"] += app.credits(request)

    def shown(self) -> dict[str, Any]:
        """All counts."""
        return {app: {kind: dict(counts) for kind, counts in kinds.items()} for app, kinds in self._seen.items()}

    def reset(self, names: Iterable[str]) -> None:
        """Begin anew for these apps."""
        self._seen = {name: {} for name in names}


class Control:
    """The control endpoints of a world."""

    def __init__(self, apps: Mapping[str, App], clock: WorldClock, faults: Faults, counter: Counter) -> None:
        self._apps, self._clock, self._faults, self._counter = apps, clock, faults, counter
        counter.reset(apps)
        self._ways: dict[tuple[str, str], Callable[[Mapping[str, Any]], Any]] = {
            ("GET", "state"): lambda _: {"apps": {name: app.state() for name, app in apps.items()}},
            ("POST", "edit"): lambda given: self._app(given).edit(given),
            ("POST", "faults"): self._set_faults,
            ("POST", "normalise"): self._set_normalisation,
            ("POST", "knobs"): self._set_knobs,
            ("GET", "calls"): lambda _: {"apps": counter.shown()},
            ("DELETE", "calls"): self._forget_calls,
            ("POST", "clock"): self._set_clock,
        }

    def handle(self, request: Request) -> Response:
        """Answer a control request; mistakes are a 400 that says what is wrong."""
        name = request.path[len(PREFIX) :].strip("/")
        way = self._ways.get((request.method, name))
        if way is None:
            known = ", ".join(f"{method} {PREFIX}{path}" for method, path in self._ways)
            return _json({"error": f"no such control: {request.method} {request.path}; known: {known}"}, 404)
        try:
            given = msgspec.json.decode(request.body) if request.body else {}
            if not isinstance(given, dict):
                return _json({"error": "the body must be a JSON object"}, 400)
            return _json(way(given))
        except (ValueError, TypeError) as error:
            return _json({"error": str(error)}, 400)

    def _app(self, given: Mapping[str, Any]) -> App:
        app = self._apps.get(str(given.get("app")))
        if app is None:
            message = f"no such app: {given.get('app')!r}; known: {', '.join(self._apps)}"
            raise ValueError(message)
        return app

    def _set_faults(self, given: Mapping[str, Any]) -> Any:
        rules = _rules(given)
        self._faults.replace(self._app(given).name, rules)
        return {"app": given["app"], "rules": len(rules)}

    def _set_normalisation(self, given: Mapping[str, Any]) -> Any:
        rules = _rules(given)
        self._app(given).normalise(str(given.get("object")), rules)
        return {"app": given["app"], "object": given.get("object"), "rules": len(rules)}

    def _set_knobs(self, given: Mapping[str, Any]) -> Any:
        app = self._app(given)
        if not isinstance(app, Tunable):
            message = f"{app.name} has no knobs"
            raise ValueError(message)
        app.tune(given.get("set") or {})
        return {"app": app.name}

    def _forget_calls(self, _: Mapping[str, Any]) -> Any:
        self._counter.reset(self._apps)
        return {"apps": self._counter.shown()}

    def _set_clock(self, given: Mapping[str, Any]) -> Any:
        if wrong := sorted(set(given) - {"advance", "freeze"}):
            message = f"unknown key: {', '.join(wrong)}; known: advance, freeze"
            raise ValueError(message)
        if "advance" in given:
            self._clock.advance(float(given["advance"]))
        if "freeze" in given:
            self._clock.freeze(bool(given["freeze"]))
        return {"now": self._clock.now()}


def _rules(given: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rules = given.get("rules")
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        message = "rules must be a list of objects"
        raise ValueError(message)
    return rules


def _json(body: Any, status: int = 200) -> Response:
    return Response(status, {"Content-Type": "application/json"}, msgspec.json.encode(body))
