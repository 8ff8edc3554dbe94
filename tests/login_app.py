"""A small app whose accounts log in by the shared pieces: what a connector's author has to write, and no more."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from zohosyncd.connectors.login import consent, login
from zohosyncd.connectors.memory import MemoryApp, MemoryConnector
from zohosyncd.connectors.needs import Need
from zohosyncd.connectors.tools import ConnectorSpec, Tools
from zohosyncd.core.errors import AuthLost
from zohosyncd.ports.connector import AccountInfo
from zohosyncd.sandbox.parts.oauth import LoginServer
from zohosyncd.sandbox.parts.oauth_habits import Habits, LoginClient
from zohosyncd.sandbox.parts.service_accounts import ServiceAccount
from zohosyncd.sandbox.wire import Clock, Request, Response
from zohosyncd.settings.clients import ServiceAccountOptions
from zohosyncd.settings.values import Url
from zohosyncd.transport.call import Call
from zohosyncd.transport.consent import OAuthApp, Scope
from zohosyncd.transport.login_site import LoginSite

BASE = "http://127.0.0.1:1"
BACK = "http://localhost:9597/oauth/callback"
ANN, BEN = "ann@example.org", "ben@example.org"
SECRET = "canary-client-secret"
HABITS = Habits(device="/oauth/device", verify="/device", offline="access_type", consent_once=True)
SCOPES = (Scope("people.read", "to read"), Scope("people.write", "to write"))
ROBOT = ServiceAccount("robot@p.example", frozenset({"people.read", "people.write"}))


class PeopleOptions(ServiceAccountOptions):
    base_url: Url = Field(default=Url(BASE), description="address of the app")
    no_device: bool = False
    revokes_alone: bool = False


def site_of(options: PeopleOptions) -> LoginSite:
    base = options.base_url.rstrip("/")
    return LoginSite(
        title="People",
        authorize_url=f"{base}/oauth/authorize",
        token_url=f"{base}/oauth/token",
        revoke_url=f"{base}/oauth/revoke",
        revokes_alone=options.revokes_alone,
        device_url="" if options.no_device else f"{base}/oauth/device",
        extra={"access_type": "offline", "prompt": "consent"},
    )


class PeopleConnector(MemoryConnector):
    """Asks who it is over the wire; everything else is in memory."""

    def __init__(self, options: PeopleOptions, tools: Tools) -> None:
        super().__init__(MemoryApp(tools.clock))
        auth = login(site_of(options), options, tools, [each.name for each in SCOPES])
        self.wire = tools.client(auth, [options.base_url.origin], options)
        self._url = f"{options.base_url.rstrip('/')}/v1/me"

    async def check(self) -> AccountInfo:
        got = await self.wire.read(Call("GET", self._url, "/v1/me"))
        if got.status != 200:
            raise AuthLost("refused")
        who = json.loads(got.body)
        return AccountInfo(
            who["id"], "People", login=who["email"], aliases=(f"alias-of-{who['email']}",) if who["email"] else ()
        )


def oauth(options: PeopleOptions, needs: Sequence[Need]) -> OAuthApp | None:
    return consent(site_of(options), options, SCOPES)


SPEC = ConnectorSpec("people", "People", PeopleOptions, PeopleConnector, oauth=oauth)


class PeopleApp:
    """The app, simulated: a login server, and one page that says whose token it is."""

    name = "people"
    prefixes = ("/oauth/", "/device", "/v1/")

    def __init__(self, clock: Clock, base: str = BASE, habits: Habits = HABITS) -> None:
        clients = (
            LoginClient("client", SECRET, frozenset({BACK})),
            LoginClient("shared", SECRET + "-2", frozenset({BACK})),
            LoginClient("public", "", frozenset({BACK})),
        )
        self.logins = LoginServer(
            clock, 7, base, habits, clients=clients, scopes=frozenset({each.name for each in SCOPES}),
            users=(ANN, BEN), service_accounts=(ROBOT,),
        )  # fmt: skip
        self.asked = 0
        self.tells = True

    def handle(self, request: Request) -> Response:
        answer = self.logins.handle(request)
        if answer is not None:
            return answer
        self.asked += 1
        access = self.logins.bearer(request)
        if access is None:
            return Response(401, {"Content-Type": "application/json"}, b"{}")
        who = {"id": f"mailbox-{access.user or access.client}", "email": access.user if self.tells else ""}
        return Response(200, {"Content-Type": "application/json"}, json.dumps(who).encode())

    def edit(self, command: Mapping[str, Any]) -> dict[str, Any]:
        return self.logins.carry_out(command) or {}

    def state(self) -> dict[str, Any]:
        return {}

    def normalise(self, object_name: str, rules: list[Mapping[str, Any]]) -> None:
        pass

    def template(self, request: Request) -> str:
        return f"{request.method} {request.path}"

    def credits(self, request: Request) -> int:
        return 0

    def emptied(self, request: Request) -> Response:
        return Response(200)

    def refused_rows(self, request: Request, share: float, code: str) -> Response:
        return Response(200)
