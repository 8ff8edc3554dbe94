"""What Google's answers say about login, rights and limits (vendor: google.rpc.Status, ErrorInfo; quota pages).

A reason counts more than a status: quotas come as 429, and as 403 in older answers; some are of a minute, some of a
day. Only errors of a call as a whole are judged here; what single contacts were refused for belongs to ``outcomes``.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from zohosyncd.transport.call import Call
from zohosyncd.transport.judge import Denied, Fine, Judge, Throttled, Verdict, by_status, is_page
from zohosyncd.transport.sender import Answered

MINUTE_PAUSE: Final = 15.0
"""Seconds to wait when the quota of a minute is used up, and the answer does not say how long."""

DAILY_PAUSE: Final = 900.0

_QUOTA: Final = frozenset({"RATE_LIMIT_EXCEEDED", "RATELIMITEXCEEDED", "USERRATELIMITEXCEEDED", "QUOTAEXCEEDED"})
_OF_A_DAY: Final = ("perday", "daily", "dailylimitexceeded")
FULL: Final = "OVERFLOW"
"""Stands in the message where a mailbox has as many contacts as Google allows."""


class Failure(msgspec.Struct, frozen=True):
    """The error of a call: its status by name, its message, and its details (google.rpc.Status)."""

    code: int = 0
    message: str = ""
    status: str = ""
    details: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []

    @property
    def reasons(self) -> tuple[str, ...]:
        """What the details say, in capitals."""
        return tuple(reason.upper() for reason in self._reasons())

    def _reasons(self) -> Iterator[str]:
        for each in (*self.details, *self.errors):
            reason = each.get("reason")
            if isinstance(reason, str):
                yield reason

    def detail(self, type_: str) -> dict[str, Any]:
        """The detail of that type, such as ``BatchUpdateContactsErrorDetails``; empty where there is none."""
        return next((each for each in self.details if str(each.get("@type", "")).endswith(type_)), {})


class _Body(msgspec.Struct, frozen=True):
    error: Failure


_decode = msgspec.json.Decoder(_Body).decode


def failure_of(answer: Answered) -> Failure | None:
    """The error of a call; None where the answer is none, or not Google's."""
    if answer.status < 400:
        return None
    try:
        return _decode(answer.body).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def judge_for(account: str) -> Judge:
    """The judge of an account's answers, whose cures name it."""
    return lambda call, answer: judge(call, answer, account)


def judge(call: Call, answer: Answered, account: str = "NAME") -> Verdict:
    """Google's own meaning of an answer; by its status where it says nothing special."""
    failure = failure_of(answer)
    if failure is None or answer.status >= 500 or is_page(call, answer):
        return by_status(call, answer)
    if FULL in failure.message.upper() and 409 in call.accept:
        return Fine()  # only new contacts are refused: everything else goes on
    if answer.status == 429 or (answer.status == 403 and _QUOTA & set(failure.reasons)):
        return _busy(failure)
    if answer.status == 403:
        return _denied(failure, account)
    return by_status(call, answer)


def _busy(failure: Failure) -> Throttled:
    said = [failure.message, *failure.reasons, *(str(each.get("metadata", "")) for each in failure.details)]
    words = "".join(said).lower().replace(" ", "").replace("_", "")
    if any(each in words for each in _OF_A_DAY):
        return Throttled(DAILY_PAUSE, "the quota of the day is used up")
    return Throttled(MINUTE_PAUSE, "the quota of the minute is used up")


def _denied(failure: Failure, account: str) -> Denied:
    reasons = set(failure.reasons)
    if "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in reasons or "scope" in failure.message.lower():
        return Denied("the login lacks a scope", hint=f"run zohosyncd auth {account}: it asks for what is missing")
    if "SERVICE_DISABLED" in reasons or "ACCESSNOTCONFIGURED" in reasons:
        hint = "enable the People API for the project of the OAuth client, in the Google Cloud console"
        return Denied("the People API is not enabled", hint=hint)
    hint = "may this user have contacts, and does the administrator allow this app?"
    return Denied("Google does not allow this", hint=hint)
