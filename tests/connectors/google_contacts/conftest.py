"""A mailbox over the simulated Google, without sockets and on a clock that only waiting moves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.connectors.inprocess import WorldSender
from zohosyncd.connectors.google_contacts import SPEC
from zohosyncd.connectors.google_contacts.connector import REF, GoogleContacts
from zohosyncd.connectors.google_contacts.options import GoogleOptions
from zohosyncd.connectors.google_contacts.patch import patched
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.name_sets import names_of
from zohosyncd.core.record import Record, Values
from zohosyncd.core.spelling import fold
from zohosyncd.ports.connector import Found, Page
from zohosyncd.sandbox.google.app import CLIENT_ID, CLIENT_SECRET, GoogleApp
from zohosyncd.sandbox.google.behaviour import GoogleBehaviour
from zohosyncd.sandbox.world import World
from zohosyncd.settings.secrets import Secret, SecretError, SecretRef
from zohosyncd.transport.sender import HttpRequest, Outcome
from zohosyncd.transport.token_shelf import Shelf

HOST = "http://127.0.0.1:1/google"
ANN = "ann@example.org"
MEMBERSHIPS = "memberships"


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
class Mail:
    """A simulated mailbox and our connector to it; ``app`` is where its people work."""

    world: World
    app: GoogleApp
    sender: WorldSender
    clock: HandClock
    connector: GoogleContacts

    def person(self, values: Values) -> str:
        """Somebody makes a contact, with these values; its resource name."""
        made = self.app.edit({"object": ANN, "create": self._typed({}, values)})
        return str(made["resourceName"])

    def edit(self, id_: str, values: Values) -> None:
        """Somebody gives a contact these values."""
        self.app.edit({"object": ANN, "id": id_, "set": self._typed(self.shown(id_), values)})

    def delete(self, id_: str) -> None:
        self.app.edit({"object": ANN, "id": id_, "delete": True})

    def shown(self, id_: str) -> dict[str, Any]:
        """A contact as the mailbox has it."""
        return dict(self.app.state()[ANN][id_])

    def labels(self) -> dict[str, str]:
        """The names of the user's own groups, by resource name."""
        return {id_: each["name"] for id_, each in self.app.state()[f"{ANN}/groups"].items()}

    def label(self, name: str) -> str:
        """A group of this name, made if there is none; its resource name."""
        there = {fold(each): id_ for id_, each in self.labels().items()}
        if fold(name) in there:
            return there[fold(name)]
        return str(self.app.edit({"object": f"{ANN}/groups", "create": {"name": name}})["resourceName"])

    def _typed(self, person: Mapping[str, Any], values: Values) -> dict[str, Any]:
        groups = {fold(name): self.label(name) for name in names_of(values.get(MEMBERSHIPS))}
        return dict(patched(person, values, self.labels(), groups))

    async def read(self, id_: str, *fields: str) -> Record:
        (answer,) = await self.connector.fetch(REF, fields or ("names.givenName",), [id_])
        assert isinstance(answer, Found), answer
        return answer.record

    async def pages(self, fields: tuple[str, ...], cursor: str | None = None) -> list[Page]:
        return [page async for page in self.connector.changes(REF, fields, cursor)]

    def fail(self, *rules: dict[str, Any]) -> None:
        self.world._faults.replace("google_contacts", list(rules))

    def calls(self) -> list[str]:
        """Method and path of all requests so far, logins left out."""
        sent = [f"{each.method} {each.url.removeprefix(HOST).partition('?')[0]}" for each in self.sender.sent]
        return [each for each in sent if not each.endswith("/token")]

    def forget_calls(self) -> None:
        self.sender.sent.clear()


def options(**more: Any) -> GoogleOptions:
    keys = {"api_url": HOST, "accounts_url": HOST, "allow_http": True, "client_id": CLIENT_ID, **more}
    return GoogleOptions.model_validate({"client_secret": "env:SECRET", "refresh_token": "env:REFRESH", **keys})


@pytest.fixture
def make_mail() -> Callable[..., Mail]:
    def make(behaviour: GoogleBehaviour | None = None, *, shelf: Shelf | None = None, **more: Any) -> Mail:
        clock = HandClock()
        world = World(clock, 7)
        app = GoogleApp(world.time, 7, (ANN, "ben@example.org"), behaviour)
        world.add(app)
        sender = WorldSender(world, clock)
        secrets = {"env:SECRET": CLIENT_SECRET, "env:REFRESH": app.refresh_tokens[ANN]}

        def secret(ref: SecretRef) -> Secret:
            if str(ref) not in secrets:
                raise SecretError(f"there is no {ref}")
            return Secret(secrets[str(ref)])

        connector = SPEC.open(options(**more), Tools("ann", sender, clock, Middle(), secret, shelf=shelf))
        assert isinstance(connector, GoogleContacts)
        return Mail(world, app, sender, clock, connector)

    return make


@pytest.fixture
def mail(make_mail: Callable[..., Mail]) -> Mail:
    return make_mail()


class Spoiling:
    """A sender between client and mailbox that may change answers; ``spoil`` gets the request and the answer."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.spoil: Any = lambda request, answer: answer

    async def send(self, request: HttpRequest) -> Outcome:
        outcome = await self.inner.send(request)
        changed: Outcome = self.spoil(request, outcome)
        return changed


@pytest.fixture
def spoiling(mail: Mail) -> Spoiling:
    made = Spoiling(mail.sender)
    mail.connector._client._http._sender = made
    return made
