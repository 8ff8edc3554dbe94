"""Google's login and its consent page (vendor: OAuth 2.0 for web servers and installed apps; People API scopes)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from zohosyncd.connectors.google_contacts.options import GoogleOptions
from zohosyncd.connectors.needs import Need, named
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.errors import AuthLost, ContractBroken, Unavailable
from zohosyncd.settings.secrets import SecretError
from zohosyncd.transport.consent import Answer, LoginServer, OAuthApp, Scope
from zohosyncd.transport.oauth import Grant, RefreshedToken, Token

CONTACTS: Final = "https://www.googleapis.com/auth/contacts"
READ_ONLY: Final = "https://www.googleapis.com/auth/contacts.readonly"
EMAIL: Final = "https://www.googleapis.com/auth/userinfo.email"

_TEMPORARY: Final = frozenset({"server_error", "temporarily_unavailable", "internal_failure"})


def login(options: GoogleOptions, tools: Tools) -> RefreshedToken:
    """The login of an account; secrets are read when a token is needed."""
    cure = f"run zohosyncd auth {tools.account}"

    def grant() -> Grant:
        client = options.client
        if client is None:
            raise AuthLost("it has no OAuth client", hint="set client_id and client_secret, or oauth_client")
        secret = _read(tools, client.client_secret, "no client secret", cure) if client.client_secret else ""
        consent = tools.consent()
        if consent is not None:
            if consent.client_id != client.client_id:
                raise AuthLost("the consent was given to another client_id", hint=cure)
            return Grant(consent.token_url, client.client_id, secret, consent.refresh_token, more=consent.more)
        if options.refresh_token is None:
            raise AuthLost("it is not authorised yet", hint=cure)
        refresh = _read(tools, options.refresh_token, "it is not authorised", cure)
        return Grant(options.token_url, client.client_id, secret, refresh)

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


def _read(tools: Tools, reference: Any, trouble: str, cure: str) -> str:
    try:
        return tools.secret(reference).reveal()
    except SecretError as error:
        raise AuthLost(f"{trouble}: {error.message}", hint=error.hint or cure) from None


def read_token(status: int, body: Mapping[str, Any], *, cure: str) -> Token:
    """Read the token endpoint's answer.

    Args:
        status: its HTTP status. body: its JSON. cure: what a person does about a lost consent.

    Raises:
        AuthLost: consent or client is not accepted. Unavailable: it fails for the moment.
    """
    if "error" in body or status >= 400:
        raise _failure(str(body.get("error", "")), str(body.get("error_subtype", "")), cure)
    token = body.get("access_token")
    if not isinstance(token, str) or not token:
        raise ContractBroken(f"the login server gave no access token (status {status})")
    lifetime, scope = body.get("expires_in"), body.get("scope")
    seconds = float(lifetime) if isinstance(lifetime, int | float) and not isinstance(lifetime, bool) else 3600.0
    return Token(token, seconds, tuple(scope.split()) if isinstance(scope, str) and scope.strip() else None)


def _failure(word: str, subtype: str, cure: str) -> AuthLost | Unavailable:
    match word:
        case "invalid_grant" if subtype == "invalid_rapt":
            return AuthLost("the organisation's rules want a new login", hint=cure)
        case "invalid_grant":
            hint = (
                f"{cure}; clients in testing lose every consent after seven days: publish the client's consent screen"
            )
            return AuthLost("the consent has ended or was revoked", hint=hint)
        case "invalid_client" | "unauthorized_client" | "deleted_client":
            return AuthLost(f"Google does not accept the client ({word})", hint="check client_id and client_secret")
        case "invalid_scope" | "admin_policy_enforced" | "access_denied" | "org_internal":
            return AuthLost(
                f"Google does not allow this app ({word})", hint="ask the administrator of the organisation"
            )
        case _ if word in _TEMPORARY:
            return Unavailable(f"the login server fails: {word}")
        case _:
            known = word if len(word) <= 40 and word.replace("_", "").isalpha() else "an unknown error"
            return AuthLost(f"the login server answered {known}", hint=cure)


def oauth_app(options: GoogleOptions, needs: Sequence[Need]) -> OAuthApp:
    """Google's consent page for an account, with the least scopes that its connections need."""
    extra = {"access_type": "offline", "prompt": "consent"}  # without them a second consent gives no refresh token
    if options.login:
        extra["login_hint"] = options.login
    return OAuthApp(
        authorize_url=options.consent_url,
        client_id=options.client.client_id if options.client is not None else "",
        scopes=_scopes(needs),
        server=lambda _query: LoginServer(options.token_url, options.revoke_url, "accounts.google.com"),
        read=read_answer,
        extra=extra,
        covers=covers,
        console="https://console.cloud.google.com/apis/credentials" if options.accounts_url is None else "",
    )


def _scopes(needs: Sequence[Need]) -> tuple[Scope, ...]:
    wanted = list(needs) or [Need("a first connection", creates=True, updates=True)]
    writing = [need for need in wanted if need.creates or need.updates or need.deletes or need.tags]
    who = Scope(EMAIL, "to know whose mailbox this is")
    if writing:
        return Scope(CONTACTS, f"to read and change contacts ({named(writing)})"), who
    return Scope(READ_ONLY, f"to read contacts ({named(wanted)})"), who


def covers(held: Collection[str], scope: str) -> bool:
    """Whether held scopes include one: who may change contacts may read them."""
    return scope in held or (scope == READ_ONLY and CONTACTS in held)


def read_answer(status: int, body: Mapping[str, Any]) -> Answer:
    """Read the token endpoint's answer to a code.

    Raises:
        AuthLost, Unavailable, ContractBroken: as :func:`read_token`.
    """
    match body.get("error"):
        case "invalid_grant":
            raise AuthLost("the code has ended or was used before", hint="give the command again, and be quick")
        case "redirect_uri_mismatch":
            hint = "the client's redirect URIs must have the address that was printed, to the letter"
            raise AuthLost("Google does not know the redirect address", hint=hint)
        case _:
            token = read_token(status, body, cure="give the command again")
    refresh = body.get("refresh_token")
    return Answer(token, refresh if isinstance(refresh, str) else "")
