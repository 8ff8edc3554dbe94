"""What the people of the demonstration do, each through the app that they use."""

from collections.abc import Callable
from typing import Any

from zohosyncd.sandbox.server import Served

Edit = Callable[[Served], tuple[str, str]]


def promote_in_the_crm(served: Served) -> tuple[str, str]:
    """Somebody in sales gives a contact a new title."""
    record = _a_contact(served, 0)
    served.world.apps["zoho_crm"].edit(
        {"app": "zoho_crm", "object": "Contacts", "id": record["id"], "set": {"Title": "Head of Demonstrations"}}
    )
    return "in Zoho CRM, a contact gets a new title", str(record["id"])


def note_in_the_book(served: Served) -> tuple[str, str]:
    """Somebody on the phone adds a note to a card."""
    book = served.world.apps["carddav"].state()
    path, cards = next(iter(book.items()))
    href = sorted(each for each, card in cards.items() if "NOTE" not in card and "KIND:group" not in card)[0]
    card = cards[href].replace("END:VCARD", "NOTE:Prefers to be called in the morning\r\nEND:VCARD")
    served.world.apps["carddav"].edit({"app": "carddav", "object": path, "id": href, "set": {"vcard": card}})
    return "in the address book, a card gets a note", href


def new_contact(served: Served) -> tuple[str, str]:
    """A new customer."""
    values = {"First_Name": "Nova", "Last_Name": "Brandnew", "Email": "nova.brandnew@example.org"}
    record = served.world.apps["zoho_crm"].edit({"app": "zoho_crm", "object": "Contacts", "create": values})
    return "in Zoho CRM, a new contact is created", str(record["id"])


def _a_contact(served: Served, number: int) -> dict[str, Any]:
    """A contact with an address of its own who also stands in the book."""
    contacts = served.world.apps["zoho_crm"].state()["Contacts"]
    cards = " ".join(card.lower() for book in served.world.apps["carddav"].state().values() for card in book.values())
    mails = [each["Email"] for each in contacts if each.get("Email")]
    found = [
        each for each in contacts if (mail := each.get("Email")) and mails.count(mail) == 1 and mail.lower() in cards
    ]
    return dict(found[number])


EDITS: tuple[Edit, ...] = (promote_in_the_crm, note_in_the_book, new_contact)
