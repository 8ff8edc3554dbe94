"""The tree of errors. Its class says what the owner of the work does; its hint says what the operator does.

::

    SyncError
      SettingsError          keep the old settings, exit code 2
        SettingsProblems     all of them at once
      UsageError             a command was called wrongly, exit code 2
        Mistakes              a connection does not fit its apps: all of it at once
      Busy                   a person's records are being worked on: try again
      Paused                 a person has paused the connection, exit code 3
      StateError             the state file is foreign, locked, damaged or encrypted with another key
        StateLocked          another daemon runs on it
      RemoteError            an app did not do what was asked
        Unavailable          back off, log once
        RateLimited          wait, no alarm
        AuthLost             pause the account, ask for a person, exit code 3
        PermissionLacking    as AuthLost, but a scope or role is missing
        CursorExpired        read the object completely
        ContractBroken       the answer is not what the app documents (a proxy's page, a changed API)
      DataError              quarantine the record
      GuardTripped           wait for approval, exit code 3
      LeaseLost              stop writing
"""

from collections.abc import Sequence
from dataclasses import dataclass


class SyncError(Exception):
    """Something that an operator can be told in one sentence, with a hint what to do about it.

    Neither the message nor the hint may hold personal data or a secret.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class SettingsError(SyncError):
    """One mistake in the configuration.

    Args:
        message: what is wrong and what was expected.
        file: the file, as the operator would open it.
        key: dotted path of the key, "" for the file as a whole.
        line: line number counted from 1 where it is known.
        hint: what to do next.

    ``passing``: the files may be right, and what they name is only not to be had now; a service manager tries again.
    """

    passing = False

    def __init__(self, message: str, *, file: str, key: str = "", line: int | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.file = file
        self.key = key
        self.line = line

    def __str__(self) -> str:
        where = self.file + (f":{self.line}" if self.line else "")
        what = f"{self.key}: {self.message}" if self.key else self.message
        return f"{where}: {what}" + (f" ({self.hint})" if self.hint else "")


class SettingsProblems(SyncError):
    """All mistakes of one configuration at once."""

    def __init__(self, problems: Sequence[SettingsError]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class UsageError(SyncError):
    """A command names something that does not exist, or asks for something that cannot be done."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing in a connection that its apps do not have or cannot do.

    Attributes:
        key: its place in the connection, from the top; () where it has none. Positions in lists count from 0.
        message: what is wrong, with what exists nearest. hint: what to do, "" where the message says it.
    """

    key: tuple[str | int, ...]
    message: str
    hint: str = ""

    def __str__(self) -> str:
        shown = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in self.key).lstrip(".")
        return f"{shown}: {self.message}" if shown else self.message


_CORRECT = "correct its files: `zohosyncd check` tells each mistake with its file and line"


class Mistakes(UsageError):
    """A connection that is written right and does not fit its apps: everything at once."""

    def __init__(self, problems: Sequence[Mistake], *, hint: str = "") -> None:
        cures = "; ".join(dict.fromkeys(each.hint for each in problems if each.hint))
        super().__init__("; ".join(map(str, problems)), hint=hint or cures or _CORRECT)
        self.problems = tuple(problems)


class Busy(SyncError):
    """What a command is about is just being worked on."""


class Paused(SyncError):
    """The connection writes nothing until a person lets it go on."""


class StateError(SyncError):
    """The state file cannot be used: foreign, newer, damaged, or encrypted with another key."""


class StateLocked(StateError):
    """Another daemon holds the state."""


class RemoteError(SyncError):
    """An app did not do what was asked of it.

    Attributes:
        request: id of our call, as log lines have it; "" where none was made.
        vendor_request: id that the app's answer carries for its own support, "" for none.
    """

    request: str = ""
    vendor_request: str = ""

    def __str__(self) -> str:
        if not self.request:
            return super().__str__()
        theirs = f", the app calls it {self.vendor_request}" if self.vendor_request else ""
        return f"{super().__str__()} [request {self.request}{theirs}]"


class Unavailable(RemoteError):
    """The app cannot be reached or fails for the moment; ``retry_after`` in seconds if it said so."""

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class RateLimited(RemoteError):
    """The app asks us to wait; ``retry_after`` in seconds if it said so."""

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class BudgetSpent(RateLimited):
    """The app's credits, or our share of them, are used up; ``retry_after`` says when enough of them have come back."""


class AuthLost(RemoteError):
    """The login is refused; only a person can cure it."""


class PermissionLacking(RemoteError):
    """The login works but lacks a scope, a role or a profile right."""


class CursorExpired(RemoteError):
    """The feed cannot continue from this cursor; the object has to be read completely."""


class ContractBroken(RemoteError):
    """The answer is not what the app documents: another content type, missing parts, a page of a proxy."""


class DataError(SyncError):
    """A record or a card that cannot be read; it is quarantined and the others go on."""


class GuardTripped(SyncError):
    """A run would delete, blank or create more than is allowed without a person's approval."""


class LeaseLost(SyncError):
    """Another replica has taken over; nothing may be written any more."""


def first_of(troubles: BaseExceptionGroup[SyncError]) -> SyncError:
    """The first trouble of a group, however deep it lies."""
    first = troubles.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first
