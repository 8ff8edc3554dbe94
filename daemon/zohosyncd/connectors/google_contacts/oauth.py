"""Google's login (vendor: OAuth 2.0 for web servers, installed apps and service accounts; scopes of the People API).

Google lets no device without a browser ask for contacts (vendor: allowed scopes of limited-input devices).
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from zohosyncd.connectors.google_contacts.options import GoogleOptions
from zohosyncd.connectors.login import consent
from zohosyncd.connectors.needs import Need, named
from zohosyncd.transport.consent import OAuthApp, Scope
from zohosyncd.transport.login_site import LoginSite

CONTACTS: Final = "https://www.googleapis.com/auth/contacts"
READ_ONLY: Final = "https://www.googleapis.com/auth/contacts.readonly"
EMAIL: Final = "https://www.googleapis.com/auth/userinfo.email"

DELEGATED: Final = (CONTACTS, EMAIL)
"""What a service account asks for; an administrator delegates these to it."""


def site_of(options: GoogleOptions) -> LoginSite:
    """Google's login server, or the one that the file names."""
    return LoginSite(
        "Google",
        authorize_url=options.consent_url,
        token_url=options.token_url,
        revoke_url=options.revoke_url,
        extra={"access_type": "offline", "prompt": "consent"},  # else a second consent gives no refresh token
        console="https://console.cloud.google.com/apis/credentials" if options.accounts_url is None else "",
        words={"deleted_client": "invalid_client", "internal_failure": "server_error"},
        advice={
            "invalid_grant": "while the client's consent screen is in testing, every consent ends after seven days"
        },
    )


def oauth_app(options: GoogleOptions, needs: Sequence[Need]) -> OAuthApp | None:
    """How a consent is asked for, with the least scopes that the connections need; None for a service account."""
    app = consent(site_of(options), options, scopes_for(needs))
    return None if app is None else replace(app, covers=covers)


def scopes_for(needs: Sequence[Need]) -> tuple[Scope, ...]:
    """What to ask for; without any needs, what the first connection will probably have: contacts, both ways."""
    wanted = list(needs) or [Need("a first connection", creates=True, updates=True)]
    who = Scope(EMAIL, "to know whose mailbox this is")
    writing = [need for need in wanted if need.creates or need.updates or need.deletes or need.tags]
    if writing:
        return Scope(CONTACTS, f"to read and change contacts ({named(writing)})"), who
    return Scope(READ_ONLY, f"to read contacts ({named(wanted)})"), who


def covers(held: Collection[str], scope: str) -> bool:
    """Whether held scopes include one: who may change contacts may read them."""
    return scope in held or (scope == READ_ONLY and CONTACTS in held)
