"""Microsoft 365 as a simulated app: the login server, Graph's contacts, and what people do in Outlook."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zohosyncd.sandbox.parts.answers import answer, given
from zohosyncd.sandbox.parts.login_servers import MICROSOFT
from zohosyncd.sandbox.parts.normaliser import normalisers
from zohosyncd.sandbox.parts.oauth import LoginServer
from zohosyncd.sandbox.parts.oauth_habits import Access, LoginClient
from zohosyncd.sandbox.parts.windows import Window
from zohosyncd.sandbox.wire import Clock, Request, Response

from .answers import GraphError, bad, crowded
from .batch import AT_ONCE, Batch
from .behaviour import Behaviour
from .contact import PROPERTIES
from .delta import Rounds
from .edits import Edits
from .mailbox import Mailbox
from .reading import shown
from .routes import SCOPE_PREFIX, Routes

CLIENT_ID, CLIENT_SECRET = "11112222-bbbb-3333-cccc-4444dddd5555", "sandbox-client-secret"
TENANT = "72f988bf-0000-41af-91ab-2d7cd011db47"
TENANTS = ("common", "organizations", "consumers", TENANT, "example.org")
REDIRECTS = frozenset({"http://localhost/oauth/callback", "https://sync.example.org/oauth/callback"})
_RIGHTS = frozenset({"Contacts.Read", "Contacts.ReadWrite", "User.Read"})
SCOPES = frozenset({"openid", "profile", "email", "offline_access", *_RIGHTS, *(SCOPE_PREFIX + r for r in _RIGHTS)})
_API, _BATCH = "/v1.0/", "/v1.0/$batch"


class GraphApp:
    """One tenant with a few mailboxes.

    Args:
        clock: the time of the simulated world. seed: decides every random choice.
        base_url: the address under which clients reach it: links name it.
        users: principal names, each with a mailbox.
        behaviour: the ways in which it can be unpleasant; may be changed at any time through ``app.behaviour``.
    """

    name = "microsoft365"
    prefixes: tuple[str, ...] = (_API, *(f"/{tenant}/" for tenant in TENANTS), "/devicelogin")

    def __init__(
        self, clock: Clock, seed: int, base_url: str = "http://127.0.0.1", *,
        users: Sequence[str] = ("ann@example.org", "ben@example.org"), behaviour: Behaviour | None = None,
    ) -> None:  # fmt: skip
        self.behaviour = behaviour or Behaviour()
        self.boxes = {user: Mailbox(user, seed) for user in users}
        self._clock = clock
        client = LoginClient(CLIENT_ID, CLIENT_SECRET, REDIRECTS)
        public = LoginClient("public-client", "", REDIRECTS)
        self.login = LoginServer(
            clock, seed, base_url, MICROSOFT, clients=(client, public), scopes=SCOPES, users=tuple(users),
            tenants=TENANTS,
        )  # fmt: skip
        self.rounds = Rounds(clock, seed, self.behaviour)
        self._routes = Routes(self.boxes, clock, self.behaviour, self.rounds)
        self._batch = Batch(self.behaviour, seed)
        self._edits = Edits(self.boxes, self.behaviour)
        self._windows: dict[tuple[str, str], Window] = {}
        self._refusing: tuple[float, str] | None = None
        self._owed = 0.0
        self._count = 0

    # --- requests ---------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        for box in self.boxes.values():
            box.spells = self.behaviour.spells
        if not request.path.startswith(_API):
            return self.login.handle(request) or self._about_login(request)
        try:
            access = self._access(request)
            if request.path != _BATCH:
                return self._carried_out(request, access)
            if request.method != "POST":
                raise GraphError(405, "BadRequest", "A batch is sent by POST.")
            return self._batch.handle(
                self._json(request), request.headers, lambda each: self._carried_out(each, access), self._refusal,
                self._failed,
            )  # fmt: skip
        except GraphError as error:
            return self._failed(error)

    def crowded(self, request: Request, running: Sequence[Request]) -> Response | None:
        """429 when more than four requests run in mailboxes at once; a batch runs four."""
        calls = [each for each in running if each.path.startswith(_API)]
        if sum(AT_ONCE if each.path == _BATCH else 1 for each in calls) <= AT_ONCE or calls == [request]:
            return None
        return self._failed(crowded(1))

    def _carried_out(self, request: Request, access: Access) -> Response:
        try:
            asked = self._routes.asked(request, access, self.login.base_url)
            self._within_limits(asked.box, access)
            return self._noted(request, self._routes.answer(asked, access))
        except GraphError as error:
            return self._failed(error)

    def _access(self, request: Request) -> Access:
        access = self.login.bearer(request)
        if access is None:
            given = "authorization" in request.headers
            text = "Access token has expired or is not yet valid." if given else "Access token is empty."
            raise GraphError(401, "InvalidAuthenticationToken", text, {"WWW-Authenticate": "Bearer"})
        return access

    def _within_limits(self, box: Mailbox, access: Access) -> None:
        window = self._windows.setdefault((access.client, box.user), Window(self._clock, 0, 0.0))
        window.most, window.seconds = self.behaviour.requests, self.behaviour.seconds
        if wait := window.take():
            text = "Application is over its RequestCount limit."
            raise GraphError(429, "ApplicationThrottled", text, {"Retry-After": str(int(wait) + 1)})

    def _noted(self, request: Request, response: Response) -> Response:
        prefer = request.headers.get("prefer", "")
        noted = {"Preference-Applied": 'IdType="ImmutableId"'} if "ImmutableId" in prefer else {}
        return Response(response.status, {**response.headers, **noted, "request-id": self._number()}, response.body)

    def _failed(self, error: GraphError) -> Response:
        number = self._number()
        response = error.response(self._clock.now(), number)
        return Response(response.status, {**response.headers, "request-id": number}, response.body)

    def _json(self, request: Request) -> Any:
        try:
            return given(request)
        except ValueError:
            raise bad("BadRequest", "Unable to read JSON request payload.") from None

    def _number(self) -> str:
        self._count += 1
        return f"00000000-0000-4000-8000-{self._count:012d}"

    def _about_login(self, request: Request) -> Response:
        """Where a tenant's endpoints are (OpenID Connect Discovery 1.0, section 4)."""
        tenant = request.path.strip("/").partition("/")[0]
        if not request.path.endswith("/v2.0/.well-known/openid-configuration"):
            return Response(404)
        base = f"{self.login.base_url}/{tenant}"
        return answer(200, {
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        })  # fmt: skip

    # --- people and the control endpoints ---------------------------------------------------------------------

    def at(self, base_url: str) -> None:
        """Tell the app its address, once the port is known."""
        self.login.base_url = base_url.rstrip("/")

    def load(self, place: str, contacts: Iterable[Mapping[str, Any]]) -> list[str]:
        """Fill a folder (``USER/FOLDER``); the lasting ids."""
        return [str(self.edit({"object": place, "create": each})["id"]) for each in contacts]

    def state(self) -> dict[str, Any]:
        """All contacts by ``USER/FOLDER``, with their lasting ids; Deleted Items are left out."""
        return {
            f"{box.user}/{folder.name}": [shown(box, each, folder, immutable=True) for each in box.everybody(folder)]
            for box in self.boxes.values()
            for folder in box.folders.values()
            if not folder.trash
        }

    def edit(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """What a person does: in Outlook, or about logins."""
        done = self.login.carry_out(command)
        return self._edits.carry_out(command, self._clock.now()) if done is None else done

    def normalise(self, object_name: str, rules: list[Mapping[str, Any]]) -> None:
        """Replace what the server does to the values that it stores in one folder."""
        _, folder = self._edits.place(object_name)
        for rule in rules:
            if rule.get("field") not in PROPERTIES:
                raise ValueError(f"no such property of a contact: {rule.get('field')!r}")
        folder.rules = normalisers(rules)

    def tune(self, knobs: Mapping[str, Any]) -> None:
        """Turn switches of the behaviour, knobs of the login server, or ``forget_links``. Raises ValueError."""
        for name, value in knobs.items():
            if name == "forget_links":
                self.rounds.forget()
            elif not (self.behaviour.turn(name, value) or self.login.tune(name, value)):
                raise ValueError(f"unknown knob {name!r}")

    def template(self, request: Request) -> str:
        """The request with users, folders and contacts left open."""
        path = re.sub(r"/users/[^/]+", "/users/{user}", request.path)
        path = re.sub(r"/(contactFolders|childFolders)/[^/]+", r"/\1/{folder}", path)
        path = re.sub(r"/contacts/(?!delta$)[^/]+", "/contacts/{contact}", path)
        return f"{request.method} {path}"

    def credits(self, request: Request) -> int:  # noqa: ARG002 - the seam hands it in
        """Nothing is charged."""
        return 0

    def emptied(self, request: Request) -> Response:
        """An answer without contacts: an empty list, or a round in which nothing has happened."""
        real = self.handle(request)
        if request.method != "GET" or real.status != 200 or not request.path.startswith(_API):
            return real
        if not request.path.endswith("/delta"):
            return answer(200, {"value": []}) if request.path.endswith("/contacts") else real
        asked = self._routes.asked(request, self._access(request), self.login.base_url)
        folder = asked.box.folder(asked.rest[1]) if asked.rest[0] == "contactFolders" else asked.box.contacts
        return self.rounds.nothing(asked, folder)

    def refused_rows(self, request: Request, share: float, code: str) -> Response:
        """Carry out a batch in which that share of the requests is refused, evenly spread over calls.

        ``code``: a status, or the code of an error with status 400.
        """
        self._refusing = (share, code)
        try:
            return self.handle(request)
        finally:
            self._refusing = None

    def _refusal(self, request: Request) -> GraphError | None:  # noqa: ARG002 - any of them
        if self._refusing is None:
            return None
        share, code = self._refusing
        self._owed += share
        if self._owed < 1.0:
            return None
        self._owed -= 1.0
        if code.isdecimal():
            return GraphError(int(code), "ErrorInternalServerError" if code > "499" else "ErrorRefused", "Refused.")
        return bad(code, "The request was refused.")
