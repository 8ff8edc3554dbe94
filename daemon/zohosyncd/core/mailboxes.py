"""Mailboxes that several people share: such an address alone does not tell who somebody is."""

from collections.abc import Collection
from typing import Final

from zohosyncd.core.names import casefold_name

SHARED_MAILBOXES: Final = (
    "accounting", "accounts", "admin", "administration", "billing", "bookkeeping", "buchhaltung", "buero", "career",
    "careers", "contact", "contacto", "customerservice", "einkauf", "empfang", "enquiries", "events", "finance",
    "hello", "help", "helpdesk", "hr", "info", "invoice", "invoices", "jobs", "kontakt", "kundenservice", "mail",
    "marketing",
    "no-reply", "noreply", "office", "orders", "post", "postmaster", "praxis", "presse", "press", "purchasing",
    "reception", "rechnung", "sales", "sekretariat", "service", "support", "team", "ventas", "verkauf", "vertrieb",
    "verwaltung", "webmaster", "welcome",
)  # fmt: skip
"""What stands before the @ of such addresses, unless the operator says otherwise."""


def is_shared(address: str, shared: Collection[str]) -> bool:
    """Whether a canonical address is that of a shared mailbox.

    Args:
        address: as :func:`zohosyncd.core.emails.canonical_email` makes it.
        shared: what stands before the @ of such addresses, in small letters.
    """
    return address.rpartition("@")[0] in shared


def told_apart(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two people who share a mailbox are certainly two, by their given and family names.

    They are if no word of their names is the same, or if they have the family name in common and given names of other
    initials. "Ann Smith" and "A. Smith" may be one; who has no name may be anybody.
    """
    mine, theirs = (tuple(casefold_name(part) for part in names) for names in (one, other))
    ours, words = (set(" ".join(names).split()) for names in (mine, theirs))
    if not ours or not words:
        return False
    if not ours & words:
        return not _initials(mine, theirs)
    same_family = bool(mine[1]) and mine[1] == theirs[1]
    return same_family and bool(mine[0]) and bool(theirs[0]) and mine[0][0] != theirs[0][0]


def _initials(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one of two names may be the other in initials: "A. S." and "Ann Smith"."""
    short = [[word.strip(".")[:1] for word in " ".join(names).split()] for names in (one, other)]
    brief = any(all(len(word.strip(".")) <= 1 for word in " ".join(names).split()) for names in (one, other))
    return brief and short[0][:1] == short[1][:1]
