"""How a person's consent is asked for, with the least scopes that the connections need (vendor: scopes)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from zohosyncd.connectors.hubspot.fields import ACTIVE, LISTS
from zohosyncd.connectors.hubspot.oauth import read_token, token_url
from zohosyncd.connectors.hubspot.options import HubSpotOptions
from zohosyncd.connectors.needs import Need, named
from zohosyncd.core.errors import UsageError
from zohosyncd.transport.consent import Answer, LoginServer, OAuthApp, Scope

OPT_OUTS: Final = "communication_preferences.read_write"
_AGAIN: Final = "give the command again: a code is good once and for some minutes"


def oauth_app(options: HubSpotOptions, needs: Sequence[Need]) -> OAuthApp:
    """HubSpot's consent page for an account.

    Raises:
        UsageError: the account logs in by a private app's token.
    """
    client = options.client
    if client is None:
        hint = "a private app's scopes are chosen in HubSpot: Settings, Integrations, Private Apps"
        raise UsageError("the account has an access_token and needs no consent", hint=hint)
    return OAuthApp(
        authorize_url=f"{options.site}/oauth/authorize",
        client_id=client.client_id,
        scopes=scopes_for(needs),
        server=lambda _query: LoginServer(token_url(options)),
        read=read_answer,
        pkce=False,  # the page does not take a challenge
        covers=covers,
        console="https://app.hubspot.com/developer" if options.app_url is None else "",
    )


def read_answer(status: int, body: Mapping[str, Any]) -> Answer:
    """Read the token endpoint's answer to a code. Raises as ``read_token``."""
    token, refresh = read_token(status, body, cure=_AGAIN), body.get("refresh_token")
    return Answer(token, refresh if isinstance(refresh, str) else "")


def covers(held: Collection[str], scope: str) -> bool:
    """Whether held scopes include one; nobody says so of ``oauth``, which every app has."""
    return scope in held or scope == "oauth"


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
