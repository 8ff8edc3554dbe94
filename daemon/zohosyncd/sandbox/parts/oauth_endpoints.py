"""What a login server's endpoints answer to forms: tokens for each kind of grant, device codes, revocation."""

import binascii
import hashlib
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote_plus

from zohosyncd.sandbox.wire import Request

from .oauth_grants import DeviceCode, LoginGrant
from .oauth_habits import DEVICE_GRANT, JWT_GRANT, Access, LoginClient, Refused
from .service_accounts import subject_of

if TYPE_CHECKING:
    from .oauth import LoginServer


class Endpoints:
    """The endpoints that take forms. Raises Refused."""

    def __init__(self, server: "LoginServer") -> None:
        self._server = server

    def token(self, request: Request) -> dict[str, Any]:
        """An access token, for whatever the form proves."""
        form = self._form(request)
        self._stumble()
        kind = form.get("grant_type", "")
        if kind == JWT_GRANT and self._server.service_accounts:
            return self._by_assertion(form, request)
        client = self._client(form, request)
        ways = {"authorization_code": self._by_code, "refresh_token": self._by_refresh, DEVICE_GRANT: self._by_device,
                "client_credentials": self._by_client}  # fmt: skip
        if kind not in ways:
            raise Refused("unsupported_grant_type" if kind else "invalid_request", "grant_type")
        if kind not in client.grants or (kind == "client_credentials" and not client.secret):
            raise Refused("unauthorized_client", "this client may not do that")
        return ways[kind](client, form)

    def _stumble(self) -> None:
        if self._server.trouble:
            raise Refused(self._server.trouble.pop(0), "trouble of the moment")

    def _by_code(self, client: LoginClient, form: Mapping[str, str]) -> dict[str, Any]:
        text, grants = form.get("code", ""), self._server.grants
        if text in grants.spent:
            grants.end(grants.spent.pop(text))
            raise Refused("invalid_grant", "the code was used before: what it gave is revoked")
        code = grants.codes.get(text)
        if code is None or code.access.client != client.id:
            raise Refused("invalid_grant", "the code is not known")
        del grants.codes[text]
        if code.until <= grants.now():
            raise Refused("invalid_grant", "the code has ended")
        if code.redirect_uri != form.get("redirect_uri", ""):
            raise Refused("invalid_grant", "the redirect address is another one")
        if code.challenge != (_challenge(form["code_verifier"], code.method) if "code_verifier" in form else ""):
            raise Refused("invalid_grant", "the code verifier does not fit")
        grant = grants.open(code.access, renewable=code.renewable)
        grants.spent[text] = grant
        return self._given(grant, refresh=code.renewable)

    def _by_refresh(self, client: LoginClient, form: Mapping[str, str]) -> dict[str, Any]:
        grant = self._server.grants.by_refresh(form.get("refresh_token", ""))
        if grant is None or grant.access.client != client.id:
            raise Refused("invalid_grant", "the refresh token has ended, was revoked, or is another client's")
        scopes = None
        if "scope" in form:
            scopes = frozenset(form["scope"].split(self._server.habits.separator))
            if not scopes <= grant.access.scopes:
                raise Refused("invalid_scope", "more than was consented to")
        another = self._server.grants.renew(grant)
        return self._given(grant, scopes, refresh=another or self._server.habits.repeats)

    def _by_client(self, client: LoginClient, form: Mapping[str, str]) -> dict[str, Any]:
        said, needed = form.get("scope", ""), self._server.habits.machine_scope
        if needed and not said.endswith(needed):
            raise Refused("invalid_scope", f"a scope has to end with {needed}")
        scopes = self._server.scopes if needed else self._server.scopes_of(said)
        return self._given(self._server.grants.open(Access("", client.id, scopes, machine=True), renewable=False))

    def _by_assertion(self, form: Mapping[str, str], request: Request) -> dict[str, Any]:
        server = self._server
        audiences = {server.base_url + request.path, server.habits.audience or server.base_url + request.path}
        name, user, scopes = subject_of(
            form.get("assertion", ""), server.service_accounts, audiences, server.grants.now(), server.knows
        )
        if not scopes <= self._server.scopes:
            raise Refused("invalid_scope", "a scope is not known")
        return self._given(self._server.grants.open(Access(user, name, scopes, machine=True), renewable=False))

    def _by_device(self, client: LoginClient, form: Mapping[str, str]) -> dict[str, Any]:
        device = self._server.grants.devices.get(form.get("device_code", ""))
        if device is None or device.client != client.id:
            raise Refused("invalid_grant", "the device code is not known")
        now = self._server.grants.now()
        if device.until <= now:
            raise Refused("expired_token", "the device code has ended")
        if now - device.polled < device.interval:
            device.interval += 5
            device.polled = now
            raise Refused("slow_down", "polled too soon")
        device.polled = now
        if device.denied:
            raise Refused("access_denied", "the person said no")
        if device.grant is None:
            raise Refused("authorization_pending", "nobody has said anything yet")
        del self._server.grants.devices[form["device_code"]]
        return self._given(device.grant, refresh=True)

    def _given(
        self, grant: LoginGrant, scopes: frozenset[str] | None = None, *, refresh: bool = False
    ) -> dict[str, Any]:
        token, access = self._server.grants.token(grant, scopes)
        body: dict[str, Any] = {"access_token": token, "token_type": "Bearer", "expires_in": self._server.habits.life}
        if refresh and grant.refresh:
            body["refresh_token"] = grant.refresh
        if self._server.habits.tells_scopes:
            body["scope"] = " ".join(sorted(access.scopes))
        return body

    def device(self, request: Request) -> dict[str, Any]:
        """A code for a device, and one for the person (RFC 8628, 3.2)."""
        form = self._form(request)
        client = self._server.clients.get(form.get("client_id", ""))
        if client is None or DEVICE_GRANT not in client.grants:
            raise Refused("invalid_client" if client is None else "unauthorized_client")
        scopes, grants, habits = self._server.scopes_of(form.get("scope", "")), self._server.grants, self._server.habits
        code, letters = grants.new("device"), grants.new("user").upper()
        user_code = f"{letters[:4]}-{letters[4:8]}"
        grants.devices[code] = DeviceCode(
            client.id, scopes, user_code, grants.now() + habits.device_life, float(habits.interval)
        )
        return {
            "device_code": code, "user_code": user_code, habits.verification: self._server.base_url + habits.verify,
            "expires_in": habits.device_life, "interval": habits.interval,
        }  # fmt: skip

    def revoke(self, request: Request) -> dict[str, Any]:
        """The consent of a token ends; unknown tokens are no error (RFC 7009, 2.2)."""
        token = self._form(request).get("token", "")
        if not token:
            raise Refused("invalid_request", "token")
        for grant in list(self._server.grants.all):
            if token == grant.refresh or token in grant.live or token in grant.replaced:
                self._server.grants.end(grant)
                if self._server.habits.revokes_all:
                    self._server.grants.end_all(client=grant.access.client, user=grant.access.user)
        return {}

    def _form(self, request: Request) -> dict[str, str]:
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if request.method != "POST" or media != "application/x-www-form-urlencoded":
            raise Refused("invalid_request", "expected a form by POST")
        if any(name in {"client_secret", "refresh_token", "code", "assertion"} for name, _ in request.query):
            raise Refused("invalid_request", "secrets do not belong into the address")
        pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        if len({name for name, _ in pairs}) != len(pairs):
            raise Refused("invalid_request", "a parameter is given twice")
        return {name: value for name, value in pairs if value}

    def _client(self, form: Mapping[str, str], request: Request) -> LoginClient:
        """The client, proven by its secret in the form or in the header, not in both (RFC 6749, 2.3)."""
        name, secret = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            if secret:
                raise Refused("invalid_request", "two ways to prove the client")
            try:
                name, _, secret = b64decode(value.strip(), validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                raise Refused("invalid_client") from None
            name, secret = unquote_plus(name), unquote_plus(secret)
        client = self._server.clients.get(name)
        if client is None or secret != ("" if self._is_public(form) else client.secret):
            raise Refused("invalid_client", "the client is not known, or its secret is wrong, or not to be shown")
        return client

    def _is_public(self, form: Mapping[str, str]) -> bool:
        """Whether what is shown belongs to a client without a secret, although this client has one."""
        if form.get("grant_type") == DEVICE_GRANT:
            return self._server.habits.public_devices
        return form.get("grant_type") == "refresh_token" and self._server.grants.is_public(
            form.get("refresh_token", "")
        )


def _challenge(verifier: str, method: str) -> str:
    if not 43 <= len(verifier) <= 128:
        return "?"
    if method != "S256":
        return verifier
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
