"""Who a token speaks for, and what it is good for: userinfo (OpenID Connect) and tokeninfo."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from zohosyncd.sandbox.parts.answers import answer
from zohosyncd.sandbox.parts.oauth import LoginServer
from zohosyncd.sandbox.parts.oauth_habits import Access
from zohosyncd.sandbox.wire import Request, Response

from .routes import EMAIL, PROFILE

_USER_INFO = frozenset({"/v1/userinfo", "/oauth2/v3/userinfo", "/oauth2/v2/userinfo"})
_TOKEN_INFO = frozenset({"/tokeninfo", "/oauth2/v3/tokeninfo"})


@dataclass(slots=True)
class Identity:
    """Answers the two. ``subs``: ids of accounts by e-mail address."""

    login: LoginServer
    subs: dict[str, str]

    def handle(self, request: Request) -> Response | None:
        """Answer one request, None where the path is none of these."""
        if request.path not in _USER_INFO | _TOKEN_INFO or request.method not in ("GET", "POST"):
            return None
        given = dict(request.query) | dict(parse_qsl(request.body.decode("utf-8", "replace")))
        if request.path in _TOKEN_INFO:
            return self._token_info(given.get("access_token", ""))
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        access = self.login.grants.access(
            token.strip() if scheme.lower() == "bearer" else given.get("access_token", "")
        )
        told = self._who(access) if access else {}
        if not told:
            refused = {"error": "invalid_request", "error_description": "Invalid Credentials"}
            return answer(401, refused, {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'})
        return answer(200, told)

    def _token_info(self, token: str) -> Response:
        access = self.login.grants.access(token)
        if access is None:
            return answer(400, {"error": "invalid_token", "error_description": "Invalid Value"})
        ends = self.login.grants.ends(token)
        told: dict[str, Any] = {
            "azp": access.client, "aud": access.client, "scope": " ".join(sorted(access.scopes)), "exp": str(int(ends)),
            "expires_in": str(int(ends - self.login.grants.now())), "access_type": "offline",
        }  # fmt: skip
        known = self._who(access)
        return answer(200, told | {name: str(known[name]) for name in ("sub", "email") if name in known})

    def _who(self, access: Access) -> dict[str, Any]:
        """What the scopes let a client know of the user."""
        told: dict[str, Any] = {}
        if access.scopes & (EMAIL | PROFILE | {"openid"}):
            told["sub"] = self.subs.get(access.user, access.user)
        if access.scopes & EMAIL:
            told |= {"email": access.user, "email_verified": True}
        if access.scopes & PROFILE:
            told["name"] = access.user.partition("@")[0].title()
        return told
