"""What writing costs: the tables of credits that vendors publish, in the least number of calls."""

import pytest

from zohosyncd.core.budget import Price, Tariff, price_of_reads, price_of_tags, price_of_writes

ZOHO = Tariff(call=1, records=10)


@pytest.mark.parametrize(
    ("count", "calls", "paid"),
    [(0, 0, 0), (1, 1, 1), (10, 1, 1), (11, 1, 2), (100, 1, 10), (101, 2, 11), (250, 3, 25), (10_000, 100, 1_000)],
)
def test_one_credit_pays_for_ten_records_of_a_call(count: int, calls: int, paid: int) -> None:
    assert price_of_writes(count, 100, ZOHO) == Price(calls, paid)


def test_a_small_batch_begins_a_credit_anew_with_each_call() -> None:
    assert price_of_writes(12, 4, ZOHO) == Price(3, 3)
    assert price_of_writes(45, 15, ZOHO) == Price(3, 6)


def test_deletions_are_paid_by_the_call() -> None:
    assert price_of_writes(101, 100, ZOHO, deletes=True) == Price(2, 2)


@pytest.mark.parametrize(
    ("records", "calls", "paid"),
    [([], 0, 0), ([1], 1, 1), ([50], 1, 1), ([51], 1, 2), ([1, 1, 1], 3, 3), ([250], 3, 5)],
)
def test_tags_are_paid_by_set_and_call(records: list[int], calls: int, paid: int) -> None:
    assert price_of_tags(records, Tariff(1, 10, tags=50, tagged=100)) == Price(calls, paid)
    assert price_of_tags(records, Tariff(1, 10, tags=50, tagged=500), 100) == Price(calls, paid)
    assert price_of_tags(records, ZOHO) == Price(), "tags that are fields like any other"


def test_an_app_without_credits_has_only_calls() -> None:
    assert price_of_writes(101, 100, None) == Price(2, 0)
    assert price_of_reads(3, None) == Price(3, 0)
    assert price_of_reads(3, ZOHO) + price_of_writes(1, 1, ZOHO) == Price(4, 4)
