"""What the state keeps of the channels of an account: encrypted, like every secret."""

from dataclasses import dataclass, field
from typing import Final

import msgspec

from zohosyncd.ports.push import Bell
from zohosyncd.ports.store import Store


class Kept(msgspec.Struct):
    """One channel.

    Attributes:
        ref: the object. key, address, secret: of its bell. id: the app's, "" until the app has answered.
        opened, expires: wall seconds of our clock; None for never. trusted: whether it rang when it should, last.
        closing: it is not wanted any more, and the app may not know that yet.
    """

    ref: str
    key: str
    address: str
    secret: str
    id: str = ""
    opened: float = 0.0
    expires: float | None = None
    trusted: bool = False
    closing: bool = False

    @property
    def bell(self) -> Bell:
        """The bell."""
        return Bell(self.key, self.address, self.secret)

    @property
    def half(self) -> float:
        """When half of its life is over."""
        return float("inf") if self.expires is None else (self.opened + self.expires) / 2

    def ended(self, now: float) -> bool:
        """Whether it has ended by itself."""
        return self.expires is not None and self.expires <= now


_KEPT: Final = msgspec.json.Decoder(list[Kept])


def secret_name(account: str) -> str:
    """Under which name the state keeps the channels of an account."""
    return f"channels/{account}"


@dataclass(slots=True)
class KeptChannels:
    """The channels of one account, and the same in the state. Raises StateError."""

    store: Store
    account: str
    channels: list[Kept] = field(default_factory=list)
    _read: bool = False

    async def recall(self) -> None:
        """Read what an earlier process has left; once."""
        if not self._read:
            told = await self.store.secret(secret_name(self.account))
            self.channels = _KEPT.decode(told) if told else []
            self._read = True

    async def save(self) -> None:
        """Make the state say the same."""
        told = msgspec.json.encode(self.channels).decode() if self.channels else None
        await self.store.set_secret(secret_name(self.account), told)

    async def add(self, kept: Kept) -> None:
        """One more."""
        self.channels.append(kept)
        await self.save()

    async def remove(self, kept: Kept) -> None:
        """One less."""
        self.channels.remove(kept)
        await self.save()

    async def forget(self) -> None:
        """All of them."""
        self.channels.clear()
        await self.save()

    def open_one(self, ref: str) -> Kept | None:
        """The one that rings for an object."""
        return next((each for each in self.channels if each.ref == ref and not each.closing), None)
