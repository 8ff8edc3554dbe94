"""How Zoho is asked for a consent (vendor: OAuth, web server applications, self client, multi DC).

A person is sent on to the data centre that they belong to; the answer names it, and the code is good only there.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from zohosyncd.connectors.needs import Need
from zohosyncd.connectors.zoho_crm.oauth import SCHEME, read_token
from zohosyncd.connectors.zoho_crm.options import ZohoOptions
from zohosyncd.connectors.zoho_crm.places import DATA_CENTERS, location_of
from zohosyncd.connectors.zoho_crm.scopes import covers, scopes_for
from zohosyncd.core.errors import AuthLost
from zohosyncd.transport.consent import Answer, LoginServer, OAuthApp

_AGAIN: Final = (
    "give the command again, and be quick: a code is good once and for about two minutes; a code of the console needs "
    "the right data_center in the account's file"
)


def oauth_app(options: ZohoOptions, needs: Sequence[Need]) -> OAuthApp:
    """Zoho's consent page for an account, with the least scopes that its connections need."""
    accounts_url = options.place().accounts_url

    def server(query: Mapping[str, str]) -> LoginServer:
        return _server(options, query)

    return OAuthApp(
        authorize_url=f"{accounts_url}/oauth/v2/auth",
        client_id=options.client_id,
        scopes=scopes_for(needs, options.companies, options.long_reads),
        server=server,
        read=read_answer,
        separator=",",
        # Without prompt=consent a second consent gives no refresh token.
        extra={"access_type": "offline", "prompt": "consent"},
        pkce=True,
        covers=covers,
        machine=lambda scopes, org: {"scope": scopes, "soid": f"ZohoCRM.{org}"},
        console=accounts_url.replace("https://accounts.", "https://api-console.")
        if options.accounts_url is None
        else "",
        scheme=SCHEME,
        location=options.data_center or "",
    )


def _server(options: ZohoOptions, query: Mapping[str, str]) -> LoginServer:
    """The accounts server of an answer. Only Zoho's own nine are believed, or the one that the file names.

    The address comes through a browser: whoever could put another one there would be sent code and client secret.
    """
    own = options.place().accounts_url
    said = query.get("accounts-server", "").rstrip("/") or own
    if options.accounts_url is not None:
        trusted = said == own or said.startswith(f"{own}/")
    else:
        trusted = location_of(said) is not None
    if not trusted:
        hint = "nothing was sent there; give the command again, and paste only what Zoho's own page led to"
        raise AuthLost("the answer names an accounts server that is not Zoho's", hint=hint)
    location = location_of(said) or query.get("location", "") or options.data_center or ""
    known = location if location in DATA_CENTERS else ""
    return LoginServer(f"{said}/oauth/v2/token", f"{said}/oauth/v2/token/revoke", said, known)


def read_answer(status: int, body: Mapping[str, Any]) -> Answer:
    """Read the token server's answer to a code: errors come inside a 200.

    Raises:
        AuthLost, RateLimited, Unavailable, ContractBroken: as ``read_token``.
    """
    match str(body.get("error") or "").strip().lower():
        case "invalid_code" | "invalid_grant":
            raise AuthLost("the code has ended, was used before, or belongs to another data centre", hint=_AGAIN)
        case "invalid_redirect_uri":
            hint = (
                "in the API console, the client's redirect URIs must have the address that was printed, to the letter"
            )
            raise AuthLost("Zoho does not know the redirect address", hint=hint)
        case _:
            token = read_token(status, body, cure=_AGAIN)
    refresh, domain = body.get("refresh_token"), body.get("api_domain")
    return Answer(token, refresh if isinstance(refresh, str) else "", domain if isinstance(domain, str) else "")
