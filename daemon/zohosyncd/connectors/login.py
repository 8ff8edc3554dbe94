"""Logins that connectors fill with data: by a person's consent, by the client's own credentials, by a service account.

A connector has a :class:`~zohosyncd.transport.login_site.LoginSite`, scopes, and options that are ``ClientOptions`` (or
``ServiceAccountOptions``); :func:`login` is the ``Auth`` of its client, :func:`consent` the ``oauth`` of its spec.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import msgspec

from zohosyncd.connectors.tools import Tools
from zohosyncd.core.errors import AuthLost
from zohosyncd.settings.accounts import AccountOptions
from zohosyncd.settings.clients import ClientOptions, OAuthOptions, ServiceAccountOptions
from zohosyncd.settings.secrets import SecretError, SecretRef
from zohosyncd.transport.consent import Consent, OAuthApp, Scope, mark_of
from zohosyncd.transport.grants import Grant, Proof
from zohosyncd.transport.login_site import LoginSite, Shown
from zohosyncd.transport.oauth import RefreshedToken
from zohosyncd.transport.sender import LocalSender
from zohosyncd.transport.service_account import Assertion, read_key_file
from zohosyncd.transport.token_endpoint import Token


def consent(site: LoginSite, options: ClientOptions, scopes: Sequence[Scope]) -> OAuthApp | None:
    """How a person's consent is asked for; None for an account that logs in by something else."""
    login = options.login if isinstance(options, OAuthOptions) else None
    return None if options.client is None else site.app(options.client.client_id, scopes, login)


def login(site: LoginSite, options: ClientOptions, tools: Tools, scopes: Sequence[str]) -> RefreshedToken:
    """The login of an account: a service account where its file names one, else a person's consent.

    Args:
        site: the vendor's login server. options: the account's. tools: the world.
        scopes: what a service account asks for; a consent has its own.
    """
    if isinstance(options, ServiceAccountOptions) and options.service_account is not None:
        return _by_service_account(site, options, tools, site.separator.join(scopes))
    found = _Consented(site, options, tools)
    return _token(site, options, tools, found.grant, found.cure, Shown.CONSENT, found)


def machine_login(site: LoginSite, options: ClientOptions, tools: Tools, scope: str) -> RefreshedToken:
    """The login of an account by the client's own credentials (RFC 6749, 4.4), to which an administrator has agreed.

    Args:
        scope: what is asked for, as the vendor wants it written.
    """

    def grant() -> Grant:
        client_id, secret = _client(options, tools)
        if not secret:
            raise AuthLost("it has no client secret", hint="a client without a secret cannot log in by itself")
        return Grant(site.token_url, client_id, secret, "", site.scheme, {"scope": scope})

    cure = f"let an administrator of {site.title} agree to what this client asks for"
    return _token(site, options, tools, grant, cure, Shown.CLIENT)


def _by_service_account(site: LoginSite, options: ServiceAccountOptions, tools: Tools, scope: str) -> RefreshedToken:
    ref, subject = options.service_account, options.subject
    where = f"accounts.d/{tools.account}.toml"

    def grant() -> Assertion:
        if ref is None or subject is None:
            raise AuthLost("it has no service account", hint=f"name service_account and subject in {where}")
        key = read_key_file(_read(tools, ref, "no service account"), where=str(ref))
        return Assertion(site.token_url, key, subject, scope, site.scheme)

    cure = (
        f"check subject in {where}; let an administrator delegate these scopes to the service account for the whole "
        f"domain: {scope}"
    )
    return _token(site, options, tools, grant, cure, Shown.SERVICE_ACCOUNT)


def _token(
    site: LoginSite, options: AccountOptions, tools: Tools, grant: Callable[[], Proof], cure: str,
    shown: Shown, rotation: "_Consented | None" = None,
) -> RefreshedToken:  # fmt: skip
    return RefreshedToken(
        grant,
        lambda status, body: site.read_token(status, body, cure=cure, shown=shown),
        account=tools.account,
        sender=LocalSender(tools.sender) if options.allow_loopback else tools.sender,
        clock=tools.clock,
        observer=tools.observer,
        timeout=min(options.timeout, 30.0),
        shelf=tools.shelf,
        pace=site.pace,
        rotation=rotation,
    )


@dataclass(frozen=True, slots=True)
class _Consented:
    """What a consent gave: as ``auth`` has stored it, else the refresh token that the file names."""

    site: LoginSite
    options: ClientOptions
    tools: Tools

    def grant(self) -> Grant:
        """What tokens are made from. Raises AuthLost."""
        site, consent = self.site, self.tools.consent()
        client_id, secret = _client(self.options, self.tools, public=consent is not None and consent.public)
        if consent is None:
            return Grant(site.token_url, client_id, secret, self._refresh_token(), site.scheme)
        if consent.client_id != client_id:
            raise AuthLost("the consent was given to another client_id", hint=self.cure)
        return Grant(consent.token_url, client_id, secret, self._refresh_token(), site.scheme, consent.more)

    @property
    def cure(self) -> str:
        """What a person does about a consent that does not count."""
        return f"run zohosyncd auth {self.tools.account}"

    def _refresh_token(self) -> str:
        consent = self.tools.consent()
        if consent is not None:
            return consent.refresh_token
        if self.options.refresh_token is None:
            raise AuthLost("it is not authorised yet", hint=self.cure)
        return _read(self.tools, self.options.refresh_token, "it is not authorised", self.cure)

    def turn(self) -> AbstractAsyncContextManager[object, None]:
        """Everybody who shows the account's refresh token does so in turn."""
        return self.tools.turn()

    async def keep(self, shown: str, token: Token) -> None:
        """Keep another refresh token in place of the one that was shown. Raises StateError."""
        tools, client = self.tools, self.options.client
        if client is None or self._refresh_token() != shown:
            return  # somebody has given another consent since
        before = tools.consent() or Consent(
            kind="refresh_token", client_id=client.client_id, scopes=token.scopes, token_url=self.site.token_url,
            at=tools.clock.now(), instead_of=mark_of(shown),
        )  # fmt: skip
        await tools.keep_consent(msgspec.structs.replace(before, refresh_token=token.refresh_token))


def _client(options: ClientOptions, tools: Tools, *, public: bool = False) -> tuple[str, str]:
    """Id and secret of the client, read now, so that a new secret counts at once; ``public``: without the secret.

    Raises AuthLost.
    """
    client = options.client
    if client is None:
        raise AuthLost("it has no OAuth client", hint=f"name one in accounts.d/{tools.account}.toml")
    if client.client_secret is None or public:
        return client.client_id, ""
    return client.client_id, _read(tools, client.client_secret, "no client secret")


def _read(tools: Tools, ref: SecretRef, what: str, cure: str = "") -> str:
    try:
        return tools.secret(ref).reveal()
    except SecretError as error:
        raise AuthLost(f"{what}: {error.message}", hint=error.hint or cure) from None
