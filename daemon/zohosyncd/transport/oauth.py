"""OAuth 2 by refresh token (RFC 6749 section 6): one access token for all calls of an account."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import urlencode

import msgspec

from zohosyncd.core.errors import AuthLost, ContractBroken, RateLimited, RemoteError, Unavailable
from zohosyncd.ports.world import Clock
from zohosyncd.transport.decode import json_as
from zohosyncd.transport.observer import CallObserver, Unobserved
from zohosyncd.transport.sender import Answered, HttpRequest, Sender

MARGIN: Final = 60.0
"""Seconds before its end at which an access token is no longer used."""

_LONGEST: Final = 86_400.0
"""No kept token is believed to live longer than this many seconds: a clock may have jumped."""

_PAUSE_AFTER_REFUSAL: Final = 60.0
"""Seconds during which a refused refresh token is not sent again: token servers count such tries."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a refresh needs.

    Attributes:
        token_url: the token endpoint.
        client_id, client_secret, refresh_token: as the authorisation gave them.
        scheme: word before the token in the Authorization header.
    """

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scheme: str = "Bearer"


def _mark(grant: Grant) -> str:
    """Tells grants apart; the secrets cannot be had back from it."""
    text = "\0".join((grant.token_url, grant.client_id, grant.client_secret, grant.refresh_token))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and how many seconds it lives."""

    access_token: str = field(repr=False)
    lifetime: float


class TokenReader(Protocol):
    """Reads a token endpoint's answer; vendors differ from RFC 6749 here more than anywhere else."""

    def __call__(self, status: int, body: Mapping[str, Any]) -> Token:
        """Answer the token, or raise AuthLost, RateLimited, Unavailable or ContractBroken."""
        ...


class Shelf(Protocol):
    """Keeps small secrets across restarts, encrypted. Vendors count tokens: a restart must not cost a new one."""

    async def secret(self, name: str) -> str | None:
        """What is kept under this name."""
        ...

    async def set_secret(self, name: str, value: str | None) -> None:
        """Keep it, or throw it away."""
        ...


class _Kept(msgspec.Struct, frozen=True):
    """An access token on the shelf: for which grant it was made, and until when (wall seconds) it is good."""

    headers: dict[str, str]
    ends: float
    grant: str


class RefreshedToken:
    """The login of an account that is proven by a short-lived token.

    Args:
        grant: reads the grant, each time it is needed, so that a new consent counts at once; may raise AuthLost.
        read: makes a token of the endpoint's answer.
        account: name of the account, for the observer.
        shelf: keeps the access token across restarts.
    """

    def __init__(
        self,
        grant: Callable[[], Grant],
        read: TokenReader,
        *,
        account: str,
        sender: Sender,
        clock: Clock,
        observer: CallObserver | None = None,
        timeout: float = 30.0,
        shelf: Shelf | None = None,
    ) -> None:
        self._shelf = shelf
        self._looked = False
        self._grant = grant
        self._read = read
        self._account = account
        self._sender = sender
        self._clock = clock
        self._observer: CallObserver = observer or Unobserved()
        self._timeout = timeout
        self._lock = asyncio.Lock()
        self._headers: Mapping[str, str] | None = None
        self._ends = 0.0
        self._refusal: RemoteError | None = None
        self._refused_until = 0.0

    async def headers(self) -> Mapping[str, str]:
        """The Authorization header with a token that is still good for a while."""
        current = self._current()
        if current is not None:
            return current
        async with self._lock:
            return self._current() or await self._kept() or await self._refresh()

    async def _kept(self) -> Mapping[str, str] | None:
        """The token of an earlier process, if it was made from the same grant and lives on."""
        if self._shelf is None or self._looked:
            return None
        self._looked = True
        text = await self._shelf.secret(self._name)
        if text is None:
            return None
        try:
            kept = msgspec.json.decode(text, type=_Kept)
        except msgspec.DecodeError:
            return None
        left = kept.ends - self._clock.now()
        if not 0.0 < left <= _LONGEST or kept.grant != _mark(self._grant()):
            return None
        self._headers, self._ends = kept.headers, self._clock.monotonic() + left
        return self._headers

    @property
    def _name(self) -> str:
        return f"{self._account}.access-token"

    async def renewed(self, refused: Mapping[str, str]) -> bool:
        """Get another token, unless somebody has done so since these headers were handed out."""
        async with self._lock:
            if self._headers is not None and dict(self._headers) == dict(refused):
                self._headers = None
                await self._refresh()
        return True

    def _current(self) -> Mapping[str, str] | None:
        return self._headers if self._clock.monotonic() < self._ends else None

    async def _refresh(self) -> Mapping[str, str]:
        left = self._refused_until - self._clock.monotonic()
        if self._refusal is not None and left > 0.0:
            if isinstance(self._refusal, RateLimited):
                raise RateLimited(self._refusal.message, hint=self._refusal.hint, retry_after=left)
            raise type(self._refusal)(self._refusal.message, hint=self._refusal.hint)
        try:
            grant = self._grant()
            token = await self._ask(grant)
        except RemoteError as error:
            self._remember(error)
            raise
        self._observer.login_renewed(self._account, "done")
        self._refusal = None
        self._headers = {"Authorization": f"{grant.scheme} {token.access_token}"}
        lifetime = max(token.lifetime - MARGIN, token.lifetime / 2.0)
        self._ends = self._clock.monotonic() + lifetime
        if self._shelf is not None:
            self._looked = True
            kept = _Kept(dict(self._headers), self._clock.now() + lifetime, _mark(grant))
            await self._shelf.set_secret(self._name, msgspec.json.encode(kept).decode())
        return self._headers

    async def _ask(self, grant: Grant) -> Token:
        form = {
            "grant_type": "refresh_token",
            "client_id": grant.client_id,
            "client_secret": grant.client_secret,
            "refresh_token": grant.refresh_token,
        }
        request = HttpRequest(
            "POST",
            grant.token_url,
            # In the body: addresses end up in the logs of proxies.
            {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            urlencode(form).encode("ascii"),
            deadline=self._timeout,
            max_bytes=256 * 1024,
        )
        outcome = await self._sender.send(request)
        if not isinstance(outcome, Answered):
            raise Unavailable(f"the login server cannot be reached: {outcome.reason}")
        if outcome.status >= 500:
            raise Unavailable(f"the login server fails: status {outcome.status}")
        if outcome.status == 429:
            raise RateLimited("the login server asks us to wait", retry_after=60.0)
        return self._read(outcome.status, json_as(dict[str, Any], outcome.body, what="access token"))

    def _remember(self, error: RemoteError) -> None:
        match error:
            case RateLimited(retry_after=seconds):
                result, pause = "throttled", seconds or _PAUSE_AFTER_REFUSAL
            case AuthLost() | ContractBroken():
                result, pause = "refused", _PAUSE_AFTER_REFUSAL
            case _:
                result, pause = "unavailable", 0.0
        self._observer.login_renewed(self._account, result)
        self._refusal = error
        self._refused_until = self._clock.monotonic() + pause
