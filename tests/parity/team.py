"""A team's two apps: a CRM with lead sources beside owners, tags and opt-outs, and an address book with labels."""

from dataclasses import replace
from typing import Any, Final

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.memory import LISTS_SCHEMA, SLOTS_SCHEMA
from zohosyncd.connectors.memory.schemas import OWNERS
from zohosyncd.core.record import Item, Value
from zohosyncd.core.schema import Field, FieldType, Schema

ANN, BEN, _ = OWNERS
SOURCE = Field("Lead_Source", FieldType.CHOICE, choices=("Web", "Fair", "Cold Call"))
COUNTED = Field("Employees", FieldType.NUMBER)
COMPANY = Field("Account_Name.Industry", FieldType.TEXT, writable=False)
CRM: Final = replace(
    SLOTS_SCHEMA, fields={**SLOTS_SCHEMA.fields, **{each.name: each for each in (SOURCE, COUNTED, COMPANY)}}
)
FULL_NAMES: Final = Schema.of(
    Field("name", FieldType.TEXT, semantic="full_name"), Field("emails", FieldType.EMAILS, semantic="emails")
)


def names(*of: str) -> tuple[Item, ...]:
    return tuple(map(Item, of))


class Team:
    """A bench with these two apps."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    async def connect(self, *rules: Any, book: Schema = LISTS_SCHEMA, **more: Any) -> Connection:
        crm = await self.bench.account("crm", CRM)
        return await self.bench.connect("crm-book", crm, await self.bench.account("book", book), rules=rules, **more)

    def contact(self, first: str, **values: Value) -> str:
        email = f"{first.lower()}@example.org"
        return self.bench.crm.app.create({"First": first, "Last": "Person", "Email": email, "Owner": ANN, **values})

    def card(self, given: str, **values: Value) -> str:
        emails = names(f"{given.lower()}@example.org")
        return self.bench.book.app.create({"given": given, "family": "Person", "emails": emails, **values})

    async def rest(self) -> None:
        await self.bench.until_quiet()

    def cards(self, *fields: str) -> list[Any]:
        """The cards by their given names, or by these fields."""
        shown = self.bench.everybody("book", *(fields or ("given",)))
        return [each[0] for each in shown] if len(fields) < 2 else list(shown)

    def contacts(self, *fields: str) -> list[Any]:
        """The contacts by their first names, or by these fields."""
        shown = self.bench.everybody("crm", *(fields or ("First",)))
        return [each[0] for each in shown] if len(fields) < 2 else list(shown)

    def labels(self, given: str) -> set[str]:
        """The labels of a card."""
        (found,) = (each["labels"] for each in self.bench.book.app.state().values() if each["given"] == given)
        assert isinstance(found, tuple)
        return {item.value for item in found}
