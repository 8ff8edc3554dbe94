"""Filters and actions as PieSync had them for Zoho CRM, and rules in general."""

import pytest

from tests.parity.team import ANN, BEN, Team, names
from tests.pipeline.bench import Bench
from zohosyncd.connectors.memory import MEMBERS_SCHEMA
from zohosyncd.core.consent import NewMember, Opt
from zohosyncd.core.mapping import FieldPair
from zohosyncd.core.rules.language import AddTo, Has, On, Operator, RemoveFrom, Rule, SetConsent, SetField, Test
from zohosyncd.core.side import Direction, Side

IS = Operator.IS


@pytest.fixture
def team(bench: Bench) -> Team:
    return Team(bench)


async def test_filter_by_owner(team: Team) -> None:
    await team.connect(Rule(Side.LEFT, (Test("owner", IS, ("Ann Keller",)),)))
    team.contact("Ida")
    team.contact("Tom", Owner=BEN)
    await team.rest()
    assert team.cards() == ["Ida"]


async def test_filter_by_lead_source(team: Team) -> None:
    await team.connect(Rule(Side.LEFT, (Test("Lead_Source", Operator.IN, ("Web", "Fair")),)))
    team.contact("Ida", Lead_Source="Fair")
    team.contact("Tom", Lead_Source="Cold Call")
    await team.rest()
    assert team.cards() == ["Ida"]


@pytest.mark.parametrize(("wanted", "found"), [(True, "Tom"), (False, "Ida")])
async def test_filter_by_opted_out_or_not(team: Team, wanted: bool, found: str) -> None:
    await team.connect(Rule(Side.LEFT, (Test("opted_out", IS, (wanted,)),)))
    team.contact("Ida", Opted_Out=False)
    team.contact("Tom", Opted_Out=True)
    await team.rest()
    assert team.cards() == [found]


async def test_filter_by_any_standard_or_custom_field(team: Team) -> None:
    city, custom = Test("City", IS, ("Bonn",)), Test("Custom", Operator.STARTS_WITH, ("gold",))
    await team.connect(Rule(Side.LEFT, (city,)), Rule(Side.LEFT, (custom, Test("Employees", Operator.GREATER, (9,)))))
    team.contact("Ida", City="Bonn")
    team.contact("Tom", Custom="Gold member", Employees=10)
    team.contact("Uma", Custom="Gold member", Employees=9)
    await team.rest()
    assert team.cards() == ["Ida", "Tom"]


async def test_action_opt_out(team: Team) -> None:
    rule = Rule(Side.LEFT, (Test("Custom", IS, ("away",)),), (SetConsent(Opt.OUT),))
    await team.connect(Rule(Side.LEFT), rule, book=MEMBERS_SCHEMA, said={"consent": {"new": NewMember.SUBSCRIBED}})
    ida = team.contact("Ida")
    await team.rest()
    assert team.cards("state") == ["subscribed"]
    team.bench.crm.app.edit(ida, {"Custom": "away"})
    await team.rest()
    assert team.cards("state") == ["unsubscribed"]


async def test_action_opt_in_of_somebody_who_never_opted_out(team: Team) -> None:
    rule = Rule(Side.LEFT, (Test("Custom", IS, ("customer",)),), (SetConsent(Opt.IN),))
    await team.connect(Rule(Side.LEFT), rule, book=MEMBERS_SCHEMA, said={"consent": {"new": NewMember.UNSUBSCRIBED}})
    ida = team.contact("Ida")
    await team.rest()
    team.bench.crm.app.edit(ida, {"Custom": "customer"})
    await team.rest()
    assert team.cards("state") == ["pending"]


async def test_action_update_lead_source_and_any_field_custom_included(team: Team) -> None:
    actions = (SetField("Lead_Source", "Fair", On.CREATE), SetField("Custom", "from the book"))
    await team.connect(Rule(Side.RIGHT, (), actions))
    team.card("Uma")
    await team.rest()
    assert team.contacts("First", "Lead_Source", "Custom") == [("Uma", "Fair", "from the book")]
    (uma,) = team.bench.crm.app.state()
    team.bench.crm.app.edit(uma, {"Lead_Source": "Web", "Custom": "typed here"})
    await team.rest()
    assert team.contacts("Lead_Source", "Custom") == [("Web", "from the book")], "one is set once, the other always"


async def test_by_default_everybody_is_synced_both_ways(team: Team) -> None:
    await team.connect()
    team.contact("Ida")
    team.card("Uma")
    await team.rest()
    assert team.cards() == team.contacts() == ["Ida", "Uma"]


async def test_rules_of_one_side_are_alternatives_and_their_number_has_no_limit(team: Team) -> None:
    await team.connect(*(Rule(Side.LEFT, (Test("Custom", IS, (str(number),)),)) for number in range(12)))
    for number in range(0, 24, 3):
        team.contact(f"P{number}", Custom=str(number))
    await team.rest()
    assert set(team.cards()) == {"P0", "P3", "P6", "P9"}


async def test_all_filters_of_one_rule_have_to_hold(team: Team) -> None:
    await team.connect(Rule(Side.LEFT, (Test("Custom", IS, ("lead",)), Test("Lead_Source", IS, ("Web",)))))
    team.contact("Ida", Custom="lead", Lead_Source="Web")
    team.contact("Tom", Custom="lead")
    await team.rest()
    assert team.cards() == ["Ida"]


async def test_in_one_way_mode_nothing_goes_the_other_way(team: Team) -> None:
    ignored = Rule(Side.RIGHT, (), (SetField("Custom", "from the book"),))
    await team.connect(Rule(Side.LEFT), ignored, mapped={"direction": Direction.LEFT_TO_RIGHT})
    ida = team.contact("Ida")
    team.card("Uma")
    await team.rest()
    (href,) = [href for href, each in team.bench.book.app.state().items() if each["given"] == "Ida"]
    team.bench.book.app.edit(href, {"title": "Judge"})
    await team.rest()
    assert team.contacts() == ["Ida"]
    contact = team.bench.crm.app.state()[ida]
    assert (contact.get("Title"), contact.get("Custom")) == (None, None)


async def test_a_side_without_a_rule_creates_nothing_and_pairs_go_on_both_ways(team: Team) -> None:
    await team.connect(Rule(Side.LEFT))
    team.contact("Ida")
    team.card("Ida", title="Judge")
    team.card("Uma")
    await team.rest()
    assert team.contacts("First", "Title") == [("Ida", "Judge")]


async def test_filters_by_tag_and_label(team: Team) -> None:
    await team.connect(Rule(Side.LEFT, (Has("tags", "VIP"),)), Rule(Side.RIGHT, (Has("labels", "CRM"),)))
    team.contact("Ida", Tags=names("vip"))
    team.contact("Tom")
    team.card("Uma", labels=names("CRM"))
    team.card("Rex")
    await team.rest()
    assert set(team.cards()) == {"Ida", "Uma", "Rex"}
    assert set(team.contacts()) == {"Ida", "Tom", "Uma"}


async def test_actions_add_and_remove_a_label_and_a_new_one_is_made(team: Team) -> None:
    await team.connect(Rule(Side.LEFT, (), (AddTo("labels", "Never heard of"), RemoveFrom("labels", "Prospect"))))
    team.contact("Ida")
    team.card("Ida", labels=names("Prospect", "Choir"))
    await team.rest()
    assert team.labels("Ida") == {"Never heard of", "Choir"}


async def test_action_set_the_owner(team: Team) -> None:
    await team.connect(Rule(Side.RIGHT, (), (SetField("owner", "ben.roe@crm.example"),)))
    team.card("Uma")
    await team.rest()
    assert team.contacts("Owner") == [BEN]


async def test_an_action_is_reverted_when_the_contact_stops_matching(team: Team) -> None:
    rule = Rule(Side.LEFT, (Has("tags", "List"),), (AddTo("labels", "Category", revert=True),))
    await team.connect(Rule(Side.LEFT), rule)
    ida = team.contact("Ida", Tags=names("List"))
    await team.rest()
    assert team.labels("Ida") == {"Category"}
    team.bench.crm.app.edit(ida, {"Tags": ()})
    await team.rest()
    assert team.labels("Ida") == set()


async def test_who_stops_matching_stays_where_it_is_on_both_sides(team: Team) -> None:
    connection = await team.connect(Rule(Side.LEFT, (Test("owner", IS, (ANN.email,)),)))
    ida = team.contact("Ida", Title="Cook")
    await team.rest()
    team.bench.crm.app.edit(ida, {"Owner": BEN, "Title": "Chef"})
    report = await connection.run(wait=True)
    assert (team.contacts("Title"), team.cards("title")) == (["Chef"], ["Cook"])
    assert {state.value: count for state, count in report.contacts[Side.LEFT].items() if count} == {"frozen": 1}


async def test_fields_of_the_company_filter_and_are_never_written(team: Team) -> None:
    rule = Rule(Side.LEFT, (Test("Account_Name.Industry", IS, ("Dairy",)),))
    pair = FieldPair("Account_Name.Industry", "custom")
    connection = await team.connect(rule, mapped={"pairs": (pair,)})
    team.contact("Ida", **{"Account_Name.Industry": "Dairy"})
    team.contact("Tom", **{"Account_Name.Industry": "Steel"})
    await team.rest()
    assert team.cards("given", "custom") == [("Ida", "Dairy")]
    (compiled,) = [each for each in connection.plan.mapping.pairs if each.right_fields == ("custom",)]
    assert compiled.direction is Direction.LEFT_TO_RIGHT
    assert "read-only" in compiled.narrowed
