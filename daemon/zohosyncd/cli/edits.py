"""What the people of the demonstration do, each through the app that they use."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zohosyncd.sandbox.server import Served
from zohosyncd.sandbox.wire import Request, Response


@dataclass(frozen=True, slots=True)
class Pair:
    """Somebody who stands on both sides."""

    record_id: str
    href: str


class Hands:
    """The sandbox as its users have it: it is looked at and edited through its control endpoints."""

    def __init__(self, served: Served) -> None:
        self._world = served.world

    def ask(self, method: str, what: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer of a control endpoint."""
        request = Request(method, f"/_sandbox/{what}", (), {}, json.dumps(body).encode() if body else b"")
        answer = self._world.handle(request)
        if not isinstance(answer, Response) or answer.status >= 400:
            raise RuntimeError(f"the sandbox refused {what}")
        return json.loads(answer.body)

    def contacts(self) -> dict[str, dict[str, Any]]:
        """The contacts of the CRM by id."""
        return {each["id"]: each for each in self.ask("GET", "state")["apps"]["zoho_crm"]["Contacts"]}

    def cards(self) -> dict[str, str]:
        """The cards of the address book by href."""
        books = self.ask("GET", "state")["apps"]["carddav"]
        return {href: card for book in books.values() for href, card in book.items()}

    def calls(self) -> int:
        """How many requests the apps have seen."""
        seen = self.ask("GET", "calls")["apps"]
        return sum(kind["calls"] for app in seen.values() for kind in app.values())

    def set_contact(self, record_id: str, **values: str) -> None:
        """Edit a contact."""
        self._edit("zoho_crm", "Contacts", {"id": record_id, "set": values})

    def new_contact(self, **values: str) -> str:
        """Create a contact; its id."""
        return str(self._edit("zoho_crm", "Contacts", {"create": values})["id"])

    def add_line(self, href: str, line: str) -> None:
        """Give a card one more property, in place of one of that name."""
        name = line.partition(":")[0]
        kept = [each for each in self.cards()[href].splitlines() if not each.startswith((f"{name}:", f"{name};"))]
        text = "\r\n".join([*kept[:-1], line, kept[-1], ""])
        self._edit("carddav", _book(href), {"id": href, "set": {"vcard": text}})

    def new_card(self, *lines: str) -> str:
        """Create a card; its href."""
        text = "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""])
        return str(self._edit("carddav", _book(next(iter(self.cards()))), {"create": {"vcard": text}})["href"])

    def _edit(self, app: str, kind: str, command: Mapping[str, Any]) -> Any:
        return self.ask("POST", "edit", {"app": app, "object": kind, **command})


def _book(href: str) -> str:
    return href.rpartition("/")[0] + "/"


Edit = Callable[[Hands, Pair], str]
"""Does it to a pair, or to somebody new, and answers the id by which the person is found in Zoho or the book."""


def title_in_the_crm(hands: Hands, pair: Pair) -> str:
    """Zoho CRM: a contact gets another title."""
    hands.set_contact(pair.record_id, Title="Head of Demonstrations")
    return pair.record_id


def note_in_the_book(hands: Hands, pair: Pair) -> str:
    """Address book: a card gets a note."""
    hands.add_line(pair.href, "NOTE:Prefers to be called in the morning")
    return pair.href


def two_fields_at_once(hands: Hands, pair: Pair) -> str:
    """Both at the same time: another title in Zoho CRM, another note in the address book, of the same person."""
    hands.set_contact(pair.record_id, Title="Keeper of Keys")
    hands.add_line(pair.href, "NOTE:Has moved to the second floor")
    return pair.record_id


def clash(hands: Hands, pair: Pair) -> str:
    """Both at the same time: the SAME field, with different values. The newer one wins, the journal keeps the other."""
    hands.set_contact(pair.record_id, Title="Director (says the CRM)")
    hands.add_line(pair.href, "TITLE:Director (says the book)")
    return pair.record_id


def new_in_the_crm(hands: Hands, _: Pair) -> str:
    """Zoho CRM: somebody new."""
    return hands.new_contact(First_Name="Nova", Last_Name="Brandnew", Email="nova.brandnew@example.org")


def new_in_the_book(hands: Hands, _: Pair) -> str:
    """Address book: somebody new."""
    return hands.new_card(
        "UID:demo-otto-newman", "N:Newman;Otto;;;", "FN:Otto Newman", "EMAIL;TYPE=WORK:otto.newman@example.org"
    )


EDITS: tuple[Edit, ...] = (
    title_in_the_crm, note_in_the_book, two_fields_at_once, clash, new_in_the_crm, new_in_the_book,
)  # fmt: skip
