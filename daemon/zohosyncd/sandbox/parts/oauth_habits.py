"""What login servers do differently, as data, and who is known to them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

ALL_GRANTS = frozenset({"authorization_code", "refresh_token", "client_credentials", DEVICE_GRANT})


class Refused(Exception):
    """An error of an endpoint: its name and a sentence."""

    def __init__(self, word: str, sentence: str = "") -> None:
        super().__init__(word)
        self.word, self.sentence = word, sentence or word


def standard_error(word: str, description: str) -> Mapping[str, Any]:
    """An error's body by RFC 6749, 5.2."""
    return {"error": word, "error_description": description}


@dataclass(frozen=True, slots=True)
class Habits:
    """How a vendor's login server behaves where the standards leave it open, or where it does not keep to them.

    Attributes:
        authorize, token, revoke, device, verify: paths; "" = there is no such endpoint; ``{tenant}`` stands for one of
            the server's tenants. ``verify`` is the page on which a person enters a device's code.
        separator: between scopes.
        life, code_life, device_life, refresh_life: seconds; ``refresh_life`` since the last use, None = for ever.
        rotates: each refresh gives another refresh token. overlap: how many seconds the one before stays good.
        reuse_revokes: a refresh token that was replaced and comes again ends the whole grant (reuse detection).
        revokes_all: revoking one token ends all consents of that user to that client.
        repeats: answers to a refresh name the refresh token also where it stays the same.
        offline: what makes a login refreshable: nothing, the parameter ``access_type=offline``, or the scope
            ``offline_access``.
        consent_once: only a first consent, or one with ``prompt=consent``, gives a refresh token.
        pkce: whether a code challenge is needed: never, for clients without a secret, or always.
        any_port: the port of a registered loopback address does not matter (RFC 8252, 7.3).
        public_devices: a device counts as a client without a secret: whoever shows one with a device's code, or later
            with the refresh token that it gave, is refused.
        machine_scope: what client credentials have to ask for, "" = any scope that is known.
        audience: an address that assertions may name beside that of the token endpoint, "" = none.
        tells_scopes: whether answers name what a token may do.
        prefix: begins access tokens. interval: seconds between polls for a device.
        verification: how the device's answer calls the page's address.
        statuses: HTTP statuses of errors that are not 400. words: other names of errors.
        error: an error's body, from its name and a sentence.
    """

    authorize: str = "/oauth/authorize"
    token: str = "/oauth/token"  # noqa: S105
    revoke: str = "/oauth/revoke"
    device: str = ""
    verify: str = ""
    separator: str = " "
    life: int = 3_600
    code_life: int = 600
    device_life: int = 900
    refresh_life: int | None = None
    rotates: bool = False
    overlap: float = 0.0
    reuse_revokes: bool = True
    revokes_all: bool = False
    repeats: bool = False
    offline: Literal["always", "access_type", "scope"] = "always"
    consent_once: bool = False
    pkce: Literal["optional", "public", "always"] = "public"
    any_port: bool = False
    public_devices: bool = False
    machine_scope: str = ""
    audience: str = ""
    tells_scopes: bool = True
    prefix: str = "at-"
    interval: int = 5
    verification: str = "verification_uri"
    statuses: Mapping[str, int] = field(default_factory=lambda: {"invalid_client": 401})
    words: Mapping[str, str] = field(default_factory=dict)
    error: Callable[[str, str], Mapping[str, Any]] = standard_error


@dataclass(frozen=True, slots=True)
class LoginClient:
    """A registered client. ``secret``: "" = a public one. ``redirect_uris``: to the letter; empty = none."""

    id: str
    secret: str = ""
    redirect_uris: frozenset[str] = frozenset()
    grants: frozenset[str] = ALL_GRANTS


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token opens.

    Attributes:
        user: e-mail address of the login that it stands for, "" for the client itself. client: whose it is.
        scopes: what it may do. machine: no person has consented: an administrator did.
    """

    user: str
    client: str
    scopes: frozenset[str]
    machine: bool = False
