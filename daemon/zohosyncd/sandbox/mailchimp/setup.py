"""What the vendor does not document, or what differs between accounts, as switches."""

from dataclasses import dataclass, field
from typing import Any, Final

FIELDS: Final[tuple[dict[str, Any], ...]] = (
    {"tag": "FNAME", "name": "First Name", "type": "text"},
    {"tag": "LNAME", "name": "Last Name", "type": "text"},
    {"tag": "ADDRESS", "name": "Address", "type": "address", "options": {"default_country": 164}},
    {"tag": "PHONE", "name": "Phone Number", "type": "phone", "options": {"phone_format": "none"}},
    {"tag": "BIRTHDAY", "name": "Birthday", "type": "birthday", "options": {"date_format": "MM/DD"}},
    {"tag": "COMPANY", "name": "Company", "type": "text"},
)
"""The merge fields of a new audience; the first four are named by the documentation."""


@dataclass(slots=True)
class MailchimpSetup:
    """An account and its switches; they may be changed while it runs.

    Attributes:
        api_key: of the account; what follows the hyphen names the data centre.
        account_id, account_name, country: who it belongs to.
        audiences: their names; fields: their merge fields, as a request to make them.
        list_lag: seconds until a change shows in lists; reads of a single member are never behind.
        lists_archived: whether a list without a filter of status shows archived members, too.
        archive_is_a_change, tags_are_a_change: whether they move ``last_changed``.
        post_revives: whether adding an archived address takes the member out of the archive (else it exists already).
        archive_forgives: whether an archived member who had unsubscribed can be subscribed by the API.
        own_wish: whether a member that was unsubscribed by the API counts as unsubscribed by the person.
        renames_others: whether the address of a member who is not subscribed can be changed.
        fake_domains, fake_users: addresses that look fake. The vendor refuses example.com as well; people of a
            rehearsal live there.
        longest_text: bytes of a text; longer ones are cut.
        address_needs: parts of an address without which it is refused.
        shown_tags: most tags of a member that its record shows.
        batch_seconds: how long a batch takes.
        crowd: status of the refusal of too many calls at once; 403 comes without JSON.
    """

    api_key: str = "5ba1d0c05ba1d0c05ba1d0c05ba1d0c0-us1"
    account_id: str = "8d3a3db4d97663a9074efcc16"
    account_name: str = "Sandbox"
    country: str = "DE"
    audiences: tuple[str, ...] = ("Customers",)
    fields: tuple[dict[str, Any], ...] = FIELDS
    list_lag: float = 0.0
    lists_archived: bool = True
    archive_is_a_change: bool = True
    tags_are_a_change: bool = True
    post_revives: bool = True
    archive_forgives: bool = True
    own_wish: bool = False
    renames_others: bool = False
    fake_domains: frozenset[str] = field(
        default_factory=lambda: frozenset({"mailinator.com", "yopmail.com", "test.com", "gmail.vom"})
    )
    fake_users: frozenset[str] = field(
        default_factory=lambda: frozenset({"abuse", "hostmaster", "noc", "noreply", "no-reply", "postmaster", "spam"})
    )
    longest_text: int = 255
    address_needs: tuple[str, ...] = ("addr1", "city", "state", "zip")
    shown_tags: int = 50
    batch_seconds: float = 3.0
    crowd: int = 429

    def turn(self, name: str, value: Any) -> None:
        """Turn one switch. Raises ValueError for an unknown one."""
        if name not in _SWITCHES:
            raise ValueError(f"unknown knob {name!r}; known: {', '.join(sorted(_SWITCHES))}")
        before = getattr(self, name)
        match before:
            case frozenset() | tuple():
                setattr(self, name, type(before)(map(str, value)))
            case bool():
                setattr(self, name, bool(value))
            case _:
                setattr(self, name, type(before)(value))


_SWITCHES: Final = frozenset(MailchimpSetup.__slots__) - {"api_key", "account_id", "audiences", "fields"}
