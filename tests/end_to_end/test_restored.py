"""Contacts that were deleted and restored between two looks, whatever Zoho's list of the deleted says of them then."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.company import Company, Cost
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.supervisor.accounts import DELETIONS_EVERY, DELETIONS_SELDOM

TRAVELS = '[deletions]\nleft_to_right = "delete"\n[guard]\ndeletes = { more_than = 10 }'
MINUTE = 60.0


def live(company: Company, seconds: float, *happens: tuple[float, Callable[[], None]]) -> None:
    """One life of the daemon, in which something happens after so many seconds."""

    async def serving(daemon: Any) -> None:
        async def people() -> None:
            started = company.clock.elapsed
            for at, act in happens:
                await company.clock.sleep(started + at - company.clock.elapsed)
                act()
            await company.clock.sleep(started + seconds - company.clock.elapsed)
            daemon.stop()

        daemon._tasks.start_soon(people)
        await daemon.serve()

    company.live(serving)


def lost_and_found(company: Company, record_id: str) -> Callable[[], None]:
    def act() -> None:
        company.zoho.edit({"object": "Contacts", "id": record_id, "delete": True})
        company.zoho.edit({"object": "Contacts", "id": record_id, "restore": True})

    return act


def test_they_are_the_same_people_as_before_and_may_be_deleted_again(tmp_path: Path) -> None:
    """One for each poll between two looks at the list of the deleted."""
    company = Company(tmp_path, ("60s",), TRAVELS, setup=ZohoSetup(restored_stay=True))
    people = [company.contact(n) for n in range(DELETIONS_EVERY + 1)]
    company.serve(6 * MINUTE)
    cards = company.cards()
    company.spent()
    happens = [((6 + n) * MINUTE + 10.0, lost_and_found(company, each)) for n, each in enumerate(people[1:])]
    live(company, 16 * MINUTE, *happens)
    assert company.cards() == cards
    assert company.spent().get("point", Cost()).calls <= 4
    for each in people[1:]:
        company.zoho.edit({"object": "Contacts", "id": each, "delete": True})
    company.serve((DELETIONS_EVERY + 1) * MINUTE)
    assert len(company.cards()) == 1


def test_they_are_still_paired_where_deletions_do_not_travel(tmp_path: Path) -> None:
    """There the list of the deleted is read once in an hour, and whoever stands in it is not asked for before."""
    company = Company(tmp_path, ("60s",), setup=ZohoSetup(restored_stay=True))
    one, *_ = (company.contact(n) for n in range(3))
    company.serve(6 * MINUTE)
    live(company, (DELETIONS_SELDOM + 10) * MINUTE, (3 * MINUTE + 10.0, lost_and_found(company, one)))
    for href, card in company.cards().items():
        company.edit_card(href, card.replace("END:VCARD", "TITLE:Judge\r\nEND:VCARD"))
    company.serve(3 * MINUTE)
    assert [each["Title"] for each in company.contacts().values()] == ["Judge"] * 3


def test_who_is_deleted_in_the_second_of_an_edit_is_gone(tmp_path: Path) -> None:
    """The moment does not tell what came first; the record does, even where nobody else is left to compare with."""
    company = Company(tmp_path, ("60s",), TRAVELS)
    one = company.contact(1)
    company.serve(400.0)
    assert len(company.cards()) == 1
    company.world.time.freeze(True)
    company.zoho.edit({"object": "Contacts", "id": one, "set": {"Title": "Judge"}})
    company.serve(70.0)
    company.zoho.edit({"object": "Contacts", "id": one, "delete": True})
    company.world.time.freeze(False)
    company.spent()
    company.serve(500.0)
    assert company.spent()["point"].calls >= 1
    assert company.cards() == {}
