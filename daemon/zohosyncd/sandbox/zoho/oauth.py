"""Zoho's accounts server: consent, grant codes, refresh tokens and access tokens with their limits."""

import hashlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from zohosyncd.sandbox.wire import Response

from .answers import answer

LIFE, CODE_LIFE, WINDOW = 3_600, 180, 600
LIVE_TOKENS, TOKENS_PER_WINDOW = 15, 10
_BUSY = {"error_description": "You have made too many requests continuously. Please try again after some time.",
         "error": "Access Denied", "status": "failure"}  # fmt: skip


@dataclass(slots=True)
class Grant:
    """A refresh token: whose it is, its live access tokens (oldest first) and when the last ones were made."""

    client: str
    live: deque[str] = field(default_factory=deque)
    made: deque[float] = field(default_factory=deque)


@dataclass
class Accounts:
    """The accounts server of one org. ``clients`` maps client ids to secrets, ``grants`` holds the refresh tokens."""

    now: Callable[[], float]
    seed: int
    base_url: str
    org: str
    clients: Mapping[str, str]
    grants: dict[str, Grant]
    tokens_per_window: int = TOKENS_PER_WINDOW
    _alive: dict[str, float] = field(default_factory=dict)
    _codes: dict[str, tuple[str, float]] = field(default_factory=dict)
    _machines: dict[str, Grant] = field(default_factory=dict)
    _count: int = 0

    def valid(self, token: str) -> bool:
        """Whether an access token opens the API now."""
        return self._alive.get(token, 0.0) > self.now()

    def expire_all(self) -> None:
        """Let every live access token die at once."""
        self._alive.clear()

    def consent(self, query: Mapping[str, str]) -> Response:
        """A user who says yes at ``/oauth/v2/auth`` and is sent back with a code."""
        if query.get("client_id") not in self.clients or "redirect_uri" not in query:
            return answer({"error": "invalid_client"}, 400)
        code = self._new("code")
        self._codes[code] = (query["client_id"], self.now() + CODE_LIFE)
        back = {"code": code, "location": "us", "accounts-server": self.base_url}
        if "state" in query:
            back = {"state": query["state"], **back}
        return Response(302, {"Location": f"{query['redirect_uri']}?{urlencode(back)}"})

    def token(self, given: Mapping[str, str]) -> Response:
        """``POST /oauth/v2/token``. Errors come inside a 200."""
        client = given.get("client_id", "")
        if client not in self.clients:
            return answer({"error": "invalid_client"})
        if given.get("client_secret") != self.clients[client]:
            return answer({"error": "invalid_client_secret"})
        match given.get("grant_type"):
            case "refresh_token":
                grant = self.grants.get(given.get("refresh_token", ""))
                if grant is None or grant.client != client:
                    return answer({"error": "invalid_code"})
                return self._issue(grant)
            case "authorization_code":
                return self._redeem(client, given.get("code", ""))
            case "client_credentials":
                if given.get("soid") != f"ZohoCRM.{self.org}":
                    return answer({"error": "missing_org_info"})
                return self._issue(self._machines.setdefault(client, Grant(client)), scope=given.get("scope", ""))
            case _:
                return answer({"error": "unsupported_grant_type"})

    def revoke(self, token: str) -> Response:
        """``POST /oauth/v2/token/revoke``: the refresh token and its access tokens die."""
        grant = self.grants.pop(token, None)
        if grant is None:
            return answer({"error": "invalid_token"}, 400)
        for access in grant.live:
            self._alive.pop(access, None)
        return answer({"status": "success"})

    def _redeem(self, client: str, code: str) -> Response:
        owner, until = self._codes.pop(code, ("", 0.0))
        if owner != client or until <= self.now():
            return answer({"error": "invalid_code"})
        refresh = self._new("refresh")
        self.grants[refresh] = Grant(client)
        return self._issue(self.grants[refresh], refresh_token=refresh)

    def _issue(self, grant: Grant, **more: str) -> Response:
        now = self.now()
        while grant.made and grant.made[0] <= now - WINDOW:
            grant.made.popleft()
        if len(grant.made) >= self.tokens_per_window:
            return answer(_BUSY)
        grant.made.append(now)
        access = self._new("access")
        grant.live.append(access)
        self._alive[access] = now + LIFE
        if len(grant.live) > LIVE_TOKENS:
            self._alive.pop(grant.live.popleft(), None)
        body: dict[str, Any] = {"access_token": access, **more, "api_domain": self.base_url,
                                "token_type": "Bearer", "expires_in": LIFE}  # fmt: skip
        return answer(body)

    def _new(self, kind: str) -> str:
        self._count += 1
        digest = hashlib.sha256(f"{self.seed}/{kind}/{self._count}".encode()).hexdigest()
        return f"1000.{digest[:32]}.{digest[32:]}"
