"""Who we are to an app: the headers of a login, and what can be done when they are refused."""

import base64
from collections.abc import Mapping
from typing import Protocol


class Auth(Protocol):
    """A login. Used by many calls at once; renewing it is single flight."""

    async def headers(self) -> Mapping[str, str]:
        """The headers that prove who we are.

        Raises:
            AuthLost: the login is refused and only a person can cure it.
            RateLimited, Unavailable: they cannot be had at the moment.
        """
        ...

    async def renewed(self, refused: Mapping[str, str]) -> bool:
        """These headers were refused: get others. False where there is nothing to renew. Raises as :meth:`headers`."""
        ...


class NoAuth:
    """No login at all."""

    async def headers(self) -> Mapping[str, str]:
        """Nothing."""
        return {}

    async def renewed(self, refused: Mapping[str, str]) -> bool:  # noqa: ARG002
        """There is nothing to renew."""
        return False


class BasicAuth:
    """User name and password (RFC 7617, in UTF-8)."""

    def __init__(self, username: str, password: str) -> None:
        token = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
        self._headers = {"Authorization": f"Basic {token}"}

    async def headers(self) -> Mapping[str, str]:
        """The Authorization header."""
        return self._headers

    async def renewed(self, refused: Mapping[str, str]) -> bool:  # noqa: ARG002
        """A password does not renew itself."""
        return False
