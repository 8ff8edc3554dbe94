"""Zoho's login: an access token of one hour, made from the refresh token (vendor: access and refresh tokens).

Zoho's token server answers 200 to failures too, so the body decides; and it gives at most ten tokens per ten minutes.
"""

from collections.abc import Mapping
from typing import Any, Final

from zohosyncd.connectors.tools import Tools
from zohosyncd.connectors.zoho_crm.options import ZohoOptions
from zohosyncd.core.errors import AuthLost, ContractBroken, RateLimited, Unavailable
from zohosyncd.settings.secrets import SecretError, SecretRef
from zohosyncd.transport.oauth import Grant, RefreshedToken, Token

PAUSE: Final = 600.0
"""Seconds of the window in which ten access tokens may be made."""

_TEMPORARY: Final = frozenset({"general_error", "server_error", "temporarily_unavailable", "internal_error"})


def grant_ref(account: str) -> SecretRef:
    """Where a refresh token is looked for that the account's file does not name."""
    return SecretRef("store", f"{account}.refresh-token")


def login(options: ZohoOptions, tools: Tools) -> RefreshedToken:
    """The login of an account; secrets are read when a token is needed."""
    place = f"refresh_token in accounts.d/{tools.account}.toml"
    cure = f"make a new refresh token in Zoho's API console, and put it where {place} says"

    def grant() -> Grant:
        try:
            refresh_token = tools.secret(options.refresh_token or grant_ref(tools.account))
        except SecretError as error:
            raise AuthLost(
                f"not authorised yet: {error.message}", hint=error.hint if options.refresh_token else cure
            ) from None
        try:
            client_secret = tools.secret(options.client_secret)
        except SecretError as error:
            raise AuthLost(f"no client secret: {error.message}", hint=error.hint) from None
        # The token's own api_domain is not used: the configured place decides where contacts are sent.
        return Grant(
            f"{options.place.accounts_url}/oauth/v2/token",
            options.client_id,
            client_secret.reveal(),
            refresh_token.reveal(),
            scheme="Zoho-oauthtoken",
        )

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


def read_token(status: int, body: Mapping[str, Any], *, cure: str) -> Token:
    """Read the token server's answer.

    Args:
        status: its HTTP status, which says little.
        body: its JSON.
        cure: what a person does about a lost consent.

    Raises:
        AuthLost: consent or client is not accepted. RateLimited: too many tokens.
    """
    error = body.get("error")
    if error is not None:
        raise _failure(str(error).strip().lower().replace(" ", "_"), cure)
    token = body.get("access_token")
    if not isinstance(token, str) or not token:
        raise ContractBroken(f"the login server gave no access token (status {status})")
    return Token(token, _lifetime(body))


def _failure(word: str, cure: str) -> AuthLost | RateLimited | Unavailable:
    match word:
        case "access_denied":
            return RateLimited("Zoho gives no more access tokens for now", retry_after=PAUSE)
        case "invalid_code" | "invalid_grant":
            hint = f"{cure}; a consent of another data centre is refused in the same way"
            return AuthLost("the consent was revoked or belongs to another data centre", hint=hint)
        case "invalid_client" | "invalid_client_secret":
            return AuthLost(
                f"Zoho does not accept the client ({word})", hint="check client_id, client_secret, data_center"
            )
        case _ if word in _TEMPORARY:
            return Unavailable(f"the login server fails: {word}")
        case _:
            # Words of the vendor's list are short; anything else is not repeated.
            known = word if len(word) <= 40 and word.replace("_", "").isalnum() else "an unknown error"
            return AuthLost(f"the login server answered {known}", hint=cure)


def _lifetime(body: Mapping[str, Any]) -> float:
    """Seconds that the token lives. Where ``expires_in_sec`` stands, ``expires_in`` is in milliseconds."""
    for name in ("expires_in_sec", "expires_in"):
        value = body.get(name)
        if isinstance(value, str) and value.isdecimal():
            value = int(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return float(value)
    # Some answers lack it; an hour is what the vendor documents.
    return 3600.0
