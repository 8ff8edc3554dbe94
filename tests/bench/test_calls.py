"""What it costs in calls and credits, against the least that Zoho's own calls allow: one table.

``pytest tests/bench/test_calls.py -m bench -s``; ``-k 199`` for one size, ``-k "delete and 2500"`` for one line. Each line
is a task of so many records with the ten minutes after it, so that what is read twice is in it. The minimum has three
parts: the task itself with its polls, one bulk read of each record that is updated just before it is, and one read of our
own writes by the feed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import pytest

from tests.bench.company import Company, Cost
from zohosyncd.supervisor.accounts import DELETIONS_EVERY

MINUTES = 10
MOST = 1.05
BATCH, PAGE, POINT = 100, 200, 50
TAGGED, TAGGED_A_CREDIT = 500, 50
TRAVELS = """
[deletions]
right_to_left = "delete"
[guard]
deletes = { more_than = 1000000 }
creates = { more_than = 1000000 }
"""
TAGS = TRAVELS.replace('"delete"', '"tag"')


@dataclass(frozen=True)
class Task:
    """What is done before the daemon is measured, and the least that it then has to cost beside idle polls."""

    prepare: Callable[[Company, int], None]
    work: Callable[[Company, int], None]
    reads: bool = False
    writes: bool = False
    updates: bool = False
    deletes: bool = False
    tags: bool = False
    gone: bool = False
    done: Callable[[Company, int], int] = lambda company, count: count
    """How many records the task has reached."""

    def least(self, count: int) -> Mapping[str, Cost]:
        """By part, in calls and credits."""
        batches, rest = divmod(count, BATCH)
        writing = Cost(ceil(count / BATCH), batches * BATCH // 10 + ceil(rest / 10))
        if self.deletes:
            writing = Cost(ceil(count / BATCH), ceil(count / BATCH))
        if self.tags:
            writing = Cost(ceil(count / TAGGED), ceil(count / TAGGED_A_CREDIT))
        more = max(ceil(count / PAGE) - 1, 0)
        # Each poll asks for changes, and some of them for deletions.
        polls = MINUTES + ceil(MINUTES / DELETIONS_EVERY) + (more if self.reads or self.gone else 0)
        point = ceil(count / POINT) if self.updates or self.deletes or self.tags else 0
        own = more if self.writes and not self.tags else 0
        return {
            "task": Cost(polls, polls) + (writing if self.writes else Cost()),
            "point reads": Cost(point, point),
            "own writes": Cost(own, own),
        }


def nothing(company: Company, count: int) -> None:
    """Nobody is there, and nobody does anything."""


def contacts(company: Company, count: int) -> None:
    for n in range(count):
        company.contact(n)


def cards(company: Company, count: int) -> None:
    for n in range(count):
        company.card(n)


def one(company: Company, count: int) -> None:
    """Zoho is not empty: that would be looked at three times."""
    company.contact(1_000_000)
    company.serve(900.0)


def pairs(company: Company, count: int) -> None:
    """Everybody is on both sides, and that was long ago; one more stays what it is."""
    contacts(company, count + 1)
    company.serve(900.0 + count / 10)
    assert len(company.cards()) == count + 1


def edited_contacts(company: Company, count: int) -> None:
    for each in [*company.contacts()][:count]:
        company.zoho.edit({"object": "Contacts", "id": each, "set": {"Title": "New"}})


def deleted_contacts(company: Company, count: int) -> None:
    for each in [*company.contacts()][:count]:
        company.zoho.edit({"object": "Contacts", "id": each, "delete": True})


def edited_cards(company: Company, count: int) -> None:
    for href, text in [*company.cards().items()][:count]:
        company.edit_card(href, text.replace("END:VCARD", "TITLE:New\r\nEND:VCARD"))


def deleted_cards(company: Company, count: int) -> None:
    for href in [*company.cards()][:count]:
        company.delete_card(href)


def created(company: Company, count: int) -> int:
    return len(company.contacts()) - 1


def deleted(company: Company, count: int) -> int:
    return count + 1 - len(company.contacts())


def updated(company: Company, count: int) -> int:
    return sum(each["Title"] == "New" for each in company.contacts().values())


def tagged(company: Company, count: int) -> int:
    return sum(bool(each["Tag"]) for each in company.contacts().values())


TASKS = {
    "idle": Task(pairs, nothing),
    "read all": Task(nothing, contacts, reads=True),
    "read changed": Task(pairs, edited_contacts, reads=True),
    "read deleted": Task(pairs, deleted_contacts, gone=True),
    "create": Task(one, cards, writes=True, done=created),
    "update": Task(pairs, edited_cards, writes=True, updates=True, done=updated),
    "delete": Task(pairs, deleted_cards, writes=True, deletes=True, done=deleted),
    "tag": Task(pairs, deleted_cards, writes=True, tags=True, done=tagged),
}


def measured(folder: Path, task: Task, count: int) -> Mapping[str, Cost]:
    """What a task of so many records cost, by part."""
    company = Company(folder, ("60s",), TAGS if task.tags else TRAVELS)
    task.prepare(company, count)
    task.work(company, count)
    company.spent()
    company.serve(MINUTES * 60.0)
    assert task.done(company, count) == count
    spent = dict(company.spent())
    spent.pop("about")  # org, fields, tags and users: of a start, not of a task
    return spent


@pytest.mark.bench
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("count", [1, 199, 2_500, 30_000])
def test_calls_and_credits(count: int, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = TASKS[name]
    least, spent = task.least(count), measured(tmp_path, task, count)
    allowed, total = sum(least.values(), Cost()), sum(spent.values(), Cost())
    with capsys.disabled():
        print(
            f"\n{name:>12} {count:>6}: {total.calls}/{total.credits} calls/credits ({_parts(spent)})\n"
            f"{'minimum':>19}: {allowed.calls}/{allowed.credits} ({_parts(least)}); "
            f"{total.calls / allowed.calls:.2f} x the calls, {total.credits / allowed.credits:.2f} x the credits",
            end="",
        )
    assert total.calls <= MOST * allowed.calls
    assert total.credits <= MOST * allowed.credits


def _parts(costs: Mapping[str, Cost]) -> str:
    return ", ".join(f"{part} {each.calls}/{each.credits}" for part, each in costs.items() if each.calls)


@pytest.mark.bench
def test_ten_connections_poll_like_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    polls = {}
    for count in (1, 10):
        company = Company(tmp_path / str(count), ("60s",) * count)
        pairs(company, 1)
        company.spent()
        company.serve(7_200.0)
        polls[count] = company.spent()["feed"].calls
    with capsys.disabled():
        print(f"\npolls in two hours: {polls[1]} of one connection, {polls[10]} of ten", end="")
    assert polls[10] <= MOST * 120
