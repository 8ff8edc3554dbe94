"""Zoho's accounts servers as a web site: its paths in nine data centres, its knobs, and what people do there."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from zohosyncd.sandbox.wire import Request, Response

from .answers import unknown_path
from .consent_page import ConsentPage
from .oauth import Accounts


class AccountsSite:
    """The accounts server with its consent page.

    Args:
        client: the client id that people mean. number_of: a user's number by id or e-mail address.
    """

    def __init__(self, accounts: Accounts, client: str, number_of: Callable[[str], int]) -> None:
        self._accounts = accounts
        self._number_of = number_of
        self._page = ConsentPage(accounts)
        self._client = client

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        given = dict(request.query)
        if request.body:
            given |= dict(parse_qsl(request.body.decode("utf-8", "replace")))
        first, _, rest = request.path[1:].partition("/")
        center, path = ("us", request.path[1:]) if first == "oauth" else (first, rest)
        match (request.method, path):
            case ("POST", "oauth/v2/token"):
                return self._accounts.token(given, center)
            case ("POST", "oauth/v2/token/revoke"):
                return self._accounts.revoke(given.get("token", ""))
            case ("GET", "oauth/v2/auth"):
                return self._page.open(given)
            case _:
                raise unknown_path()

    def carry_out(self, command: Mapping[str, Any]) -> dict[str, Any] | None:
        """What a person does about logins; None for what is none of it.

        ``create`` of the object ``self_client`` makes a code as the API console does (``scope``, ``minutes``, ``org``,
        ``user``: an e-mail address or id);
        ``delete`` of the object ``consent`` takes the client out of the connected apps.
        """
        match command:
            case {"object": "self_client", "create": dict(made)}:
                minutes, org = float(made.get("minutes", 3)), str(made.get("org", ""))
                user, scope = self._number_of(str(made["user"])) if made.get("user") else 0, str(made.get("scope"))
                return {"code": self._accounts.self_client_code(self._client, scope, minutes, org, user)}
            case {"object": "consent", "delete": True}:
                return {"revoked": self._accounts.revoke_all(self._client)}
            case _:
                return None

    def tune(self, name: str, value: Any) -> bool:
        """Turn a knob; False where it is none of these.

        ``expire_tokens``; of the consent page: ``deny``, ``consent_org`` (which org the user chooses),
        ``consent_user`` (who that is) and ``redirect_uris`` (a list, None for any).
        """
        match name:
            case "expire_tokens":
                self._accounts.expire_all()
            case "deny":
                self._page.deny = bool(value)
            case "consent_org":
                self._page.org = str(value)
            case "consent_user":
                self._page.user = self._number_of(str(value))
            case "redirect_uris":
                self._page.redirect_uris = None if value is None else frozenset(map(str, value))
            case _:
                return False
        return True
