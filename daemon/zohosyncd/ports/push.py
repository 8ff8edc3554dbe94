"""The push port: how an app tells us that something has changed, and what a connector says about it.

Terminology
    bell     what we hang up for an app: an address that nobody can guess, a secret, and one object that it rings for.
    channel  what the app made of a bell: its own id for it, and until when it will ring.
    ring     one HTTP request that reaches a bell. It is a hint to read, and nothing more: no value in it is believed.
    hook     how requests of one app are read: a pure function, and the method and path that they come by.

Who calls what
    open_channel, renew_channel and close_channel are called by one task per account, one at a time. Repeating any of
    them with the same bell must be harmless: a crash may have come between the app's answer and our storing it.
    ``Hook.read`` is called for every request, before anything is known of who sent it: it waits for nothing and raises
    nothing.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Push:
    """What an app's channels are like: pure data, constant for an account.

    Attributes:
        lifetime: seconds for which a channel is asked for; never more than the app grants.
        patience: seconds after a change within which its ring may be expected; also how long after a ring the app may
            still not show what it rang for.
        own_writes: whether it also rings for what we have written ourselves.
    """

    lifetime: float
    patience: float
    own_writes: bool


@dataclass(frozen=True, slots=True)
class Bell:
    """Where an app rings for an object.

    Attributes:
        key: 32 hexadecimal digits that tell this bell from all others, now and ever.
        address: the address to call, with a part that nobody can guess.
        secret: what proves that a ring comes from the app; at most 50 characters.
    """

    key: str
    address: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Channel:
    """What an app made of a bell.

    Attributes:
        id: the app's own name for it.
        expires: when it stops to ring, in seconds since 1970 of the app's clock; None for never.
        secret: where the app chooses the secret itself: the one that it chose, else "".
    """

    id: str
    expires: float | None = None
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Ring:
    """One HTTP request to a bell, as it arrived.

    Attributes:
        method: in capital letters. url: the address that was called, as the vendor knows it.
        query, headers: names of headers in small letters; of repeated names the last counts.
        body: as it was sent, at most :data:`LARGEST_BODY` bytes. at: wall seconds at which it arrived.
    """

    method: str
    url: str = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    at: float = 0.0


LARGEST_BODY = 256 * 1024
"""Bytes of a request that are read."""


@dataclass(frozen=True, slots=True)
class Rang:
    """Something has changed. ``ids``: the records that it names; they only help to guess whether it was we."""

    ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Greeted:
    """The app makes sure that somebody is there, and wants this answer (a token given back)."""

    body: bytes = b""
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Stranger:
    """Nothing proves that the app sent it."""


Heard = Rang | Greeted | Stranger


@dataclass(frozen=True, slots=True)
class Hook:
    """How the requests of an app are read.

    Attributes:
        path: its place below ``/hooks/``: small letters and digits.
        methods: the methods that its requests come by.
        read: from a request and the bell's secret to what it means. Pure; it raises nothing, whatever the bytes are.
    """

    path: str
    methods: frozenset[str]
    read: Callable[[Ring, str], Heard]


@runtime_checkable
class Pushes(Protocol):
    """The part of a connector whose ``capabilities.push`` says that its app rings."""

    async def open_channel(self, ref: str, bell: Bell, until: float) -> Channel:
        """Have the app ring this bell for changes of the object.

        Args:
            ref: the object. bell: where and with which proof. until: seconds since 1970 of the app's clock.

        Raises the RemoteError tree.
        """
        ...

    async def renew_channel(self, ref: str, bell: Bell, channel: Channel, until: float) -> Channel | None:
        """Let a channel live longer; None where the app does not know it any more. Raises the RemoteError tree."""
        ...

    async def close_channel(self, ref: str, channel: Channel) -> None:
        """Have the app ring no more; nothing to do where it does not know the channel. Raises the RemoteError tree."""
        ...


def same_secret(given: object, secret: str) -> bool:
    """Whether these are equal, in a time that does not tell how much of them is. An empty secret equals nothing."""
    if not isinstance(given, str) or not secret:
        return False
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode())
