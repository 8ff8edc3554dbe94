"""Carries over HTTP what apps send by themselves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientError, ClientSession, ClientTimeout

from .wire import Outgoing
from .world import World

_SECONDS = 5.0
_CARRIERS = 8


class Postman:
    """Carries what apps send by themselves: once, and without looking whether anybody takes it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._news = asyncio.Event()
        self._waiting: asyncio.Queue[Outgoing] = asyncio.Queue()

    def look(self) -> None:
        """Something was done in the world: what goes out later may have another time now."""
        self._news.set()

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Carry until the block ends."""
        self._world.post = self._waiting.put_nowait
        async with ClientSession(timeout=ClientTimeout(total=_SECONDS)) as http:
            tasks = [
                asyncio.create_task(self._keep_time()),
                *(asyncio.create_task(self._carry(http)) for _ in range(8)),
            ]
            try:
                yield
            finally:
                self._world.post = None
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_time(self) -> None:
        while True:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), self._world.settle())
            except TimeoutError:
                continue

    async def _carry(self, http: ClientSession) -> None:
        while True:
            letter = await self._waiting.get()
            headers = {"Content-Type": "application/json"}
            try:
                async with http.post(letter.url, data=letter.body, headers=headers, allow_redirects=False):
                    pass
            except (ClientError, OSError, TimeoutError, ValueError):
                continue
