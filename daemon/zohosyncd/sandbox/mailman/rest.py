"""The REST API 3.1: which path means what, and what is refused."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zohosyncd.sandbox.wire import Request, Response

from .answers import Refused, collection, made, moment, nothing, parameters, shown
from .people import MODES, SITE, STATUSES, Address, MailingList, Member, Preferences, User, Waiting

if TYPE_CHECKING:
    from .app import MailmanApp

_MEMBER_FIELDS = (
    "address", "bounce_score", "last_warning_sent", "total_warnings_sent", "delivery_mode", "email", "list_id",
    "subscription_mode", "role", "user", "moderation_action", "display_name", "self_link", "member_id",
)  # fmt: skip
_FLAGS = ("pre_verified", "pre_confirmed", "pre_approved", "invitation", "send_welcome_message")
_TRUE = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}
_EMAIL = re.compile(r"[^@\s<>()]+@[^@\s<>()]+\.[^@\s<>()]+")

Handler = Callable[..., Response]


class Rest:
    """The API over the people of one core."""

    def __init__(self, app: "MailmanApp") -> None:
        self._app = app
        self._ways: list[tuple[str, re.Pattern[str], Handler]] = [
            (method, re.compile(path.replace("{}", "([^/]+)")), handler)
            for method, path, handler in (
                ("GET", "/3.1/system/versions", self._versions),
                ("GET", "/3.1/lists", self._lists),
                ("GET", "/3.1/lists/{}/roster/member", self._roster),
                ("GET", "/3.1/lists/{}/requests", self._requests),
                ("POST", "/3.1/lists/{}/requests/{}", self._decide),
                ("GET", "/3.1/members/find", self._find),
                ("POST", "/3.1/members/find", self._find),
                ("POST", "/3.1/members", self._subscribe),
                ("GET", "/3.1/members/{}", self._member),
                ("PATCH", "/3.1/members/{}", self._patch_member),
                ("DELETE", "/3.1/members/{}", self._unsubscribe),
                ("GET", "/3.1/members/{}/preferences", self._preferences),
                ("PATCH", "/3.1/members/{}/preferences", self._patch_preferences),
                ("GET", "/3.1/members/{}/all/preferences", self._all_preferences),
                ("GET", "/3.1/addresses/{}", self._address),
                ("PATCH", "/3.1/addresses/{}", self._patch_address),
                ("POST", "/3.1/addresses/{}/verify", self._verify),
                ("GET", "/3.1/users/{}", self._user),
                ("PATCH", "/3.1/users/{}", self._patch_user),
                ("POST", "/3.1/users/{}/addresses", self._add_address),
            )
        ]

    def answer(self, request: Request) -> Response:
        """Find who answers; 404 for a path that nobody knows, 405 for another method."""
        known = False
        for method, path, handler in self._ways:
            if (found := path.fullmatch(request.path)) is not None:
                known = True
                if method == request.method:
                    return handler(request, *found.groups())
        raise Refused(405 if known else 404)

    # --- what is shown ----------------------------------------------------------------------------------------

    def _versions(self, request: Request) -> Response:
        parameters(request, ())
        return shown({
            "mailman_version": "GNU Mailman 3.3.10 (Tom Sawyer)", "python_version": "3.11.7", "api_version": "3.1",
            "self_link": f"{self._app.base_url}/3.1/system/versions",
        })  # fmt: skip

    def _lists(self, request: Request) -> Response:
        given = parameters(request, ("count", "page", "advertised"))
        return collection(given, list(self._app.lists.values()), self._list_shown)

    def _list_shown(self, of: MailingList) -> dict[str, Any]:
        name, _, host = of.address.partition("@")
        return {
            "advertised": True, "display_name": name.title(), "fqdn_listname": of.address, "list_id": of.list_id,
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
        address = self._known(email)
        body: dict[str, Any] = {
            "email": address.email, "original_email": address.original, "registered_on": moment(address.made),
        }  # fmt: skip
        if address.user is not None:
            body["user"] = f"{self._app.base_url}/3.1/users/{address.user.id}"
        if address.name:
            body["display_name"] = address.name
        if address.verified is not None:
            body["verified_on"] = moment(address.verified)
        return shown({**body, "self_link": f"{self._app.base_url}/3.1/addresses/{address.email}"})

    def _user(self, request: Request, key: str) -> Response:
        parameters(request, ())
        user = self._user_of(key)
        body: dict[str, Any] = {"created_on": moment(user.made), "is_server_owner": False, "user_id": user.id}
        if user.name:
            body["display_name"] = user.name
        return shown({**body, "self_link": f"{self._app.base_url}/3.1/users/{user.id}"})

    # --- what is done -----------------------------------------------------------------------------------------

    def _subscribe(self, request: Request) -> Response:
        more = ("delivery_mode", "delivery_status", "display_name", "role", *_FLAGS)
        given = parameters(request, more, ("list_id", "subscriber"))
        said = {name: values[0] for name, values in given.items()}
        flags = {name: _flag(said[name]) for name in _FLAGS if name in said}
        preferences = _chosen(said)
        if not _EMAIL.fullmatch(said["subscriber"]):
            raise Refused(400, 'Invalid Parameter "subscriber": .')
        of = self._app.lists.get(said["list_id"])
        if of is None:
            raise Refused(400, "No such list")
        email = said["subscriber"].lower()
        address = self._app.address(said["subscriber"], self._app.stored_name(of.list_id, said.get("display_name", "")))
        if email == of.address:
            raise Refused(400, "List posting address cannot subscribe")
        if email in of.banned:
            raise Refused(400, "Membership is banned")
        if of.with_address(email) is not None:
            raise Refused(409, "Member already subscribed")
        if any(each.email == email for each in of.waiting.values()):
            raise Refused(409, "Subscription request already pending")
        owner = self._who_confirms(address, flags)
        if not owner:
            member = self._app.subscribe(of, address, preferences)
            return made(f"{self._app.base_url}/3.1/members/{member.id}")
        token = self._app.new_id() + "00000000"
        of.waiting[token] = Waiting(token, of.list_id, email, address.name, owner, self._app.clock.now(), preferences)
        return shown({"token": token, "token_owner": owner}, 202)

    def _who_confirms(self, address: Address, flags: Mapping[str, bool]) -> str:
        """Who has to say yes first; "" for nobody."""
        policy = self._app.behaviour.policy
        verified = address.verified is not None or flags.get("pre_verified", False)
        confirmed = flags.get("pre_confirmed", False) or "confirm" not in policy
        if not verified or not confirmed or flags.get("invitation", False):
            return "subscriber"
        return "moderator" if "moderate" in policy and not flags.get("pre_approved", False) else ""

    def _decide(self, request: Request, list_id: str, token: str) -> Response:
        action = parameters(request, ("reason",), ("action",))["action"][0]
        of = self._of(list_id)
        if action not in {"accept", "discard", "reject", "defer", "hold"}:
            raise Refused(400, "Invalid Parameter")
        if token not in of.waiting:
            raise Refused(404, "404 Not Found")
        if action == "accept":
            self._app.confirm(of, token)
        elif action in {"discard", "reject"}:
            del of.waiting[token]
        return nothing()

    def _patch_member(self, request: Request, member_id: str) -> Response:
        given = parameters(request, ("address", "delivery_mode", "moderation_action"))
        member, of = self._by_id(member_id), None
        if "address" in given:
            address = self._app.addresses.get(given["address"][0].lower())
            if address is None:
                raise Refused(400, "Address not registered")
            if address.verified is None:
                raise Refused(400, "Unverified address")
            of = self._of(member.list_id)
            if of.with_address(address.email) not in (None, member):
                raise Refused(400, "Membership error")
            member.address = address
        member.preferences |= _chosen({name: values[0] for name, values in given.items()})
        if "moderation_action" in given:
            member.moderation = given["moderation_action"][0]
        return nothing()

    def _patch_preferences(self, request: Request, member_id: str) -> Response:
        given = parameters(request, ("hide_address", *SITE))
        self._by_id(member_id).preferences |= _chosen({name: values[0] for name, values in given.items()})
        return nothing()

    def _unsubscribe(self, request: Request, member_id: str) -> Response:
        parameters(request, ("pre_confirmed", "pre_approved"))
        member = self._by_id(member_id)
        del self._of(member.list_id).members[member_id]
        return nothing()

    def _patch_address(self, request: Request, email: str) -> Response:
        name = parameters(request, (), ("display_name",))["display_name"][0]
        address = self._known(email)
        lists = [of.list_id for of in self._app.lists.values() if of.with_address(address.email) is not None]
        address.name = self._app.stored_name(lists[0], name) if lists else name
        return nothing()

    def _verify(self, request: Request, email: str) -> Response:
        parameters(request, ())
        self._known(email).verified = self._app.clock.now()
        return nothing()

    def _patch_user(self, request: Request, key: str) -> Response:
        given = parameters(request, ("display_name", "cleartext_password", "is_server_owner"))
        user = self._user_of(key)
        user.name = given.get("display_name", [user.name])[0]
        return nothing()

    def _add_address(self, request: Request, key: str) -> Response:
        given = parameters(request, ("display_name", "absorb_existing"), ("email",))
        user, email = self._user_of(key), given["email"][0]
        if email.lower() in self._app.addresses and self._app.addresses[email.lower()].user is not None:
            raise Refused(400, "Address already exists")
        address = self._app.address(email, given.get("display_name", [user.name])[0])
        address.user = user
        return made(f"{self._app.base_url}/3.1/addresses/{address.email}")

    # --- who is meant -----------------------------------------------------------------------------------------

    def _of(self, list_id: str) -> MailingList:
        if list_id not in self._app.lists:
            raise Refused(404)
        return self._app.lists[list_id]

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


def _flag(word: str) -> bool:
    if word.lower() not in _TRUE:
        raise Refused(400, "Invalid Parameter")
    return _TRUE[word.lower()]


def _chosen(said: Mapping[str, str]) -> Preferences:
    """The preferences among parameters; a word that is none is refused."""
    found: Preferences = {}
    for name, words in (("delivery_status", STATUSES), ("delivery_mode", MODES)):
        if name in said:
            if said[name] not in words:
                raise Refused(400, f'Invalid Parameter "{name}": Accepted Values are: {", ".join(words)}.')
            found[name] = said[name]
    return found
