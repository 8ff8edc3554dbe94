"""Zoho CRM v8 as a simulated app: authorisation, credits and the way from a path to what answers it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from zohosyncd.sandbox.dates import http_date
from zohosyncd.sandbox.parts.normaliser import normalisers
from zohosyncd.sandbox.wire import Clock, Outgoing, Request, Response

from . import coql, tags
from .about import about
from .accounts_site import AccountsSite
from .actions import act
from .answers import CallError, answer, nothing, unknown_path, wrong_method
from .bells import Bells
from .bulk import Exports
from .call import Call
from .credits import BULK_READ, CONCURRENCY, HEAVY, MERGE, Purse, daily, price, tagging_price
from .crm import ORG, Crm, ZohoSetup
from .edits import Edits
from .knobs import turn
from .oauth import CENTERS, Accounts, Grant
from .reading import Bookmarks, deleted, listing, one
from .recycle_bin import recycle_bin
from .refusals import CONCURRENT, SPENT, too_many
from .scopes import lacking
from .searching import search
from .store import Table
from .watch import Watch
from .writing import Writer

_API = "/crm/v8/"
_BULK = "/crm/bulk/v8/"


class ZohoApp:
    """One Zoho org. ``base_url`` is the address that clients reach it under; tokens name it as their ``api_domain``."""

    name = "zoho_crm"
    prefixes: tuple[str, ...] = ("/crm/", "/oauth/", *(f"/{center}/oauth/" for center in CENTERS))

    def __init__(
        self, clock: Clock, seed: int, base_url: str = "http://127.0.0.1", setup: ZohoSetup | None = None
    ) -> None:
        setup = setup or ZohoSetup()
        self.crm = Crm(clock, seed, setup)
        clients = {setup.client_id: setup.client_secret}
        grants = {setup.refresh_token: Grant(setup.client_id)}
        self.accounts = Accounts(
            self.crm.now, seed, base_url, ORG, clients, grants, setup.tokens_per_window, setup.data_center,
            setup.tells_scopes,
        )  # fmt: skip
        self._site = AccountsSite(self.accounts, setup.client_id, lambda named: self.crm.user_named(named).number)
        active = sum(user.active for user in self.crm.users)
        self.purse = Purse(self.crm.now, daily(setup.edition, active) if setup.credits is None else setup.credits)
        self.bells = Bells(self.crm, lambda: self.accounts.base_url, seed)
        self._bookmarks = Bookmarks(seed)
        self._edits = Edits(self.crm)
        self._exports = Exports(self.crm)
        self._refusal: tuple[float, str] | None = None
        self._owed = 0.0

    def at(self, base_url: str) -> None:
        """Tell the app its address, once the port is known."""
        self.accounts.base_url = base_url

    def load(self, module: str, records: Iterable[Mapping[str, Any]]) -> None:
        """Fill a module: values by API name, with ``id``, ``Created_Time``, ``Modified_Time`` (seconds)."""
        self._edits.load(module, records)

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        self.crm.settle()
        self.crm.called_by(0)
        try:
            response = self._api(request) if request.path.startswith("/crm/") else self._site.handle(request)
        except CallError as refusal:
            response = refusal.response
        return self._stamped(response, api=request.path.startswith((_API, _BULK)))

    def state(self) -> dict[str, Any]:
        """All records of all modules, oldest first."""
        self.crm.settle()
        self.crm.called_by(0)
        return {name: self._edits.everything(table) for name, table in self.crm.tables.items()}

    def edit(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """What a person does in Zoho's pages: ``create``, ``set``, ``delete``, ``restore``."""
        self.crm.settle()
        self.crm.called_by(0)
        done = self._site.carry_out(command)
        return self._edits.carry_out(command) if done is None else done

    def normalise(self, object_name: str, rules: list[Mapping[str, Any]]) -> None:
        """Change how values of a module are stored from now on."""
        table = self.crm.tables.get(object_name)
        if table is None:
            message = f"no such object: {object_name!r}; known: {', '.join(self.crm.tables)}"
            raise ValueError(message)
        for rule in rules:
            if rule.get("field") not in table.module.fields:
                message = f"no such field of {object_name}: {rule.get('field')!r}"
                raise ValueError(message)
        self.crm.normalisers[object_name] = normalisers(rules)

    def tune(self, knobs: Mapping[str, Any]) -> None:
        """Turn knobs while running: those of :mod:`.knobs` and of the accounts server. Raises ValueError."""
        for name, value in knobs.items():
            if not (turn(self.crm, self.purse, self.bells, name, value) or self._site.tune(name, value)):
                message = f"unknown knob {name!r}"
                raise ValueError(message)

    def template(self, request: Request) -> str:
        """The request with ids left open."""
        parts = ["{id}" if part.isdecimal() else part for part in request.path.split("/")]
        return f"{request.method} {'/'.join(parts)}"

    def credits(self, request: Request) -> int:
        """What the call costs; token calls are free."""
        if request.path.startswith(_BULK):
            return BULK_READ if request.method == "POST" else 1
        if not request.path.startswith(_API):
            return 0
        if request.path.endswith("/actions/merge"):
            return MERGE
        if request.path == f"{_API}coql":
            return coql.price(request.body)
        if request.path.endswith(("/add_tags", "/remove_tags")):
            return tagging_price(_tagged(request.body))
        rows = _batch(request) if request.method in {"POST", "PUT"} else 0
        return price(request.method, rows=rows, custom_view=any(name == "cvid" for name, _ in request.query))

    def outgoing(self) -> list[Outgoing]:
        """The notifications, and the callbacks of jobs, whose time has come."""
        self.crm.settle()
        return [*self.bells.rings(), *self._exports.callbacks()]

    def next_outgoing(self) -> float | None:
        """How many seconds until the next of them goes out, None when none is waiting."""
        waits = [each for each in (self.bells.next_ring(), self._exports.next_callback()) if each is not None]
        return min(waits, default=None)

    def emptied(self, request: Request) -> Response:
        """No records (204), or nothing modified since (304)."""
        if request.method != "GET":
            response = answer({"data": []})
        else:
            conditional = "if-modified-since" in request.headers and not request.path.endswith("/deleted")
            response = nothing(304 if conditional else 204)
        return self._stamped(response, api=False)

    def refused_rows(self, request: Request, share: float, code: str) -> Response:
        """Carry out a batch in which that share of the rows is refused, evenly spread over calls."""
        self._refusal = (share, code)
        try:
            return self.handle(request)
        finally:
            self._refusal = None

    def crowded(self, request: Request, running: Sequence[Request]) -> Response | None:
        """429 when more calls are being processed than the edition allows, or more than 10 of the heavy kinds."""
        calls = [one for one in running if one.path.startswith((_API, _BULK))]
        heavy = [one for one in calls if is_heavy(one)]
        if len(calls) <= CONCURRENCY[self.crm.setup.edition] and (len(heavy) <= HEAVY or not is_heavy(request)):
            return None
        # Whether a refused call costs anything is not documented: here it does.
        self.purse.take(self.credits(request))
        return self._stamped(too_many(CONCURRENT, self.crm.setup.spelling), api=True)

    # the API

    def _api(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Zoho-oauthtoken" or not token:
            raise CallError(401, "AUTHENTICATION_FAILURE", "Authentication failed")
        grant = self.accounts.grant(token.strip())
        if grant is None:
            raise CallError(401, "INVALID_TOKEN", "invalid oauth token")
        if not self.purse.spend(self.credits(request)):
            raise CallError.of(too_many(SPENT, self.crm.setup.spelling))
        if not request.path.startswith((_API, _BULK)):
            raise unknown_path()
        self.crm.called_by(grant.user)
        call = Call(request.method, dict(request.query), request.headers, request.body)
        parts = request.path.removeprefix(_API).removeprefix("/crm/").strip("/").split("/")
        if grant.scopes is not None and lacking(grant.scopes, request.method, parts):
            raise CallError(401, "OAUTH_SCOPE_MISMATCH", "Unauthorized")
        if grant.org not in ("", ORG):
            return _elsewhere(parts, grant.org)
        return self._routed(call, parts)

    def _routed(self, call: Call, parts: list[str]) -> Response:
        match parts:
            case ["bulk", "v8", *rest]:
                return self._exports.handle(call, rest)
            case ["actions", "watch"]:
                return Watch(self.bells).handle(call)
            case ["settings" | "users" | "org", *_]:
                if parts == ["settings", "tags"]:
                    return tags.settings(self.crm, call)
                if parts[:2] == ["settings", "recycle_bin"]:
                    return recycle_bin(self.crm, call, parts[2:])
                if call.method != "GET":
                    raise wrong_method()
                return about(self.crm, call, parts)
            case ["coql"]:
                if call.method != "POST":
                    raise wrong_method()
                return coql.query(self.crm, call)
            case [module, *rest] if module in self.crm.tables:
                return self._records(call, self.crm.tables[module], rest)
            case [module] if module[:1].isupper():
                raise CallError(
                    400, "INVALID_MODULE", "the module name given seems to be invalid", {"resource_path_index": 0}
                )
            case _:
                raise unknown_path()

    def _records(self, call: Call, table: Table, rest: list[str]) -> Response:
        writer = Writer(self.crm, table, self.crm.me.number, self._chance)
        match (call.method, rest):
            case ("GET", []):
                return listing(self.crm, table, call, self._bookmarks)
            case ("POST", []):
                return writer.insert(call)
            case ("PUT", []):
                return writer.update(call)
            case ("DELETE", []):
                return writer.delete(call)
            case ("GET", ["search"]):
                return search(self.crm, table, call)
            case ("GET", ["deleted"]):
                return deleted(self.crm, table, call)
            case ("POST", ["upsert"]):
                return writer.upsert(call)
            case ("GET", [number]) if number.isdecimal():
                return one(self.crm, table, call, int(number))
            case ("PUT", [number]) if number.isdecimal():
                return writer.update(call, number)
            case ("DELETE", [number]) if number.isdecimal():
                return writer.delete(call, number)
            case (_, [*named, "actions", action]) if len(named) < 2 and all(part.isdecimal() for part in named):
                return act(self.crm, table, call, action, named[0] if named else None, self._chance)
            case (_, [] | ["search"] | ["deleted"] | ["upsert"]):
                raise wrong_method()
            case (_, [number]) if number.isdecimal():
                raise wrong_method()
            case _:
                raise unknown_path()

    def _chance(self) -> str | None:
        if self._refusal is None:
            return None
        self._owed += self._refusal[0]
        if self._owed < 1.0:
            return None
        self._owed -= 1.0
        return self._refusal[1]

    def _stamped(self, response: Response, *, api: bool) -> Response:
        headers = {**response.headers, "Date": http_date(self.crm.now())}
        if api and response.status != 401 and (left := self.purse.remaining()) is not None:
            headers["X-API-CREDITS-REMAINING"] = str(left)
        return Response(response.status, headers, response.body)


def _elsewhere(parts: list[str], org: str) -> Response:
    """The API of another org of the same user, of which nothing but its name is simulated."""
    if parts != ["org"]:
        raise CallError(403, "NO_PERMISSION", "permission denied", {"permissions": ["Crm_Implied_View"]})
    return answer({"org": [{"id": org, "company_name": "Another Org", "country_code": "DE", "type": "production"}]})


def is_heavy(request: Request) -> bool:
    """Whether a call falls under the sub-limit of 10: sorted lists, queries, writes of more than 10 records."""
    if request.method == "GET":
        return any(name in {"sort_by", "cvid"} for name, _ in request.query)
    return request.path.endswith("/coql") or (request.method in {"POST", "PUT"} and _batch(request) > 10)


def _batch(request: Request) -> int:
    return _rows_in(request.body)


@lru_cache(maxsize=64)
def _rows_in(given: bytes) -> int:
    try:
        body = msgspec.json.decode(given)
    except msgspec.DecodeError:
        return 0
    rows = body.get("data") if isinstance(body, dict) else None
    return len(rows) if isinstance(rows, list) else 0


@lru_cache(maxsize=64)
def _tagged(given: bytes) -> int:
    try:
        body = msgspec.json.decode(given)
    except msgspec.DecodeError:
        return 1
    ids = body.get("ids") if isinstance(body, dict) else None
    return len(ids) if isinstance(ids, list) else 1
