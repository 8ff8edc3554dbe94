"""What Mailchimp's answers say about login, rights and limits (vendor: errors, throttling).

There are no headers about limits and no Retry-After. Too many connections at once are a 429, and under much load a 403
that is no JSON.
"""

from typing import Final

import msgspec

from zohosyncd.transport.call import Call
from zohosyncd.transport.judge import Denied, LoginRefused, Throttled, Verdict, by_status
from zohosyncd.transport.sender import Answered

_BUSY: Final = Throttled(None, "too many connections at once", spent=False)
_GONE: Final = frozenset({"User Disabled", "Account Deactivated", "Wrong Datacenter", "WrongDatacenter"})


class FieldProblem(msgspec.Struct, frozen=True):
    """One wrong field of a body."""

    field: str = ""
    message: str = ""


class Problem(msgspec.Struct, frozen=True):
    """The body of a refused call (application/problem+json)."""

    title: str = ""
    status: int = 0
    detail: str = ""
    errors: tuple[FieldProblem, ...] = ()


_decode = msgspec.json.Decoder(Problem).decode


def problem_of(answer: Answered) -> Problem | None:
    """What a refused call says; None where it is no such body."""
    if answer.status < 400:
        return None
    try:
        problem = _decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return problem if problem.title else None


def judge(call: Call, answer: Answered) -> Verdict:
    """Mailchimp's own meaning of an answer; by its status where it says nothing special."""
    if answer.status == 429:
        return _BUSY
    if answer.status == 403:
        problem = problem_of(answer)
        if problem is None:
            return _BUSY
        if problem.title in _GONE:
            return LoginRefused()
        return Denied("the user of the API key may not do this", hint="check the role of that user in Mailchimp")
    return by_status(call, answer)
