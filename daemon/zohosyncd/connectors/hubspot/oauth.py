"""HubSpot's login: the token of a private app, or an access token of half an hour made from a consent.

Vendor: OAuth quickstart, private apps. The refresh token stays the same. Errors name themselves in ``status``.
"""

from collections.abc import Mapping
from typing import Any, Final

from zohosyncd.connectors.hubspot.options import HubSpotOptions
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.errors import AuthLost, ContractBroken
from zohosyncd.settings.secrets import Secret, SecretError, SecretRef
from zohosyncd.transport.auth import Auth
from zohosyncd.transport.oauth import Grant, RefreshedToken, Token

_CHECK: Final = "check client_id and client_secret"
_LOST: Final = frozenset({"BAD_REFRESH_TOKEN", "BAD_AUTH_CODE", "INVALID_GRANT", "EXPIRED_AUTH_CODE"})
_CLIENT: Final = frozenset({"BAD_CLIENT_ID", "BAD_CLIENT_SECRET", "INVALID_CLIENT"})


class PrivateAppToken:
    """The token of a private app, read whenever it is needed, so that another one counts at once."""

    def __init__(self, reference: SecretRef, tools: Tools) -> None:
        self._reference = reference
        self._tools = tools

    async def headers(self) -> Mapping[str, str]:
        """The Authorization header. Raises AuthLost."""
        return {"Authorization": f"Bearer {_revealed(self._tools, self._reference, 'access_token').reveal()}"}

    async def renewed(self, refused: Mapping[str, str]) -> bool:
        """Whether somebody has put another token in its place since."""
        return dict(await self.headers()) != dict(refused)


def login(options: HubSpotOptions, tools: Tools) -> Auth:
    """The login of an account; secrets are read when they are needed."""
    if options.access_token is not None:
        return PrivateAppToken(options.access_token, tools)
    cure = f"run zohosyncd auth {tools.account}"

    def grant() -> Grant:
        client, consent = options.client, tools.consent()
        if client is None or client.client_secret is None:
            raise AuthLost("it has no OAuth client", hint="set client_id and client_secret, or oauth_client")
        secret = _revealed(tools, client.client_secret, "client_secret").reveal()
        if consent is not None:
            if consent.client_id != client.client_id:
                raise AuthLost("the consent was given to another client_id", hint=cure)
            return Grant(consent.token_url, client.client_id, secret, consent.refresh_token, more=consent.more)
        if options.refresh_token is None:
            raise AuthLost("it is not authorised yet", hint=cure)
        refresh_token = _revealed(tools, options.refresh_token, "refresh_token").reveal()
        return Grant(token_url(options), client.client_id, secret, refresh_token)

    return RefreshedToken(
        grant,
        lambda status, body: read_token(status, body, cure=cure),
        account=tools.account,
        sender=tools.sender,
        clock=tools.clock,
        observer=tools.observer,
        timeout=options.timeout,
        shelf=tools.shelf,
    )


def token_url(options: HubSpotOptions) -> str:
    """The token endpoint."""
    return f"{options.api}/oauth/v1/token"


def read_token(status: int, body: Mapping[str, Any], *, cure: str) -> Token:
    """Read the token endpoint's answer; ``cure``: what a person does about a lost consent.

    Raises:
        AuthLost: consent or client is not accepted. ContractBroken: it is no answer of HubSpot.
    """
    token, lifetime = body.get("access_token"), body.get("expires_in")
    if status == 200 and isinstance(token, str) and token:
        good = isinstance(lifetime, int | float) and not isinstance(lifetime, bool) and lifetime > 0
        return Token(token, float(lifetime) if good and lifetime is not None else 1800.0)
    word = str(body.get("status") or body.get("error") or "").upper()
    if word in _CLIENT:
        raise AuthLost(f"HubSpot does not accept the client ({word})", hint=_CHECK)
    if word in _LOST:
        raise AuthLost("the consent was taken back, or the app was removed from the account", hint=cure)
    if word == "BAD_REDIRECT_URI":
        hint = "the app's redirect URLs must have the address that was printed, to the letter"
        raise AuthLost("HubSpot does not know the redirect address", hint=hint)
    if 400 <= status < 500:
        raise AuthLost(f"the login server refuses (status {status})", hint=cure)
    raise ContractBroken(f"the login server gave no access token (status {status})")


def _revealed(tools: Tools, reference: SecretRef, key: str) -> Secret:
    try:
        return tools.secret(reference)
    except SecretError as error:
        raise AuthLost(f"no {key}: {error.message}", hint=error.hint) from None
