"""What Zoho's calls cost in API credits, and how many credits and calls at once an edition has.

Source: vendor's page on API limits. Credits are of the whole org and come back one by one, 24 hours after each was
spent. What a call costs that is refused, or finds nothing, is not documented: it counts in full.
"""

import math
import re
from dataclasses import dataclass
from typing import Final

LEFT: Final = "x-api-credits-remaining"
"""Header, in lower case, that tells what is left of the org's credits once half of them are used."""

HEAVY: Final = 10
"""Most calls at once, in all editions, of the heavy kinds: sorted lists, writes of more than 10 records, queries."""

MANY_ROWS: Final = 10
BULK_READ: Final = 50

_TAGGED_PER_CREDIT: Final = 50


@dataclass(frozen=True, slots=True)
class Edition:
    """What an edition gives: credits in 24 hours, more for each user, up to a ceiling; and calls at once."""

    credits: int
    per_user: int
    ceiling: int
    concurrency: int

    def daily(self, users: int) -> int:
        """Credits in 24 hours; those that were bought in addition are not known to the API."""
        return min(self.credits + self.per_user * users, self.ceiling)


_UNLIMITED: Final = 1_000_000_000
_FREE: Final = Edition(5_000, 0, 5_000, 5)
_EDITIONS: Final = {
    "standard": Edition(50_000, 250, 100_000, 10),
    "professional": Edition(50_000, 500, 3_000_000, 15),
    "enterprise": Edition(50_000, 1_000, 5_000_000, 20),
    "ultimate": Edition(50_000, 2_000, _UNLIMITED, 25),
}
_ALSO: Final = {
    "starter": "standard",
    "zohoone": "enterprise",
    "one": "enterprise",
    "crmplus": "ultimate",
    "plus": "ultimate",
}


def edition_of(name: str | None) -> Edition:
    """The edition of this name; the smallest one where it is not known."""
    word = "".join(letter for letter in (name or "").lower() if letter.isalpha())
    return _EDITIONS.get(_ALSO.get(word, word), _FREE)


def price_of_rows(rows: int) -> int:
    """Credits of a create or update of so many records."""
    return max(1, math.ceil(rows / MANY_ROWS))


def price_of_tags(records: int) -> int:
    """Credits of adding tags to so many records, or removing them."""
    return max(1, math.ceil(records / _TAGGED_PER_CREDIT))


_LIMIT: Final = re.compile(r"\blimit\s+(?:\d+\s*,\s*)?(\d+)", re.IGNORECASE)
_UNSAID: Final = 200


def limit_of(query: str) -> int:
    """Most records that a query in Zoho's query language asks for; the last limit that it names counts."""
    said = _LIMIT.findall(query)
    return int(said[-1][:9]) if said else _UNSAID


def price_of_query(limit: int) -> int:
    """Credits of a query for at most so many records."""
    return 1 if limit <= 200 else 2 if limit <= 1_000 else 3
