"""What is kept of access tokens across restarts: vendors count tokens, so a restart must not cost a new one."""

from typing import Final, Protocol

import msgspec

LONGEST: Final = 86_400.0
"""No kept token is believed to live longer than this many seconds: a clock may have jumped."""


class Shelf(Protocol):
    """Keeps small secrets across restarts, encrypted."""

    async def secret(self, name: str) -> str | None:
        """What is kept under this name."""
        ...

    async def set_secret(self, name: str, value: str | None) -> None:
        """Keep it, or throw it away."""
        ...


class Kept(msgspec.Struct, frozen=True):
    """An access token on the shelf, and what has been asked for with the same grant. All times are wall seconds.

    Attributes:
        headers: that prove the login; empty where there is no token. ends: until when they are good.
        grant: the mark of the grant that they were made from.
        made: when the last tokens were made. blocked: until when the login server gives none.
        scopes: what the token may do, None where the server did not say.
    """

    headers: dict[str, str]
    ends: float
    grant: str
    made: tuple[float, ...] = ()
    blocked: float = 0.0
    scopes: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        return "Kept(...)"


def shelf_name(account: str) -> str:
    """Under which name an account's access token is kept; no ``store:NAME`` can be this one."""
    return f"{account}/access-token"


def pack(kept: Kept) -> str:
    """As text for the shelf."""
    return msgspec.json.encode(kept).decode()


def unpack(text: str | None) -> Kept | None:
    """What :func:`pack` made of it; None for nothing, and for what is damaged."""
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=Kept)
    except msgspec.DecodeError:
        return None


class Drawer:
    """A shelf in memory, for a login that nobody has accepted yet."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def secret(self, name: str) -> str | None:
        """What is kept under this name."""
        return self.kept.get(name)

    async def set_secret(self, name: str, value: str | None) -> None:
        """Keep it, or throw it away."""
        if value is None:
            self.kept.pop(name, None)
        else:
            self.kept[name] = value
