"""What it costs to write: calls, and the app's own credits where it counts them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tariff:
    """How an app charges for its calls, in credits.

    Attributes:
        call: of a call that reads or deletes, whatever is in it.
        records: how many records of a create or update one credit pays for; each call begins anew.
        tags: the same for a call that gives one set of tags to records, or takes it; None where they are fields like
            any other. tagged: most records of such a call.
    """

    call: int = 1
    records: int = 1
    tags: int | None = None
    tagged: int = 1


@dataclass(frozen=True, slots=True)
class Price:
    """What something costs: calls, and credits (0 where the app counts none)."""

    calls: int = 0
    credits: int = 0

    def __add__(self, other: "Price") -> "Price":
        return Price(self.calls + other.calls, self.credits + other.credits)


def price_of_writes(count: int, batch: int, tariff: Tariff | None, *, deletes: bool = False) -> Price:
    """The least that so many writes of one kind cost, gathered into full batches.

    Args:
        count: records to write. batch: most records of a call. tariff: None where the app counts no credits.
        deletes: whether they are deletions, which are charged by the call.
    """
    calls = math.ceil(count / batch)
    if tariff is None:
        return Price(calls)
    if deletes:
        return Price(calls, calls * tariff.call)
    full, rest = divmod(count, batch)
    return Price(calls, full * math.ceil(batch / tariff.records) + math.ceil(rest / tariff.records))


def price_of_tags(records: Iterable[int], tariff: Tariff | None, most: int | None = None) -> Price:
    """What changes of tags cost that go in calls of their own.

    Args:
        records: for each set of tags that is given or taken, to or from how many records of one batch.
        most: records of a call, where they are fewer than the app takes: those whose other values go in one call.
    """
    price = Price()
    if tariff is None or tariff.tags is None:
        return price
    size = min(tariff.tagged, most or tariff.tagged)
    for count in records:
        full, rest = divmod(count, size)
        paid = full * math.ceil(size / tariff.tags) + math.ceil(rest / tariff.tags)
        price += Price(math.ceil(count / size), paid)
    return price


def price_of_reads(calls: int, tariff: Tariff | None) -> Price:
    """What so many calls that read cost."""
    return Price(calls, calls * tariff.call if tariff is not None else 0)
