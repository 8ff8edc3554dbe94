"""An office that comes from PieSync: its files say what they said there, and whole connections work by them.

The files are read by the loader, and made into plans by the supervisor, as the daemon does it. The apps are in memory,
with the fields of the real ones, over a real store in made-up time.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.carddav.fields import schema_with
from zohosyncd.connectors.memory import MEMBERS_SCHEMA, Behaviour, MemoryApp, MemoryConnector
from zohosyncd.connectors.tools import ConnectorSpec
from zohosyncd.connectors.zoho_crm.fields import FieldInfo, schema_of
from zohosyncd.core.record import Item, Owner, Value
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import SIDES
from zohosyncd.pipeline.contacts import Contact, contacts
from zohosyncd.pipeline.run import Runner
from zohosyncd.sandbox.zoho.schema import metadata
from zohosyncd.sandbox.zoho.standard import modules
from zohosyncd.settings import AccountOptions, Settings, load
from zohosyncd.supervisor.accounts import AccountUnit
from zohosyncd.supervisor.build import build_plan, compile_connection
from zohosyncd.supervisor.explain import explain
from zohosyncd.supervisor.listings import floors
from zohosyncd.supervisor.mapping import mapping_of

ANN = Owner("u1", "Ann Keller", "ann@office.example")
BEN = Owner("u2", "Ben Roe", "ben@office.example")
_INFOS = msgspec.convert(metadata(modules()["Contacts"], 1_000_000_000), list[FieldInfo])
SCHEMAS: Mapping[str, Schema] = {
    "zoho": schema_of("Contacts", _INFOS, tags=("Customer", "Fair"), owners=(ANN, BEN)),
    "book": schema_with(["X-GROUP"]),
    "list": MEMBERS_SCHEMA,
}
"""By app: Zoho CRM and an address book as their connectors describe them, and a list of a mailing app."""

SERVICE = '[service]\nstate_key = "env:STATE_KEY"\n'
START = 'phone_region = "DE"\nfirst_sync = "auto"\n'


@dataclass(slots=True)
class Office:
    """Accounts, the folder with the files, and what people do in the apps."""

    bench: Bench
    folder: Path
    units: dict[str, AccountUnit] = field(default_factory=dict)
    apps: dict[str, MemoryApp] = field(default_factory=dict)

    def authorise(self, name: str, app: str, **behaviour: Any) -> MemoryApp:
        """An account, for any number of connections; ``behaviour`` as in :class:`Behaviour`."""
        made = MemoryApp(self.bench.clock, Behaviour(**behaviour), SCHEMAS[app], name=name)
        self.apps[name] = made
        self._write(f"accounts.d/{name}.toml", f'app = "{app}"\n')
        return made

    def load(self) -> Settings:
        """What the files say."""
        self._write("zohosyncd.toml", SERVICE)
        specs = {app: self._spec(app) for app in SCHEMAS}
        return load(self.folder, specs, environ={"STATE_KEY": "k"})

    async def connect(self, text: str = "", *, name: str = "zoho-book", right: str = "book") -> Connection:
        """The connection of Zoho and another account that a file with these lines makes, or its next configuration."""
        left = "zoho"
        for account in (left, right):
            if account not in self.apps:
                self.authorise(account, account)
        sides = f'left = {{ account = "{left}" }}\nright = {{ account = "{right}" }}\n'
        self._write(f"connections.d/{name}.toml", sides + START + text)
        settings = self.load()
        said = settings.connections[name]
        sitting = {side: self._unit(settings, said.place(side).account) for side in SIDES}
        if name in self.bench.connections:
            await self.bench.connections[name].retire()
        plan, state = await build_plan(said, await compile_connection(said, sitting), sitting, self.bench.world)
        runner = Runner(self.bench.world, plan, state)
        await runner.recover()
        self.bench.connections[name] = Connection(self.bench.world, plan, runner)
        return self.bench.connections[name]

    def _spec(self, app: str) -> ConnectorSpec:
        # The name of the account is all that the connector of an app in memory needs.
        return ConnectorSpec(
            app, app.title(), AccountOptions, lambda _options, tools: MemoryConnector(self.apps[tools])
        )

    def _unit(self, settings: Settings, name: str) -> AccountUnit:
        if name not in self.units:
            account = settings.accounts[name]
            unit = AccountUnit(account, self._spec(account.app), name, self.bench.world)  # type: ignore[arg-type]
            self.units[name] = unit
            self.bench.tasks.append(asyncio.create_task(unit.run()))
        return self.units[name]

    def _write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    # --- what happens -------------------------------------------------------------------------------------------

    async def rest(self) -> None:
        """Run every connection until there is nothing left to do."""
        for _ in range(8):
            before = self.written()
            reports = [await each.run(wait=True) for each in self.bench.connections.values()]
            if self.written() == before and all(report.converged for report in reports):
                return
        raise AssertionError(f"no rest: {reports}")

    def written(self) -> int:
        """How many writes the apps have carried out for connectors."""
        return sum(len(app.writes) for app in self.apps.values())

    # --- what people see and do ---------------------------------------------------------------------------------

    def contact(self, first: str, **values: Value) -> str:
        """Somebody types a contact into Zoho; with an e-mail address unless it says otherwise."""
        plain = {"First_Name": first, "Last_Name": "Person", "Email": f"{first.lower()}@example.org"}
        return self.apps["zoho"].create({**plain, "Owner": ANN, **values})

    def card(self, given: str, *categories: str, account: str = "book", **values: Value) -> str:
        """Somebody types a card into the address book; ``emails`` beside what cards call their fields."""
        emails = names(*values.pop("emails", (f"{given.lower()}@example.org",)))  # type: ignore[misc]
        plain = {"N.given": given, "N.family": "Person", "EMAIL": emails, "CATEGORIES": names(*categories)}
        return self.apps[account].create({**plain, **{name.replace("_", "-"): each for name, each in values.items()}})

    def edit(self, account: str, record: str, **values: Value) -> None:
        """Somebody edits a record."""
        self.apps[account].edit(record, values)

    def shown(self, account: str, *fields: str) -> list[Any]:
        """What everybody in an app is, by these fields, sorted; names of tags as a set, one field as itself."""
        rows = [tuple(_plain(each.get(name)) for name in fields) for each in self.apps[account].state().values()]
        return sorted((row[0] if len(fields) == 1 else row for row in rows), key=repr)

    def find(self, account: str, name: str) -> str:
        """The id of the one record with this given name."""
        fields = ("First_Name", "N.given", "first")
        (found,) = [key for key, each in self.apps[account].state().items() if name in [each.get(f) for f in fields]]
        return found


def names(*of: str) -> tuple[Item, ...]:
    """A field with several values."""
    return tuple(map(Item, of))


def _plain(value: Value) -> Any:
    if isinstance(value, tuple):
        return {item.value for item in value}
    return value.email if isinstance(value, Owner) else value


async def states(connection: Connection) -> dict[str, tuple[str, str]]:
    """Of every record of both sides, the state that ``contacts`` tells, with its reason, by id."""
    found: dict[str, tuple[str, str]] = {}
    for side in SIDES:
        page, _ = await contacts(connection.world, connection.plan, side, floors(connection.runner)[side], "", 1000)
        found |= {each.record_id: _told(each) for each in page}
    return found


def _told(contact: Contact) -> tuple[str, str]:
    return contact.state.value, contact.reason


async def explained(connection: Connection, query: str) -> Mapping[str, Any]:
    """What ``explain`` tells of the one person who is meant."""
    told = await explain(connection.world, connection.plan, query, floors(connection.runner))
    (person,) = told["persons"]
    return person


def pairs(connection: Connection) -> dict[str, Mapping[str, Any]]:
    """What ``mapping`` tells of each pair of fields, by its name."""
    return {each["pair"]: each for each in mapping_of(connection.plan)["pairs"]}
