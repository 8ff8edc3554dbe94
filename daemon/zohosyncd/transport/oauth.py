"""OAuth 2 access tokens: one for all calls of an account, made anew when it ends or is refused.

From what :mod:`grants` knows. At most one access token of an account is good at a time, by us: the next is made when
the last has ended or was refused.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol

import anyio

from zohosyncd.core.errors import AuthLost, ContractBroken, RateLimited, RemoteError
from zohosyncd.ports.world import Clock
from zohosyncd.transport.grants import Grant, Proof
from zohosyncd.transport.observer import CallObserver, Unobserved
from zohosyncd.transport.sender import Sender
from zohosyncd.transport.token_endpoint import Token, TokenReader, moment_of, post_form
from zohosyncd.transport.token_shelf import LONGEST, Kept, Shelf, pack, shelf_name, unpack

__all__ = ["MARGIN", "Grant", "Pace", "RefreshedToken", "Rotation", "Shelf", "Token", "TokenReader", "kept_of"]

MARGIN: Final = 60.0
"""Seconds before its end at which an access token is no longer used."""

_CLOCK_DIFFERENCE: Final = 30.0
"""Seconds by which a login server's clock may differ from ours before a refused signature is made anew by its time."""

_PAUSE_AFTER_REFUSAL: Final = 60.0
"""Seconds during which a refused refresh token is not sent again: token servers count such tries."""


def kept_of(grant: Proof, token: Token, now: float) -> Kept:
    """A token that was made from this grant just now, for the shelf. ``now``: wall seconds."""
    headers = {"Authorization": f"{grant.scheme} {token.access_token}"}
    lifetime = max(token.lifetime - MARGIN, token.lifetime / 2.0)
    return Kept(headers, now + lifetime, grant.mark, (now,), 0.0, token.scopes)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many access tokens a login server makes of one grant: at most ``count`` in any ``seconds``."""

    count: int
    seconds: float


class Rotation(Protocol):
    """Keeps refresh tokens that come in place of others."""

    def turn(self) -> AbstractAsyncContextManager[object, None]:
        """Whoever shows the account's refresh token does so in turn: the next one shows the one that came since."""
        ...

    async def keep(self, shown: str, token: Token) -> None:
        """Keep what came, durably: the refresh token that was shown may be worth nothing now. Raises StateError.

        Where another consent was given since, that one counts, and what came is dropped.
        """
        ...


class RefreshedToken:
    """The login of an account that is proven by a short-lived token.

    Args:
        grant: reads the grant, each time it is needed, so that a new one counts at once; may raise AuthLost.
        read: makes a token of the endpoint's answer.
        account: name of the account, for the observer.
        shelf: keeps the access token across restarts, and when the last ones were made.
        pace: how many tokens the vendor allows; None for any number.
        rotation: keeps another refresh token that comes with an access token; without it none is expected.
    """

    def __init__(
        self,
        grant: Callable[[], Proof],
        read: TokenReader,
        *,
        account: str,
        sender: Sender,
        clock: Clock,
        observer: CallObserver | None = None,
        timeout: float = 30.0,
        shelf: Shelf | None = None,
        pace: Pace | None = None,
        rotation: Rotation | None = None,
    ) -> None:
        self._rotation = rotation
        self._unkept: tuple[str, Token] | None = None
        self._ahead = 0.0
        self._date: float | None = None
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
        same = kept is not None and kept.grant == self._grant().mark
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
            grant, made, token = await (self._made_anew() if self._rotation is None else self._in_turn(self._rotation))
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

    async def _in_turn(self, rotation: Rotation) -> tuple[Proof, tuple[float, ...], Token]:
        """As :meth:`_made_anew`; another refresh token that comes along is kept before anything else is done."""
        with anyio.CancelScope(shield=True):  # whoever waits may go, what comes may not be lost: it comes once
            async with rotation.turn():
                await self._keep_refresh_token(rotation)
                grant, made, token = await self._made_anew()
                if token.refresh_token and token.refresh_token != grant.refresh_token:
                    self._unkept = grant.refresh_token, token
                    await self._keep_refresh_token(rotation)
                    grant = self._grant()
        return grant, made, token

    async def _keep_refresh_token(self, rotation: Rotation) -> None:
        if self._unkept is not None:
            await rotation.keep(*self._unkept)
            self._unkept = None

    async def _made_anew(self) -> tuple[Proof, tuple[float, ...], Token]:
        """A token, what it was made from, and when others were made of the same. Raises the RemoteError tree."""
        grant = self._grant()
        made = self._made(grant.mark)
        try:
            return grant, made, await self._asked(grant)
        except AuthLost:
            if not grant.timed or not self._clocks_differ():
                raise
            return grant, made, await self._asked(grant)

    async def _asked(self, grant: Proof) -> Token:
        form = grant.form(self._clock.now() + self._ahead)
        return self._read(*await post_form(self._sender, grant.token_url, form, self._timeout, heard=self._hear))

    def _hear(self, headers: Mapping[str, str]) -> None:
        self._date = moment_of(headers.get("date", ""))

    def _clocks_differ(self) -> bool:
        """Whether the login server's clock differs from what it was taken for; from now on it is what it says."""
        if self._date is None:
            return False
        ahead = self._date - self._clock.now()
        differ = abs(ahead - self._ahead) > _CLOCK_DIFFERENCE
        self._ahead = ahead if differ else self._ahead
        return differ

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
            kept, mark = self._kept, self._grant().mark
            made = kept.made if kept.grant == mark else ()
            self._kept = Kept({}, 0.0, mark, made, until, None)
            self._ends = 0.0
            await self._keep()
