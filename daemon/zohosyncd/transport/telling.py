"""What the log says of calls: one line when a kind breaks and one when it works again; each try for debugging."""

import re
from collections.abc import Mapping
from typing import Final

import structlog

from zohosyncd.core.errors import RateLimited, RemoteError
from zohosyncd.transport.call import Call
from zohosyncd.transport.observer import Attempt
from zohosyncd.transport.sender import Answered, Outcome, Undelivered

_VENDOR_IDS: Final = ("x-request-id", "request-id", "x-correlation-id", "x-hubspot-correlation-id", "x-amzn-requestid")
_ID: Final = re.compile(r"(?=.*[0-9])[A-Za-z0-9._:=+/-]{8,80}")
"""What looks like an id: a name or a sentence in its place is not repeated."""

_log = structlog.get_logger("zohosyncd.transport.client")


class CallLog:
    """The lines about one account's calls. The id of the call stands in the context of whoever makes it."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._broken: set[str] = set()

    def attempted(self, attempt: Attempt, vendor_request: str) -> None:
        """A try ended."""
        theirs = {"vendor_request": vendor_request} if vendor_request else {}
        _log.debug(
            "call", account=self._account, call=f"{attempt.method} {attempt.template}", result=attempt.result,
            seconds=round(attempt.seconds, 3), received=attempt.received, **theirs,
        )  # fmt: skip

    def failed(self, call: Call, error: RemoteError) -> None:
        """A call ended in an error."""
        if not isinstance(error, RateLimited):  # waiting is no alarm
            self.broke(call, error.message, error.vendor_request)

    def broke(self, call: Call, reason: str, vendor_request: str = "") -> None:
        """One line when a kind of call breaks, none while it stays broken."""
        what = f"{call.method} {call.template}"
        if what not in self._broken:
            theirs = {"vendor_request": vendor_request} if vendor_request else {}
            _log.warning("calls_failing", account=self._account, call=what, reason=reason, **theirs)
            self._broken.add(what)

    def works(self, call: Call) -> None:
        """A call was answered as it should be."""
        what = f"{call.method} {call.template}"
        if what in self._broken:
            self._broken.discard(what)
            _log.info("calls_working_again", account=self._account, call=what)


def attempt_of(account: str, call: Call, outcome: Outcome, seconds: float) -> Attempt:
    """A try as observers are told of it."""
    match outcome:
        case Answered(status, _, body):
            return Attempt(account, call.method, call.template, str(status), seconds, len(body))
        case Undelivered():
            return Attempt(account, call.method, call.template, "undelivered", seconds)
        case _:
            return Attempt(account, call.method, call.template, "lost", seconds)


def vendor_id(headers: Mapping[str, str]) -> str:
    """The id by which the app's own support finds a call, "" where its answer has none that looks like one.

    Args:
        headers: of the answer, names in lower case.
    """
    return next((found for name in _VENDOR_IDS if _ID.fullmatch(found := headers.get(name, ""))), "")
