"""Login servers that keep to the standards (RFC 6749, 6750, 7009, 8628), with what is their own as data.

A connector says :class:`LoginSite` and its scopes; consent page, errors, tokens and their renewal follow from that.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from zohosyncd.core.errors import AuthLost, ContractBroken, PermissionLacking, RateLimited, RemoteError, Unavailable
from zohosyncd.transport.consent import Answer, LoginServer, OAuthApp, Scope
from zohosyncd.transport.oauth import Pace
from zohosyncd.transport.token_endpoint import Token

_WORD: Final = re.compile(r"[a-z][a-z_]{1,39}")
_TOKEN: Final = re.compile(r"[!-~]+")
_ENDED: Final = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
_CLIENT: Final = frozenset({"invalid_client", "unauthorized_client"})
_POLICY: Final = frozenset({"access_denied", "admin_policy_enforced", "org_internal"})
_MOMENT: Final = frozenset({"temporarily_unavailable", "server_error"})
_DEFAULT_LIFE: Final = 3600.0


class Shown(Enum):
    """What a token endpoint was shown."""

    CODE = "code"
    CONSENT = "consent"
    CLIENT = "client"
    SERVICE_ACCOUNT = "service_account"


_REFUSED: Final = {
    Shown.CODE: "the code has ended, was used before, or belongs to another redirect address",
    Shown.CONSENT: "the consent has ended or was taken back",
    Shown.CLIENT: "the client may not log in by itself",
    Shown.SERVICE_ACCOUNT: "the service account may not act for this user, or its key does not count any more",
}

CONSENT_AGAIN: Final = "give the command again, and be quick: a code is good once and for a few minutes"


@dataclass(frozen=True, slots=True)
class LoginSite:
    """A vendor's login server.

    Attributes:
        title: the vendor's name for people.
        authorize_url, token_url: the consent page and the token endpoint.
        revoke_url, device_url: further endpoints, "" where there is none.
        revokes_alone: whether revoking a refresh token ends the consent that it came with, and no other of this person
            to this client. Elsewhere none is given back: other accounts may live on them.
        device_secret: whether the client's secret is shown with a device's code, and with what it gives.
        separator: stands between scopes. scheme: word before the token in the Authorization header.
        extra: what the consent page is sent besides, so that it gives a token that can be refreshed.
        pkce: whether the page takes a code challenge.
        hint: the parameter that tells the page whose login is expected, "" where it has none.
        console: where a person makes clients.
        words: the vendor's own names of errors, in lower case, and what they are called in the standard.
        error_keys: where an answer names its error, the first that is there counts.
        advice: what else may help, by the standard's name of an error.
        pace: how many access tokens the vendor makes of one grant, None for any number.
    """

    title: str
    authorize_url: str
    token_url: str
    revoke_url: str = ""
    device_url: str = ""
    revokes_alone: bool = False
    device_secret: bool = True
    separator: str = " "
    scheme: str = "Bearer"
    extra: Mapping[str, str] = field(default_factory=dict)
    pkce: bool = True
    hint: str = "login_hint"
    console: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    error_keys: tuple[str, ...] = ("error",)
    advice: Mapping[str, str] = field(default_factory=dict)
    pace: Pace | None = None

    def app(self, client_id: str, scopes: Sequence[Scope], login: str | None = None) -> OAuthApp:
        """How a consent is asked for.

        Args:
            client_id: ours. scopes: the least that is needed. login: who has to give it, None for anybody.
        """
        server = LoginServer(self.token_url, self.revoke_url if self.revokes_alone else "")
        return OAuthApp(
            authorize_url=self.authorize_url,
            client_id=client_id,
            scopes=tuple(scopes),
            server=lambda _: server,
            read=self.read_answer,
            separator=self.separator,
            extra=self.extra,
            pkce=self.pkce,
            console=self.console,
            scheme=self.scheme,
            device_url=self.device_url,
            device_secret=self.device_secret,
            login=login or "",
            hint=self.hint,
        )

    def error_of(self, body: Mapping[str, Any]) -> str:
        """The standard's name of the error that an answer tells, "" for none; "?" for a text that is no name."""
        said = next((body[key] for key in self.error_keys if body.get(key)), None)
        if said is None:
            return ""
        word = str(said).strip().lower() if isinstance(said, str) else ""
        word = self.words.get(word, word)
        # A sentence of whoever answers in its place may name somebody.
        return word if _WORD.fullmatch(word) else "?"

    def read_answer(self, status: int, body: Mapping[str, Any]) -> Answer:
        """Read the answer to a code. Raises as :meth:`read_token`."""
        token = self.read_token(status, body, cure=CONSENT_AGAIN, shown=Shown.CODE)
        return Answer(token, token.refresh_token)

    def read_token(self, status: int, body: Mapping[str, Any], *, cure: str, shown: Shown = Shown.CONSENT) -> Token:
        """Read the token endpoint's answer.

        Args:
            status: its HTTP status. body: its JSON.
            cure: what a person does about a lost login. shown: what the endpoint was shown.

        Raises:
            AuthLost, PermissionLacking: login or client is not accepted. RateLimited, Unavailable: not now.
            ContractBroken: it is no answer of a token endpoint.
        """
        if word := self.error_of(body):
            raise self._failure(word, cure, shown)
        token, kind = body.get("access_token"), body.get("token_type", "Bearer")
        if status >= 400 or not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise ContractBroken(f"the login server gave no access token (status {status})")
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise ContractBroken("the login server gave a token of an unknown kind")
        refresh, said = body.get("refresh_token"), body.get("scope")
        scopes = tuple(said.replace(self.separator, " ").split()) if isinstance(said, str) else ()
        return Token(token, _lifetime(body), scopes or None, refresh if isinstance(refresh, str) else "")

    def _failure(self, word: str, cure: str, shown: Shown) -> RemoteError:
        if word in _MOMENT:
            return Unavailable(f"the login server fails: {word}")
        if word == "slow_down":
            return RateLimited("the login server asks us to wait", retry_after=60.0)
        if word == "invalid_scope":
            hint = f"{self.title} does not know them, or does not let this client ask for them"
            return PermissionLacking("the login server refuses the rights that are asked for", hint=hint)
        message, hint = self._lost(word, cure, shown)
        more = self.advice.get(word, "")
        return AuthLost(message, hint=f"{hint}; {more}" if more else hint)

    def _lost(self, word: str, cure: str, shown: Shown) -> tuple[str, str]:
        """What has become of the login, and what a person does about it."""
        if word in _ENDED or (word in _CLIENT and shown is Shown.SERVICE_ACCOUNT):
            return f"{_REFUSED[shown]} ({word})", cure
        if word in _CLIENT:
            hint = f"check client_id and client_secret, and what {self.title} lets this client do"
            return f"{self.title} does not accept the client ({word})", hint
        if word in _POLICY:
            hint = "let an administrator of the organisation allow this client"
            return f"{self.title} does not let this client in ({word})", hint
        if word == "redirect_uri_mismatch":
            hint = "the client's redirect addresses must have the one that was printed, to the letter"
            return f"{self.title} does not know the redirect address", hint
        return f"the login server answered {'an unknown error' if word == '?' else word}", cure


def _lifetime(body: Mapping[str, Any]) -> float:
    """Seconds that the token lives; some servers write the number as text, and RFC 6749 lets them leave it out."""
    value = body.get("expires_in")
    if isinstance(value, str) and value.isdecimal() and len(value) < 12:
        value = int(value)
    known = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return float(value) if known and value else _DEFAULT_LIFE
