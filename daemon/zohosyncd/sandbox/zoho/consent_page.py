"""The page ``/oauth/v2/auth``, with a user in front of it who says yes at once, or no where they were told to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from zohosyncd.sandbox.wire import Response

from .answers import answer
from .oauth import CODE_LIFE, CODES_PER_WINDOW, Accounts, Code, split


@dataclass
class ConsentPage:
    """The page and its user. Whichever data centre's page is opened, the user is sent on to that of the org.

    ``deny``: the user says no. ``org``: which org they choose, "" = the one of this simulation. ``user``: their number,
    0 = whose logins are used where nothing else is said. ``redirect_uris``: what the client has registered, None =
    whatever is asked for.
    """

    accounts: Accounts
    deny: bool = False
    org: str = ""
    user: int = 0
    redirect_uris: frozenset[str] | None = None
    _consented: set[tuple[str, str]] = field(default_factory=set)

    def open(self, query: Mapping[str, str]) -> Response:
        """What the browser gets: the way back to the client, or an error that stays on the page."""
        client, back = query.get("client_id", ""), query.get("redirect_uri", "")
        if client not in self.accounts.clients:
            return answer({"error": "invalid_client"}, 400)
        if not back.startswith(("http://", "https://")) or back not in (self.redirect_uris or {back}):
            return answer({"error": "invalid_redirect_uri"}, 400)
        if query.get("response_type") != "code":
            return answer({"error": "invalid_response_type"}, 400)
        if not split(query.get("scope", "")):
            return answer({"error": "invalid_scope"}, 400)
        busy = self.accounts.windows.full(("code", client), self.accounts.now(), CODES_PER_WINDOW)
        if self.deny or busy:
            return self._back(query, {"error": "access_denied"})
        code = self.accounts.new_code(self._code(query))
        self._consented.add((client, self.org))
        return self._back(
            query, {"code": code, "location": self.accounts.home, "accounts-server": self.accounts.server}
        )

    def _code(self, query: Mapping[str, str]) -> Code:
        """Without ``prompt=consent`` only the first consent of a client gives a refresh token."""
        client = query["client_id"]
        first = (client, self.org) not in self._consented
        return Code(
            client,
            self.accounts.now() + CODE_LIFE,
            split(query["scope"]),
            query["redirect_uri"],
            query.get("code_challenge", ""),
            query.get("code_challenge_method", "plain"),
            self.org,
            query.get("access_type") == "offline" and (first or query.get("prompt") == "consent"),
            self.user,
        )

    def _back(self, query: Mapping[str, str], told: Mapping[str, str]) -> Response:
        state = {"state": query["state"]} if "state" in query else {}
        sign = "&" if "?" in query["redirect_uri"] else "?"
        return Response(302, {"Location": f"{query['redirect_uri']}{sign}{urlencode({**state, **told})}"})
