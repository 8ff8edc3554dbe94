"""Which way of reading all records of a module is the best one, from their number alone. Pure.

Prices are those of the vendor's page on API limits. Times are rough: how long a call takes is nobody's promise, and how
long a job waits in Zoho's queue even less. A credit counts as much as two seconds.
"""

import math
from typing import Final, Literal

from zohosyncd.connectors.zoho_crm.client import PER_PAGE
from zohosyncd.connectors.zoho_crm.credits import BULK_READ, price_of_query
from zohosyncd.connectors.zoho_crm.queries import FIRST_ROWS, MOST_ROWS

Way = Literal["list", "query", "bulk"]

ROOM: Final = 180_000
"""Records that one file of Bulk Read is asked for at most. It takes 200,000, but a count lags, and modules grow."""

_SECONDS_PER_CREDIT: Final = 2.0
_LIST_SECONDS, _QUERY_SECONDS = 0.6, 1.5
_JOB_SECONDS, _SECONDS_PER_ROW = 90.0, 0.0005
_AROUND_A_JOB: Final = 9
"""Credits of the calls around a job: counts, looks at it, the download, a sample, and the list behind it."""


def best_way(count: int, *, queries: bool) -> Way:
    """The way that costs least of credits and time for so many records, where jobs work, and perhaps queries."""
    ways: tuple[Way, ...] = ("list", "query", "bulk") if queries else ("list", "bulk")
    return min(ways, key=lambda way: _burden(way, count))


def credits_of(way: Way, count: int) -> int:
    """API credits of reading so many records."""
    match way:
        case "list":
            return max(1, math.ceil(count / PER_PAGE))
        case "query":
            more = math.ceil(max(0, count - FIRST_ROWS) / MOST_ROWS)
            return 1 + price_of_query(FIRST_ROWS) + more * price_of_query(MOST_ROWS)
        case "bulk":
            return 1 + max(1, math.ceil(count / ROOM)) * (BULK_READ + _AROUND_A_JOB)


def seconds_of(way: Way, count: int) -> float:
    """How long that takes, about."""
    match way:
        case "list":
            return math.ceil(count / PER_PAGE) * _LIST_SECONDS
        case "query":
            return math.ceil(count / MOST_ROWS) * _QUERY_SECONDS
        case "bulk":
            return math.ceil(count / ROOM) * _JOB_SECONDS + count * _SECONDS_PER_ROW


def _burden(way: Way, count: int) -> float:
    return credits_of(way, count) * _SECONDS_PER_CREDIT + seconds_of(way, count)
