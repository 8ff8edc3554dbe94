"""What Zoho's answers say about login, rights and limits (vendor: status codes, API limits, OAuth error pages).

A code counts more than the status: rights come as 400, 401 or 403, throttling as 429 or 400. Only errors of the call as
a whole are judged here; refused rows of a batch belong to ``outcomes``.
"""

from typing import Final

import msgspec

from zohosyncd.transport.call import Call
from zohosyncd.transport.judge import Denied, Fine, Judge, LoginRefused, Throttled, Verdict, by_status, is_page
from zohosyncd.transport.sender import Answered

DAILY_PAUSE: Final = 900.0
"""Seconds to wait when the day's credits are used up: they come back one by one, 24 hours after each was spent."""

_BUSY: Final = frozenset({"TOO_MANY_REQUESTS", "RATE_LIMIT_EXCEEDED", "LIMIT_REACHED"})
_OF_A_DAY: Final = ("24 hour", "24hour", "24-hour", "credit", "per day", "daily")
_OF_A_MOMENT: Final = ("concurren", "at once", "simultaneous", "per minute", "minute")
_RIGHTS: Final = frozenset({"NO_PERMISSION", "AUTHORIZATION_FAILED", "PERMISSION_DENIED"})
_LOGIN: Final = frozenset({"INVALID_TOKEN", "INVALID_OAUTHTOKEN", "AUTHENTICATION_FAILURE", "AUTHENTICATION_FAILED"})


class Failure(msgspec.Struct, frozen=True):
    """The body of a call that was refused as a whole. Old answers have a number as code and the word in ``error``."""

    code: str | int = ""
    message: str = ""
    details: msgspec.Raw = msgspec.Raw(b"{}")
    error: str = ""
    error_info: str = ""
    data: msgspec.Raw | None = None

    @property
    def word(self) -> str:
        """The code that says what is wrong."""
        return self.code if isinstance(self.code, str) else self.error


_decode = msgspec.json.Decoder(Failure).decode


def failure_of(answer: Answered) -> Failure | None:
    """The error of the call as a whole; None where the answer is none, or has rows."""
    if answer.status < 400:
        return None
    try:
        failure = _decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return failure if failure.data is None and failure.word else None


def judge_for(account: str) -> Judge:
    """The judge of an account's answers, whose cures name it."""
    return lambda call, answer: judge(call, answer, account)


def judge(call: Call, answer: Answered, account: str = "NAME") -> Verdict:
    """Zoho's own meaning of an answer; by its status where it says nothing special."""
    failure = failure_of(answer)
    if failure is None or answer.status >= 500 or is_page(call, answer):
        return by_status(call, answer)
    word = failure.word
    if word in _BUSY or answer.status == 429:
        return _busy(failure)
    if word == "OAUTH_SCOPE_MISMATCH":
        return Denied("the login lacks a scope", hint=f"run zohosyncd auth {account}: it asks for what is missing")
    if word in _RIGHTS:
        return Denied(
            "the user of the login may not do this in Zoho CRM", hint="check the profile and role of that user"
        )
    if word in _LOGIN:
        return LoginRefused()
    verdict = by_status(call, answer)
    return Fine() if answer.status in call.accept else verdict


def _busy(failure: Failure) -> Throttled:
    # The code is the same for all limits; only the message tells a second from a day, and not always.
    message = f"{failure.message} {failure.error_info}".lower()
    if any(words in message for words in _OF_A_MOMENT):
        return Throttled(None, "too many requests at once", spent=False)
    if any(words in message for words in _OF_A_DAY):
        return Throttled(DAILY_PAUSE, "the API credits of the last 24 hours are used up", spent=True)
    return Throttled(None, "too many requests")
