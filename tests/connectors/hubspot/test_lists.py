"""Lists: static ones are given and taken, active ones are shown, and a login that may not see them has none."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.connectors.hubspot.conftest import FIELDS, Portal, op
from zohosyncd.connectors.hubspot.connector import MOST_MEMBERS
from zohosyncd.core.name_sets import as_value, names_of
from zohosyncd.ports.connector import Done, NotSent, Refused, Unknown, WriteKind
from zohosyncd.sandbox.hubspot.lists import COMPANIES
from zohosyncd.sandbox.hubspot.setup import SCOPES

LISTS, ACTIVE = "Lists", "ActiveLists"


def member_calls(portal: Portal) -> list[str]:
    return [each for each in portal.calls() if "/memberships/" in each and "batch/read" not in each]


async def shown(portal: Portal, record_id: str, field: str = LISTS) -> tuple[str, ...]:
    return names_of((await portal.read(record_id, field)).values[field])


async def test_active_lists_are_shown_and_cannot_be_written(portal: Portal) -> None:
    portal.app.lists.add("Berliners", "DYNAMIC", condition=("city", "Berlin"))
    ann = portal.person(city="Berlin", lists=["VIP"])
    schema = await portal.connector.schema("contacts")
    assert schema.containers["lists"].names == ("VIP",)
    assert not schema.fields[ACTIVE].writable
    assert await shown(portal, ann, ACTIVE) == ("Berliners",)
    assert await shown(portal, ann) == ("VIP",)


async def test_a_name_of_an_active_list_cannot_be_given(portal: Portal) -> None:
    portal.app.lists.add("Berliners", "DYNAMIC", condition=("city", "Berlin"))
    ann = portal.person(firstname="Ann")
    result = await portal.update(ann, **{LISTS: as_value(["berliners"])})
    assert isinstance(result, Refused)
    assert result.field == LISTS
    beside = await portal.update(ann, **{LISTS: as_value(["berliners"]), "jobtitle": "x"})
    assert isinstance(beside, Done)
    assert [each.field for each in beside.refused] == [LISTS]


async def test_a_list_of_companies_with_the_same_name_is_another_list(portal: Portal) -> None:
    theirs = portal.app.lists.add("VIP", object_type=COMPANIES)
    ann = portal.person(firstname="Ann")
    assert isinstance(await portal.update(ann, **{LISTS: as_value(["VIP"])}), Done)
    assert await shown(portal, ann) == ("VIP",)
    assert theirs.members == {}


async def test_lists_that_do_not_exist_are_made_once(portal: Portal) -> None:
    ids = [portal.person(email=f"p{n}@example.com") for n in range(3)]
    known = [await portal.read(each, *FIELDS, LISTS) for each in ids]
    results = await portal.write(
        *(op(WriteKind.UPDATE, each.id, {LISTS: as_value(["Trade fair"])}, each) for each in known)
    )
    assert [type(each) for each in results] == [Done] * 3
    assert sum(each == "POST /crm/v3/lists/" for each in portal.calls()) == 1
    assert len(member_calls(portal)) == 1


async def test_a_list_that_somebody_made_since_is_used(portal: Portal) -> None:
    ann = portal.person(firstname="Ann")
    await portal.connector.schema("contacts")
    portal.app.lists.add("Trade Fair")
    assert isinstance(await portal.update(ann, **{LISTS: as_value(["trade fair"])}), Done)
    assert await shown(portal, ann) == ("Trade Fair",)


async def test_a_list_that_was_renamed_shows_its_new_name(portal: Portal) -> None:
    ann = portal.person(lists=["Old"])
    assert await shown(portal, ann) == ("Old",)
    bob = portal.person(lists=["Another"])
    assert await shown(portal, bob) == ("Another",)


async def test_five_hundred_contacts_join_a_list_by_one_call(portal: Portal) -> None:
    ids = [portal.person(email=f"p{n}@example.com") for n in range(MOST_MEMBERS)]
    known = {each.record.id: each.record for each in await portal.connector.fetch("contacts", [LISTS], ids)}  # type: ignore[union-attr]
    results = await portal.write(*(op(WriteKind.UPDATE, each, {LISTS: as_value(["VIP"])}, known[each]) for each in ids))
    assert all(isinstance(each, Done) for each in results)
    assert len(member_calls(portal)) == 1
    with pytest.raises(ValueError, match="at most"):
        await portal.write(*(op(WriteKind.UPDATE, each, {"city": "x"}, known[each]) for each in ids))


@pytest.mark.parametrize(
    ("fault", "kind"), [({"fault": "reset"}, Unknown), ({"fault": "status", "status": 429}, NotSent)]
)
async def test_lists_that_got_no_answer_are_left_over(portal: Portal, fault: dict[str, Any], kind: type) -> None:
    ann = portal.person(firstname="Ann")
    portal.fail({"method": "PUT", "path": "*/memberships/*", **fault})
    beside = await portal.update(ann, **{LISTS: as_value(["VIP"]), "jobtitle": "x"})
    assert isinstance(beside, Done)
    assert beside.left == (LISTS,)
    if kind is Unknown:
        assert isinstance(await portal.update(ann, **{LISTS: as_value(["VIP"])}), Unknown)


async def test_lists_need_to_have_been_read(portal: Portal) -> None:
    ann = portal.person(firstname="Ann")
    known = await portal.read(ann)
    (result,) = await portal.write(op(WriteKind.UPDATE, ann, {LISTS: as_value(["VIP"])}, known))
    assert isinstance(result, Refused)
    assert (result.code, result.field) == ("KNOWN_LISTS_NEEDED", LISTS)


async def test_a_login_that_may_not_see_lists_has_none(make_portal: Callable[..., Portal]) -> None:
    portal = make_portal()
    portal.app.setup.scopes = tuple(each for each in SCOPES if "lists" not in each and "owners" not in each)
    schema = await portal.connector.schema("contacts")
    assert schema.containers == {}
    assert LISTS not in schema.fields
    assert schema.owners is None
    ann = portal.person(hubspot_owner_id="41000001")
    assert str((await portal.read(ann, "hubspot_owner_id")).values["hubspot_owner_id"]) == "41000001"


async def test_lists_are_only_asked_for_where_somebody_wants_them(portal: Portal) -> None:
    portal.person(lists=["VIP"])
    await portal.connector.schema("contacts")
    before = len(portal.calls())
    await portal.follow(None)
    assert not [each for each in portal.calls()[before:] if "/lists/" in each]
    changes, _ = await portal.follow(None, (*FIELDS, LISTS))
    (change,) = changes
    assert names_of(change.record.values[LISTS]) == ("VIP",)  # type: ignore[union-attr]
