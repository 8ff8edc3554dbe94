"""Faults on demand: which requests meet one, and what then happens to them."""

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from .wire import Answer, App, Delayed, Request, Reset, Response

KINDS = ("status", "reset", "hang", "html", "empty", "truncate", "slow", "rows", "grow")
FOREVER = 3_600.0
_NEW = b'<new xmlns="urn:example:version">1</new>'
_AFTER_ELEMENT = re.compile(rb"(</[^<>]+>)(?=\s*</)")
_PAGE = b"<!DOCTYPE html><html><head><title>Unavailable</title></head><body><h1>We will be back soon</h1></body></html>"


@dataclass(slots=True)
class Rule:
    """One fault. ``count`` is how often it may still strike (None: without end), ``rate`` how likely it is each time.

    ``after``: how many requests that it meets pass unharmed before it begins.
    ``executed``: whether the app carries the request out although the client sees the fault.
    ``seconds``: how long ``slow`` and ``hang`` wait.
    """

    fault: str
    method: str = "*"
    path: str = "*"
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    share: float = 0.5
    code: str = "INVALID_DATA"
    executed: bool = False
    rate: float = 1.0
    count: int | None = None
    after: int = 0
    seconds: float | None = None

    def meets(self, request: Request) -> bool:
        """Whether the rule is about this request."""
        return self.count != 0 and self.method in {"*", request.method} and fnmatchcase(request.path, self.path)


def read_rule(given: Mapping[str, Any]) -> Rule:
    """A rule from its JSON form; ``ValueError`` says what is wrong."""
    known = set(Rule.__dataclass_fields__)
    if wrong := sorted(set(given) - known):
        message = f"unknown key in a fault rule: {', '.join(wrong)}; known: {', '.join(sorted(known))}"
        raise ValueError(message)
    if given.get("fault") not in KINDS:
        message = f"unknown fault {given.get('fault')!r}; known: {', '.join(KINDS)}"
        raise ValueError(message)
    values = {name: value for name, value in given.items() if value is not None}
    if values["fault"] == "html":
        values.setdefault("status", 200)
    return Rule(**values)


@dataclass
class Faults:
    """The rules of all apps. The first rule that meets a request and strikes decides."""

    seed: int
    _rules: dict[str, list[Rule]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(f"faults/{self.seed}")

    def replace(self, app: str, rules: list[Mapping[str, Any]]) -> None:
        """Set the rules of an app; no rules heal it."""
        self._rules[app] = [read_rule(rule) for rule in rules]

    def answer(self, app: App, request: Request) -> Answer:
        """The app's answer, or what a fault makes of it."""
        rule = self._strike(app.name, request)
        return app.handle(request) if rule is None else _apply(rule, app, request)

    def _strike(self, app: str, request: Request) -> Rule | None:
        for rule in self._rules.get(app, ()):
            if not rule.meets(request):
                continue
            if rule.after > 0:
                rule.after -= 1
            elif rule.rate >= 1.0 or self._random.random() < rule.rate:
                if rule.count is not None:
                    rule.count -= 1
                return rule
        return None


def _apply(rule: Rule, app: App, request: Request) -> Answer:
    if rule.fault == "rows":
        return app.refused_rows(request, rule.share, rule.code)
    if rule.fault == "truncate":
        whole = app.handle(request)
        return Response(whole.status, whole.headers, whole.body[: len(whole.body) // 2])
    if rule.fault == "grow":
        whole = app.handle(request)
        return Response(whole.status, whole.headers, grown(whole.body))
    if rule.fault == "slow" and not rule.executed:
        return Delayed(_wait(rule, 5.0), None, then=lambda: app.handle(request))
    done = app.handle(request) if rule.executed else None
    match rule.fault:
        case "reset":
            return Reset(done)
        case "hang":
            return Delayed(_wait(rule, FOREVER), None)
        case "slow":
            return Delayed(_wait(rule, 5.0), done)
        case "html":
            return Response(rule.status, {"Content-Type": "text/html;charset=UTF-8", **rule.headers}, _PAGE)
        case "empty":
            return app.emptied(request)
        case _:
            return _status(rule)


def grown(body: bytes) -> bytes:
    """An answer as a later version of the app may give it: every JSON object and XML element has a part that is new."""
    try:
        return json.dumps(_more(json.loads(body)), ensure_ascii=False).encode()
    except ValueError:
        return _AFTER_ELEMENT.sub(rb"\1" + _NEW, body) if body.lstrip().startswith(b"<") else body


def _more(value: Any) -> Any:
    match value:
        case dict():
            return {**{name: _more(each) for name, each in value.items()}, "new_in_this_version": {"since": [1, None]}}
        case list():
            return [_more(each) for each in value]
        case _:
            return value


def _wait(rule: Rule, default: float) -> float:
    return default if rule.seconds is None else rule.seconds


def _status(rule: Rule) -> Response:
    headers = {name: str(value) for name, value in rule.headers.items()}
    if rule.body is None:
        return Response(rule.status, headers)
    if isinstance(rule.body, str):
        return Response(rule.status, {"Content-Type": "text/plain;charset=UTF-8", **headers}, rule.body.encode())
    return Response(
        rule.status, {"Content-Type": "application/json;charset=UTF-8", **headers}, json.dumps(rule.body).encode()
    )
