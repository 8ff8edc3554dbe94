"""HubSpot as one object: requests in, answers out, and what a person could do at its screen."""

import random
from collections.abc import Iterable, Mapping
from typing import Any

from zohosyncd.sandbox.parts.answers import answer
from zohosyncd.sandbox.parts.normaliser import normalisers
from zohosyncd.sandbox.wire import Clock, Request, Response

from . import about
from .call import Call
from .contacts import OPTOUT, Contact, Contacts
from .limits import Limits
from .lists import Lists
from .login import Logins
from .objects import shown
from .refusals import Refusal, not_found
from .routes import CONTACTS, Route, route_of
from .search import Index
from .setup import HubSpotSetup

_OBJECT = "contacts"
_COMMANDS = ("create", "set", "delete", "restore", "forget", "merge")


class HubSpotApp:
    """Contacts of one HubSpot account in memory.

    Args:
        clock: the time of the simulated world. seed: decides every random choice.
        base_url: the address that the account is reached at. setup: what the account is like.
    """

    name = "hubspot"
    prefixes: tuple[str, ...] = (
        "/crm/v3/", "/oauth/v1/", "/oauth/authorize", "/communication-preferences/", "/account-info/",
    )  # fmt: skip

    def __init__(
        self, clock: Clock, seed: int, base_url: str = "http://127.0.0.1", setup: HubSpotSetup | None = None
    ) -> None:
        self.setup = setup or HubSpotSetup()
        self.contacts = Contacts(clock, seed, self.setup, tuple(about.OWNERS))
        self.lists = Lists(self.contacts)
        self.logins = Logins(clock, seed, self.setup)
        self.limits = Limits(clock, self.setup)
        self._index = Index(self.contacts)
        self._clock = clock
        self._chance = random.Random(f"hubspot/{seed}/order")
        self._base = base_url
        self._calls = 0

    def at(self, base_url: str) -> None:
        """The address that the account is reached at."""
        self._base = base_url

    # --- the API -------------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answer one request as HubSpot would."""
        return self._answer(request)

    def _answer(self, request: Request, share: float = 0.0, code: str = "") -> Response:
        self._calls += 1
        self.contacts.settle()
        call = Call(request, self._base, code, share)
        if (open_ := about.open_route(self.logins, request)) is not None:
            return open_
        headers: dict[str, str] = {"X-HubSpot-Correlation-Id": self._correlation()}
        try:
            login = self.logins.of(request)
            found = route_of(request.method, request.path)
            is_search = found is not None and found[0].is_search
            self.limits.take(search=is_search)
            headers |= self.limits.headers(search=is_search, public=login.public)
            if found is None:
                response = about.known(self.contacts, self.limits, call, login)
            else:
                about.need(login, found[0].scope)
                response = self._carry_out(found[0], found[1], call)
        except Refusal as refusal:
            response = refusal.response(headers["X-HubSpot-Correlation-Id"])
        return Response(response.status, {**response.headers, **headers}, response.body)

    def _carry_out(self, route: Route, parts: tuple[Any, ...], call: Call) -> Response:
        match route.of:
            case "lists":
                return route.carry_out(self.lists, call, *parts)
            case "index":
                return route.carry_out(self.contacts, self._index, call)
            case _:
                more = (self._chance,) if route.batch else ()
                return route.carry_out(self.contacts, call, *parts, *more)

    def _correlation(self) -> str:
        return f"00000000-0000-4000-8000-{self._calls:012}"

    # --- the world -----------------------------------------------------------------------------------------------

    def load(self, people: Iterable[Mapping[str, Any]]) -> list[str]:
        """Contacts that were there before: properties, ``id`` and ``createdate`` and ``lastmodifieddate`` if wished."""
        ids = []
        for each in people:
            given = {
                name: value for name, value in each.items()
                if name not in {"id", "createdate", "lastmodifieddate", "lists"}
            }  # fmt: skip
            now = self.contacts.now()
            created = int(each.get("createdate", now))
            made = Contact(
                str(each.get("id") or self.contacts.new_id()), {name: str(value) for name, value in given.items()},
                created, int(each.get("lastmodifieddate", created)),
            )  # fmt: skip
            self.contacts.put(made)
            if made.values.get(OPTOUT) == "true":
                self.contacts.opted_out.add(made.values.get("email", ""))
            self._set_lists(made.id, each.get("lists", ()))
            ids.append(made.id)
        return ids

    def state(self) -> dict[str, Any]:
        """All contacts with what is set of them, and the names of their static lists."""
        self.contacts.settle()
        return {_OBJECT: [self._seen(each) for each in self.contacts.live()]}

    def edit(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """What a person does at the screen; answers the contact.

        Args:
            command: ``create`` or ``id`` and ``set`` with properties by name, ``lists`` with names and
                ``hs_email_optout`` among them; or ``id`` and ``delete``, ``restore``, ``forget`` (for privacy), or
                ``merge`` with the id of the other one.

        Raises:
            ValueError: what is wrong with the command.
        """
        if command.get("object", _OBJECT) != _OBJECT:
            raise ValueError(f"no object {command.get('object')!r}; there is {_OBJECT}")
        verbs = [verb for verb in _COMMANDS if command.get(verb)]
        if len(verbs) != 1:
            raise ValueError(f"say exactly one of {', '.join(_COMMANDS)}")
        self.contacts.settle()
        try:
            return self._edited(verbs[0], command)
        except Refusal as refusal:
            raise ValueError(refusal.message) from None

    def normalise(self, object_name: str, rules: list[Mapping[str, Any]]) -> None:
        """Replace what the server does to the properties it stores; ``field`` is a property's name."""
        if object_name != _OBJECT:
            raise ValueError(f"no object {object_name!r}; there is {_OBJECT}")
        self.contacts.normalisers = normalisers(rules)

    def tune(self, knobs: Mapping[str, Any]) -> None:
        """Turn knobs: those of :class:`HubSpotSetup` by their names; ``expire`` ends all access tokens."""
        given = dict(knobs)
        if given.pop("expire", False):
            self.logins.expire_all()
        self.setup.turn(given)

    def template(self, request: Request) -> str:
        """The request with its variable parts named."""
        found = route_of(request.method, request.path)
        path = found[0].template if found else request.path
        for prefix in ("/oauth/v1/access-tokens/", "/oauth/v1/refresh-tokens/", "/crm/v3/owners/"):
            if path.startswith(prefix) and len(path) > len(prefix):
                path = f"{prefix}{{id}}"
        return f"{request.method} {path}"

    def credits(self, request: Request) -> int:
        """Every call of the API counts against the day."""
        return 0 if request.path.startswith("/oauth/") else 1

    def emptied(self, request: Request) -> Response:
        """The answer as if there were no contacts."""
        if not request.path.startswith(f"{CONTACTS}") or request.path.endswith(("/create", "/update", "/archive")):
            return self.handle(request)
        last = request.path.rsplit("/", 1)[-1]
        if last in {"contacts", "search", "read"}:
            return answer(200, {"results": [], **({"total": 0} if last == "search" else {})})
        return not_found().response(self._correlation()) if request.method == "GET" else self.handle(request)

    def refused_rows(self, request: Request, share: float, code: str) -> Response:
        """Carry out a batch, but refuse that share of its rows with the code."""
        return self._answer(request, share, code or "INVALID_OPTION")

    # --- a person ------------------------------------------------------------------------------------------------

    def _edited(self, verb: str, command: Mapping[str, Any]) -> dict[str, Any]:
        if verb == "create":
            values = dict(command["create"])
            made = self.contacts.create(_typed(values), by_person=True)
            return self._with_extras(made.id, values)
        record_id = str(command.get("id", ""))
        if verb == "restore":
            return self._seen(self.contacts.restore(record_id))
        found = self.contacts.required(record_id)
        match verb:
            case "set":
                values = dict(command["set"])
                if typed := _typed(values):
                    self.contacts.update(found, typed, by_person=True)
                return self._with_extras(found.id, values)
            case "merge":
                return self._seen(self.contacts.merge(found, self.contacts.required(str(command["merge"]))))
            case "forget":
                self.contacts.forget(found)
            case _:
                self.contacts.archive(found)
        return {"id": record_id, "deleted": True}

    def _with_extras(self, record_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
        if "lists" in values:
            self._set_lists(record_id, values["lists"] or ())
        found = self.contacts.required(record_id)
        email = found.values.get("email", "")
        if OPTOUT in values and email:
            if str(values[OPTOUT]).lower() == "true":
                self.contacts.opt_out(email, 0.0)
            else:
                self.contacts.opt_in(email)
        return self._seen(self.contacts.required(record_id))

    def _set_lists(self, record_id: str, names: Iterable[str]) -> None:
        wanted = {str(name).lower(): str(name) for name in names}
        for name in wanted.values():
            found = self.lists.named(name) or self.lists.add(name)
            if record_id not in found.members:
                self.lists.put(found, [record_id], [])
        for each in self.lists.lists.values():
            if each.kind != "DYNAMIC" and each.name.lower() not in wanted and record_id in each.members:
                self.lists.put(each, [], [record_id])

    def _seen(self, contact: Contact) -> dict[str, Any]:
        values = {name: value for name in self.contacts.properties if (value := contact.shows(name)) is not None}
        static = [each.name for each in self.lists.of(contact) if each.kind != "DYNAMIC"]
        return {"id": contact.id, **values, "lists": static}

    def shown(self, record_id: str) -> dict[str, Any]:
        """One contact as the API shows it, with everything."""
        return shown(self.contacts.required(record_id), self.contacts, list(self.contacts.properties))


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a person types into properties; nothing is an empty text."""
    return {name: "" if value is None else value for name, value in values.items() if name not in {"lists", OPTOUT}}
