"""One account's client: reads are repeated until they work or their deadline ends, writes are never sent twice blindly.

Terminology
    try       one request and its outcome. A call has one try or several.
    not sent  surely not carried out: no connection, or the app refused the call unread (401, 403, 429).
    unknown   it left, at least in part, and nothing readable came back: it may have been carried out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final
from urllib.parse import urljoin, urlsplit

from structlog.contextvars import bound_contextvars

from zohosyncd.core.allowance import BELIEVED
from zohosyncd.core.errors import (
    AuthLost,
    BudgetSpent,
    ContractBroken,
    PermissionLacking,
    RateLimited,
    RemoteError,
    Unavailable,
)
from zohosyncd.ports.connector import NotSent, Unknown
from zohosyncd.ports.world import Clock, Entropy
from zohosyncd.transport.account_budget import AccountBudget
from zohosyncd.transport.auth import Auth
from zohosyncd.transport.call import Call
from zohosyncd.transport.judge import Denied, Failing, Fine, Foreign, Judge, LoginRefused, Throttled, Verdict, by_status
from zohosyncd.transport.limits import Gate, Limits
from zohosyncd.transport.observer import CallObserver, Unobserved
from zohosyncd.transport.retry import RetryPolicy, retry_after
from zohosyncd.transport.sender import (
    CERTIFICATE,
    FORBIDDEN,
    TOO_LARGE,
    Answered,
    HttpRequest,
    Lost,
    Outcome,
    Sender,
    Undelivered,
)
from zohosyncd.transport.telling import CallLog, attempt_of, vendor_id

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5
_FINAL: Final = (CERTIFICATE, FORBIDDEN)
"""Why nothing was delivered, where another try would not either."""
_PORTS: Final = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, in one spelling (RFC 6454 section 4)."""
    path = url.find("/", url.find("://") + 3)
    return _origin(url if path < 0 else url[:path])


@lru_cache(maxsize=256)
def _origin(address: str) -> str:
    parts = urlsplit(address)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    port = parts.port
    return f"{parts.scheme}://{host}" + ("" if port in {None, _PORTS.get(parts.scheme)} else f":{port}")


@dataclass(slots=True)
class _Course:
    """How far one call has come."""

    call: Call
    id: str
    vendor_id: str = ""
    ends: float | None = None
    failures: int = 0
    refusals: int = 0
    hops: int = 0


class Client:
    """Calls one app for one account.

    Args:
        account: its name, for logs and metrics.
        sender: sends one request.
        auth: the login.
        origins: scheme, host and port of the servers that may be called and see the login.
        clock, entropy: time and jitter.
        limits, retry: how much at once, how often.
        judge: what an answer says about login, limits and health.
        observer: is told about every try.
        budget: the account's credits, None where the app counts none. credits_left: name of the header, in lower case,
            in which the app tells what is left of them.
        cure: what an operator does about a refused login, "" for whatever is said of every login.
    """

    def __init__(
        self,
        account: str,
        sender: Sender,
        auth: Auth,
        *,
        origins: Iterable[str],
        clock: Clock,
        entropy: Entropy,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        judge: Judge = by_status,
        observer: CallObserver | None = None,
        budget: AccountBudget | None = None,
        credits_left: str = "",
        cure: str = "",
    ) -> None:
        self._account = account
        self._cure = cure or f"check the login of account {account}"
        self._sender = sender
        self._auth = auth
        self._origins = {origin_of(each) for each in origins}
        self._clock = clock
        self._entropy = entropy
        self._limits = limits
        self._retry = retry
        self._judge = judge
        self._observer: CallObserver = observer or Unobserved()
        self._gate = Gate(limits, clock, budget, credits_left)
        self._lines = CallLog(account)
        self._life, self._calls = entropy.new_id()[:8], 0

    @property
    def gate(self) -> Gate:
        """What all calls pass."""
        return self._gate

    async def read(self, call: Call) -> Answered:
        """Make a call that may be repeated.

        Returns:
            an answer with a status that ``call.accept`` names.

        Raises:
            Unavailable: no good answer within the deadline.
            RateLimited: the app asks for a longer wait than is worth staying for.
            AuthLost, PermissionLacking: the login is refused, or lacks a right.
            ContractBroken: something answered that is not the app as it is documented.
        """
        outcome = await self._run(call, repeatable=True)
        if isinstance(outcome, Answered):
            return outcome
        raise AssertionError("a read ends with an answer or with an error")

    async def write(self, call: Call) -> Answered | NotSent | Unknown:
        """Make a call that changes something: it is sent again only if it surely was not carried out.

        Returns:
            Answered: with a status of ``call.accept``, or another client error (4xx), which says "not carried out".
            NotSent: nothing left this machine.
            Unknown: it may have been carried out (5xx, no answer, a page instead of data, a redirect).

        Raises:
            RateLimited, AuthLost, PermissionLacking: the app refused the call unread.
        """
        try:
            return await self._run(call, repeatable=False)
        except ContractBroken as error:
            # Before anything left: a foreign server in the address, or a login server that is none.
            return NotSent(error.message)

    async def _run(self, call: Call, *, repeatable: bool) -> Answered | NotSent | Unknown:
        self._calls += 1
        course = _Course(call, f"{self._life}-{self._calls}")
        with bound_contextvars(request=course.id):
            try:
                while True:
                    settled = await self._step(course, repeatable=repeatable)
                    if settled is not None:
                        break
            except RemoteError as error:
                error.request, error.vendor_request = course.id, course.vendor_id
                self._lines.failed(call, error)
                raise error from None
            if isinstance(settled, Answered):
                self._lines.works(call)
            elif not repeatable:
                self._lines.broke(call, settled.reason, course.vendor_id)
            return settled

    async def _step(self, course: _Course, *, repeatable: bool) -> Answered | NotSent | Unknown | None:
        """One try and what follows from it; None = try again."""
        outcome, verdict, used = await self._try(course)
        match outcome:
            case Undelivered(reason):
                if reason not in _FINAL and await self._again(course, "unavailable"):
                    return None
                if repeatable:
                    raise Unavailable(f"cannot be reached: {reason}", hint=_cure(reason))
                return NotSent(reason)
            case Lost(reason):
                return await self._doubtful(course, reason, None, repeatable=repeatable, why="lost")
            case Answered() as answer:
                pass
        if answer.status in REDIRECTS and answer.status not in course.call.accept:
            return self._redirected(course, answer, repeatable=repeatable)
        match verdict:
            case LoginRefused():
                await self._refused(course, used)
                return None
            case Throttled() as throttled:
                await self._throttled(course, answer, throttled)
                return None
            case Denied(what, hint):
                raise PermissionLacking(what, hint=hint)
            case Failing(reason):
                wait = retry_after(answer.headers.get("retry-after"), self._clock.now())
                return await self._doubtful(course, reason, wait, repeatable=repeatable, why="unavailable")
            case Foreign(reason):
                return _foreign(answer, reason, repeatable=repeatable)
            case _:
                return answer

    async def _try(self, course: _Course) -> tuple[Outcome, Verdict, Mapping[str, str]]:
        call = course.call
        if origin_of(call.url) not in self._origins:
            host = urlsplit(call.url).hostname
            raise ContractBroken("the app names a server that is not its own", hint=f"it points to {host}")
        async with self._gate.slot(call, self._patience(course)) as place:
            try:
                used = await self._auth.headers() if call.login else {}
            except Unavailable:
                self._gate.unsent(place)
                return Undelivered("login server unavailable"), Fine(), {}
            start = self._clock.monotonic()
            if course.ends is None:
                # Waiting for other calls of the account is not this call's fault, so its time begins here.
                course.ends = start + (call.deadline or self._retry.total)
            timeout = min(call.timeout or self._limits.timeout, max(course.ends - start, 0.001))
            request = HttpRequest(
                call.method, call.url, {**call.headers, **used}, call.body, deadline=timeout, max_bytes=call.max_bytes
            )
            self._observer.begun(self._account)
            try:
                outcome = await self._sender.send(request)
            finally:
                self._observer.ended(self._account)
            verdict = self._gate.heard(place, outcome, self._judged(call, outcome), start)
        attempt = attempt_of(self._account, call, outcome, self._clock.monotonic() - start)
        self._observer.attempted(attempt)
        if isinstance(outcome, Answered):
            course.vendor_id = vendor_id(outcome.headers)
        self._lines.attempted(attempt, course.vendor_id)
        if isinstance(outcome, Answered):
            outcome = outcome if outcome.url == call.url else replace(outcome, url=call.url)
        return outcome, verdict, used

    def _judged(self, call: Call, outcome: Outcome) -> Verdict:
        return self._judge(call, outcome) if isinstance(outcome, Answered) else Fine()

    def _patience(self, course: _Course) -> float:
        """Seconds that a call waits in its place; beyond them its caller has better things to do."""
        if course.ends is None:
            return self._retry.cap
        return min(self._retry.cap, course.ends - self._clock.monotonic())

    async def _again(self, course: _Course, reason: str, wait: float | None = None) -> bool:
        """Wait for another try; False if there will be none."""
        course.failures += 1
        if course.failures >= self._retry.attempts:
            return False
        seconds = self._retry.backoff(course.failures, self._entropy) if wait is None else wait
        if seconds > self._patience(course):
            return False
        self._observer.waiting(self._account, reason, seconds)
        await self._clock.sleep(seconds)
        return True

    async def _doubtful(
        self, course: _Course, reason: str, wait: float | None, *, repeatable: bool, why: str
    ) -> Unknown | None:
        """It may have been carried out: repeat a read (``why``: for the observer), report a write."""
        if not repeatable:
            return Unknown(reason)
        if reason == TOO_LARGE:
            raise ContractBroken(f"the answer is larger than {course.call.max_bytes} bytes")
        if await self._again(course, why, wait):
            return None
        raise Unavailable(f"no good answer: {reason}", retry_after=wait)

    async def _refused(self, course: _Course, used: Mapping[str, str]) -> None:
        """The login was refused: renew it, then once more after a short while (a fresh token spreads slowly).

        What cannot be renewed, as a password, is not sent again: servers count wrong ones and lock a person out.
        """
        course.refusals += 1
        if course.refusals == 1 and await self._auth.renewed(used):
            return
        if course.refusals != 2:
            raise AuthLost("the login is refused", hint=self._cure)
        seconds = self._entropy.uniform(*self._retry.login)
        self._observer.waiting(self._account, "login", seconds)
        await self._clock.sleep(seconds)

    async def _throttled(self, course: _Course, answer: Answered, said: Throttled) -> None:
        asked = retry_after(answer.headers.get("retry-after"), self._clock.now())
        wait = asked if asked is not None else said.seconds
        if said.spent and wait is None:
            wait = BELIEVED
        if wait is not None:
            wait += self._entropy.uniform(0.0, self._retry.base)  # not all of us in the same moment
            self._gate.close(wait, spent=bool(said.spent))
        if said.spent and self._gate.budget is not None:
            self._gate.budget.hear(0, 0)
            raise BudgetSpent(said.what, hint="nothing: it is tried again by itself", retry_after=wait)
        if not await self._again(course, "rate_limited", wait):
            raise RateLimited(said.what, retry_after=wait)

    def _redirected(self, course: _Course, answer: Answered, *, repeatable: bool) -> Unknown | None:
        """Follow to the app's own servers; a write only where the status says that it was not carried out."""
        if not repeatable and answer.status not in {307, 308}:
            return Unknown("redirected")
        target = urljoin(course.call.url, answer.headers.get("location", ""))
        course.hops += 1
        if origin_of(target) not in self._origins or course.hops > _MOST_REDIRECTS:
            if not repeatable:
                return Unknown("redirected")
            raise ContractBroken("redirected to another server", hint=f"it points to {urlsplit(target).hostname}")
        course.call = replace(course.call, url=target)
        return None


def _foreign(answer: Answered, reason: str, *, repeatable: bool) -> Answered | Unknown:
    if repeatable:
        raise ContractBroken(f"unexpected answer: {reason}", hint="is there a proxy or a login page in between?")
    if 400 <= answer.status < 500 and reason.startswith("unexpected status"):
        return answer
    return Unknown(reason)


def _cure(reason: str) -> str:
    match reason:
        case "certificate refused":
            return "the server's certificate is expired, self-signed, or for another name"
        case "name not found":
            return "check the host name in the account's address"
        case "address not allowed":
            return (
                "its name leads to this machine, to a cloud's metadata or to no server; "
                "allow_loopback = true in the account's file if the server runs on this machine"
            )
        case "connection refused":
            return "is the server running, and is the port right?"
        case _:
            return ""
