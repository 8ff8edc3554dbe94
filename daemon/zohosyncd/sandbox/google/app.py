"""Google Contacts as a simulated app: several mailboxes, the People API, the login server, and people at the screen."""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from zohosyncd.sandbox.parts.login_servers import GOOGLE
from zohosyncd.sandbox.parts.normaliser import normalisers
from zohosyncd.sandbox.parts.oauth import LoginServer
from zohosyncd.sandbox.parts.oauth_habits import LoginClient
from zohosyncd.sandbox.parts.service_accounts import ServiceAccount
from zohosyncd.sandbox.parts.tokens import Tokens
from zohosyncd.sandbox.wire import Clock, Request, Response

from . import routes
from .behaviour import GoogleBehaviour
from .edits import Edits
from .identity import Identity
from .mailbox import Mailbox, account_number
from .people_api import PeopleApi
from .refusals import STATUSES, Refused
from .values import Storing

CLIENT_ID, CLIENT_SECRET = "sandbox.apps.googleusercontent.com", "sandbox-client-secret"
REDIRECT_URIS = frozenset({
    "http://localhost/oauth/callback", "http://127.0.0.1/oauth/callback", "http://localhost/", "http://127.0.0.1/",
    "https://sync.example.org/oauth/callback",
})  # fmt: skip
ROBOT = "sync@sandbox.iam.gserviceaccount.com"
_PREFIX = "/google"


class GoogleApp:
    """Several mailboxes of one domain. Everything is below ``/google/`` as well, where other apps have such paths.

    Args:
        clock: the time of the simulated world. seed: decides every random choice.
        mailboxes: the e-mail addresses of the users.
        behaviour: the switches; may be changed at any time through ``app.behaviour``.
        base_url: the address that clients reach the sandbox under.
        redirect_uris: those of the one OAuth client; the port of a loopback address may be any.

    Attributes:
        login: the login server. refresh_tokens: one per mailbox, as after a consent to contacts and e-mail address.
        mailboxes: by e-mail address in lower case.
    """

    name = "google_contacts"
    prefixes: tuple[str, ...] = (
        "/google/", "/v1/people", "/v1/contactGroups", "/v1/userinfo", "/token", "/revoke", "/device", "/o/oauth2/",
        "/oauth2/v3/", "/oauth2/v2/userinfo",
    )  # fmt: skip

    def __init__(
        self,
        clock: Clock,
        seed: int,
        mailboxes: Sequence[str] = ("ann@example.org", "ben@example.org"),
        behaviour: GoogleBehaviour | None = None,
        *,
        base_url: str = "http://127.0.0.1",
        redirect_uris: frozenset[str] = REDIRECT_URIS,
    ) -> None:
        self.behaviour = behaviour or GoogleBehaviour()
        self._clock, self._chance, self._base_url = clock, random.Random(f"google app/{seed}"), base_url.rstrip("/")
        self.mailboxes = {
            address.lower(): Mailbox(
                address, account_number(seed, address), clock, self.behaviour, Storing(self.behaviour)
            )
            for address in mailboxes
        }
        client = LoginClient(CLIENT_ID, CLIENT_SECRET, redirect_uris)
        self.login = LoginServer(
            clock, seed, base_url, replace(GOOGLE, life=3_599), clients=(client,), scopes=routes.SCOPES,
            users=tuple(self.mailboxes),
        )  # fmt: skip
        granted = (routes.CONTACTS, "openid", *(scope for scope in sorted(routes.EMAIL) if "userinfo" in scope))
        self.refresh_tokens = {user: self.login.granted(CLIENT_ID, *granted, user=user) for user in self.mailboxes}
        self._tokens = Tokens(clock, seed)
        self._api = PeopleApi(self.mailboxes, self.login, self.behaviour, self._tokens, seed)
        self._identity = Identity(self.login, {user: box.sub for user, box in self.mailboxes.items()})
        self._edits = Edits(self.mailboxes, self._api.showing)

    def at(self, base_url: str) -> None:
        """Tell the app its address, once the port is known."""
        self._base_url = base_url.rstrip("/")

    def service_account(self, *scopes: str, prefix: str = _PREFIX) -> dict[str, str]:
        """Make the service account that may speak for all users (by default for contacts); its key file.

        Args:
            prefix: "" for a key file whose token address is the one without the prefix.
        """
        account = ServiceAccount(ROBOT, frozenset(scopes or (routes.CONTACTS,)))
        self.login.service_accounts[ROBOT] = account
        found: dict[str, str] = json.loads(account.key_file(f"{self._base_url}{prefix}/token"))
        return found

    def load(self, mailbox: str, persons: Iterable[Mapping[str, Any]], age: float = 86_400.0) -> list[str]:
        """Fill a mailbox with persons as ``createContact`` takes them, made ``age`` seconds ago; resource names."""
        return self._edits.load(mailbox, persons, age)

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        request, prefix = _without_prefix(request)
        self.login.base_url = self._base_url + prefix
        if request.path == self.login.habits.authorize and self.behaviour.withheld:
            request = _without_scopes(request, self.behaviour.withheld)
        for server in (self.login, self._identity):
            if (answered := server.handle(request)) is not None:
                return answered
        return self._api.handle(request)

    def crowded(self, request: Request, running: Sequence[Request]) -> Response | None:
        """The refusal of a mutation while another one of the same user is running."""
        if self.behaviour.concurrent == "served" or (user := self._mutates(request)) is None:
            return None
        others = [each for each in running if each is not request and self._mutates(each) is user]
        if not others:
            return None
        if self.behaviour.concurrent == "exhausted":
            refused = Refused("RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).")
        else:
            refused = Refused("ABORTED", "The operation was aborted.")
        return refused.response(error_list=self.behaviour.error_list)

    def state(self) -> dict[str, Any]:
        """All contacts, ``{"ann@example.org": {resource name: person}}``, and all groups under ``.../groups``."""
        return self._edits.state()

    def edit(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a person did in a mailbox, to a group, or about a login; see :class:`.edits.Edits`.

        ``delete`` of the object ``consent`` (``user``) takes the client out of the connected apps.
        """
        done = self.login.carry_out(command)
        return done if done is not None else self._edits.carry_out(command)

    def normalise(self, object_name: str, rules: list[Mapping[str, Any]]) -> None:
        """Replace what the server does to values of a mailbox; ``field`` is ``names.givenName`` for example."""
        self._edits.mailbox(object_name).storing.rules = normalisers(rules)

    def tune(self, knobs: Mapping[str, Any]) -> None:
        """Turn knobs: those of :class:`.behaviour.GoogleBehaviour`, of the login server, and ``profiles``
        (``{e-mail address: {"name": "people/1...", "displayName"}}``) and ``forget_tokens`` (sync tokens end now).
        """
        for name, value in knobs.items():
            match name:
                case "profiles":
                    for mailbox in self.mailboxes.values():
                        mailbox.profiles = {str(key).lower(): dict(each) for key, each in value.items()}
                case "forget_tokens":
                    self._tokens.forget("connections sync")
                    self._tokens.forget("groups sync")
                case _ if not self.login.tune(name, value):
                    self.behaviour.tune({name: value})

    def template(self, request: Request) -> str:
        """``METHOD /path`` with ``{person}`` and ``{group}``."""
        plain, _ = _without_prefix(request)
        return f"{plain.method} {routes.template(plain.path)}"

    def credits(self, request: Request) -> int:  # noqa: ARG002 - the seam hands it in
        """Nothing is charged."""
        return 0

    def emptied(self, request: Request) -> Response:
        """The same answer as if the mailbox had no contacts."""
        plain, _ = _without_prefix(request)
        caller = self._api.caller(plain)
        if plain.method != "GET" or caller is None:
            return self.handle(request)
        with caller.hidden():
            return self.handle(request)

    def refused_rows(self, request: Request, share: float, code: str) -> Response:
        """Refuse a share of the rows of a batch, which refuses the batch."""
        status = code if code in STATUSES else "INVALID_ARGUMENT"

        def refuse() -> Refused | None:
            return Refused(status, "Request contains an invalid argument.") if self._chance.random() < share else None

        with self._api.writing.refusing(refuse):
            return self.handle(request)

    def _mutates(self, request: Request) -> Mailbox | None:
        plain = _without_prefix(request)[0]
        found = routes.find(plain.method, plain.path)
        return self._api.caller(plain) if found is not None and found[0].mutates else None


def _without_prefix(request: Request) -> tuple[Request, str]:
    request = _overridden(request)
    if not request.path.startswith(f"{_PREFIX}/"):
        return request, ""
    path = request.path.removeprefix(_PREFIX)
    return Request(request.method, path, request.query, request.headers, request.body), _PREFIX


def _overridden(request: Request) -> Request:
    """A GET that came as a POST, its parameters as a form, as the vendor's clients send addresses that are too long."""
    if request.method != "POST" or request.headers.get("x-http-method-override", "").upper() != "GET":
        return request
    form = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return Request("GET", request.path, (*request.query, *form), request.headers)


def _without_scopes(request: Request, withheld: frozenset[str]) -> Request:
    """The consent page as it goes on after the user has unticked scopes; with none left it is a no."""
    query = dict(request.query)
    query["scope"] = " ".join(each for each in query.get("scope", "").split() if each not in withheld)
    return Request(request.method, request.path, tuple(query.items()), request.headers, request.body)
