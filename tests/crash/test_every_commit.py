"""A process that dies at any commit, or after any request, and starts again ends where one ends that never died."""

from pathlib import Path

import pytest

from tests.crash.company import Company


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, int, int]:
    """A company whose daemon never died, and how many commits and writes its first life took."""
    company = Company(tmp_path_factory.mktemp("undisturbed"))
    life = company.live()
    assert not life.died
    company.until_quiet()
    return company, life.commits, life.sender.writes


def test_the_undisturbed_company_is_as_it_should_be(undisturbed: tuple[Company, int, int]) -> None:
    left, right = undisturbed[0].people()
    assert sum(left.values()) == sum(right.values()) == 9
    assert left["Ann", "Both", "ann@example.org", None, "In the CRM", "in the book"] == 1
    assert left["Lee", "Twin", None, "1990-05-06", None, None] == 1
    assert undisturbed[1] > 10
    assert undisturbed[2] > 3


@pytest.mark.parametrize("durable", [True, False], ids=["after the commit", "before the commit"])
def test_a_death_at_every_commit(durable: bool, undisturbed: tuple[Company, int, int], tmp_path: Path) -> None:
    wanted, commits, _ = undisturbed
    for at in range(1, commits + 1):
        company = Company(tmp_path / str(at))
        if at == 1:  # which makes the tables, too, where there is no file yet
            (company.folder / "state.db").unlink()
        assert company.live(commit=at, durable=durable).died, f"commit {at} was not reached"
        company.until_quiet()
        assert company.people() == wanted.people(), f"died at commit {at}"


def test_a_death_after_every_write_that_was_executed(undisturbed: tuple[Company, int, int], tmp_path: Path) -> None:
    wanted, _, writes = undisturbed
    for at in range(1, writes + 1):
        company = Company(tmp_path / str(at))
        assert company.live(request=at).died, f"write {at} was not reached"
        company.until_quiet()
        assert company.people() == wanted.people(), f"died after write {at} was executed, before its answer was read"


def test_two_deaths_in_a_row(undisturbed: tuple[Company, int, int], tmp_path: Path) -> None:
    wanted, commits, writes = undisturbed
    for at in range(2, commits, 9):
        company = Company(tmp_path / str(at))
        company.live(commit=at, durable=bool(at % 2))
        company.live(request=1 + at % writes)
        company.live(commit=3)
        company.until_quiet()
        assert company.people() == wanted.people(), f"died at commit {at} and in the recovery"
