"""Two apps with a seeded crowd in them, and what people do there: worlds for properties of whole runs."""

from random import Random
from typing import Any

from tests.pipeline.bench import Account, Bench, Connection
from zohosyncd.core.record import Item, Values
from zohosyncd.core.side import Winner

GIVEN = ("Ann", "Bob", "Cy", "Dan", "Eve", "Flo")


class Crowd:
    """People who stand in a CRM with slots, in a book with lists, or in both, each spelled a little differently."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.bench = bench
        self.chance = Random(seed)
        self.count = 0

    async def begin(self, people: int = 10, **more: Any) -> Connection:
        chance = self.chance
        winner = chance.choice((Winner.LEFT, Winner.RIGHT, Winner.NEWEST, Winner.HOLD))
        left = {
            "feed": chance.choice(("token", "since")), "returns_record": chance.random() < 0.5,
            "exact_versions": chance.random() < 0.5, "batch": chance.choice((3, 100)),
        }  # fmt: skip
        right = {"feed": chance.choice(("token", "since", "list")), "client_ids": chance.random() < 0.5}
        left["finds"], right["finds"] = chance.random() < 0.5, chance.random() < 0.5
        settings = {"winner": winner, "delete": chance.random() < 0.5, "batch": chance.choice((2, 200)), **more}
        connection = await self.bench.pair(left=left, right=right, **settings)
        for _ in range(people):
            self.welcome()
        return connection

    @property
    def crm(self) -> Account:
        return self.bench.crm

    @property
    def book(self) -> Account:
        return self.bench.book

    def welcome(self) -> None:
        """Somebody new, on one side or on both."""
        self.count += 1
        chance, at = self.chance, self.count
        given, family = chance.choice(GIVEN), f"Family{chance.randint(1, 30)}"
        email = f"p{at}@example.org" if chance.random() < 0.85 else ""
        if chance.random() < 0.08 and at > 1:
            email = f"p{at - 1}@example.org"  # shared
        where = chance.choice(("crm", "book", "both", "both"))
        if where in ("crm", "both"):
            self.crm.app.create(
                {
                    "First": given, "Last": family if chance.random() < 0.9 else None, "Email": email or None,
                    "Phone": f"+49 30 {at:06d}" if chance.random() < 0.4 else None,
                    "Title": f"title {at}" if chance.random() < 0.5 else None,
                    "Notes": "in the crm" if chance.random() < 0.3 else None,
                }
            )  # fmt: skip
        if where in ("book", "both"):
            self.book.app.create(
                {
                    "given": given, "family": family.upper() if chance.random() < 0.2 else family,
                    "emails": (Item(email.title() if chance.random() < 0.3 else email),) if email else None,
                    "phones": (Item(f"030{at:06d}", "work"),) if chance.random() < 0.4 else None,
                    "title": f"other title {at}" if chance.random() < 0.3 else None,
                    "note": "in the book" if chance.random() < 0.3 else None,
                }
            )  # fmt: skip

    def live(self, acts: int) -> None:
        """People edit, empty, add, delete and welcome."""
        for _ in range(acts):
            self.act()

    def act(self) -> None:
        """Somebody does something."""
        dice = self.chance.random()
        account = self.chance.choice((self.crm, self.book))
        ids = sorted(account.app.state())
        if dice < 0.15 or not ids:
            self.welcome()
        elif dice < 0.27:
            account.app.delete(self.chance.choice(ids))
        else:
            account.app.edit(self.chance.choice(ids), self._edit(account))

    def _edit(self, account: Account) -> Values:
        self.count += 1
        at, chance = self.count, self.chance
        if account is self.crm:
            field = chance.choice(("First", "Title", "Notes", "Phone", "Second_Email", "Company"))
            typed = {"Phone": f"+4940{at:06d}", "Second_Email": f"second{at}@example.net"}.get(field, f"typed {at}")
            return {field: None if chance.random() < 0.2 else typed}
        field = chance.choice(("given", "title", "note", "phones", "emails", "company"))
        if field == "emails":
            return {field: (Item(f"new{at}@example.net", "work"), Item(f"newer{at}@example.net"))}
        if field == "phones":
            return {field: (Item(f"+4940{at:06d}", "mobile"),)}
        return {field: None if chance.random() < 0.2 else f"typed {at}"}
