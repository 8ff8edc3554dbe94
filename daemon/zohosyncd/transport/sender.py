"""The lowest seam of HTTP: send one request, get one complete answer, or learn that it did not work and how.

Production sends through aiohttp (``transport.wire``); a simulation sends in-process to the sandbox's plain objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

CERTIFICATE: Final = "certificate refused"
"""Reason of an :class:`Undelivered`: the server cannot prove that it is who it says; repeating does not help."""

FORBIDDEN: Final = "address not allowed"
"""Reason of an :class:`Undelivered`: the name means this machine, a cloud's metadata or no server at all
(:mod:`zohosyncd.core.addresses`); repeating does not help."""

TOO_LARGE: Final = "answer too large"
"""Reason of a :class:`Lost`: reading stopped at ``max_bytes``; repeating does not help."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request, complete.

    Attributes:
        method: GET, POST, PROPFIND ...
        url: absolute, already percent-encoded.
        headers: names in their usual spelling; secrets only here.
        body: bytes, b"" for none.
        deadline: seconds in all, from the start to the last byte of the answer.
        max_bytes: an answer (decompressed) beyond this size is not read to its end.
        local: whether the configuration allows that the server's name means this machine, although it does not say so.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    deadline: float = 60.0
    max_bytes: int = 64 * 1024 * 1024
    local: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """A complete answer. Header names are lower case; ``url`` is where it came from, where redirects were followed."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    url: str = ""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Surely not carried out: no connection, no name, a refused certificate. ``reason`` is one of few fixed words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Sent, at least in part, but no complete answer came: reset, deadline, too large. It may have been carried out."""

    reason: str


Outcome = Answered | Undelivered | Lost


class Sender(Protocol):
    """Sends one request. It never raises for what the network does."""

    async def send(self, request: HttpRequest) -> Outcome:
        """Send and wait for the complete answer, at most ``request.deadline`` seconds."""
        ...


class LocalSender:
    """Sends for an account whose server the configuration says to be on this machine.

    Args:
        sender: what sends.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def send(self, request: HttpRequest) -> Outcome:
        """Send it where loopback is allowed."""
        return await self._sender.send(replace(request, local=True))
