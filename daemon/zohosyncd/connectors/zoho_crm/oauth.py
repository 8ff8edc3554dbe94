"""Zoho's login: an access token of one hour, made from the refresh token (vendor: access and refresh tokens).

Zoho's token server answers 200 to failures too, so the body decides; and it gives at most ten tokens per ten minutes.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from zohosyncd.connectors.tools import Tools
from zohosyncd.connectors.zoho_crm.options import ZohoOptions
from zohosyncd.connectors.zoho_crm.places import DATA_CENTERS, DataCenter
from zohosyncd.core.errors import AuthLost, ContractBroken, RateLimited, Unavailable
from zohosyncd.settings.secrets import SecretError
from zohosyncd.transport.consent import Consent
from zohosyncd.transport.oauth import Grant, Pace, RefreshedToken, Token

PACE: Final = Pace(10, 600.0)
"""Access tokens that Zoho makes of one refresh token (vendor: token validity)."""

SCHEME: Final = "Zoho-oauthtoken"

_TEMPORARY: Final = frozenset({"general_error", "server_error", "temporarily_unavailable", "internal_error"})
_WORD: Final = re.compile(r"[a-z][a-z_]{1,39}")


def login(options: ZohoOptions, tools: Tools) -> RefreshedToken:
    """The login of an account; secrets are read when a token is needed."""
    cure = f"run zohosyncd auth {tools.account}"

    def grant() -> Grant:
        consent = tools.consent()
        try:
            client_secret = tools.secret(options.client_secret).reveal()
        except SecretError as error:
            raise AuthLost(f"no client secret: {error.message}", hint=error.hint) from None
        if consent is not None:
            if consent.client_id != options.client_id:
                raise AuthLost("the consent was given to another client_id", hint=cure)
            return Grant(
                consent.token_url, options.client_id, client_secret, consent.refresh_token, SCHEME, consent.more
            )
        if options.refresh_token is None:
            raise AuthLost("it is not authorised yet", hint=cure)
        try:
            refresh_token = tools.secret(options.refresh_token).reveal()
        except SecretError as error:
            raise AuthLost(f"it is not authorised: {error.message}", hint=error.hint or cure) from None
        return Grant(token_url(options.place()), options.client_id, client_secret, refresh_token, SCHEME)

    return RefreshedToken(
        grant,
        lambda status, body: read_token(status, body, cure=cure),
        account=tools.account,
        sender=tools.sender,
        clock=tools.clock,
        observer=tools.observer,
        timeout=options.timeout,
        shelf=tools.shelf,
        pace=PACE,
    )


def place_of(options: ZohoOptions, consent: Consent | None) -> DataCenter:
    """Where the org is reached. A data centre counts only as one of the nine: no answer names an address to us."""
    location = consent.location if consent is not None else ""
    return options.place(next((name for name in DATA_CENTERS if name == location), None))


def token_url(place: DataCenter) -> str:
    """The token endpoint of a data centre."""
    return f"{place.accounts_url}/oauth/v2/token"


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
        said = str(error).strip().lower()
        raise _failure(said.replace(" ", "_"), cure, is_word=_WORD.fullmatch(said) is not None)
    token = body.get("access_token")
    if not isinstance(token, str) or not token:
        raise ContractBroken(f"the login server gave no access token (status {status})")
    return Token(token, _lifetime(body), _scopes(body))


def _scopes(body: Mapping[str, Any]) -> tuple[str, ...] | None:
    """What the token may do; not every answer says so, and pages differ about what separates them."""
    said = body.get("scope")
    if not isinstance(said, str) or not said.strip():
        return None
    return tuple(said.replace(",", " ").split())


def _failure(word: str, cure: str, *, is_word: bool) -> AuthLost | RateLimited | Unavailable:
    match word:
        case "access_denied":
            hint = "it waits ten minutes by itself; a consent can be given again after that time"
            return RateLimited("Zoho gives no more access tokens for now", hint=hint, retry_after=PACE.seconds)
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
            # A sentence of whoever answers in its place may name somebody.
            known = word if is_word else "an unknown error"
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
