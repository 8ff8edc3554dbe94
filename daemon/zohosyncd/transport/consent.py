"""How a person's consent is asked for and taken back (RFC 6749 section 4.1, PKCE: RFC 7636): the same for every app.

What differs from app to app is data: :class:`OAuthApp`, which a connector makes of an account's keys. Nothing here
stores anything.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from zohosyncd.core.errors import AuthLost, UsageError
from zohosyncd.transport.sender import Sender
from zohosyncd.transport.token_endpoint import Token, post_form

LIFE: Final = 900.0
"""Seconds that a person has to say yes."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A right that is asked for, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class LoginServer:
    """Where codes are exchanged, as the answer of the consent page tells it.

    Attributes:
        token_url, revoke_url: its endpoints, "" where there is no such endpoint.
        name: the server as the answer names it. location: the data centre, "" where the app has none.
    """

    token_url: str
    revoke_url: str = ""
    name: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a code was exchanged for: an access token, a refresh token ("" for none), and the API's address."""

    token: Token
    refresh_token: str = field(repr=False)
    api_domain: str = ""


def _equal(held: Collection[str], scope: str) -> bool:
    return scope in held


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """How an app is asked for a consent, for one account.

    Attributes:
        authorize_url: its consent page. client_id: ours.
        scopes: what is asked for, the least that is needed. separator: stands between them.
        extra: what the consent page is sent besides, so that it gives a token that can be refreshed.
        pkce: whether the page takes a code challenge.
        server: the login server of an answer, from its parameters; raises AuthLost where it is not the app's.
        read: reads the token endpoint's answer to a code; raises AuthLost, RateLimited, Unavailable, ContractBroken.
        covers: whether held scopes include one.
        machine: what a login by the client's own credentials has to say, from the scopes and the organisation's id;
            None where the app has no such login.
        console: where a person makes clients. scheme: word before the token in the Authorization header.
        location: the data centre that the account's file names, "" for none.
        device_url: where a code for a device is had (RFC 8628), "" where there is no such endpoint.
        device_secret: whether the client's secret is shown with such a code, and with what it gives.
        login: whose consent is wanted, "" for anybody's. hint: the page's parameter that tells it so, "" for none.
    """

    authorize_url: str
    client_id: str
    scopes: tuple[Scope, ...]
    server: Callable[[Mapping[str, str]], LoginServer]
    read: Callable[[int, Mapping[str, Any]], Answer]
    separator: str = " "
    extra: Mapping[str, str] = field(default_factory=dict)
    pkce: bool = True
    covers: Callable[[Collection[str], str], bool] = _equal
    machine: Callable[[str, str], Mapping[str, str]] | None = None
    console: str = ""
    scheme: str = "Bearer"
    location: str = ""
    device_url: str = ""
    device_secret: bool = True
    login: str = ""
    hint: str = ""

    @property
    def asked(self) -> str:
        """All scopes as one text."""
        return self.separator.join(scope.name for scope in self.scopes)


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What a consent gave, as it is kept; encrypted, and under a name that no ``store:NAME`` can be.

    Attributes:
        kind: a refresh token, or the client's own credentials.
        refresh_token: "" for the latter. more: what the token form needs besides. org: for which organisation, if that
            was named.
        client_id: the client that it was given to. scopes: what it allows, None where nobody said.
        token_url, revoke_url: of the login server that gave it.
        location, server, api_domain: as the answer named them, "" for nothing.
        at: when, in wall seconds.
        instead_of: a hash of the refresh token that the account's file named then, "" for none.
        public: it is renewed without the client's secret, although the client may have one.
    """

    kind: Literal["refresh_token", "client_credentials"]
    client_id: str
    scopes: tuple[str, ...] | None
    token_url: str
    revoke_url: str = ""
    refresh_token: str = ""
    more: dict[str, str] = msgspec.field(default_factory=dict)
    org: str = ""
    location: str = ""
    server: str = ""
    api_domain: str = ""
    at: float = 0.0
    instead_of: str = ""
    public: bool = False

    def __repr__(self) -> str:
        return f"Consent(kind={self.kind!r}, at={self.at!r})"


def consent_name(account: str) -> str:
    """Under which name an account's consent is kept."""
    return f"{account}/consent"


@dataclass(frozen=True, slots=True)
class Pending:
    """A consent page that was opened.

    Attributes:
        url: what the person opens. state: proves that an answer belongs to it. verifier: proves us to the endpoint.
        redirect_uri: where the page sends the person back to. until: monotonic seconds.
    """

    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    until: float


def ask(app: OAuthApp, redirect_uri: str, state: str, verifier: str, until: float) -> Pending:
    """The consent page of an app; ``state`` and ``verifier``: at least 32 random characters each."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "scope": app.asked,
        "redirect_uri": redirect_uri,
        "state": state,
        **app.extra,
    }
    if app.login and app.hint:
        query[app.hint] = app.login
    if app.pkce:
        query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    url = f"{app.authorize_url}?{urlencode(query, quote_via=quote, safe=',')}"
    return Pending(url, state, verifier, redirect_uri, until)


def parameters(text: str) -> dict[str, str]:
    """The parameters of an address that a browser was sent to, as a person may have copied it.

    Raises:
        UsageError: there are none. Nothing of the text is repeated.
    """
    address = "".join(text.encode("utf-8", "replace").decode().split()).strip("<>\"'`")
    # Not by urlsplit, which refuses some addresses; whose they are does not matter here.
    before, mark, after = address.partition("#")[0].partition("?")
    query = dict(parse_qsl(after if mark else before, keep_blank_values=True))
    if "redirect_uri" in query and "code" not in query:
        hint = "open it in a browser, say yes there, and paste the address of the page that you end up on"
        raise UsageError("this is the address that was to be opened", hint=hint)
    if not {"code", "error"} & query.keys():
        hint = "paste the whole address of the page that you ended up on, from http to its end"
        raise UsageError("there is no code in what was pasted", hint=hint)
    return query


def code_in(pending: Pending, query: Mapping[str, str], *, again: str) -> str:
    """The code of an answer that belongs to this page.

    Args:
        query: the answer's parameters. again: the command that begins anew.

    Raises:
        UsageError: it belongs to another page. AuthLost: the person said no, or the page refused.
    """
    given = query.get("state", "").encode("utf-8", "replace")
    if not hmac.compare_digest(given, pending.state.encode()):
        raise UsageError("the answer does not belong to this request: its state differs", hint=f"begin anew: {again}")
    if error := query.get("error", ""):
        if error == "access_denied":
            raise AuthLost("the consent was refused", hint=f"nothing was changed; to try again: {again}")
        word = error if len(error) <= 40 and error.replace("_", "").isalnum() else "an unknown error"
        raise AuthLost(f"the consent page answered {word}", hint=f"nothing was changed; to try again: {again}")
    if not query.get("code"):
        raise UsageError("there is no code in the answer", hint=f"begin anew: {again}")
    return query["code"]


@dataclass(frozen=True, slots=True)
class Code:
    """A code to exchange, with what proves that it is ours; a code made in the vendor's console has nothing more."""

    code: str = field(repr=False)
    redirect_uri: str = ""
    verifier: str = field(default="", repr=False)


async def exchange(
    app: OAuthApp, server: LoginServer, code: Code, client_secret: str, *, sender: Sender, timeout: float = 30.0
) -> Answer:
    """What the login server gives for a code, which is good once.

    Raises:
        AuthLost, RateLimited, Unavailable, ContractBroken: as ``app.read``.
    """
    form = {
        "grant_type": "authorization_code",
        "client_id": app.client_id,
        "code": code.code,
    }
    if client_secret:
        form["client_secret"] = client_secret
    if code.redirect_uri:
        form["redirect_uri"] = code.redirect_uri
    if app.pkce and code.verifier:
        form["code_verifier"] = code.verifier
    return app.read(*await post_form(sender, server.token_url, form, timeout))


async def revoke(server_url: str, refresh_token: str, *, sender: Sender, timeout: float = 30.0) -> None:
    """Give a refresh token back that is not kept. Raises as :func:`post_form`."""
    await post_form(sender, server_url, {"token": refresh_token}, timeout)


def mark_of(token: str) -> str:
    """Tells refresh tokens apart; they cannot be had back from it."""
    return hashlib.sha256(f"refresh token\0{token}".encode()).hexdigest() if token else ""
