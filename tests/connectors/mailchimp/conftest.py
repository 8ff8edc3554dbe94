"""A Mailchimp account over the simulated one, without sockets and on a clock that only waiting moves."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.connectors.inprocess import WorldSender
from zohosyncd.connectors.mailchimp import SPEC
from zohosyncd.connectors.mailchimp.connector import MailchimpConnector
from zohosyncd.connectors.mailchimp.options import MailchimpOptions
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.name_sets import names_of
from zohosyncd.core.record import Postal, Values
from zohosyncd.ports.connector import Found, WriteKind, WriteOp
from zohosyncd.sandbox.mailchimp.app import MailchimpApp
from zohosyncd.sandbox.mailchimp.setup import FIELDS, MailchimpSetup
from zohosyncd.sandbox.world import World
from zohosyncd.settings.secrets import Secret
from zohosyncd.transport.sender import HttpRequest, Outcome

HOST = "http://127.0.0.1:1"
KEY = MailchimpSetup().api_key
AUDIENCE = "Customers"
EXTRA = (
    {"tag": "JTITLE", "name": "Job Title", "type": "text"},
    {"tag": "POINTS", "name": "Points", "type": "number"},
    {"tag": "SINCE", "name": "Customer since", "type": "date"},
    {"tag": "KIND", "name": "Kind", "type": "dropdown", "options": {"choices": ["Wholesale", "Retail"]}},
    {"tag": "SITE", "name": "Site", "type": "url"},
    {"tag": "USZIP", "name": "ZIP", "type": "zip"},
)


class HandClock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.moment = 1_800_000_000.25

    def now(self) -> float:
        return self.moment

    def monotonic(self) -> float:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += seconds


class Middle:
    """Chance without surprises."""

    def new_id(self) -> str:
        return "0" * 32

    def uniform(self, low: float, high: float) -> float:
        return (low + high) / 2


@dataclass
class Account:
    """A simulated account and our connector to it; ``app`` is where its people work."""

    world: World
    app: MailchimpApp
    sender: WorldSender
    clock: HandClock
    connector: MailchimpConnector
    ref: str

    def person(self, address: str = "ann@example.com", **values: Any) -> str:
        """Somebody signs up, or is put in by hand; the contact id."""
        made = self.app.edit({"object": AUDIENCE, "create": {"email_address": address, **values}})
        return str(made["contact_id"])

    def edit(self, contact: str, **values: Any) -> None:
        self.app.edit({"object": AUDIENCE, "id": contact, "set": values})

    def archive(self, contact: str) -> None:
        self.app.edit({"object": AUDIENCE, "id": contact, "delete": True})

    def erase(self, contact: str) -> None:
        self.app.edit({"object": AUDIENCE, "id": contact, "delete": True, "permanent": True})

    def members(self) -> dict[str, dict[str, Any]]:
        return {each["contact_id"]: each for each in self.app.state()[AUDIENCE]}

    def member(self, contact: str) -> dict[str, Any]:
        return self.members()[contact]

    def fail(self, *rules: dict[str, Any]) -> None:
        self.world.faults.replace("mailchimp", list(rules))

    def calls(self) -> list[str]:
        """Method and path of all requests so far, without the query, lists by {list}."""
        return [
            f"{each.method} {each.url.partition('?')[0].removeprefix(HOST).replace(self.ref, '{list}')}"
            for each in self.sender.sent
        ]

    async def known(self, contact: str, *fields: str) -> Any:
        """The member as a point read shows it."""
        schema = await self.connector.schema(self.ref)
        (found,) = await self.connector.fetch(self.ref, fields or tuple(schema.fields), [contact])
        assert isinstance(found, Found), found
        return found.record

    async def update(self, contact: str, **patch: Any) -> Any:
        op = WriteOp("1" * 32, WriteKind.UPDATE, contact, patch, await self.known(contact))
        (result,) = await self.connector.write(self.ref, [op])
        return result

    async def create(self, *people: Values) -> list[Any]:
        ops = [WriteOp(f"{n:032x}", WriteKind.CREATE, "", each) for n, each in enumerate(people)]
        return await self.connector.write(self.ref, ops)

    async def delete(self, contact: str) -> Any:
        op = WriteOp("2" * 32, WriteKind.DELETE, contact, {}, await self.known(contact))
        (result,) = await self.connector.write(self.ref, [op])
        return result


def options(**more: Any) -> MailchimpOptions:
    keys = {"api_key": "env:KEY", "url": HOST, "allow_http": True, "settle": "2s", "overlap": "5s", **more}
    return MailchimpOptions.model_validate(keys)


def typed(values: Values | Mapping[str, Any]) -> dict[str, Any]:
    """Values as a person's browser sends them."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name == "tags":
            found[name] = list(names_of(value))
        elif isinstance(value, Postal):
            found[name] = {
                "addr1": value.street, "city": value.city, "state": value.region, "zip": value.code,
                "country": value.country,
            }  # fmt: skip
        else:
            found[name] = value
    return found


@pytest.fixture
def make_account() -> Callable[..., Account]:
    def make(setup: MailchimpSetup | None = None, *, key: str = KEY, **more: Any) -> Account:
        clock = HandClock()
        world = World(clock, 7)
        app = MailchimpApp(world.time, 7, HOST, setup or MailchimpSetup(fields=(*FIELDS, *EXTRA)))
        world.add(app)
        sender = WorldSender(world, clock)
        tools = Tools("list", sender, clock, Middle(), lambda _: Secret(key))
        connector = SPEC.open(options(**more), tools)
        assert isinstance(connector, MailchimpConnector)
        return Account(world, app, sender, clock, connector, next(iter(app.audiences)))

    return make


@pytest.fixture
def account(make_account: Callable[..., Account]) -> Account:
    return make_account()


class Spoiling:
    """A sender between client and app that may change answers, or do something before a request is sent."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.spoil: Any = lambda request, answer: answer
        self.before: Any = lambda request: None

    async def send(self, request: HttpRequest) -> Outcome:
        self.before(request)
        outcome = await self.inner.send(request)
        changed: Outcome = self.spoil(request, outcome)
        return changed


@pytest.fixture
def spoiling(account: Account) -> Spoiling:
    made = Spoiling(account.sender)
    account.connector._client._http._sender = made  # type: ignore[assignment]
    return made


def body_of(request: HttpRequest) -> Any:
    return json.loads(request.body)
