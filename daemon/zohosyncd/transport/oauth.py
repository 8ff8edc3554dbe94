"""OAuth 2 access tokens: one for all calls of an account, made anew when it ends or is refused.

From a refresh token (RFC 6749 section 6), or from the client's own credentials (section 4.4). At most one access token
of an account is good at a time, by us: the next is made when the last has ended or was refused.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from zohosyncd.core.errors import AuthLost, ContractBroken, RateLimited, RemoteError
from zohosyncd.ports.world import Clock
from zohosyncd.transport.observer import CallObserver, Unobserved
from zohosyncd.transport.sender import Sender
from zohosyncd.transport.token_endpoint import Token, TokenReader, post_form
from zohosyncd.transport.token_shelf import LONGEST, Kept, Shelf, pack, shelf_name, unpack

__all__ = ["MARGIN", "Grant", "Pace", "RefreshedToken", "Shelf", "Token", "TokenReader", "kept_of"]

MARGIN: Final = 60.0
"""Seconds before its end at which an access token is no longer used."""

_PAUSE_AFTER_REFUSAL: Final = 60.0
"""Seconds during which a refused refresh token is not sent again: token servers count such tries."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a new access token is made from.

    Attributes:
        token_url: the token endpoint.
        client_id, client_secret: the client.
        refresh_token: as the consent gave it; "" where the client's own credentials are enough.
        scheme: word before the token in the Authorization header.
        more: what the form needs besides.
    """

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scheme: str = "Bearer"
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def form(self) -> dict[str, str]:
        """What is sent to the token endpoint."""
        client = {"client_id": self.client_id, "client_secret": self.client_secret}
        if not self.refresh_token:
            return {"grant_type": "client_credentials", **client, **self.more}
        return {"grant_type": "refresh_token", **client, "refresh_token": self.refresh_token, **self.more}


def _mark(grant: Grant) -> str:
    """Tells grants apart; the secrets cannot be had back from it."""
    parts = [grant.token_url, grant.client_id, grant.client_secret, grant.refresh_token]
    parts += [part for pair in sorted(grant.more.items()) for part in pair]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def kept_of(grant: Grant, token: Token, now: float) -> Kept:
    """A token that was made from this grant just now, for the shelf. ``now``: wall seconds."""
    headers = {"Authorization": f"{grant.scheme} {token.access_token}"}
    lifetime = max(token.lifetime - MARGIN, token.lifetime / 2.0)
    return Kept(headers, now + lifetime, _mark(grant), (now,), 0.0, token.scopes)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many access tokens a login server makes of one grant: at most ``count`` in any ``seconds``."""

    count: int
    seconds: float


class RefreshedToken:
    """The login of an account that is proven by a short-lived token.

    Args:
        grant: reads the grant, each time it is needed, so that a new one counts at once; may raise AuthLost.
        read: makes a token of the endpoint's answer.
        account: name of the account, for the observer.
        shelf: keeps the access token across restarts, and when the last ones were made.
        pace: how many tokens the vendor allows; None for any number.
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
        pace: Pace | None = None,
    ) -> None:
        self._shelf = shelf
        self._pace = pace
        self._looked = shelf is None
        self._grant = grant
        self._read = read
        self._account = account
        self._sender = sender
        self._clock = clock
        self._observer: CallObserver = observer or Unobserved()
        self._timeout = timeout
        self._lock = asyncio.Lock()
        self._kept = Kept({}, 0.0, "")
        self._ends = 0.0
        self._refusal: RemoteError | None = None
        self._refused_until = 0.0

    @property
    def scopes(self) -> tuple[str, ...] | None:
        """What the token in use may do, None where the server did not say."""
        return self._kept.scopes

    async def headers(self) -> Mapping[str, str]:
        """The Authorization header with a token that is still good for a while."""
        current = self._current()
        if current is not None:
            return current
        async with self._lock:
            await self._look()
            return self._current() or await self._refresh()

    async def renewed(self, refused: Mapping[str, str]) -> bool:
        """Get another token, unless somebody has done so since these headers were handed out."""
        async with self._lock:
            if self._current() is not None and self._kept.headers == dict(refused):
                self._ends = 0.0
                await self._refresh()
        return True

    def _current(self) -> Mapping[str, str] | None:
        return self._kept.headers if self._clock.monotonic() < self._ends else None

    async def _look(self) -> None:
        """Take over from an earlier process what was made from the same grant: its token, and how many there were."""
        if self._looked or self._shelf is None:
            return
        kept = unpack(await self._shelf.secret(shelf_name(self._account)))
        same = kept is not None and kept.grant == _mark(self._grant())
        self._looked = True
        if kept is None or not same:
            return
        self._kept = kept
        left = kept.ends - self._clock.now()
        if kept.headers and 0.0 < left <= LONGEST:
            self._ends = self._clock.monotonic() + left
            self._tell(kept)

    def _tell(self, kept: Kept) -> None:
        if kept.made:
            self._observer.token_in_use(self._account, kept.made[-1], kept.ends)

    async def _refresh(self) -> Mapping[str, str]:
        left = self._refused_until - self._clock.monotonic()
        if self._refusal is not None and left > 0.0:
            if isinstance(self._refusal, RateLimited):
                raise RateLimited(self._refusal.message, hint=self._refusal.hint, retry_after=left)
            raise type(self._refusal)(self._refusal.message, hint=self._refusal.hint)
        try:
            grant = self._grant()
            made = self._made(_mark(grant))
            token = self._read(*await post_form(self._sender, grant.token_url, grant.form, self._timeout))
        except RemoteError as error:
            await self._remember(error)
            raise
        self._observer.login_renewed(self._account, "done")
        self._refusal = None
        now = self._clock.now()
        fresh = kept_of(grant, token, now)
        self._kept = Kept(fresh.headers, fresh.ends, fresh.grant, (*made, now), 0.0, fresh.scopes)
        self._ends = self._clock.monotonic() + (fresh.ends - now)
        self._tell(self._kept)
        await self._keep()
        return self._kept.headers

    def _made(self, mark: str) -> tuple[float, ...]:
        """When the tokens of this grant were made that still count. Raises RateLimited where one more is too many."""
        if self._kept.grant != mark or self._pace is None:
            return ()
        now = self._clock.now()
        made = tuple(moment for moment in self._kept.made if 0.0 <= now - moment < self._pace.seconds)
        until = made[0] + self._pace.seconds if len(made) >= self._pace.count else 0.0
        wait = max(until, min(self._kept.blocked, now + self._pace.seconds)) - now
        if wait > 0.0:
            raise RateLimited("no more access tokens may be made for now", retry_after=wait)
        return made

    async def _keep(self) -> None:
        if self._shelf is not None:
            await self._shelf.set_secret(shelf_name(self._account), pack(self._kept))

    async def _remember(self, error: RemoteError) -> None:
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
        until = self._clock.now() + pause
        if result == "throttled" and self._pace is not None and until > self._kept.blocked:
            kept, mark = self._kept, _mark(self._grant())
            made = kept.made if kept.grant == mark else ()
            self._kept = Kept({}, 0.0, mark, made, until, None)
            self._ends = 0.0
            await self._keep()
