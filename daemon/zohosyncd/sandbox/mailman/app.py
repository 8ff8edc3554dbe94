"""A Mailman core as one object: by its documentation, and by what core 3.3.10 was seen to answer."""

import base64
import random
from collections.abc import Mapping
from typing import Any

from zohosyncd.sandbox.parts.normaliser import Normaliser, normalise, normalisers
from zohosyncd.sandbox.wire import Clock, Request, Response

from .answers import Refused, shown
from .behaviour import Behaviour
from .people import Address, MailingList, Member, User, Waiting
from .rest import Rest

ROOT = "/3.1/"
LOGIN = ("restadmin", "restpass")


class MailmanApp:
    """Lists in memory behind the REST API 3.1. There is one list, ``news@example.com``, unless others are named.

    Args:
        clock: the time of the simulated world. seed: decides every random choice.
        lists: posting addresses. login: user and password of the API. base_url: what ``location`` headers begin with.
        behaviour: how this core is set up; may be changed at any time through ``app.behaviour``.
    """

    name = "mailman"
    prefixes: tuple[str, ...] = (ROOT,)

    def __init__(
        self,
        clock: Clock,
        seed: int,
        *,
        lists: tuple[str, ...] = ("news@example.com",),
        login: tuple[str, str] = LOGIN,
        base_url: str = "http://127.0.0.1:1",
        behaviour: Behaviour | None = None,
    ) -> None:
        self.behaviour = behaviour or Behaviour()
        self.clock, self.base_url = clock, base_url
        self._chance = random.Random(f"mailman/{seed}")
        self._login = "Basic " + base64.b64encode(":".join(login).encode()).decode()
        self.lists = {_list_id(each): MailingList(_list_id(each), each) for each in lists}
        self.addresses: dict[str, Address] = {}
        self.users: dict[str, User] = {}
        self._rules: dict[str, list[Normaliser]] = {}
        self._rest = Rest(self)

    # --- requests ---------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answer one request as the core would."""
        if request.headers.get("authorization") != self._login:
            return Refused(401, "REST API authorization failed").answer()
        for each in self.lists.values():
            gone = self.clock.now() - self.behaviour.pending_life
            each.waiting = {token: one for token, one in each.waiting.items() if one.made > gone}
        try:
            return self._rest.answer(request)
        except Refused as refused:
            return refused.answer()

    def template(self, request: Request) -> str:
        """``METHOD /path/{template}``."""
        parts = request.path.removeprefix(ROOT).split("/")
        named = {"lists": "{list}", "members": "{id}", "addresses": "{email}", "users": "{id}", "requests": "{token}"}
        out = [part if at == 0 or parts[at - 1] not in named or part == "find" else named[parts[at - 1]]
               for at, part in enumerate(parts)]  # fmt: skip
        return f"{request.method} {ROOT}{'/'.join(out)}"

    def credits(self, request: Request) -> int:  # noqa: ARG002 - the protocol's signature
        """Nothing is charged."""
        return 0

    def emptied(self, request: Request) -> Response:
        """Nothing here: a list without entries, or no such thing."""
        last = request.path.rstrip("/").rpartition("/")[2]
        if last in {"lists", "member", "requests", "find", "members", "users"}:
            return shown({"start": 0, "total_size": 0})
        return Refused(404, "404 Not Found").answer()

    def refused_rows(self, request: Request, share: float, code: str) -> Response:
        """There are no batches: the whole request is refused, or not."""
        return Refused(400, code).answer() if self._chance.random() < share else self.handle(request)

    # --- what the core does -----------------------------------------------------------------------------------

    def new_id(self) -> str:
        """32 hexadecimal digits."""
        return f"{self._chance.getrandbits(128):032x}"

    def stored_name(self, list_id: str, name: str) -> str:
        """A name as this server stores it."""
        return str(normalise(self._rules.get(list_id, []), {"display_name": name})["display_name"] or "")

    def address(self, email: str, name: str = "") -> Address:
        """The address, made if need be: one that is known keeps its name."""
        found = self.addresses.get(email.lower())
        if found is None:
            found = self.addresses[email.lower()] = Address(email.lower(), email, name, self.clock.now())
        return found

    def subscribe(self, of: MailingList, address: Address, preferences: Mapping[str, object]) -> Member:
        """Make a member; a verified address has a user."""
        address.verified = address.verified or self.clock.now()
        if address.user is None:
            name = address.name if self.behaviour.names_of_users else ""
            address.user = User(self.new_id(), name, self.clock.now())
            self.users[address.user.id] = address.user
        member = Member(self.new_id(), of.list_id, address, dict(preferences))
        of.members[member.id] = member
        return member

    def confirm(self, of: MailingList, token: str) -> Member:
        """The person, or the moderator, says yes."""
        waiting = of.waiting.pop(token)
        return self.subscribe(of, self.address(waiting.email, waiting.name), waiting.preferences)

    # --- the control endpoints --------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """By list: members by id, and who waits by address."""
        return {of.list_id: {**{each.id: _seen(each) for each in of.roster()}, **self._waiting(of)}
                for of in self.lists.values()}  # fmt: skip

    def _waiting(self, of: MailingList) -> dict[str, Any]:
        return {f"waiting:{each.email}": _asked(each) for each in of.waiting.values()}

    def edit(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """``create`` (email, display_name, delivery_status ...), ``set``, ``delete``, or ``confirm`` a request."""
        of = self.lists.get(str(command.get("object")))
        if of is None:
            raise ValueError(f"no such list: {command.get('object')!r}; known: {', '.join(self.lists)}")
        if isinstance(given := command.get("create"), Mapping):
            address = self.address(str(given["email"]), str(given.get("display_name") or ""))
            return _seen(self._set(self.subscribe(of, address, {}), given))
        if "confirm" in command:
            tokens = [token for token, each in of.waiting.items() if each.email == command["confirm"]]
            if not tokens:
                raise ValueError("nobody waits with this address")
            return _seen(self.confirm(of, tokens[0]))
        member = of.members.get(str(command.get("id")))
        if member is None:
            raise ValueError("no such member")
        if command.get("delete"):
            return _seen(of.members.pop(member.id))
        return _seen(self._set(member, command.get("set") or {}))

    def _set(self, member: Member, given: Mapping[str, Any]) -> Member:
        known = {"email", "display_name", "delivery_status", "delivery_mode", "moderation_action"}
        if unknown := sorted(given.keys() - known):
            raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
        if "display_name" in given:
            member.address.name = str(given["display_name"] or "")
            if not member.address.name and member.address.user is not None:
                member.address.user.name = ""
        if "email" in given and given["email"] != member.address.email:
            user, name = member.address.user, member.address.name
            member.address = self.address(str(given["email"]), name)
            member.address.user, member.address.verified = user, self.clock.now()
        for name in ("delivery_status", "delivery_mode"):
            if name in given:
                member.preferences[name] = given[name]
        member.moderation = str(given.get("moderation_action", member.moderation))
        return member

    def normalise(self, object_name: str, rules: list[Mapping[str, Any]]) -> None:
        """What the server does to names that it stores."""
        if object_name not in self.lists:
            raise ValueError(f"no such list: {object_name}")
        self._rules[object_name] = normalisers(rules)


def _list_id(address: str) -> str:
    return address.replace("@", ".")


def _seen(member: Member) -> dict[str, Any]:
    return {
        "member_id": member.id, "email": member.address.email, "display_name": member.name,
        "delivery_status": member.effective("delivery_status"), "delivery_mode": member.effective("delivery_mode"),
        "moderation_action": member.moderation,
    }  # fmt: skip


def _asked(waiting: Waiting) -> dict[str, Any]:
    return {"email": waiting.email, "display_name": waiting.name, "token_owner": waiting.owner}
