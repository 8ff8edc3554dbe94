"""Connections that share an account: their polls cost those of one, and what one of them reads the others hear of."""

from pathlib import Path

from tests.bench.company import Company, Cost
from zohosyncd.supervisor.accounts import DELETIONS_EVERY, DELETIONS_SELDOM

MINUTES = 20


def idle(folder: Path, every: tuple[str, ...], more: str = "") -> tuple[int, int]:
    """Calls for changes and for deletions in so many minutes, once everything is settled."""
    company = Company(folder, every, more)
    company.contact(1)
    company.serve(400.0)
    company.spent()
    company.serve(MINUTES * 60.0)
    spent = company.spent()
    return spent["feed"].calls, spent.get("deleted", Cost()).calls


def test_several_connections_poll_like_one_whatever_their_intervals(tmp_path: Path) -> None:
    one, _ = idle(tmp_path / "one", ("60s",))
    assert 0.9 * MINUTES <= one <= 1.05 * MINUTES
    several, _ = idle(tmp_path / "several", ("60s", "60s", "60s", "240s", "600s"))
    assert 0.9 * MINUTES <= several <= 1.05 * MINUTES


def test_what_was_deleted_is_asked_less_often_and_seldom_where_it_does_not_travel(tmp_path: Path) -> None:
    polls, travelling = idle(tmp_path / "on", ("60s",), '[deletions]\nleft_to_right = "delete"')
    assert travelling <= polls / DELETIONS_EVERY + 1
    polls, still = idle(tmp_path / "off", ("60s",))
    assert still <= polls / DELETIONS_SELDOM + 1


def test_a_deletion_travels_all_the_same(tmp_path: Path) -> None:
    company = Company(
        tmp_path, ("60s",), '[deletions]\nleft_to_right = "delete"\n[guard]\ndeletes = { more_than = 10 }'
    )
    gone, *_ = (company.contact(n) for n in range(4))
    company.serve(400.0)
    assert len(company.cards()) == 4
    company.zoho.edit({"object": "Contacts", "id": gone, "delete": True})
    company.serve(60.0 * (DELETIONS_EVERY + 2))
    assert len(company.cards()) == 3


def test_what_one_connection_reads_the_others_hear_of(tmp_path: Path) -> None:
    """A change reaches every book within the interval, whoever happened to read it."""
    company = Company(tmp_path, ("60s",) * 4)
    company.serve(200.0)
    for n in range(3):
        company.contact(n)
        company.serve(75.0)
        assert [len(company.cards(f"user{user}")) for user in range(4)] == [n + 1] * 4


def test_connections_that_start_together_ask_for_the_fields_once(tmp_path: Path) -> None:
    company = Company(tmp_path, ("60s",) * 10)
    company.serve(20.0)
    # The org, the fields of contacts and of their companies, the tags, the layouts and the users.
    assert company.spent()["about"].calls == 6


def test_what_the_first_read_has_shown_is_not_read_again_by_id(tmp_path: Path) -> None:
    company = Company(tmp_path, ("60s",), 'direction = "right_to_left"')
    for number in range(1_450):
        company.contact(number)
    company.serve(300.0)
    spent = company.spent()
    assert spent["feed"].calls > 4
    assert "point" not in spent


def test_what_several_connections_write_fills_the_batches_of_their_account(tmp_path: Path) -> None:
    """Five books with 20 new cards each: a call of a hundred or two, and not five of 20."""
    company = Company(tmp_path, ("60s",) * 5, 'direction = "right_to_left"')
    company.contact(1_000_000)
    company.serve(400.0)
    company.spent()
    for user in range(5):
        for n in range(20):
            company.card(100 * user + n, f"user{user}")
    company.serve(100.0)
    assert len(company.contacts()) == 101
    assert company.spent()["write"].calls <= 2


def test_a_book_that_does_not_answer_holds_up_no_other(tmp_path: Path) -> None:
    company = Company(tmp_path, ("60s",) * 2)
    company.contact(1)
    company.serve(400.0)
    hangs = {"path": "/user0/*", "fault": "hang"}
    company.world.faults.replace("carddav", [hangs])
    one = company.contact(2)
    company.serve(130.0)
    assert len(company.cards("user1")) == 2
    company.zoho.edit({"object": "Contacts", "id": one, "set": {"Title": "Judge"}})
    company.serve(130.0)
    assert any("TITLE:Judge" in card for card in company.cards("user1").values())
    assert len(company.cards("user0")) == 1
    company.world.faults.replace("carddav", [])
    company.serve(900.0)
    assert any("TITLE:Judge" in card for card in company.cards("user0").values())
