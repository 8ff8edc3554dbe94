"""Matching, mapping, conflicts, deletions and health as PieSync had them, and what it could not do."""

import pytest

from tests.parity.team import ANN, BEN, FULL_NAMES, Team, names
from tests.pipeline.bench import Bench
from zohosyncd.connectors.memory import LISTS_SCHEMA
from zohosyncd.core.consent import Travel
from zohosyncd.core.errors import Mistakes
from zohosyncd.core.mapping import FieldPair
from zohosyncd.core.outcome import Deletion
from zohosyncd.core.record import Item
from zohosyncd.core.rules.language import Operator, Rule, Test
from zohosyncd.core.side import Direction, Side, Winner
from zohosyncd.ports.store import ContactState


@pytest.fixture
def team(bench: Bench) -> Team:
    return Team(bench)


async def test_one_authorised_account_serves_several_connections(team: Team) -> None:
    await team.connect()
    second = await team.bench.account("second", LISTS_SCHEMA)
    await team.bench.connect("crm-second", team.bench.crm, second)
    team.contact("Ida")
    await team.rest()
    assert team.cards() == [each for (each,) in team.bench.everybody("second", "given")] == ["Ida"]


async def test_pairs_are_found_by_e_mail_and_outlive_a_changed_one(team: Team) -> None:
    connection = await team.connect()
    ida = team.contact("Ida")
    team.card("Ida", title="Judge")
    await team.rest()
    team.bench.crm.app.edit(ida, {"Email": "new@example.org"})
    await team.rest()
    assert len(team.cards()) == len(team.contacts()) == 1
    assert await connection.link_of(ida) is not None
    team.bench.crm.app.edit(ida, {"Title": "Chef"})
    await team.rest()
    assert team.cards("title") == ["Chef"]


async def test_a_pair_whose_e_mail_is_deleted_goes_on(team: Team) -> None:
    await team.connect()
    ida = team.contact("Ida")
    await team.rest()
    team.bench.crm.app.edit(ida, {"Email": None, "Title": "Chef"})
    await team.rest()
    assert team.cards("title") == ["Chef"]


@pytest.mark.parametrize("switched", [False, True])
async def test_only_who_has_an_e_mail_is_created_unless_it_is_switched_off(team: Team, switched: bool) -> None:
    await team.connect(create_without_email=switched)
    team.bench.crm.app.create({"First": "Nobody", "Last": "Nameless"})
    await team.rest()
    assert team.cards() == (["Nobody"] if switched else [])


async def test_no_second_contact_is_made_with_an_e_mail_that_is_there_and_duplicates_are_listed(team: Team) -> None:
    connection = await team.connect()
    for _ in range(2):
        team.card("Twin")
    team.contact("Twin")
    report = await connection.run(wait=True)
    assert (len(team.cards()), len(team.contacts())) == (2, 1)
    assert report.contacts[Side.RIGHT][ContactState.DUPLICATE] == 2


async def test_a_merge_is_followed(team: Team) -> None:
    connection = await team.connect()
    loser = team.contact("Ida")
    await team.rest()
    survivor = team.contact("Ada", Title="Judge")
    team.bench.crm.app.merge(loser, survivor)
    await team.rest()
    assert team.cards("given", "title") == [("Ada", "Judge")], "the card goes on with who lives on"
    assert await connection.link_of(survivor) is not None


async def test_a_merge_of_two_who_both_have_a_partner_is_held(team: Team) -> None:
    connection = await team.connect()
    loser, survivor = team.contact("Ida"), team.contact("Ada")
    await team.rest()
    team.bench.crm.app.merge(loser, survivor)
    await team.rest()
    assert sorted(team.cards()) == ["Ada", "Ida"], "nothing is deleted in the book"
    assert {reason.value for _, _, reason, _ in await connection.held()} == {"linked_elsewhere"}


async def test_names_join_one_way_and_split_the_other_and_only_the_changed_part_changes(team: Team) -> None:
    await team.connect(book=FULL_NAMES)
    ida = team.bench.crm.app.create({"First": "Ida Maria", "Last": "von Stein", "Email": "ida@example.org"})
    await team.rest()
    assert team.cards("name") == ["Ida Maria von Stein"]
    (href,) = team.bench.book.app.state()
    team.bench.book.app.edit(href, {"name": "Ida Marie von Stein"})
    await team.rest()
    assert team.contacts("First", "Last") == [("Ida Marie", "von Stein")]
    team.bench.crm.app.edit(ida, {"Last": "von Berg"})
    await team.rest()
    assert team.cards("name") == ["Ida Marie von Berg"]


async def test_custom_fields_are_mapped(team: Team) -> None:
    await team.connect(mapped={"pairs": (FieldPair("Custom", "custom"),)})
    team.contact("Ida", Custom="C-1")
    await team.rest()
    assert team.cards("custom") == ["C-1"]


async def test_a_default_pair_can_be_switched_off_and_its_field_is_free_for_another(team: Team) -> None:
    pair = FieldPair("Title", "custom")
    await team.connect(mapped={"pairs": (pair,), "without": ("notes",)})
    team.contact("Ida", Title="Judge", Notes="secret")
    await team.rest()
    assert team.cards("title", "custom", "note") == [(None, "Judge", None)]


async def test_several_values_go_to_a_single_field_as_the_first_and_between_lists_as_all(team: Team) -> None:
    await team.connect()
    emails = tuple(Item(f"{number}@example.org") for number in range(3))
    team.bench.book.app.create({"given": "Ida", "family": "P", "emails": emails})
    await team.rest()
    assert team.contacts("Email", "Second_Email") == [("0@example.org", "1@example.org")]
    assert len(team.cards("emails")[0]) == 3


async def test_a_pair_can_be_narrowed_to_one_direction(team: Team) -> None:
    await team.connect(mapped={"pairs": (FieldPair("Custom", "custom", Direction.LEFT_TO_RIGHT),)})
    team.contact("Ida", Custom="C-1")
    await team.rest()
    (href,) = team.bench.book.app.state()
    team.bench.book.app.edit(href, {"custom": "typed in the book"})
    await team.rest()
    assert team.contacts("Custom") == ["C-1"]


async def test_types_decide_the_direction_and_the_reason_is_told(team: Team) -> None:
    connection = await team.connect(mapped={"pairs": (FieldPair("Employees", "custom"),)})
    (pair,) = [each for each in connection.plan.mapping.pairs if each.right_fields == ("custom",)]
    assert pair.direction is Direction.LEFT_TO_RIGHT
    assert pair.narrowed


async def test_fields_that_do_not_go_together_are_refused_with_the_reason(team: Team) -> None:
    pairs = (FieldPair("Employees", "phones"), FieldPair("Custm", "custom"))
    with pytest.raises(Mistakes) as refused:
        await team.connect(mapped={"pairs": pairs})
    first, second = map(str, refused.value.problems)
    assert first.endswith("Employees (number) and phones (phones) hold different kinds of values")
    assert second.startswith("fields[2].left:")
    assert '"Custm" (did you mean "Custom"?)' in second


async def test_a_list_of_choices_is_mapped_both_ways_by_a_value_map(team: Team) -> None:
    await team.connect(mapped={"pairs": (FieldPair("Lead_Source", "custom", values={"Web": "www", "Fair": "fair"}),)})
    ida = team.contact("Ida", Lead_Source="Web")
    await team.rest()
    assert team.cards("custom") == ["www"]
    (href,) = team.bench.book.app.state()
    team.bench.book.app.edit(href, {"custom": "fair"})
    await team.rest()
    assert team.bench.crm.app.state()[ida]["Lead_Source"] == "Fair"


@pytest.mark.parametrize("side", Side)
async def test_a_deletion_tags_the_counterpart_and_the_deleted_one_is_not_made_again(team: Team, side: Side) -> None:
    await team.connect(deletion=Deletion.TAG)
    ida = team.contact("Ida")
    await team.rest()
    (href,) = team.bench.book.app.state()
    if side is Side.LEFT:
        team.bench.crm.app.delete(ida)
        await team.rest()
        assert team.labels("Ida") == {"Trash"}
        assert team.contacts() == []
    else:
        team.bench.book.app.delete(href)
        await team.rest()
        assert team.contacts("Tags") == [names("Trash")]
        assert team.cards() == []


async def test_by_default_nothing_is_deleted(team: Team) -> None:
    await team.connect()
    ida = team.contact("Ida")
    await team.rest()
    team.bench.crm.app.delete(ida)
    await team.rest()
    assert (team.contacts(), team.cards()) == ([], ["Ida"])


async def test_an_unsubscribe_tags_the_counterpart(team: Team) -> None:
    await team.connect(said={"consent": {"onto": {Side.RIGHT: Travel.TAG}}})
    ida = team.contact("Ida")
    await team.rest()
    team.bench.crm.app.edit(ida, {"Opted_Out": True})
    await team.rest()
    assert team.labels("Ida") == {"No Mail"}


@pytest.mark.parametrize("winner", [Winner.LEFT, Winner.RIGHT])
async def test_one_side_wins_at_the_first_sync_and_later(team: Team, winner: Winner) -> None:
    await team.connect(winner=winner)
    ida = team.contact("Ida", Title="CRM")
    href = team.card("Ida", title="Book")
    await team.rest()
    first = "CRM" if winner is Winner.LEFT else "Book"
    assert team.cards("title") == team.contacts("Title") == [first]
    team.bench.crm.app.edit(ida, {"Title": "CRM again"})
    team.bench.book.app.edit(href, {"title": "Book again"})
    await team.rest()
    assert team.cards("title") == team.contacts("Title") == [f"{first} again"]


async def test_the_winner_does_not_change_the_direction(team: Team) -> None:
    await team.connect(winner=Winner.RIGHT, mapped={"direction": Direction.LEFT_TO_RIGHT})
    ida = team.contact("Ida", Title="CRM")
    href = team.card("Ida", title="Book")
    await team.rest()
    team.bench.crm.app.edit(ida, {"Title": "CRM again"})
    team.bench.book.app.edit(href, {"title": "Book again"})
    await team.rest()
    assert team.contacts("Title") == ["CRM again"]


@pytest.mark.parametrize("winner", [Winner.LEFT, Winner.RIGHT])
async def test_an_empty_field_of_the_winner_erases_nothing_at_the_first_sync(team: Team, winner: Winner) -> None:
    await team.connect(winner=winner)
    left, right = (None, "Book") if winner is Winner.LEFT else ("CRM", None)
    team.contact("Ida", Title=left)
    team.card("Ida", title=right)
    await team.rest()
    assert team.contacts("Title") == team.cards("title") == [left or right]


async def test_a_field_that_somebody_empties_later_is_emptied_on_the_other_side(team: Team) -> None:
    await team.connect()
    ida = team.contact("Ida", Title="Judge")
    await team.rest()
    team.bench.crm.app.edit(ida, {"Title": None})
    await team.rest()
    assert team.cards("title") == [None]


async def test_the_first_sync_reads_both_sides_whole_although_rules_pick_a_few(team: Team) -> None:
    await team.connect(Rule(Side.LEFT, (Test("owner", Operator.IS, (ANN.email,)),)))
    team.contact("Ida")
    team.card("Ida")
    team.card("Uma")
    await team.rest()
    assert sorted(team.cards()) == ["Ida", "Uma"], "Ida is found, not made again"


async def test_what_is_equal_or_out_of_scope_costs_no_writes(team: Team) -> None:
    await team.connect(Rule(Side.LEFT, (Test("owner", Operator.IS, (ANN.email,)),)))
    ida = team.contact("Ida")
    await team.rest()
    before = team.bench.written()
    team.bench.crm.app.edit(ida, {"Custom": "not mapped"})
    team.card("Uma")
    await team.rest()
    assert team.bench.written() == before


async def test_health_tells_in_sync_excluded_duplicate_and_failing_with_the_reason(team: Team) -> None:
    connection = await team.connect(Rule(Side.LEFT, (Test("owner", Operator.IS, (ANN.email,)),)), Rule(Side.RIGHT))
    team.contact("Ida")
    team.contact("Tom", Owner=BEN)
    team.bench.book.app.create({"given": "NoFamily", "emails": names("nofamily@example.org")})
    for _ in range(2):
        team.card("Twin")
    report = await connection.run(wait=True)
    left, right = report.contacts[Side.LEFT], report.contacts[Side.RIGHT]
    assert (left[ContactState.IN_SYNC], left[ContactState.EXCLUDED]) == (1, 1)
    assert right[ContactState.DUPLICATE] == 2
    assert right[ContactState.REFUSED] == 1
    (refused,) = await team.bench.store.quarantined(connection.plan.id)
    assert (refused.code, refused.field) == ("required", "Last")


async def test_a_failure_is_cured_by_an_edit_in_the_source(team: Team) -> None:
    connection = await team.connect()
    href = team.bench.book.app.create({"given": "Uma", "emails": names("uma@example.org")})
    await team.rest()
    assert len(await team.bench.store.quarantined(connection.plan.id)) == 1
    team.bench.book.app.edit(href, {"family": "Found"})
    await team.rest()
    assert team.contacts("First", "Last") == [("Uma", "Found")]
    assert await team.bench.store.quarantined(connection.plan.id) == []


async def test_who_was_there_before_and_who_comes_later_are_synced_alike(team: Team) -> None:
    await team.connect()
    team.contact("Ida")
    await team.rest()
    team.contact("Tom")
    await team.rest()
    assert team.cards() == ["Ida", "Tom"]


async def test_a_connection_can_be_paused(team: Team) -> None:
    connection = await team.connect()
    await connection.runner.pause(1.0)
    team.contact("Ida")
    report = await connection.run(wait=True)
    assert (report.paused, team.cards()) == (True, [])
    await connection.runner.resume()
    await team.rest()
    assert team.cards() == ["Ida"]
