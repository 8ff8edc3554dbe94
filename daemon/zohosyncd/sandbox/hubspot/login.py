"""Who is asking: tokens of private apps, tokens of public apps (OAuth 2), and what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from zohosyncd.sandbox.parts.answers import answer
from zohosyncd.sandbox.parts.tokens import NotGood, Tokens
from zohosyncd.sandbox.wire import Clock, Request, Response

from .refusals import Refusal
from .setup import HubSpotSetup

LIFE, CODE_LIFE = 1_800, 600


@dataclass(frozen=True, slots=True)
class Login:
    """Whoever a token belongs to. ``public``: an app with OAuth, which is told nothing of the day's limit."""

    scopes: frozenset[str]
    public: bool


@dataclass
class Logins:
    """The tokens of an account. ``redirects``: addresses that the public app has registered, None = any."""

    clock: Clock
    seed: int
    setup: HubSpotSetup
    deny: bool = False
    redirects: frozenset[str] | None = None
    revoked: set[str] = field(default_factory=set)
    _tokens: Tokens = field(init=False)
    _refresh: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._tokens = Tokens(self.clock, self.seed)
        self._refresh[self.setup.refresh_token] = frozenset(self.setup.scopes)

    def of(self, request: Request) -> Login:
        """Whose request this is. Raises Refusal."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refusal(
                401, "INVALID_AUTHENTICATION",
                "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
                "more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            )  # fmt: skip
        if token == self.setup.token and token not in self.revoked:
            return Login(frozenset(self.setup.scopes), public=False)
        found = self._tokens.take("access", token)
        if found is NotGood.EXPIRED:
            raise Refusal(401, "EXPIRED_AUTHENTICATION",
                          "The OAuth token used to make this call expired 7 second(s) ago.")  # fmt: skip
        if isinstance(found, NotGood):
            raise Refusal(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        scopes: frozenset[str] = found
        return Login(scopes, public=True)

    def consent(self, query: Mapping[str, str]) -> Response:
        """``/oauth/authorize``: a person says yes, or no where they were told to."""
        back = query.get("redirect_uri", "")
        if query.get("client_id") != self.setup.client_id or not back.startswith("http"):
            return answer(400, {"status": "error", "message": "the client is not known"})
        if self.redirects is not None and back not in self.redirects:
            return answer(400, {"status": "error", "message": "the redirect URL is not registered"})
        asked = frozenset(query.get("scope", "").split()) | frozenset(query.get("optional_scope", "").split())
        if not asked:
            return answer(400, {"status": "error", "message": "no scopes"})
        told = {"state": query["state"]} if "state" in query else {}
        if self.deny:
            told |= {"error": "access_denied"}
        else:
            told |= {"code": self._tokens.give("code", (back, asked), life=CODE_LIFE)}
        sign = "&" if "?" in back else "?"
        return Response(302, {"Location": f"{back}{sign}{urlencode(told)}"})

    def token(self, request: Request) -> Response:
        """``POST /oauth/v1/token``, a form."""
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        if form.get("client_id") != self.setup.client_id:
            return _refused("BAD_CLIENT_ID", "missing or invalid client id")
        if form.get("client_secret") != self.setup.client_secret:
            return _refused("BAD_CLIENT_SECRET", "missing or invalid client secret")
        match form.get("grant_type"):
            case "authorization_code":
                found = self._tokens.spend("code", form.get("code", ""))
                if isinstance(found, NotGood):
                    return _refused("BAD_AUTH_CODE", "missing or unknown auth code")
                back, scopes = found
                if form.get("redirect_uri") != back:
                    return _refused("BAD_REDIRECT_URI", "redirect uri does not match")
                refresh = self._tokens.give("refresh", scopes)
                self._refresh[refresh] = scopes
            case "refresh_token":
                refresh = form.get("refresh_token", "")
                if refresh not in self._refresh:
                    return _refused("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
            case _:
                return _refused("BAD_GRANT_TYPE", "missing or unknown grant type")
        access = self._tokens.give("access", self._refresh[refresh], life=LIFE)
        return answer(
            200, {"token_type": "bearer", "refresh_token": refresh, "access_token": access, "expires_in": LIFE}
        )

    def told_of(self, token: str) -> Response:
        """``GET /oauth/v1/access-tokens/{token}``."""
        found = self._tokens.take("access", token)
        if isinstance(found, NotGood):
            return _refused("INVALID_AUTHENTICATION", "token not found", 404)
        body: dict[str, Any] = {
            "token": token, "user": "ann@example.com", "hub_domain": "example.com", "scopes": sorted(found),
            "hub_id": self.setup.portal, "app_id": 111_111, "expires_in": LIFE, "user_id": 293_199,
            "token_type": "access",
        }  # fmt: skip
        return answer(200, body)

    def revoke(self, token: str) -> Response:
        """``DELETE /oauth/v1/refresh-tokens/{token}``: the access tokens that were made of it live on."""
        self._refresh.pop(token, None)
        return Response(204)

    def expire_all(self) -> None:
        """All access tokens end now."""
        self._tokens.forget("access")


def _refused(status: str, message: str, code: int = 400) -> Response:
    return answer(code, {"status": status, "message": message, "correlationId": "00000000-0000-0000-0000-000000000000"})
