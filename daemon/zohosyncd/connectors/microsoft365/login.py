"""Microsoft's login server (vendor: authorization code flow, device code, client credentials) and what is asked for."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

from zohosyncd.connectors.login import consent, login, machine_login
from zohosyncd.connectors.microsoft365.options import MicrosoftOptions
from zohosyncd.connectors.needs import Need, named
from zohosyncd.connectors.tools import Tools
from zohosyncd.transport.consent import OAuthApp, Scope
from zohosyncd.transport.login_site import LoginSite
from zohosyncd.transport.oauth import RefreshedToken

_PREFIX: Final = "https://graph.microsoft.com/"
_WORDS: Final = {"authorization_declined": "access_denied", "bad_verification_code": "invalid_grant"}
"""Errors that the standard calls otherwise."""


def site_of(options: MicrosoftOptions) -> LoginSite:
    """The login server of an account's directory."""
    base = f"{str(options.login_url).rstrip('/')}/{options.tenant}/oauth2/v2.0"
    return LoginSite(
        title="Microsoft",
        authorize_url=f"{base}/authorize",
        token_url=f"{base}/token",
        device_url=f"{base}/devicecode",
        device_secret=False,  # a device counts as a public client; who shows a secret is refused (AADSTS700025)
        extra={"response_mode": "query"},
        console="https://entra.microsoft.com",
        words=_WORDS,
        advice={"invalid_client": "a client whose redirect address is of the kind Mobile and desktop takes no secret"},
    )


def oauth_app(options: MicrosoftOptions, needs: Sequence[Need]) -> OAuthApp | None:
    """How a person's consent is asked for; None where the client logs in by itself."""
    if options.user is not None:
        return None
    app = consent(site_of(options), options, tuple(_scopes(needs)))
    return None if app is None else replace(app, covers=covers)


def account_login(options: MicrosoftOptions, tools: Tools) -> RefreshedToken:
    """The login of an account: a person's consent, or the client's own credentials for the mailbox of ``user``."""
    site = site_of(options)
    if options.user is not None:
        return machine_login(site, options, tools, f"{str(options.api_url).rstrip('/')}/.default")
    return login(site, options, tools, ())


def _scopes(needs: Sequence[Need]) -> Iterator[Scope]:
    """The least that is needed; without any connection, what the first one will probably need."""
    wanted = list(needs) or [Need("a first connection", creates=True, updates=True)]
    writing = [need for need in wanted if need.creates or need.updates or need.deletes or need.tags]
    yield Scope("offline_access", "to go on without asking again")
    yield Scope("User.Read", "to know whose mailbox this is")
    if writing:
        yield Scope("Contacts.ReadWrite", f"to read and change contacts ({named(writing)})")
    else:
        yield Scope("Contacts.Read", f"to read contacts ({named(wanted)})")


def covers(held: Collection[str], scope: str) -> bool:
    """Whether held scopes include one. The right to go on without asking is never named among those that were given."""
    have = {each.removeprefix(_PREFIX).casefold() for each in held}
    wanted = scope.casefold()
    return wanted == "offline_access" or wanted in have or (wanted == "contacts.read" and "contacts.readwrite" in have)
