"""Mailchimp's Marketing API 3.0 as a simulated app: the login, and the way from a path to what answers it."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from zohosyncd.sandbox.parts.answers import answer, given
from zohosyncd.sandbox.parts.normaliser import normalisers
from zohosyncd.sandbox.wire import Clock, Request, Response

from . import listing
from .audience import Audience
from .batches import FILES, Batches
from .edits import Edits
from .lists import PAGES, SHOW, Lists
from .membership import Membership
from .problems import Problem, not_found, wrong_method
from .setup import MailchimpSetup
from .shapes import only, unreadable
from .shown import audience_shown, chosen, link, member_shown, moment

MOST_AT_ONCE: Final = 10
"""Connections of an account at the same time (vendor: fundamentals, throttling)."""

_LISTS: Final = PAGES | {"before_date_created", "since_date_created", "email", "sort_field", "sort_dir"}
_ID: Final = re.compile(r"[0-9a-f]{10,32}|[^/]*@[^/]*|b[0-9a-f]{9}(?:-response\.tar\.gz)?|\d+")


class MailchimpApp:
    """One Mailchimp account. ``base_url``: where clients reach it; results of batches are fetched from there."""

    name = "mailchimp"
    prefixes: tuple[str, ...] = ("/3.0/",)

    def __init__(
        self, clock: Clock, seed: int, base_url: str = "http://127.0.0.1", setup: MailchimpSetup | None = None
    ) -> None:
        self.setup = setup or MailchimpSetup()
        self.base_url = base_url
        self._clock, self._seed = clock, seed
        self._batches = Batches(self.setup, clock.now, self._answer, lambda: self.base_url)
        self._refusal: tuple[float, str] | None = None
        self._owed = 0.0
        self.audiences: dict[str, Audience] = {}
        for name in self.setup.audiences:
            self.add_audience(name)

    def at(self, base_url: str) -> None:
        """Tell the app its address, once the port is known."""
        self.base_url = base_url

    def add_audience(self, name: str) -> Audience:
        """Make an audience with the account's merge fields."""
        list_id = hashlib.md5(f"{self._seed}/{name}".encode(), usedforsecurity=False).hexdigest()[:10]
        made = Audience(list_id, name, 390_000 + len(self.audiences), int(self._clock.now()), self._seed)
        for each in self.setup.fields:
            made.add_field(each)
        self.audiences[list_id] = made
        return made

    def audience(self, named: str) -> Audience:
        """An audience by id or name. Raises ValueError."""
        for each in self.audiences.values():
            if named in {each.id, each.name}:
                return each
        raise ValueError(f"no such audience: {named!r}; known: {', '.join(a.name for a in self.audiences.values())}")

    def load(self, named: str, records: Iterable[Mapping[str, Any]]) -> None:
        """Fill an audience: members as :meth:`edit` creates them, with moments in seconds."""
        self._edits(self.audience(named)).load(records)

    # What the world asks

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        self._batches.settle()
        if request.path.startswith(FILES):
            return self._batches.archive(request.path)
        try:
            self._check_login(request)
        except Problem as problem:
            return problem.response(self._seed)
        return self._answer(request)

    def state(self) -> dict[str, Any]:
        """The members of each audience by its name, without those that are archived."""
        self._batches.settle()
        return {
            each.name: [
                member_shown(each, member, self.setup) for member in each.everybody() if member.status != "archived"
            ]
            for each in self.audiences.values()
        }

    def edit(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """What people do, see :class:`.edits.Edits`; answers the member."""
        self._batches.settle()
        audience = self.audience(str(command.get("object")))
        try:
            member = self._edits(audience).carry_out(command)
        except Problem as problem:
            raise ValueError(str(problem)) from None
        return {} if member is None else member_shown(audience, member, self.setup)

    def normalise(self, object_name: str, rules: list[Mapping[str, Any]]) -> None:
        """Change how values of an audience are stored from now on."""
        audience = self.audience(object_name)
        for rule in rules:
            if rule.get("field") not in {*audience.fields, "email_address"}:
                raise ValueError(f"no such field of {object_name}: {rule.get('field')!r}")
        audience.normalisers = normalisers(rules)

    def tune(self, knobs: Mapping[str, Any]) -> None:
        """Turn switches of :class:`.setup.MailchimpSetup` while it runs."""
        for name, value in knobs.items():
            self.setup.turn(name, value)

    def template(self, request: Request) -> str:
        """The request with ids left open."""
        parts = ["{id}" if _ID.fullmatch(part) else part for part in request.path.split("/")]
        return f"{request.method} {'/'.join(parts)}"

    def credits(self, request: Request) -> int:  # noqa: ARG002
        """Calls are free; only connections are counted."""
        return 0

    def emptied(self, request: Request) -> Response:
        """A list without members."""
        body = {"members": [], "lists": [], "total_items": 0, "_links": []} if request.method == "GET" else {}
        return answer(200, body)

    def refused_rows(self, request: Request, share: float, code: str) -> Response:
        """Refuse that share of the members that calls are about, evenly spread."""
        self._refusal = (share, code)
        try:
            return self.handle(request)
        finally:
            self._refusal = None

    def crowded(self, request: Request, running: Sequence[Request]) -> Response | None:
        """The refusal of a call while ten others are being answered."""
        if request.path.startswith(FILES) or len(running) <= MOST_AT_ONCE:
            return None
        if self.setup.crowd == 403:
            return Response(403, {"Content-Type": "text/html"}, b"<html><body>Forbidden</body></html>")
        detail = f"You have exceeded the limit of {MOST_AT_ONCE} simultaneous connections."
        return Problem(429, "Too Many Requests", detail).response(self._seed)

    # The API

    def _check_login(self, request: Request) -> None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                token = base64.b64decode(token, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                token = ""
        elif kind.lower() not in {"bearer", "apikey", "oauth"}:
            raise Problem(401, "API Key Missing", "Your request did not include an API key.")
        if token.strip() != self.setup.api_key:
            detail = "Your API key may be invalid, or you've attempted to access the wrong datacenter."
            raise Problem(401, "API Key Invalid", detail)

    def _answer(self, request: Request) -> Response:
        query = dict(request.query)
        try:
            body = self._routed(request, query)
        except Problem as problem:
            return problem.response(self._seed)
        if body is None:
            return Response(204)
        return answer(200, chosen(body, query.get("fields", ""), query.get("exclude_fields", "")))

    def _routed(self, request: Request, query: Mapping[str, str]) -> Any:
        try:
            body = given(request)
        except ValueError:
            raise unreadable() from None
        match (request.method, request.path.removeprefix("/3.0/").strip("/").split("/")):
            case ("GET", [""]):
                only(query, SHOW)
                return self._root()
            case ("GET", ["ping"]):
                return {"health_status": "Everything's Chimpy!"}
            case (method, ["batches", *rest]):
                return self._batch(method, rest, query, body)
            case ("GET", ["lists"]):
                only(query, _LISTS)
                found = [audience_shown(each) for each in self.audiences.values()]
                return {
                    "lists": list(listing.page_of(found, query)),
                    "total_items": len(found),
                    "_links": [link("self")],
                }
            case (method, ["lists", list_id, *rest]):
                audience = self.audiences.get(list_id)
                if audience is None:
                    raise not_found()
                return Lists(audience, self._rules(audience), self.setup, self._clock.now, self._chance).handle(
                    method, rest, query, body
                )
            case _:
                raise not_found()

    def _root(self) -> dict[str, Any]:
        return {
            "account_id": self.setup.account_id,
            "login_id": "300000001",
            "account_name": self.setup.account_name,
            "email": "owner@example.com",
            "role": "owner",
            "member_since": moment(1_400_000_000),
            "pricing_plan_type": "monthly",
            "account_timezone": "Europe/Berlin",
            "contact": {"company": self.setup.account_name, "city": "Berlin", "country": self.setup.country},
            "total_subscribers": sum(
                each.status == "subscribed" for audience in self.audiences.values() for each in audience.everybody()
            ),
            "_links": [link("self")],
        }

    def _batch(self, method: str, rest: list[str], query: Mapping[str, str], body: Any) -> Any:
        match (method, rest):
            case ("POST", []):
                return self._batches.begin(body)
            case ("GET", []):
                only(query, PAGES)
                found = [self._batches.shown(each) for each in self._batches.everything()]
                return {
                    "batches": list(listing.page_of(found, query)),
                    "total_items": len(found),
                    "_links": [link("self")],
                }
            case ("GET", [batch_id]):
                only(query, SHOW)
                return self._batches.shown(self._batches.get(batch_id))
            case ("DELETE", [batch_id]):
                self._batches.drop(batch_id)
                return None
            case _:
                raise wrong_method()

    def _rules(self, audience: Audience) -> Membership:
        return Membership(audience, self.setup, self._clock.now)

    def _edits(self, audience: Audience) -> Edits:
        return Edits(audience, self._rules(audience), self.setup, self._clock.now)

    def _chance(self) -> str | None:
        if self._refusal is None:
            return None
        self._owed += self._refusal[0]
        if self._owed < 1.0:
            return None
        self._owed -= 1.0
        return self._refusal[1]
