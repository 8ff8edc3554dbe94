"""A contract bench over any Mailman core: a person at its screen, without our code."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from tests.connectors.contract import Bench
from zohosyncd.connectors.mailman.connector import MailmanConnector
from zohosyncd.core.record import Values
from zohosyncd.sandbox.world import World

LIST = "news.example.com"


class Hands(Protocol):
    """What somebody does who uses Mailman without us; ``given`` in Mailman's own words."""

    async def subscribe(self, given: Mapping[str, Any]) -> str: ...

    async def change(self, member_id: str, given: Mapping[str, Any]) -> None: ...

    async def unsubscribe(self, member_id: str) -> None: ...

    async def everything(self, member_id: str) -> Mapping[str, Any]: ...


def person(given: str, family: str, email: str) -> Values:
    """A subscription has no place for names but the one that the contract edits."""
    return {"email": email.lower(), "status": "subscribed"}


def typed(values: Values) -> dict[str, Any]:
    """Values in Mailman's words."""
    words = {"subscribed": "enabled", "unsubscribed": "by_user"}
    return {
        ("delivery_status" if name == "status" else name): words.get(str(value), value)
        for name, value in values.items()
    }


def mailman_bench(
    connector: MailmanConnector,
    ref: str,
    hands: Hands,
    wait: Callable[[float], Awaitable[None]],
    *,
    fill: Callable[[int], Awaitable[Sequence[str]]] | None = None,
    page: int = 0,
    world: World | None = None,
) -> Bench:
    """A bench whose person works through ``hands``."""

    async def create(values: Values) -> str:
        return await hands.subscribe(typed(values))

    async def edit(member_id: str, values: Values) -> None:
        await hands.change(member_id, typed(values))

    async def strange() -> str:
        member = await hands.subscribe({"email": "strange@example.com", "display_name": "Strange One"})
        await hands.change(member, {"moderation_action": "hold", "delivery_mode": "mime_digests"})
        return member

    return Bench(
        connector=connector,
        ref=ref,
        person=person,
        text="display_name",
        create=create,
        edit=edit,
        delete=hands.unsubscribe,
        everything=hands.everything,
        strange=strange,
        wait=wait,
        object_name=ref.replace(".", "@", 1),
        fill=fill,
        page=page,
        world=world,
    )
