"""What a login server gave for an account, before it is known whether it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from zohosyncd.settings import Account
from zohosyncd.transport.consent import Answer, Consent, LoginServer, OAuthApp, Scope
from zohosyncd.transport.oauth import Grant


@dataclass(frozen=True, slots=True)
class Given:
    """What a login server gave for an account; ``asked``: the scopes, None where a person chose them elsewhere.

    ``more``: what the token form needs besides. ``org``: for which organisation, where that was named. ``public``: it
    was given without the client's secret, and is renewed without it.
    """

    settings: Account
    app: OAuthApp
    server: LoginServer
    answer: Answer
    asked: tuple[Scope, ...] | None
    more: Mapping[str, str] = field(default_factory=dict)
    org: str = ""
    public: bool = False

    def grant(self, client_secret: str) -> Grant:
        """What new tokens will be made from."""
        app, token_url, refresh_token = self.app, self.server.token_url, self.answer.refresh_token
        secret = "" if self.public else client_secret
        return Grant(token_url, app.client_id, secret, refresh_token, app.scheme, self.more)

    def consent(self, at: float, instead_of: str) -> Consent:
        """What is kept of it."""
        said = self.answer.token.scopes
        asked = None if self.asked is None else tuple(scope.name for scope in self.asked)
        return Consent(
            kind="refresh_token" if self.answer.refresh_token else "client_credentials",
            client_id=self.app.client_id,
            scopes=said or asked,
            token_url=self.server.token_url,
            revoke_url=self.server.revoke_url,
            refresh_token=self.answer.refresh_token,
            more=dict(self.more),
            org=self.org,
            location=self.server.location,
            server=self.server.name,
            api_domain=self.answer.api_domain,
            at=at,
            instead_of=instead_of,
            public=self.public,
        )
