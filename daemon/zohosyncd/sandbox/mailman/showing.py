"""What the REST API shows: lists, members, requests, addresses, users; and who is meant by a path."""

from collections.abc import Mapping, Sequence
from string import capwords
from typing import TYPE_CHECKING, Any

from zohosyncd.sandbox.wire import Request, Response

from .answers import Refused, collection, moment, parameters, shown
from .people import SITE, STATUSES, Address, MailingList, Member, Preferences, User, Waiting

if TYPE_CHECKING:
    from .app import MailmanApp

_MEMBER_FIELDS = (
    "address", "bounce_score", "last_warning_sent", "total_warnings_sent", "delivery_mode", "email", "list_id",
    "subscription_mode", "role", "user", "moderation_action", "display_name", "self_link", "member_id",
)  # fmt: skip


class Showing:
    """The calls that change nothing."""

    def __init__(self, app: "MailmanApp") -> None:
        self._app = app

    def _versions(self, request: Request) -> Response:
        parameters(request, ())
        return shown({
            "mailman_version": "GNU Mailman 3.3.10 (Tom Sawyer)", "python_version": "3.11.7", "api_version": "3.1",
            "self_link": f"{self._app.base_url}/3.1/system/versions",
        })  # fmt: skip

    def _lists(self, request: Request) -> Response:
        given = parameters(request, ("count", "page", "advertised"))
        return collection(given, list(self._app.lists.values()), self._list_shown)

    def _list(self, request: Request, key: str) -> Response:
        parameters(request, ())
        return shown(self._list_shown(self._of(key)))

    def _list_shown(self, of: MailingList) -> dict[str, Any]:
        name, _, host = of.address.partition("@")
        return {
            "advertised": True, "display_name": capwords(name), "fqdn_listname": of.address, "list_id": of.list_id,
            "list_name": name, "mail_host": host, "member_count": len(of.members), "volume": 1, "description": "",
            "self_link": f"{self._app.base_url}/3.1/lists/{of.list_id}",
        }  # fmt: skip

    def _roster(self, request: Request, list_id: str) -> Response:
        given = parameters(request, ("fields", "count", "page"))
        return self._members(given, self._of(list_id).roster())

    def _members(self, given: Mapping[str, Sequence[str]], members: Sequence[Member]) -> Response:
        wanted = tuple(given.get("fields", _MEMBER_FIELDS))
        if unknown := [each for each in wanted if each not in _MEMBER_FIELDS]:
            raise Refused(400, f'Unknown field "{unknown[0]}" for Member resource.')
        return collection(given, members, lambda each: self._member_shown(each, wanted))

    def _member_shown(self, member: Member, wanted: Sequence[str] = _MEMBER_FIELDS) -> dict[str, Any]:
        base, user = f"{self._app.base_url}/3.1", member.address.user
        every: dict[str, Any] = {
            "address": f"{base}/addresses/{member.address.email}", "bounce_score": 0,
            "last_warning_sent": "0001-01-01T00:00:00", "total_warnings_sent": 0,
            "delivery_mode": member.effective("delivery_mode"), "email": member.address.email,
            "list_id": member.list_id, "subscription_mode": "as_address", "role": "member",
            "user": f"{base}/users/{user.id}" if user is not None else None,
            "moderation_action": member.moderation or None, "display_name": member.name,
            "self_link": f"{base}/members/{member.id}", "member_id": member.id,
        }  # fmt: skip
        return {name: every[name] for name in wanted if every[name] is not None}

    def _requests(self, request: Request, list_id: str) -> Response:
        given = parameters(request, ("token_owner", "request_type", "count", "page"))
        owner = given.get("token_owner", [""])[0]
        waiting = [each for each in self._of(list_id).waiting.values() if owner in {"", each.owner}]
        return collection(given, waiting, _waiting_shown)

    def _find(self, request: Request) -> Response:
        allowed = ("list_id", "subscriber", "role", "moderation_action", "delivery_mode", "delivery_status")
        given = parameters(request, (*allowed, "page", "count", "fields"))
        said = {name: values[0] for name, values in given.items() if name in allowed}
        if said.get("delivery_status", "enabled") not in STATUSES:
            raise Refused(400, "Invalid Parameter")
        wanted = said.get("subscriber", "").lower()
        found = [
            each
            for of in sorted(self._app.lists.values(), key=lambda of: of.list_id)
            for each in of.roster()
            if said.get("list_id", of.list_id) == of.list_id
            and said.get("role", "member") == "member"
            and wanted in {"", each.address.email}
            and said.get("delivery_status", each.effective("delivery_status")) == each.effective("delivery_status")
        ]
        return self._members(given, found if said else [])

    def _member(self, request: Request, member_id: str) -> Response:
        parameters(request, ())
        return shown(self._member_shown(self._by_id(member_id)))

    def _member_with(self, request: Request, list_id: str, email: str) -> Response:
        parameters(request, ())
        member = self._of(list_id).with_address(email)
        if member is None:
            raise Refused(404)
        return shown(self._member_shown(member))

    def _preferences(self, request: Request, member_id: str) -> Response:
        parameters(request, ())
        return self._said(self._by_id(member_id).preferences, f"members/{member_id}/preferences")

    def _all_preferences(self, request: Request, member_id: str) -> Response:
        parameters(request, ())
        member = self._by_id(member_id)
        return self._said({name: member.effective(name) for name in SITE}, f"members/{member_id}/all/preferences")

    def _said(self, preferences: Preferences, path: str) -> Response:
        return shown({**preferences, "self_link": f"{self._app.base_url}/3.1/{path}"})

    def _address(self, request: Request, email: str) -> Response:
        parameters(request, ())
        return shown(self._address_shown(self._known(email)))

    def _addresses(self, request: Request, key: str) -> Response:
        given, user = parameters(request, ("count", "page")), self._user_of(key)
        own = [each for each in self._app.addresses.values() if each.user is user]
        return collection(given, sorted(own, key=lambda each: each.original), self._address_shown)

    def _address_shown(self, address: Address) -> dict[str, Any]:
        body: dict[str, Any] = {
            "email": address.email, "original_email": address.original, "registered_on": moment(address.made),
        }  # fmt: skip
        if address.user is not None:
            body["user"] = f"{self._app.base_url}/3.1/users/{address.user.id}"
        if address.name:
            body["display_name"] = address.name
        if address.verified is not None:
            body["verified_on"] = moment(address.verified)
        return {**body, "self_link": f"{self._app.base_url}/3.1/addresses/{address.email}"}

    def _user(self, request: Request, key: str) -> Response:
        parameters(request, ())
        user = self._user_of(key)
        body: dict[str, Any] = {"created_on": moment(user.made), "is_server_owner": False, "user_id": user.id}
        if user.name:
            body["display_name"] = user.name
        return shown({**body, "self_link": f"{self._app.base_url}/3.1/users/{user.id}"})

    # --- who is meant -----------------------------------------------------------------------------------------

    def _of(self, key: str) -> MailingList:
        """A list by its id or its posting address."""
        found = self._app.lists.get(key.replace("@", "."))
        if found is None:
            raise Refused(404)
        return found

    def _by_id(self, member_id: str) -> Member:
        for of in self._app.lists.values():
            if member_id in of.members:
                return of.members[member_id]
        raise Refused(404, "404 Not Found")

    def _known(self, email: str) -> Address:
        if email.lower() not in self._app.addresses:
            raise Refused(404, "404 Not Found")
        return self._app.addresses[email.lower()]

    def _user_of(self, key: str) -> User:
        user = self._known(key).user if "@" in key else self._app.users.get(key)
        if user is None:
            raise Refused(404, "404 Not Found")
        return user


def _waiting_shown(waiting: Waiting) -> dict[str, Any]:
    return {
        "token": waiting.token, "type": "subscription", "list_id": waiting.list_id, "email": waiting.email,
        "display_name": waiting.name, "when": moment(waiting.made, fine=False), "token_owner": waiting.owner,
    }  # fmt: skip
