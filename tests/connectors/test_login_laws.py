"""Whatever happens between us and a strict login server: a login that nobody took back is not lost."""

import asyncio
from dataclasses import replace
from typing import Any

import anyio
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.connectors.test_login import ROTATING, Desk
from tests.login_app import PeopleConnector
from zohosyncd.core.errors import AuthLost, RemoteError, StateError
from zohosyncd.transport.sender import Lost

STEPS = (
    "check",
    "check",
    "expire",
    "hour",
    "restart",
    "two",
    "consent",
    "full",
    "trouble",
    *(f"cancel {n}" for n in range(2, 7)),
)
LOSSES = (*STEPS, "lost", "lost")


class Life:
    """An account over some days: processes come and go, its state stays."""

    def __init__(self, overlap: float) -> None:
        self.desk = Desk(replace(ROTATING, overlap=overlap))
        self.desk.sender.send, self._plain = self._send, self.desk.sender.send  # type: ignore[method-assign]
        self.losing = False
        self.connector = self.desk.open()

    async def _send(self, request: Any) -> Any:
        await asyncio.sleep(0)
        answer = await self._plain(request)
        await asyncio.sleep(0)
        if self.losing and request.url.endswith("/oauth/token"):
            self.losing = False
            return Lost("connection lost")
        return answer

    async def step(self, name: str) -> None:
        desk = self.desk
        match name:
            case "check":
                await self.checked(self.connector)
            case "expire":
                desk.app.logins.tune("expire_tokens", True)
            case "hour":
                desk.clock.moment += 3600.0
            case "restart":
                self.connector = desk.open()
            case "two":
                async with anyio.create_task_group() as tasks:
                    for connector in (self.connector, desk.open(), desk.open()):
                        tasks.start_soon(self.checked, connector)
            case "consent":
                await self.consent()
            case "full":
                desk.full = True
                await self.checked(self.connector)
                desk.full = False
                await self.checked(self.connector)  # a process that ends before there is space has lost it
            case "trouble":
                desk.app.logins.tune("login_trouble", ["temporarily_unavailable", "503"])
                await self.checked(self.connector)
                desk.app.logins.tune("login_trouble", [])
            case "lost":
                self.losing = True
            case _:
                with anyio.CancelScope() as scope:
                    async with anyio.create_task_group() as tasks:
                        tasks.start_soon(self.checked, self.connector)
                        for _ in range(int(name.removeprefix("cancel "))):
                            await asyncio.sleep(0)
                        scope.cancel()

    async def consent(self) -> None:
        """Somebody gives another consent, which is kept in turn as ``auth`` does; the account is opened anew."""
        desk = self.desk
        async with desk.turn:
            if desk.consent is not None:
                token = desk.app.logins.granted("client")
                desk.consent = msgspec.structs.replace(desk.consent, refresh_token=token)
        self.connector = desk.open()

    async def checked(self, connector: PeopleConnector) -> None:
        try:
            await connector.check()
        except AuthLost:
            raise
        except (RemoteError, StateError):
            self.desk.clock.moment += 61.0


async def live(steps: list[str], overlap: float) -> None:
    life = Life(overlap)
    for each in steps:
        await life.step(each)
    life.losing = False
    life.desk.clock.moment += 61.0
    await life.checked(life.connector)
    assert await life.desk.who() == "ann@example.org"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(STEPS), max_size=14))
def test_a_login_is_not_lost_by_anything_that_leaves_the_answers_whole(steps: list[str]) -> None:
    asyncio.run(live(steps, 0.0))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(LOSSES), max_size=14))
def test_where_replaced_tokens_stay_good_for_a_while_lost_answers_lose_no_login(steps: list[str]) -> None:
    asyncio.run(live(steps, 7 * 86_400.0))
