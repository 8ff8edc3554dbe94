"""What there is beside contacts: owners, properties, the account itself, and the login, which needs none."""

from typing import Any

from zohosyncd.sandbox.parts.answers import answer
from zohosyncd.sandbox.wire import Request, Response

from .call import Call
from .contacts import Contacts
from .limits import Limits
from .login import Login, Logins
from .properties import iso
from .refusals import Refusal, not_found

OWNERS: dict[str, tuple[str, str, str]] = {
    "41000001": ("Ann", "Berg", "ann.berg@example.com"),
    "41000002": ("Ben", "Costa", "ben.costa@example.com"),
    "41000003": ("Cleo", "Diaz", "cleo.diaz@example.com"),
}
"""Who may own a contact, by id."""

_MADE = 1_577_836_800_000


def open_route(logins: Logins, request: Request) -> Response | None:
    """The answer to a request that needs no token, None where it needs one."""
    path = request.path.rstrip("/")
    if path == "/oauth/authorize":
        return logins.consent(dict(request.query))
    if path == "/oauth/v1/token" and request.method == "POST":
        return logins.token(request)
    if path.startswith("/oauth/v1/access-tokens/"):
        return logins.told_of(path.rsplit("/", 1)[-1])
    if path.startswith("/oauth/v1/refresh-tokens/") and request.method == "DELETE":
        return logins.revoke(path.rsplit("/", 1)[-1])
    return None


def need(login: Login, scope: str) -> None:
    """Raises Refusal where a login may not do what needs this scope."""
    if scope not in login.scopes:
        message = (
            "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
            "https://developers.hubspot.com/scopes."
        )
        detail = {"message": "One or more of the following scopes are required.",
                  "context": {"requiredGranularScopes": [scope]}}  # fmt: skip
        raise Refusal(403, "MISSING_SCOPES", message, errors=[detail])


def known(contacts: Contacts, limits: Limits, call: Call, login: Login) -> Response:
    """Answers about the account. Raises Refusal."""
    method, path = call.request.method, call.request.path.rstrip("/")
    if method != "GET":
        raise not_found("No such method")
    match path.strip("/").split("/"):
        case ["crm", "v3", "owners"]:
            need(login, "crm.objects.owners.read")
            return _owners(call)
        case ["crm", "v3", "properties", "contacts" | "0-1"]:
            need(login, "crm.schemas.contacts.read")
            return answer(200, {"results": [each.shown() for each in contacts.properties.values()]})
        case ["crm", "v3", "properties", "contacts" | "0-1", name]:
            need(login, "crm.schemas.contacts.read")
            if name not in contacts.properties:
                raise not_found(f"Property {name} does not exist")
            return answer(200, contacts.properties[name].shown())
        case ["account-info", "v3", "details"]:
            return answer(200, _account(contacts))
        case ["account-info", "v3", "api-usage", "daily", "private-apps"]:
            row = {
                "name": "private-apps-api-calls-daily",
                "usageLimit": contacts.setup.per_day,
                "currentUsage": limits.used,
                "collectedAt": iso(contacts.now()),
                "fetchStatus": "SUCCESS",
            }
            return answer(200, {"results": [row]})
        case _:
            raise not_found("Unable to find the resource")


def _owners(call: Call) -> Response:
    limit, after = call.number("limit", 100), call.number("after", 0)
    if limit > 500:
        raise Refusal(400, "VALIDATION_ERROR", "limit must be at most 500")
    wanted = call.one("email").lower()
    rows = [
        {"id": owner, "email": email, "firstName": given, "lastName": family, "userId": int(owner) - 40_000_000,
         "type": "PERSON", "createdAt": iso(_MADE), "updatedAt": iso(_MADE), "archived": False}
        for owner, (given, family, email) in OWNERS.items() if not wanted or email == wanted
    ]  # fmt: skip
    body: dict[str, Any] = {"results": rows[after : after + limit]}
    if after + limit < len(rows):
        body["paging"] = {"next": {"after": str(after + limit)}}
    return answer(200, body)


def _account(contacts: Contacts) -> dict[str, Any]:
    return {
        "portalId": contacts.setup.portal, "accountType": "STANDARD", "timeZone": "Europe/Berlin",
        "companyCurrency": "EUR", "additionalCurrencies": [], "utcOffset": "+01:00",
        "utcOffsetMilliseconds": 3_600_000, "uiDomain": "app-eu1.hubspot.com", "dataHostingLocation": "eu1",
    }  # fmt: skip
