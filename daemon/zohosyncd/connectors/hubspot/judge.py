"""What HubSpot's answers say about login, rights and limits (vendor: error handling, usage guidelines).

Only errors of a call as a whole are judged here; rows of a batch belong to ``outcomes``.
"""

from typing import Final

import msgspec

from zohosyncd.transport.call import Call
from zohosyncd.transport.judge import Denied, Fine, Judge, LoginRefused, Throttled, Verdict, by_status, is_page
from zohosyncd.transport.sender import Answered

DAILY_PAUSE: Final = 900.0
"""Seconds to wait when the day's requests are used up: nobody says when it is midnight there."""

_LOCKED: Final = 423  # much was written in a short time: leave two seconds between calls
_MIGRATION: Final = 477  # the account moves to another data centre, for up to a day
_PAUSES: Final = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}


class Detail(msgspec.Struct, frozen=True):
    """One thing that is wrong. All of an error's fields may be missing (vendor: error handling)."""

    code: str | None = None
    context: dict[str, list[str]] | None = None


class Failure(msgspec.Struct, frozen=True, rename="camel"):
    """The body of an error, of a whole call or of rows of a batch. ``message`` may quote values: it is never told."""

    category: str = ""
    message: str = ""
    policy_name: str = ""
    errors: list[Detail] | None = None
    context: dict[str, list[str]] | None = None

    def named(self, key: str) -> list[str]:
        """What the context lists under this key, of the error itself and of its parts."""
        found = list((self.context or {}).get(key, ()))
        for each in self.errors or ():
            found += (each.context or {}).get(key, ())
        return found


_decode = msgspec.json.Decoder(Failure).decode


def failure_of(answer: Answered) -> Failure | None:
    """The error of a call as a whole, None where the answer is none that can be read."""
    if answer.status < 400:
        return None
    try:
        return _decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def judge_for(account: str, *, private: bool) -> Judge:
    """The judge of an account's answers, whose cures name it. ``private``: it logs in by a private app's token."""
    return lambda call, answer: judge(call, answer, account, private=private)


def judge(call: Call, answer: Answered, account: str = "NAME", *, private: bool = True) -> Verdict:
    """HubSpot's own meaning of an answer; by its status where it says nothing special."""
    if is_page(call, answer) and answer.status != 429:
        return by_status(call, answer)
    failure = failure_of(answer)
    if answer.status == 429:
        return _busy(failure.policy_name if failure else "")
    if answer.status == _LOCKED:
        return Throttled(2.0, "too much was written in a short time")
    if answer.status == _MIGRATION:
        return Throttled(DAILY_PAUSE, "the account is being moved to another data centre")
    if failure is None:
        return by_status(call, answer)
    if answer.status == 401:
        return LoginRefused()
    if answer.status == 403:
        missing = ", ".join(each for each in failure.named("requiredGranularScopes") if _is_scope(each))
        where = "give it to the private app in HubSpot" if private else f"run zohosyncd auth {account}"
        what = f"the login lacks a scope: {missing}" if missing else "the login may not do this in HubSpot"
        return Denied(what, hint=where)
    verdict = by_status(call, answer)
    return Fine() if answer.status in call.accept else verdict


def _busy(policy: str) -> Throttled:
    if policy == "DAILY":
        return Throttled(DAILY_PAUSE, "the account's requests of this day are used up", spent=True)
    return Throttled(_PAUSES.get(policy), "too many requests at once", spent=False)


def _is_scope(text: str) -> bool:
    return len(text) <= 80 and all(letter.isalnum() or letter in "._-" for letter in text)
