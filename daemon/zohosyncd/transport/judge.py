"""What an answer says beside its content: is the login good, are we too fast, is this the app at all?

A connector whose app speaks in bodies (a 200 that says "error", a 400 that means "too fast") hands its client a
judge of its own and falls back on :func:`by_status`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from zohosyncd.transport.call import Call
from zohosyncd.transport.sender import Answered


@dataclass(frozen=True, slots=True)
class Fine:
    """The answer is for the connector."""


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """Not carried out: the login is not accepted (401)."""


@dataclass(frozen=True, slots=True)
class Denied:
    """Not carried out: the login lacks a right (403). ``what`` names the right, ``hint`` the cure."""

    what: str = "the login is not allowed to do this"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Throttled:
    """Not carried out: too many requests (429).

    Attributes:
        seconds: how long to wait, if that is known. what: for the operator.
        spent: whether the app's credits of the day are used up (hours), too many requests came at once (seconds), or
            the answer does not tell (None).
    """

    seconds: float | None = None
    what: str = "too many requests"
    spent: bool | None = None


@dataclass(frozen=True, slots=True)
class Failing:
    """The app fails at the moment (5xx); it may have carried out the call all the same."""

    reason: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """This is not what the app documents: a proxy's page, an unexpected status."""

    reason: str


Verdict = Fine | LoginRefused | Denied | Throttled | Failing | Foreign
Judge = Callable[[Call, Answered], Verdict]

TRANSIENT = frozenset({408, 425})
"""Client errors that say nothing against the request itself (RFC 9110 section 15.5.9, RFC 8470)."""


def by_status(call: Call, answer: Answered) -> Verdict:
    """Judge by status and kind of content."""
    status = answer.status
    if status in call.accept:
        return Foreign("not the API") if is_page(call, answer) else Fine()
    if status == 401:
        return LoginRefused()
    if status == 429:
        return Throttled()
    if status >= 500 or status in TRANSIENT:
        return Failing(f"status {status}")
    if is_page(call, answer):
        return Foreign("not the API")
    if status == 403:
        return Denied()
    return Foreign(f"unexpected status {status}")


def is_page(call: Call, answer: Answered) -> bool:
    """Whether a body that should be data is a page for people (a proxy, a login form, maintenance)."""
    if call.content == "any" or not answer.body:
        return False
    if call.content == "json":
        return answer.body.lstrip()[:1] == b"<"
    media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media == "text/html" or answer.body.lstrip()[:14].lower() == b"<!doctype html"
