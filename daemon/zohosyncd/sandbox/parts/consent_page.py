"""The pages that a person sees, with a person in front of them who says yes at once, or no where they were told to."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from zohosyncd.sandbox.wire import Response

from .oauth_grants import LoginCode
from .oauth_habits import Access, LoginClient, Refused

if TYPE_CHECKING:
    from .oauth import LoginServer

_TEXT = {"Content-Type": "text/plain; charset=utf-8"}


class ConsentPage:
    """The page on which a client is given rights, and the one on which a device's code is entered.

    Attributes:
        deny: the person says no. user: who it is, "" = whoever ``login_hint`` names, else the first user.
    """

    def __init__(self, server: "LoginServer") -> None:
        self.deny = False
        self.user = ""
        self._server = server
        self._consented: set[tuple[str, str]] = set()

    def open(self, query: Mapping[str, str]) -> Response:
        """What the browser gets: the way back to the client, or an error that stays on the page."""
        server, back = self._server, query.get("redirect_uri", "")
        client = server.clients.get(query.get("client_id", ""))
        if client is None or not self._registered(client, back):
            word = "invalid_client" if client is None else "redirect_uri_mismatch"
            return Response(400, _TEXT, f"Error 400: {word}".encode())
        wrong = self._wrong(client, query)
        if wrong:
            return _back(query, {"error": wrong})
        if self.deny:
            return _back(query, {"error": "access_denied"})
        user = self._person(query.get("login_hint", ""))
        access = Access(user, client.id, server.scopes_of(query["scope"]))
        renewable = self._renewable(access, query)
        self._consented.add((client.id, user))
        code = server.grants.new("code")
        server.grants.codes[code] = LoginCode(
            access, server.grants.now() + server.habits.code_life, back, query.get("code_challenge", ""),
            query.get("code_challenge_method", "plain"), renewable,
        )  # fmt: skip
        return _back(query, {"code": code})

    def enter(self, user_code: str) -> Response:
        """A person enters a device's code."""
        server = self._server
        for device in server.grants.devices.values():
            if device.user_code == user_code and device.until > server.grants.now():
                if self.deny:
                    device.denied = True
                    return Response(200, _TEXT, b"The device was refused.")
                access = Access(self._person(""), device.client, device.scopes)
                device.grant = server.grants.open(access, renewable=self._offline(device.scopes, {}, device=True))
                device.grant.public = server.habits.public_devices
                return Response(200, _TEXT, b"The device is connected.")
        return Response(400, _TEXT, b"There is no such code.")

    def _wrong(self, client: LoginClient, query: Mapping[str, str]) -> str:
        """The error that goes back to the client, "" for none."""
        if query.get("response_type") != "code":
            return "unsupported_response_type"
        if "authorization_code" not in client.grants:
            return "unauthorized_client"
        try:
            self._server.scopes_of(query.get("scope", ""))
        except Refused as refused:
            return refused.word
        pkce = self._server.habits.pkce
        challenge, method = query.get("code_challenge", ""), query.get("code_challenge_method", "plain")
        needed = pkce == "always" or (pkce == "public" and not client.secret)
        if (needed and not challenge) or method not in {"plain", "S256"} or (method == "S256" and not challenge):
            return "invalid_request"
        return ""

    def _person(self, hint: str) -> str:
        server = self._server
        return (self.user or (hint if server.knows(hint) else "") or server.users[0]).lower()

    def _renewable(self, access: Access, query: Mapping[str, str]) -> bool:
        first = (access.client, access.user) not in self._consented
        again = not self._server.habits.consent_once or first or "consent" in query.get("prompt", "").split()
        return again and self._offline(access.scopes, query)

    def _offline(self, scopes: frozenset[str], query: Mapping[str, str], *, device: bool = False) -> bool:
        match self._server.habits.offline:
            case "scope":
                return "offline_access" in scopes
            case "access_type":
                return device or query.get("access_type") == "offline"
            case _:
                return True

    def _registered(self, client: LoginClient, back: str) -> bool:
        """To the letter; of a loopback address the port may differ where the vendor says so."""
        if back in client.redirect_uris:
            return True
        return self._server.habits.any_port and _without_port(back) in map(_without_port, client.redirect_uris)


def _without_port(address: str) -> str:
    """A loopback address without its port; any other one as it is."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return address
    local = parts.scheme == "http" and host in {"localhost", "127.0.0.1", "::1"}
    return f"http://{host}{parts.path}?{parts.query}" if local else address


def _back(query: Mapping[str, str], told: Mapping[str, str]) -> Response:
    state = {"state": query["state"]} if "state" in query else {}
    sign = "&" if "?" in query["redirect_uri"] else "?"
    return Response(302, {"Location": f"{query['redirect_uri']}{sign}{urlencode({**told, **state})}"})
