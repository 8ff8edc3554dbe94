"""A strict login server: RFC 6749 with PKCE (7636), revocation (7009), devices (8628) and signed assertions (7523).

An app hands over each request; what is none of the server's own paths comes back as None. What vendors do differently
is data (:class:`Habits`, and :mod:`login_servers`): ``LoginServer(clock, seed, base_url, GOOGLE, ...)``.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from zohosyncd.sandbox.wire import Clock, Request, Response

from .consent_page import ConsentPage
from .oauth_endpoints import Endpoints
from .oauth_grants import Grants
from .oauth_habits import Access, Habits, LoginClient, Refused
from .service_accounts import ServiceAccount


class LoginServer:
    """A vendor's login server.

    Args:
        clock: the world's ``time``. base_url: the address of the sandbox, as clients reach it.
        clients: all that are registered. scopes: all that exist.
        users: e-mail addresses of those who can log in; the first one does, unless a knob or ``login_hint`` says
            otherwise. tenants: names that ``{tenant}`` in a path may be.
        service_accounts: those with delegation over all users.
    """

    def __init__(
        self, clock: Clock, seed: int, base_url: str, habits: Habits, *, clients: tuple[LoginClient, ...],
        scopes: frozenset[str], users: tuple[str, ...] = ("ann@example.org",), tenants: tuple[str, ...] = (),
        service_accounts: tuple[ServiceAccount, ...] = (),
    ) -> None:  # fmt: skip
        self.base_url = base_url.rstrip("/")
        self.habits = habits
        self.clients = {each.id: each for each in clients}
        self.scopes = scopes
        self.users = users
        self.tenants = tenants
        self.service_accounts = {each.email: each for each in service_accounts}
        self.grants = Grants(clock.now, seed, habits)
        self.page = ConsentPage(self)
        self._endpoints = Endpoints(self)
        self.trouble: list[str] = []
        """What the token endpoint answers next, whatever it is asked: errors, or statuses as text without any JSON."""

    # --- what an app asks -------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Response | None:
        """Answer a request, None where the path is not the server's."""
        habits, path = self.habits, request.path
        if self._is(path, habits.token):
            return self._posted(request, self._endpoints.token)
        if self._is(path, habits.device):
            return self._posted(request, self._endpoints.device)
        if self._is(path, habits.revoke):
            return self._posted(request, self._endpoints.revoke)
        if self._is(path, habits.authorize):
            return self.page.open(dict(request.query)) if request.method == "GET" else Response(405)
        if self._is(path, habits.verify):
            return self.page.enter(dict(request.query).get("user_code", ""))
        return None

    def bearer(self, request: Request) -> Access | None:
        """What the token of a request opens, None for nothing; the app says no in its own words."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self.grants.access(token.strip()) if scheme.lower() == "bearer" else None

    def knows(self, user: str) -> bool:
        """Whether somebody can log in by this address."""
        return user.lower() in {each.lower() for each in self.users}

    def granted(self, client: str, *scopes: str, user: str = "") -> str:
        """A refresh token without the way to it, for worlds that begin with a consent."""
        access = Access(user or self.users[0], client, frozenset(scopes) or self.scopes)
        return self.grants.open(access, renewable=True).refresh

    def token_url(self, tenant: str = "") -> str:
        """The address of the token endpoint."""
        return self.base_url + self.habits.token.replace("{tenant}", tenant)

    # --- what people do ---------------------------------------------------------------------------------------

    def carry_out(self, command: Mapping[str, Any]) -> dict[str, Any] | None:
        """What a person does about logins; None for what is none of it.

        ``delete`` of the object ``consent`` takes a client out of the connected apps (``client``, ``user``: of which,
        all without); ``set`` of the object ``client`` gives the client ``id`` another ``secret``.
        """
        match command:
            case {"object": "consent", "delete": True}:
                found = {key: str(command.get(key, "")) for key in ("client", "user")}
                return {"revoked": self.grants.end_all(**found)}
            case {"object": "client", "id": str(name), "set": {"secret": str(secret)}} if name in self.clients:
                before = self.clients[name]
                self.clients[name] = LoginClient(name, secret, before.redirect_uris, before.grants)
                return {"id": name}
            case _:
                return None

    def tune(self, name: str, value: Any) -> bool:
        """Turn a knob; False where it is none of these.

        ``deny`` (people say no), ``consent_user`` (who logs in, "" = whoever is hinted at, else the first),
        ``expire_tokens`` (all access tokens end), ``login_trouble`` (errors that the token endpoint answers next:
        ``["temporarily_unavailable", "503", "429"]``).
        """
        match name:
            case "deny":
                self.page.deny = bool(value)
            case "consent_user":
                self.page.user = str(value or "")
            case "expire_tokens":
                self.grants.expire_access()
            case "login_trouble":
                self.trouble = [str(each) for each in value or ()]
            case _:
                return False
        return True

    # --- endpoints --------------------------------------------------------------------------------------------

    def _is(self, path: str, pattern: str) -> bool:
        if "{tenant}" in pattern:
            return any(path == pattern.replace("{tenant}", each) for each in self.tenants)
        return bool(pattern) and path == pattern

    def _posted(self, request: Request, endpoint: Callable[[Request], Mapping[str, Any]]) -> Response:
        try:
            return self._answer(endpoint(request), 200)
        except Refused as refused:
            return self.refusal(refused.word, refused.sentence)

    def refusal(self, word: str, sentence: str) -> Response:
        """An error in the vendor's own words; a number is a status without any."""
        if word.isdigit():
            return Response(int(word))
        named = self.habits.words.get(word, word)
        return self._answer(self.habits.error(named, sentence), self.habits.statuses.get(word, 400))

    def _answer(self, body: Mapping[str, Any], status: int) -> Response:
        headers = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store", "Pragma": "no-cache"}
        return Response(status, headers, json.dumps(body).encode() if body else b"")

    def scopes_of(self, said: str) -> frozenset[str]:
        """Scopes that are asked for."""
        scopes = frozenset(each for each in said.split(self.habits.separator) if each)
        if not scopes or not scopes <= self.scopes:
            raise Refused("invalid_scope", "a scope is missing or not known")
        return scopes
