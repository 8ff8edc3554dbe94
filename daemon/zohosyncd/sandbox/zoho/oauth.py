"""Zoho's accounts server: grant codes, refresh tokens and access tokens with their limits, in nine data centres.

Where the vendor's pages leave a doubt, the worse case is simulated: answers do not name their scopes, and a code that
was once shown to the server is used up, whatever became of it. Each data centre has an accounts server of its own,
below ``/eu``, ``/in`` and so on; the one without such a part is that of the United States.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zohosyncd.sandbox.wire import Response

from .answers import answer

LIFE, CODE_LIFE, WINDOW = 3_600, 180, 600
LIVE_TOKENS, TOKENS_PER_WINDOW = 15, 10
CODES_PER_WINDOW, GRANTS_PER_WINDOW, GRANTS = 10, 10, 20
CENTERS = ("us", "eu", "in", "au", "jp", "ca", "sa", "cn", "uk")
_BUSY = {"error_description": "You have made too many requests continuously. Please try again after some time.",
         "error": "Access Denied", "status": "failure"}  # fmt: skip


@dataclass(slots=True)
class Grant:
    """A refresh token: whose it is, what it may do, its live access tokens (oldest first), when the last were made.

    ``scopes``: None = everything. ``org``: that the user has chosen, "" = the one of this simulation. ``user``: its
    number in the org, 0 = whose logins are used where nothing else is said.
    """

    client: str
    scopes: frozenset[str] | None = None
    org: str = ""
    user: int = 0
    live: deque[str] = field(default_factory=deque)
    made: deque[float] = field(default_factory=deque)


@dataclass(frozen=True, slots=True)
class Code:
    """A grant code and what was asked for with it. ``renewable``: whether it gives a refresh token."""

    client: str
    until: float
    scopes: frozenset[str]
    redirect_uri: str = ""
    challenge: str = ""
    method: str = "plain"
    org: str = ""
    renewable: bool = True
    user: int = 0


class Windows:
    """Counts what happens within the last ten minutes, by kind."""

    def __init__(self) -> None:
        self._seen: dict[object, deque[float]] = {}

    def full(self, what: object, now: float, most: int) -> bool:
        """Whether there were as many as are allowed; if not, one more is counted."""
        return crowded(self._seen.setdefault(what, deque()), now, most)


def crowded(made: deque[float], now: float, most: int) -> bool:
    """Whether the last ten minutes have as many as are allowed; if not, one more is counted."""
    while made and made[0] <= now - WINDOW:
        made.popleft()
    if len(made) >= most:
        return True
    made.append(now)
    return False


@dataclass
class Accounts:
    """The accounts servers that know one org. ``clients`` maps client ids to secrets, ``grants`` has refresh tokens.

    ``home``: the data centre of the org; the others refuse its codes and tokens. ``tells_scopes``: whether answers
    name what a token may do.
    """

    now: Callable[[], float]
    seed: int
    base_url: str
    org: str
    clients: Mapping[str, str]
    grants: dict[str, Grant]
    tokens_per_window: int = TOKENS_PER_WINDOW
    home: str = "us"
    tells_scopes: bool = False
    _alive: dict[str, tuple[float, Grant]] = field(default_factory=dict)
    _codes: dict[str, Code] = field(default_factory=dict)
    _machines: dict[tuple[str, str], Grant] = field(default_factory=dict)
    windows: Windows = field(default_factory=Windows)
    _count: int = 0

    def valid(self, token: str) -> bool:
        """Whether an access token opens the API now."""
        return self.grant(token) is not None

    def grant(self, token: str) -> Grant | None:
        """Whom an access token belongs to, None where it opens nothing now."""
        until, grant = self._alive.get(token, (0.0, None))
        return grant if until > self.now() else None

    def expire_all(self) -> None:
        """Let every live access token die at once."""
        self._alive.clear()

    @property
    def server(self) -> str:
        """The accounts server of the org's own data centre."""
        return self.base_url if self.home == "us" else f"{self.base_url}/{self.home}"

    def new_code(self, code: Code) -> str:
        """A code to exchange."""
        text = self._new("code")
        self._codes[text] = code
        return text

    def self_client_code(self, client: str, scope: str, minutes: float, org: str = "", user: int = 0) -> str:
        """What the API console shows to the owner of a self client."""
        return self.new_code(Code(client, self.now() + 60 * minutes, split(scope), org=org, user=user))

    def token(self, given: Mapping[str, str], center: str = "us") -> Response:
        """``POST /oauth/v2/token``. Errors come inside a 200."""
        client = given.get("client_id", "")
        if client not in self.clients:
            return answer({"error": "invalid_client"})
        if given.get("client_secret") != self.clients[client]:
            return answer({"error": "invalid_client_secret"})
        kind, here = given.get("grant_type"), center == self.home
        if kind in {"refresh_token", "authorization_code"} and not here:
            return answer({"error": "invalid_code"})
        match kind:
            case "refresh_token":
                grant = self.grants.get(given.get("refresh_token", ""))
                if grant is None or grant.client != client:
                    return answer({"error": "invalid_code"})
                return self._issue(grant)
            case "authorization_code":
                return self._redeem(client, given)
            case "client_credentials":
                return self._machine(client, given) if here else answer({"error": "invalid_client"})
            case _:
                return answer({"error": "unsupported_grant_type"})

    def revoke(self, token: str) -> Response:
        """``POST /oauth/v2/token/revoke``: the refresh token and its access tokens die."""
        if token not in self.grants:
            return answer({"error": "invalid_token"}, 400)
        self._end(token)
        return answer({"status": "success"})

    def revoke_all(self, client: str) -> int:
        """The user takes the client out of the connected apps."""
        gone = [token for token, grant in self.grants.items() if grant.client == client]
        for token in gone:
            self._end(token)
        return len(gone)

    def _end(self, token: str) -> None:
        for access in self.grants.pop(token).live:
            self._alive.pop(access, None)

    def _redeem(self, client: str, given: Mapping[str, str]) -> Response:
        code = self._codes.pop(given.get("code", ""), None)
        if code is None or code.client != client or code.until <= self.now():
            return answer({"error": "invalid_code"})
        if code.redirect_uri != given.get("redirect_uri", ""):
            return answer({"error": "invalid_redirect_uri"})
        if code.challenge and _challenge(given.get("code_verifier", ""), code.method) != code.challenge:
            return answer({"error": "invalid_code"})
        grant = Grant(client, code.scopes, code.org, code.user)
        if not code.renewable:
            return self._issue(grant)
        if self.windows.full(("grant", client), self.now(), GRANTS_PER_WINDOW):
            return answer(_BUSY)
        owned = [token for token, one in self.grants.items() if one.client == client]
        if len(owned) >= GRANTS:
            self._end(owned[0])
        refresh = self._new("refresh")
        self.grants[refresh] = grant
        return self._issue(grant, refresh_token=refresh)

    def _machine(self, client: str, given: Mapping[str, str]) -> Response:
        if given.get("soid") != f"ZohoCRM.{self.org}":
            return answer({"error": "missing_org_info"})
        scope = given.get("scope", "")
        return self._issue(self._machines.setdefault((client, scope), Grant(client, split(scope))), scope=scope)

    def _issue(self, grant: Grant, **more: str) -> Response:
        now = self.now()
        if crowded(grant.made, now, self.tokens_per_window):
            return answer(_BUSY)
        access = self._new("access")
        grant.live.append(access)
        self._alive[access] = (now + LIFE, grant)
        if len(grant.live) > LIVE_TOKENS:
            self._alive.pop(grant.live.popleft(), None)
        if self.tells_scopes and grant.scopes is not None:
            more["scope"] = " ".join(sorted(grant.scopes))
        body: dict[str, Any] = {"access_token": access, **more, "api_domain": self.base_url,
                                "token_type": "Bearer", "expires_in": LIFE}  # fmt: skip
        return answer(body)

    def _new(self, kind: str) -> str:
        self._count += 1
        digest = hashlib.sha256(f"{self.seed}/{kind}/{self._count}".encode()).hexdigest()
        return f"1000.{digest[:32]}.{digest[32:]}"


def split(scope: str) -> frozenset[str]:
    """Scopes as they are asked for, separated by commas or spaces."""
    return frozenset(scope.replace(",", " ").split())


def _challenge(verifier: str, method: str) -> str:
    if method != "S256":
        return verifier
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
