"""HubSpot's login: the token of a private app, or an access token of half an hour made from a consent.

Vendor: OAuth quickstart, private apps, scopes. The refresh token stays the same; errors name themselves in ``status``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from zohosyncd.connectors.hubspot.fields import ACTIVE, LISTS
from zohosyncd.connectors.hubspot.options import HubSpotOptions
from zohosyncd.connectors.login import consent, login
from zohosyncd.connectors.needs import Need, named
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.errors import AuthLost
from zohosyncd.settings.secrets import SecretError, SecretRef
from zohosyncd.transport.auth import Auth
from zohosyncd.transport.consent import OAuthApp, Scope
from zohosyncd.transport.login_site import LoginSite

OPT_OUTS: Final = "subscriptions-status-write"
_WORDS: Final = {
    **dict.fromkeys(("bad_refresh_token", "bad_auth_code", "expired_auth_code"), "invalid_grant"),
    **dict.fromkeys(("bad_client_id", "bad_client_secret"), "invalid_client"),
    "bad_redirect_uri": "redirect_uri_mismatch",
}


def site_of(options: HubSpotOptions) -> LoginSite:
    """HubSpot's login server, or the one that the file names."""
    return LoginSite(
        "HubSpot",
        authorize_url=f"{options.site}/oauth/authorize",
        token_url=f"{options.api}/oauth/v1/token",
        pkce=False,  # the page takes no challenge
        hint="",
        console="https://app.hubspot.com/developer" if options.app_url is None else "",
        words=_WORDS,
        error_keys=("error", "status"),
    )


def login_of(options: HubSpotOptions, tools: Tools) -> Auth:
    """The login of an account; secrets are read when they are needed."""
    if options.access_token is not None:
        return PrivateAppToken(options.access_token, tools)
    return login(site_of(options), options, tools, ())


class PrivateAppToken:
    """The token of a private app, read whenever it is needed, so that another one counts at once."""

    def __init__(self, reference: SecretRef, tools: Tools) -> None:
        self._reference = reference
        self._tools = tools

    async def headers(self) -> Mapping[str, str]:
        """The Authorization header. Raises AuthLost."""
        try:
            token = self._tools.secret(self._reference).reveal()
        except SecretError as error:
            raise AuthLost(f"no access_token: {error.message}", hint=error.hint) from None
        return {"Authorization": f"Bearer {token}"}

    async def renewed(self, refused: Mapping[str, str]) -> bool:
        """Whether somebody has put another token in its place since."""
        return dict(await self.headers()) != dict(refused)


def oauth_app(options: HubSpotOptions, needs: Sequence[Need]) -> OAuthApp | None:
    """How a consent is asked for, with the least scopes that the connections need; None for a private app."""
    return consent(site_of(options), options, scopes_for(needs))


def scopes_for(needs: Sequence[Need]) -> tuple[Scope, ...]:
    """What to ask for. Without any connection: what the first one will probably need, contacts both ways."""
    return tuple(_scopes(list(needs) or [Need("a first connection", creates=True, updates=True)]))


def _scopes(needs: Sequence[Need]) -> Iterator[Scope]:
    yield Scope("oauth", "to know which account this is")
    yield Scope("crm.objects.contacts.read", f"to read contacts ({named(needs)})")
    yield Scope("crm.schemas.contacts.read", "to know the properties, their types and choices")
    yield Scope("crm.objects.owners.read", "to know owners by their e-mail address")
    writing = [need for need in needs if need.creates or need.updates or need.deletes]
    if writing:
        yield Scope("crm.objects.contacts.write", f"to change contacts ({named(writing)})")
        yield Scope(OPT_OUTS, f"to unsubscribe whoever opted out elsewhere ({named(writing)})")
    listing = [need for need in needs if need.tags or need.fields & {LISTS, ACTIVE}]
    if listing:
        yield Scope("crm.lists.read", f"to know who is in which list ({named(listing)})")
        if any(need.tags for need in listing):
            yield Scope("crm.lists.write", f"to put contacts into lists and take them out ({named(listing)})")
