"""The channels of one account: opened, prolonged at half of their life, made anew, closed.

A bell is durable before an app hears of it, so that a crash leaves nothing behind that is not known: the same bell is
given to the app again, which makes the same channel. A channel that is no longer wanted is remembered until the app has
closed it or its time has run out.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import anyio
import structlog

from zohosyncd.core.errors import StateError, SyncError
from zohosyncd.pipeline.pace import BellState, Pace
from zohosyncd.pipeline.plan import World
from zohosyncd.ports.push import Channel, Hook, Push, Pushes
from zohosyncd.supervisor.accounts import AccountUnit, cure_of
from zohosyncd.supervisor.doorbell import Doorbell
from zohosyncd.supervisor.kept_channels import Kept, KeptChannels
from zohosyncd.supervisor.ringing import Ringing

_TICK: Final = 3600.0
_FIRST_WAIT, _LONGEST_WAIT = 60.0, 3600.0
_REMAKE_PAUSE: Final = 3600.0
"""Seconds that a channel lives at least before it is made anew for being unhealthy."""

_UNSAID: Final = 3600.0
"""How long a channel lives of which the app does not say when it ends."""

_log = structlog.get_logger("zohosyncd.channels")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which objects shall be rung for; ``sure``: no connection is left that may still name another one."""

    refs: frozenset[str] = frozenset()
    sure: bool = True


@dataclass(slots=True)
class _Trouble:
    """Why a channel cannot be had, and when it is tried again (monotonic seconds)."""

    error: SyncError
    again_at: float
    wait: float


class Channels:
    """The channels of one account.

    Args:
        account: whose. hook: how its app calls. doorbell: where bells hang; None: no app can reach us any more.
        world: the store, time, chance. wanted: which objects shall be rung for now. start: starts runs for an object.
    """

    def __init__(
        self,
        account: AccountUnit,
        hook: Hook,
        doorbell: Doorbell | None,
        world: World,
        wanted: Callable[[], Wanted],
        start: Callable[[str], None],
    ) -> None:
        self.account = account
        self.scope = anyio.CancelScope()
        self._hook = hook
        self._doorbell = doorbell
        self._world = world
        self._wanted = wanted
        self._kept = KeptChannels(world.store, account.name)
        self._ringing = Ringing(account, world, start)
        self._paces: dict[str, Pace] = {}
        self._troubles: dict[str, _Trouble] = {}
        self._news = anyio.Event()
        self._lock = anyio.Lock()

    async def run(self) -> None:
        """Keep them, and answer their rings, until cancelled."""
        with self.scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._ringing.run)
                while True:
                    self._news = anyio.Event()
                    pause = await self._tend_or_wait()
                    with anyio.move_on_after(pause):
                        await self._news.wait()

    def look(self) -> None:
        """Something has changed that they depend on."""
        self._news.set()

    async def tend(self) -> float:
        """Do what is due; answers in how many seconds something else is. Raises StateError."""
        async with self._lock:
            await self._kept.recall()
            wanted = self._wanted() if self._doorbell is not None else Wanted()
            waits = [_TICK]
            for each in list(self._kept.channels):
                if each.closing or (wanted.sure and each.ref not in wanted.refs):
                    waits.append(await self._tried(f"close {each.key}", partial(self._close, each)))  # noqa: PERF401
            if self._doorbell is not None:
                for ref in sorted(wanted.refs):
                    waits.append(await self._tried(ref, partial(self._keep, ref, self._doorbell)))
                    waits.append(self._doubt(ref))
            return min(waits)

    async def close_all(self) -> None:
        """The account goes: have the app ring no more. What cannot be closed now ends by itself. Raises StateError."""
        async with self._lock:
            await self._kept.recall()
            for each in list(self._kept.channels):
                await self._tried(f"close {each.key}", partial(self._close, each))
            await self._kept.forget()

    def status(self) -> list[dict[str, Any]]:
        """How they are, by object; without addresses and secrets."""
        return [self._shown(each) for each in self._kept.channels if not each.closing]

    def _shown(self, kept: Kept) -> dict[str, Any]:
        pace, trouble, now = self._paces.get(kept.ref), self._troubles.get(kept.ref), self._world.clock.now()
        return {
            "object": kept.ref,
            "state": (pace.state if pace is not None and kept.id else BellState.NEW).value,
            "rings": pace.rings if pace is not None else 0,
            "missed": pace.missed if pace is not None else 0,
            "expires_in_seconds": round(kept.expires - now) if kept.expires is not None else None,
            "reason": trouble.error.message if trouble else "",
            "cure": cure_of(trouble.error, self.account.name) if trouble else "",
        }

    async def _tend_or_wait(self) -> float:
        try:
            return await self.tend()
        except StateError as error:
            _log.warning("channels cannot be kept", account=self.account.name, reason=error.message)
            return _FIRST_WAIT

    # --- one channel --------------------------------------------------------------------------------------------

    @property
    def _app(self) -> tuple[Pushes, Push]:
        connector, push = self.account.connector, self.account.connector.capabilities.push
        if push is None or not isinstance(connector, Pushes):
            raise TypeError(f"{connector.app} has a hook, and does not ring")
        return connector, push

    async def _keep(self, ref: str, doorbell: Doorbell) -> float:
        """Have a channel for an object that rings and lives; seconds until something is to be done about it."""
        self._doubt(ref)
        kept, now = self._kept.open_one(ref), self._world.clock.now()
        if kept is not None and self._is_over(kept, doorbell, now):
            kept.closing = True
            self._take_down(kept)
            await self._kept.save()
            self.look()
            kept = None
        if kept is None:
            kept = await self._make(ref, doorbell)
        self._hang(kept, doorbell)
        if not kept.id:
            await self._open(kept, doorbell)
        elif now >= kept.half:
            kept = await self._renew(kept, doorbell)
        pace = self._paces[ref]
        if pace.trusted != kept.trusted:
            kept.trusted = pace.trusted
            await self._kept.save()
        return max(kept.half - self._world.clock.now(), 1.0)

    def _is_over(self, kept: Kept, doorbell: Doorbell, now: float) -> bool:
        """Whether another channel has to take its place."""
        if kept.address != doorbell.address(self._hook, kept.key):
            _log.info("public_url has changed: a channel is made anew", account=self.account.name, object=kept.ref)
            return True
        pace = self._paces.get(kept.ref)
        sick = pace is not None and pace.state is BellState.UNHEALTHY and now - kept.opened >= _REMAKE_PAUSE
        if sick:
            _log.warning("several changes without a ring: the channel is made anew", account=self.account.name)
        return sick or kept.ended(now)

    async def _make(self, ref: str, doorbell: Doorbell) -> Kept:
        """A new bell, durable, of which the app does not know yet."""
        key, secret = self._world.entropy.new_id(), self._world.entropy.new_id()
        kept = Kept(ref, key, doorbell.address(self._hook, key), secret)
        await self._kept.add(kept)
        return kept

    def _hang(self, kept: Kept, doorbell: Doorbell) -> None:
        """Let it be heard, and let its feed know."""
        _, push = self._app
        doorbell.hang(kept.bell, self._hook, lambda ids: self._heard(kept.ref, ids, push.patience))
        shared = self.account.feeds.get(kept.ref)
        if shared is not None and shared.feed.pace is None:
            now, before = self._world.clock.monotonic(), self._paces.get(kept.ref)
            counted = (before.rings, before.missed) if before is not None else (0, 0)
            pace = Pace(push.patience, now, kept.trusted, self.look, *counted)
            shared.feed.pace = self._paces[kept.ref] = pace

    def _heard(self, ref: str, ids: frozenset[str], patience: float) -> None:
        news = not self._paces[ref].trusted if ref in self._paces else False
        self._ringing.heard(ref, ids, patience)
        if news:
            self.look()

    async def _open(self, kept: Kept, doorbell: Doorbell) -> None:
        app, push = self._app
        offset = (await self.account.check()).clock_offset
        now = self._world.clock.now()
        channel = await app.open_channel(kept.ref, kept.bell, now + offset + push.lifetime)
        await self._granted(kept, channel, now, offset, doorbell)
        _log.info("the app rings when something changes", account=self.account.name, object=kept.ref)

    async def _renew(self, kept: Kept, doorbell: Doorbell) -> Kept:
        """The channel with a longer life, or another one where the app has forgotten it."""
        app, push = self._app
        offset = (await self.account.check()).clock_offset
        now = self._world.clock.now()
        channel = await app.renew_channel(kept.ref, kept.bell, Channel(kept.id), now + offset + push.lifetime)
        if channel is not None:
            await self._granted(kept, channel, now, offset, doorbell)
            return kept
        _log.warning("the app has forgotten a channel: it is made anew", account=self.account.name, object=kept.ref)
        self._take_down(kept)
        await self._kept.remove(kept)
        fresh = await self._make(kept.ref, doorbell)
        self._hang(fresh, doorbell)
        await self._open(fresh, doorbell)
        return fresh

    async def _granted(self, kept: Kept, channel: Channel, now: float, offset: float, doorbell: Doorbell) -> None:
        """What the app has granted counts, not what was asked for."""
        kept.id, kept.opened = channel.id, now
        kept.expires = now + _UNSAID if channel.expires is None else channel.expires - offset
        if channel.secret:
            kept.secret = channel.secret
            self._hang(kept, doorbell)
        await self._kept.save()

    async def _close(self, kept: Kept) -> float:
        """Have the app ring no more."""
        self._take_down(kept)
        if not kept.closing:
            kept.closing = True
            await self._kept.save()
        if not kept.ended(self._world.clock.now()):
            app, _ = self._app
            if not kept.id:
                # Nobody knows whether the app has heard of it: told again, it says the id, and makes no second one.
                until = self._world.clock.now() + (await self.account.check()).clock_offset + _UNSAID
                kept.id = (await app.open_channel(kept.ref, kept.bell, until)).id
            await app.close_channel(kept.ref, Channel(kept.id))
        await self._kept.remove(kept)
        return _TICK

    def _take_down(self, kept: Kept) -> None:
        if self._doorbell is not None:
            self._doorbell.take_down(kept.bell, self._hook)
        shared, other = self.account.feeds.get(kept.ref), self._kept.open_one(kept.ref)
        if other is None or other is kept:
            self._ringing.forget(kept.ref)
            if shared is not None:
                shared.feed.pace = None

    def _doubt(self, ref: str) -> float:
        """Seconds until the bell has missed a change for certain."""
        pace = self._paces.get(ref)
        left = pace.judge(self._world.clock.monotonic()) if pace is not None else None
        return _TICK if left is None else left

    async def _tried(self, what: str, act: Callable[[], Awaitable[float]]) -> float:
        """Do something with the app, unless it failed a short while ago; seconds until it is looked at again."""
        now, trouble = self._world.clock.monotonic(), self._troubles.get(what)
        if trouble is not None and now < trouble.again_at:
            return trouble.again_at - now
        try:
            wait = await act()
        except StateError:
            raise
        except SyncError as error:
            if trouble is None or type(trouble.error) is not type(error):
                _log.warning("no bell for changes", account=self.account.name, reason=error.message, cure=error.hint)
            wait = min(2 * trouble.wait, _LONGEST_WAIT) if trouble else _FIRST_WAIT
            self._troubles[what] = _Trouble(error, now + wait, wait)
            return wait
        self._troubles.pop(what, None)
        return wait
