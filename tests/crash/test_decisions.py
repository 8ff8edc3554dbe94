"""A process that dies while a person decides: what was decided is carried out once, whenever that was."""

from pathlib import Path

import pytest

from tests.crash.company import Company, Said

SHARED = "twins@example.org"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, int, int]:
    """A company in which a person decided and nobody died, and the commits and writes that this took."""
    company, said = asking(tmp_path_factory.mktemp("undisturbed"))
    life = company.live(said=said)
    assert not life.died
    company.until_quiet()
    return company, life.commits, life.sender.writes


def asking(folder: Path) -> tuple[Company, Said]:
    """A company at rest with two contacts that share an address, and what a person says about everybody."""
    company = Company(folder)
    company.until_quiet()
    twins = [contact(company, name) for name in ("Una", "Duo")]
    company.until_quiet()
    ann, bob = ("ann@example.org",) * 2, ("bob@example.org",) * 2
    said: Said = [
        *(("resolve", {"record": twin, "choice": "create"}) for twin in twins),
        ("split", dict(zip(("left", "right"), ann, strict=True))),
        ("unlink", dict(zip(("left", "right"), bob, strict=True))),
    ]
    return company, said


def contact(company: Company, name: str) -> str:
    create = {"First_Name": name, "Last_Name": "Twin", "Email": SHARED}
    return str(company.control("edit", {"app": "zoho_crm", "object": "Contacts", "create": create})["id"])


def test_what_was_decided_is_done(undisturbed: tuple[Company, int, int]) -> None:
    left, right = undisturbed[0].people()
    assert sum(count for person, count in left.items() if person[2] == SHARED) == 2
    assert sum(count for person, count in left.items() if person[1] == "Both") == 2
    assert sum(count for person, count in left.items() if person[1] == "Crm") == 1
    assert sum(left.values()) == sum(right.values()) == 12
    assert undisturbed[1] > 6
    assert undisturbed[2] == 4


def die_at(commit: int, folder: Path, wanted: Company, *, durable: bool) -> None:
    company, said = asking(folder)
    assert company.live(commit=commit, durable=durable, said=said).died, f"commit {commit} was not reached"
    company.live(said=said)  # the person got no answer, and says it again
    company.until_quiet()
    assert company.people() == wanted.people(), f"died at commit {commit}"


def test_a_death_at_commits_here_and_there(undisturbed: tuple[Company, int, int], tmp_path: Path) -> None:
    wanted, commits, _writes = undisturbed
    for at in range(2, commits + 1, 3):
        die_at(at, tmp_path / str(at), wanted, durable=bool(at % 2))


@pytest.mark.slow
@pytest.mark.parametrize("durable", [True, False], ids=["after the commit", "before the commit"])
def test_a_death_at_every_commit(durable: bool, undisturbed: tuple[Company, int, int], tmp_path: Path) -> None:
    wanted, commits, _writes = undisturbed
    for at in range(1, commits + 1):
        die_at(at, tmp_path / str(at), wanted, durable=durable)


def test_a_death_after_every_write_that_was_executed(undisturbed: tuple[Company, int, int], tmp_path: Path) -> None:
    wanted, _commits, writes = undisturbed
    for at in range(1, writes + 1):
        company, said = asking(tmp_path / str(at))
        assert company.live(request=at, said=said).died, f"write {at} was not reached"
        company.until_quiet()  # without a word: everything had been decided
        assert company.people() == wanted.people(), f"died after write {at}"
