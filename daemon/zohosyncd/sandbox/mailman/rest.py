"""The REST API 3.1: which path means what, what is done, and what is refused."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from zohosyncd.sandbox.wire import Request, Response

from .answers import Refused, made, nothing, parameters, shown
from .people import MODES, SITE, STATUSES, Address, Preferences, Waiting
from .showing import Showing

if TYPE_CHECKING:
    from .app import MailmanApp

_FLAGS = ("pre_verified", "pre_confirmed", "pre_approved", "invitation", "send_welcome_message")
_TRUE = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}
_EMAIL = re.compile(r"[^@\s<>()]+@[^@\s<>()]+\.[^@\s<>()]+")

Handler = Callable[..., Response]


class Rest(Showing):
    """The API over the people of one core."""

    def __init__(self, app: "MailmanApp") -> None:
        super().__init__(app)
        self._ways: list[tuple[str, re.Pattern[str], Handler]] = [
            (method, re.compile(path.replace("{}", "([^/]+)")), handler)
            for method, path, handler in (
                ("GET", "/3.1/system/versions", self._versions),
                ("GET", "/3.1/lists", self._lists),
                ("GET", "/3.1/lists/{}", self._list),
                ("GET", "/3.1/lists/{}/member/{}", self._member_with),
                ("DELETE", "/3.1/lists/{}/member/{}", self._unsubscribe_address),
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
                ("GET", "/3.1/users/{}/addresses", self._addresses),
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

    def _unsubscribe_address(self, request: Request, list_id: str, email: str) -> Response:
        member = self._of(list_id).with_address(email)
        if member is None:
            raise Refused(404)
        return self._unsubscribe(request, member.id)

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
