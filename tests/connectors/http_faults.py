"""What every connector makes of a network, a proxy or an app that fails: subclass :class:`HttpFaults`.

It needs the ``bench`` of the contract with its ``world``, and nothing else. Each request of each call is struck once by
each fault, and then all of them for good. The rule is one: *what a connector says is true*. Nobody is missing because
an answer was lost; what is said to be done is there, once; what is said not to be done is not there.
"""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest

from tests.connectors.contract import Bench, Mirror, creation, deletion, holds
from tests.connectors.contract import update as updating
from zohosyncd.core.errors import (
    AuthLost,
    ContractBroken,
    PermissionLacking,
    RateLimited,
    RemoteError,
    Unavailable,
    UsageError,
)
from zohosyncd.core.record import Values
from zohosyncd.ports.connector import Done, Found, Listed, Unknown, Upserted, WriteOp, WriteResult
from zohosyncd.sandbox.dates import http_date
from zohosyncd.sandbox.wire import Request, Response
from zohosyncd.sandbox.world import World

HUGE = 65 * 1024 * 1024
ELSEWHERE = "/elsewhere-of-the-fault-suite/"
LATER = 4_000.0
"""Seconds after which no wait that an app asked for, and no delay of its lists, is left."""

REFUSED = (AuthLost, PermissionLacking, RateLimited, Unavailable)
"""What a write may raise: for calls that surely carried out nothing."""


@dataclass(frozen=True)
class Fault:
    """One fault. ``rule``: as the sandbox takes it; ``heals``: whether a read that meets it once still succeeds.

    ``lasting``: what a read raises where it does not end, () where nothing is wrong with such an answer.
    """

    rule: dict[str, Any]
    lasting: tuple[type[RemoteError], ...]
    heals: bool = False


def status(code: int, *, body: Any = None, executed: bool = False, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"fault": "status", "status": code, "body": body, "executed": executed, "headers": named}


BUSY, BROKEN, DOWN = (Unavailable,), (ContractBroken, Unavailable), (RateLimited,)
FAULTS = {
    "500": Fault(status(500), BUSY, heals=True),
    "500 after the work": Fault(status(500, executed=True), BUSY, heals=True),
    "502 with a page": Fault({"fault": "html", "status": 502}, BUSY, heals=True),
    "503": Fault(status(503), BUSY, heals=True),
    "503 after the work": Fault(status(503, executed=True), BUSY, heals=True),
    "503 with Retry-After": Fault(status(503, Retry_After="2"), BUSY, heals=True),
    "reset before the work": Fault({"fault": "reset"}, BUSY, heals=True),
    "reset after the work": Fault({"fault": "reset", "executed": True}, BUSY, heals=True),
    "silence": Fault({"fault": "hang"}, BUSY),
    "silence after the work": Fault({"fault": "hang", "executed": True}, BUSY),
    "half a body": Fault({"fault": "truncate"}, BROKEN),
    "a page in place of data": Fault({"fault": "html"}, BROKEN),
    "a page after the work": Fault({"fault": "html", "executed": True}, BROKEN),
    "nothing in place of data": Fault(status(200), BROKEN),
    "nothing after the work": Fault(status(200, executed=True), BROKEN),
    "401": Fault(status(401), (AuthLost,)),
    "403": Fault(status(403), (PermissionLacking, AuthLost)),
    "429": Fault(status(429), DOWN, heals=True),
    "429 with seconds": Fault(status(429, Retry_After="2"), DOWN, heals=True),
    "429 with a date": Fault(status(429, Retry_After="{date}"), DOWN, heals=True),
    "429 for days": Fault(status(429, Retry_After="1000000"), DOWN),
    "429 with nonsense": Fault(status(429, Retry_After="soon"), DOWN, heals=True),
    "redirect elsewhere": Fault(status(302, Location=f"https://elsewhere.example{ELSEWHERE}"), BROKEN),
    "redirect elsewhere, kept": Fault(status(307, Location=f"https://elsewhere.example{ELSEWHERE}"), BROKEN),
    "huge": Fault(status(200, body="x" * HUGE), BROKEN),
    "huge after the work": Fault(status(200, body="x" * HUGE, executed=True), BROKEN),
    "grown": Fault({"fault": "grow"}, (), heals=True),
}
EACH_FAULT = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())


@dataclass
class Elsewhere:
    """A server to which a fault redirects; whoever follows has given away a login."""

    name: str = "elsewhere"
    prefixes: tuple[str, ...] = (ELSEWHERE,)
    came: list[Request] = field(default_factory=list)

    def handle(self, request: Request) -> Response:
        self.came.append(request)
        return Response(200, {"Content-Type": "application/json"}, b"{}")

    def template(self, request: Request) -> str:
        return request.path

    def credits(self, request: Request) -> int:
        return 0


@dataclass
class Troubled:
    """A bench in a world that can be struck."""

    bench: Bench
    world: World
    elsewhere: Elsewhere
    number: int = 0

    @classmethod
    async def of(cls, bench: Bench) -> "Troubled":
        """With a login that is fresh, so that the requests of a call are its own."""
        assert bench.world is not None, "the bench needs a world"
        elsewhere = Elsewhere()
        bench.world.add(elsewhere)  # type: ignore[arg-type] - it is never edited
        made = cls(bench, bench.world, elsewhere)
        await bench.connector.check()
        return made

    def calls(self) -> int:
        """How many requests the app has seen."""
        answer = self.world.handle(Request("GET", "/_sandbox/calls"))
        assert isinstance(answer, Response)
        counts = msgspec.json.decode(answer.body)["apps"][self.bench.connector.app]
        return sum(each["calls"] for each in counts.values())

    def strike(self, fault: Fault, **more: Any) -> None:
        """From now on, or after so many requests, the fault strikes."""
        headers = fault.rule.get("headers", {})
        if headers.get("Retry-After") == "{date}":
            headers = {"Retry-After": http_date(self.world.time.now() + 3.0)}
        rule = {**fault.rule, "path": self.bench.api, **more}
        self.world.faults.replace(self.bench.connector.app, [{**rule, "headers": headers} if headers else rule])

    async def heal(self) -> None:
        """Everything works again, and whatever was to be waited for is over."""
        self.world.faults.replace(self.bench.connector.app, [])
        assert not self.elsewhere.came, "a request, and perhaps a login, went to another server"
        await self.bench.wait(LATER)

    async def truth(self) -> dict[str, Values]:
        """Everybody, as a complete read of the healthy app shows them."""
        return (await Mirror(self.bench).follow(restart=True)).values

    def somebody(self) -> Values:
        """A person who is not there yet."""
        self.number += 1
        return self.bench.person(f"Given{self.number}", f"Family{self.number}", f"p{self.number}@example.com")

    async def places(self, call: Callable[[], Awaitable[Any]]) -> range:
        """The requests that a call makes, by number."""
        before = self.calls()
        await call()
        return range(self.calls() - before)


async def complete(bench: Bench) -> dict[str, Any]:
    """A complete read; if it fails on its way, no page has said that it is complete."""
    pages = []
    try:
        async for page in bench.connector.changes(bench.ref, bench.fields, None):
            pages.append(page)
    except RemoteError:
        assert not any(page.complete for page in pages), "a pass that failed had said that it was complete"
        raise
    assert pages[-1].complete
    changes = [change for page in pages for change in page.changes]
    assert all(isinstance(each, Upserted | Listed) for each in changes), changes
    return {each.record.id: dict(each.record.values) for each in changes if isinstance(each, Upserted)} | {
        each.id: each.version for each in changes if isinstance(each, Listed)
    }


@dataclass(frozen=True)
class Read:
    """One kind of read: what it asks, and what of its answer is compared with that of a healthy app."""

    name: str
    ask: Callable[[Bench, list[str]], Awaitable[Any]]


async def _fetch(bench: Bench, ids: list[str]) -> Any:
    answers = await bench.connector.fetch(bench.ref, bench.fields, ids)
    assert all(isinstance(each, Found) for each in answers), "somebody is said to be missing who is there"
    return {each.record.id: dict(each.record.values) for each in answers if isinstance(each, Found)}


async def _find(bench: Bench, ids: list[str]) -> Any:
    found = await bench.connector.find(bench.ref, ["ann@example.com", "nobody@example.com"])
    return None if found is None else sorted(found)


async def _created(bench: Bench, ids: list[str]) -> Any:
    if bench.connector.capabilities.client_ids:
        return None
    pages = bench.connector.created_since(bench.ref, bench.fields, 0.0)
    return sorted([each.id async for page in pages for each in page.records])


async def _objects(bench: Bench, ids: list[str]) -> Any:
    return await bench.connector.objects(), await bench.connector.resolve(bench.object_name)


async def _schema(bench: Bench, ids: list[str]) -> Any:
    return set((await bench.connector.schema(bench.ref)).fields)


async def _check(bench: Bench, ids: list[str]) -> Any:
    return (await bench.connector.check()).identity


READS = (
    Read("check", _check),
    Read("objects", _objects),
    Read("schema", _schema),
    Read("changes", lambda bench, _: complete(bench)),
    Read("fetch", _fetch),
    Read("find", _find),
    Read("created_since", _created),
)
EACH_READ = pytest.mark.parametrize("read", READS, ids=lambda read: read.name)


@dataclass(frozen=True)
class Wish:
    """Some ops, and for each whether the truth shows that it was carried out."""

    ops: list[WriteOp]
    shown: Callable[[WriteOp, dict[str, Values]], bool]


async def create(at: Troubled) -> Wish:
    def shown(op: WriteOp, truth: dict[str, Values]) -> bool:
        found = [each for each, values in truth.items() if holds(values, op.patch)]
        assert len(found) <= 1, "one create has made two records"
        return bool(found)

    return Wish([creation(at.somebody()) for _ in range(_some(at))], shown)


async def update(at: Troubled) -> Wish:
    known = [await at.bench.read(await at.bench.add(at.somebody())) for _ in range(_some(at))]
    word = f"Word{at.number}"

    def shown(op: WriteOp, truth: dict[str, Values]) -> bool:
        assert op.record_id in truth, "an update has removed a record"
        return truth[op.record_id][at.bench.text] == word

    return Wish([updating(each, {at.bench.text: word}) for each in known], shown)


async def delete(at: Troubled) -> Wish:
    known = [await at.bench.read(await at.bench.add(at.somebody())) for _ in range(_some(at))]
    return Wish([deletion(each) for each in known], lambda op, truth: op.record_id not in truth)


def _some(at: Troubled) -> int:
    return min(at.bench.connector.capabilities.batch, 2)


EACH_WISH = pytest.mark.parametrize("wish", [create, update, delete], ids=lambda wish: wish.__name__)


async def carried_out(at: Troubled, made: Wish) -> list[WriteResult] | None:
    """The results of a write, None where it says by an error that nothing was carried out."""
    try:
        results = await at.bench.connector.write(at.bench.ref, made.ops)
    except REFUSED:
        return None
    assert len(results) == len(made.ops)
    return results


def judge(made: Wish, results: Iterable[WriteResult] | None, truth: dict[str, Values]) -> None:
    """What was said is true."""
    for op, result in zip(made.ops, results or [None] * len(made.ops), strict=True):
        there = made.shown(op, truth)
        match result:
            case Done():
                assert there, f"{op.kind} is said to be done and is not: {result}"
            case Unknown():
                pass
            case None:
                assert not there, f"{op.kind} was carried out although the call raised"
            case _:
                assert not there, f"{op.kind} was carried out and is said not to be: {result}"


async def told(call: Awaitable[Any]) -> Any:
    """The answer of a read, or the error by which it says that it has none."""
    try:
        answer = await call
    except RemoteError as error:
        answer = error
    assert not (isinstance(answer, RemoteError) and "example.com" in str(answer)), "an error names somebody"
    return answer


def less(answer: Any, healthy: Any) -> bool:
    """Whether an answer tells the same, or only part of it: what a login may not see is not there for it."""
    if isinstance(answer, tuple):
        return all(less(one, other) for one, other in zip(answer, healthy, strict=True))
    if isinstance(answer, set):
        return answer <= healthy
    if isinstance(answer, dict):
        return answer.items() <= healthy.items()
    return answer is None or answer == healthy


class HttpFaults:
    """What happens to each call when a request of it goes wrong."""

    @pytest.fixture
    async def at(self, bench: Bench) -> Troubled:
        return await Troubled.of(bench)

    @EACH_FAULT
    @EACH_READ
    async def test_a_read_that_is_struck_tells_the_truth_or_nothing(
        self, at: Troubled, fault: Fault, read: Read
    ) -> None:
        ids = [await at.bench.create(at.bench.ann), await at.bench.create(at.bench.bob)]
        await at.bench.wait(LATER)
        healthy = await read.ask(at.bench, ids)
        once = replace(fault, heals=fault.heals or (fault.lasting == (AuthLost,) and at.bench.renews))
        for place in await at.places(lambda: read.ask(at.bench, ids)):
            at.strike(fault, after=place, count=1)
            self._check(once, await told(read.ask(at.bench, ids)), healthy)
            await at.heal()
        at.strike(fault)
        before = at.calls()
        answer = await told(read.ask(at.bench, ids))
        if at.calls() > before:
            self._check(replace(fault, heals=not fault.lasting), answer, healthy)
            assert isinstance(answer, RemoteError) or answer != healthy or not fault.lasting, (
                "struck for good, and well?"
            )
            await at.heal()
            assert await read.ask(at.bench, ids) == healthy

    def _check(self, fault: Fault, answer: Any, healthy: Any) -> None:
        if not isinstance(answer, RemoteError):
            assert answer == healthy or (fault.rule == FAULTS["403"].rule and less(answer, healthy))
            return
        assert not fault.heals, f"one fault that heals, and the call gave up: {answer!r}"
        assert isinstance(answer, fault.lasting), repr(answer)
        if isinstance(answer, RateLimited | Unavailable):
            assert answer.retry_after is None or 0.0 <= answer.retry_after <= 3_700.0

    @EACH_FAULT
    @EACH_WISH
    async def test_a_write_that_is_struck_says_only_what_is_true(
        self, at: Troubled, fault: Fault, wish: Callable[[Troubled], Awaitable[Wish]]
    ) -> None:
        if wish is delete and not at.bench.connector.capabilities.deletable:
            pytest.skip("records cannot be deleted here")
        if fault is FAULTS["nothing in place of data"] and wish.__name__ in at.bench.silent:
            pytest.skip("the app's good answer is empty, too")
        first = await wish(at)
        places = await at.places(lambda: carried_out(at, first))
        for place in places:
            for lasts in (False, True):
                made = await wish(at)
                at.strike(fault, after=place, **({} if lasts else {"count": 1}))
                results = await carried_out(at, made)
                await at.heal()
                judge(made, results, await at.truth())

    @EACH_WISH
    async def test_a_login_that_is_refused_once_is_renewed_or_given_up_and_nothing_is_half_done(
        self, at: Troubled, wish: Callable[[Troubled], Awaitable[Wish]]
    ) -> None:
        if wish is delete and not at.bench.connector.capabilities.deletable:
            pytest.skip("records cannot be deleted here")
        made = await wish(at)
        at.strike(FAULTS["401"], count=1)
        results = await carried_out(at, made)
        await at.heal()
        judge(made, results, await at.truth())
        if at.bench.renews:
            assert results is not None
            assert all(isinstance(each, Done) for each in results), results

    @EACH_READ
    async def test_an_app_that_says_there_is_nothing_leads_to_no_removal_by_itself(
        self, at: Troubled, read: Read
    ) -> None:
        ids = [await at.bench.create(at.bench.ann), await at.bench.create(at.bench.bob)]
        mirror = await Mirror(at.bench).follow()
        at.strike(Fault({"fault": "empty"}, ()))
        if read.name == "changes":
            await told(mirror.follow())
            assert not mirror.removed
        else:
            with suppress(UsageError, AssertionError):  # an object, or somebody, is said to be missing: by the app
                await told(read.ask(at.bench, ids))
        await at.heal()
        assert set((await mirror.follow(restart=True)).values) == set(ids)
