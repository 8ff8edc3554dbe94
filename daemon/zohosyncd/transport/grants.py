"""What access tokens are made from: a refresh token, the client's own credentials, or a service account's signature."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Proof(Protocol):
    """What a token endpoint is shown."""

    @property
    def token_url(self) -> str:
        """The token endpoint."""
        ...

    @property
    def scheme(self) -> str:
        """The word before the token in the Authorization header."""
        ...

    @property
    def refresh_token(self) -> str:
        """The refresh token, "" where there is none."""
        ...

    @property
    def timed(self) -> bool:
        """Whether it is refused where our clock is wrong."""
        ...

    @property
    def mark(self) -> str:
        """Tells proofs apart; no secret can be had back from it."""
        ...

    def form(self, now: float) -> dict[str, str]:
        """What is sent. ``now``: wall seconds, by the login server's clock as far as it is known."""
        ...


def mark_of_parts(parts: Iterable[str]) -> str:
    """A mark of secrets and others, from which they cannot be had back."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Grant:
    """A consent, or the client's own credentials.

    Attributes:
        token_url: the token endpoint.
        client_id, client_secret: the client; "" where it has no secret.
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
    def timed(self) -> bool:
        """It does not depend on clocks."""
        return False

    def form(self, now: float = 0.0) -> dict[str, str]:  # noqa: ARG002 - nothing in it depends on the time
        """What is sent to the token endpoint."""
        client = {"client_id": self.client_id}
        if self.client_secret:
            client["client_secret"] = self.client_secret
        if not self.refresh_token:
            return {"grant_type": "client_credentials", **client, **self.more}
        return {"grant_type": "refresh_token", **client, "refresh_token": self.refresh_token, **self.more}

    @property
    def mark(self) -> str:
        """Tells grants apart; the secrets cannot be had back from it."""
        parts = [self.token_url, self.client_id, self.client_secret, self.refresh_token]
        return mark_of_parts([*parts, *(part for pair in sorted(self.more.items()) for part in pair)])
