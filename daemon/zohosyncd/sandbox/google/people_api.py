"""The People API behind its parameters: who calls, which method, what of the answer is shown."""

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

from zohosyncd.sandbox.parts.answers import JSON
from zohosyncd.sandbox.parts.oauth import LoginServer
from zohosyncd.sandbox.parts.oauth_habits import Access
from zohosyncd.sandbox.parts.tokens import Tokens
from zohosyncd.sandbox.wire import Request, Response

from . import routes
from .behaviour import GoogleBehaviour
from .call import Call
from .groups import Groups
from .listing import Listing
from .mailbox import Mailbox
from .masks import selected, selection
from .quota import Quota
from .reading import Reading
from .refusals import Refused, invalid, lacks_scope, unauthenticated
from .routes import STANDARD, Route
from .searching import Searching
from .values import Showing
from .writing import Writing


class PeopleApi:
    """The API over all mailboxes.

    Args:
        mailboxes: by e-mail address in lower case. tokens: of pages and syncs.
    """

    def __init__(
        self,
        mailboxes: Mapping[str, Mailbox],
        login: LoginServer,
        behaviour: GoogleBehaviour,
        tokens: Tokens,
        seed: int,
    ) -> None:
        self._mailboxes, self._login, self._behaviour = mailboxes, login, behaviour
        chance = random.Random(f"google/{seed}")
        self.showing = Showing(behaviour)
        self.listing = Listing(tokens, self.showing, chance)
        self.reading = Reading(self.showing, chance)
        self.writing = Writing(self.reading, chance)
        self.searching = Searching(self.showing)
        self.groups = Groups(tokens)

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        found = routes.find(request.method, request.path)
        if found is None:
            return Response(
                404, {"Content-Type": "text/html; charset=UTF-8"}, b"<title>Error 404 (Not Found)!!1</title>"
            )
        try:
            return self._answered(*found, request)
        except Refused as refusal:
            return refusal.response(error_list=self._behaviour.error_list)

    def caller(self, request: Request) -> Mailbox | None:
        """Whose mailbox a request is about, None where its token opens nothing."""
        access = self._access(request)
        return None if access is None else self._mailbox(access)

    def _answered(self, route: Route, name: str, request: Request) -> Response:
        access = self._access(request)
        if access is None:
            raise unauthenticated()
        params = _params(route, request)
        if not access.scopes & route.scopes:
            raise lacks_scope(route.name)
        mailbox = self._mailbox(access)
        if mailbox is None:
            raise Refused("PERMISSION_DENIED", "The caller does not have permission")
        Quota(mailbox).take(route.price)
        body = self._method(route)(Call(mailbox, access.scopes, name, params, request.body))
        return _shown(body, params)

    def _method(self, route: Route) -> Callable[[Call], dict[str, Any]]:
        part, _, method = route.does.partition(".")
        found: Callable[[Call], dict[str, Any]] = getattr(getattr(self, part), method)
        return found

    def _access(self, request: Request) -> Access | None:
        query = dict(request.query)
        token = query.get("access_token") or query.get("oauth_token")
        return self._login.grants.access(token) if token else self._login.bearer(request)

    def _mailbox(self, access: Access) -> Mailbox | None:
        """A service account that speaks for no user has none."""
        return self._mailboxes.get(access.user.lower())


def _params(route: Route, request: Request) -> dict[str, tuple[str, ...]]:
    params: dict[str, tuple[str, ...]] = {}
    for name, value in request.query:
        if name not in route.params | STANDARD:
            message = f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.'
            raise invalid(f"{message} Field '{name}' could not be found in request message.", name)
        params[name] = (*params.get(name, ()), value)
    if params.get("alt", ("json",)) != ("json",):
        raise invalid("Invalid value for alt: only json is offered here.", "alt")
    if len(params.get("quotaUser", ("",))[0]) > 40:
        raise invalid("quotaUser is longer than 40 characters.", "quotaUser")
    return params


def _shown(body: dict[str, Any], params: Mapping[str, tuple[str, ...]]) -> Response:
    if "fields" in params:
        body = selected(body, selection(params["fields"][0]))
    pretty = params.get("prettyPrint", ("true",))[0] != "false"
    text = json.dumps(body, ensure_ascii=False, indent=2 if pretty else None, separators=None if pretty else (",", ":"))
    return Response(
        200, {"Content-Type": JSON, "Vary": "Origin, X-Origin, Referer"}, text.encode("utf-8", "surrogatepass")
    )
