"""Rules at work: who is created across, who leaves, what rules give and take, and what of it survives a death."""

from dataclasses import replace
from typing import Any

import pytest

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.memory import Call, FaultKind
from zohosyncd.connectors.memory.schemas import OWNERS
from zohosyncd.core.outcome import Deletion
from zohosyncd.core.record import Item, Value
from zohosyncd.core.rules.language import AddTo, Has, NotThat, On, Operator, Rule, SetField, Test
from zohosyncd.core.rules.scope import Leave, Standing
from zohosyncd.core.side import Side

ANN, BEN, _ = OWNERS
OWNED_BY_ANN = Test("owner", Operator.IS, (ANN.email,))
FROM_ANN = Rule(Side.LEFT, (OWNED_BY_ANN,), (AddTo("labels", "CRM"),))
FROM_LABEL = Rule(
    Side.RIGHT,
    (Has("labels", "CRM"),),
    (SetField("Custom", "book", On.CREATE), SetField("owner", ANN.email, On.CREATE)),
)


def names(*of: str) -> tuple[Item, ...]:
    return tuple(map(Item, of))


def contact(bench: Bench, first: str, **values: Value) -> str:
    email = f"{first.lower()}@example.org"
    return bench.crm.app.create({"First": first, "Last": "Person", "Email": email, "Owner": ANN, **values})


def card(bench: Bench, given: str, **values: Value) -> str:
    emails = names(f"{given.lower()}@example.org")
    return bench.book.app.create({"given": given, "family": "Person", "emails": emails, **values})


def labels(bench: Bench) -> dict[str, set[str]]:
    """By given name, the labels of every card."""
    found = {}
    for each in bench.book.app.state().values():
        values = each["labels"]
        assert isinstance(values, tuple)
        found[str(each["given"])] = {item.value for item in values}
    return found


async def ruled(bench: Bench, *rules: Rule, **more: Any) -> Connection:
    return await bench.pair(rules=rules or (FROM_ANN, FROM_LABEL), **more)


async def test_only_who_matches_a_rule_is_created_and_rules_give_what_they_say(bench: Bench) -> None:
    await ruled(bench)
    contact(bench, "Ida")
    contact(bench, "Tom", Owner=BEN)
    card(bench, "Uma", labels=names("CRM", "Choir"))
    card(bench, "Rex")
    await bench.until_quiet()
    assert labels(bench) == {"Ida": {"CRM"}, "Uma": {"CRM", "Choir"}, "Rex": set()}
    assert bench.everybody("crm", "First", "Owner", "Custom") == [
        ("Ida", ANN, None), ("Tom", BEN, None), ("Uma", ANN, "book"),
    ]  # fmt: skip


async def test_without_a_rule_of_its_own_a_side_creates_nothing_but_pairs_update_both_ways(bench: Bench) -> None:
    await ruled(bench, FROM_ANN)
    ida = contact(bench, "Ida")
    card(bench, "Uma")
    await bench.until_quiet()
    assert set(labels(bench)) == {"Ida", "Uma"}
    assert bench.everybody("crm", "First") == [("Ida",)]
    (href,) = [each for each, values in bench.book.app.state().items() if values["given"] == "Ida"]
    bench.book.app.edit(href, {"title": "Judge"})
    await bench.until_quiet()
    assert bench.crm.app.state()[ida]["Title"] == "Judge"


async def test_two_unlinked_records_of_one_person_are_linked_only_if_one_of_them_matches(bench: Bench) -> None:
    connection = await ruled(bench, FROM_ANN)
    tom = contact(bench, "Tom", Owner=BEN, Title="Chef")
    card(bench, "Tom", title="Cook")
    await bench.until_quiet()
    assert await connection.link_of(tom) is None
    assert await connection.held() == set()
    bench.crm.app.edit(tom, {"Owner": ANN})
    await bench.until_quiet()
    assert await connection.link_of(tom) is not None
    assert labels(bench) == {"Tom": {"CRM"}}


@pytest.mark.parametrize("fault", [FaultKind.UNKNOWN_EXECUTED, FaultKind.UNKNOWN_NOT_EXECUTED])
async def test_rules_are_asked_about_what_a_write_without_an_answer_has_brought(bench: Bench, fault: FaultKind) -> None:
    number_one = Rule(Side.LEFT, (Test("Title", Operator.CONTAINS, ("1",)),), (AddTo("labels", "One"),))
    await ruled(bench, FROM_ANN, number_one)
    contact(bench, "Ida")
    await bench.until_quiet()
    (href,) = bench.book.app.state()
    bench.book.app.edit(href, {"title": "Number 1"})
    bench.crm.app.fail(Call.WRITE, fault)
    await bench.until_quiet()
    assert bench.everybody("crm", "Title") == [("Number 1",)]
    assert labels(bench) == {"Ida": {"CRM", "One"}}


async def test_a_label_that_somebody_takes_away_is_given_again_and_other_labels_are_left_alone(bench: Bench) -> None:
    await ruled(bench)
    contact(bench, "Ida")
    await bench.until_quiet()
    (href,) = bench.book.app.state()
    bench.book.app.edit(href, {"labels": names("Choir")})
    await bench.until_quiet()
    assert labels(bench) == {"Ida": {"CRM", "Choir"}}


class TestLeaving:
    async def test_freeze_stops_both_directions_and_comes_back_to_an_ordinary_merge(self, bench: Bench) -> None:
        connection = await ruled(bench, FROM_ANN)
        ida = contact(bench, "Ida", Title="Cook", Company="Old")
        await bench.until_quiet()
        (href,) = bench.book.app.state()
        bench.crm.app.edit(ida, {"Owner": BEN, "Title": "Chef"})
        await bench.until_quiet()
        bench.book.app.edit(href, {"company": "New"})
        await bench.until_quiet()
        link = await connection.link_of(ida)
        assert link is not None
        assert link.standing is Standing.OUT
        assert bench.everybody("crm", "Title", "Company") == [("Chef", "Old")]
        assert bench.everybody("book", "title", "company") == [("Cook", "New")]
        bench.crm.app.edit(ida, {"Owner": ANN})
        await bench.until_quiet()
        assert bench.everybody("crm", "Title", "Company") == [("Chef", "New")]
        assert bench.everybody("book", "title", "company") == [("Chef", "New")]
        link = await connection.link_of(ida)
        assert link is not None
        assert link.standing is Standing.IN

    async def test_a_tag_says_who_has_left_and_goes_when_they_come_back(self, bench: Bench) -> None:
        connection = await ruled(bench, FROM_ANN, said={"leave": Leave.TAG})
        ida = contact(bench, "Ida")
        await bench.until_quiet()
        bench.crm.app.edit(ida, {"Owner": BEN})
        await bench.until_quiet()
        assert labels(bench) == {"Ida": {"CRM", "Left"}}
        link = await connection.link_of(ida)
        assert link is not None
        assert link.standing is Standing.OUT
        (href,) = bench.book.app.state()
        bench.book.app.edit(href, {"labels": names("CRM")})
        await bench.until_quiet()
        assert labels(bench) == {"Ida": {"CRM"}}, "it is said once"
        bench.book.app.edit(href, {"labels": names("CRM", "Left")})
        bench.crm.app.edit(ida, {"Owner": ANN})
        await bench.until_quiet()
        assert labels(bench) == {"Ida": {"CRM"}}

    @pytest.mark.parametrize("shows", [True, False])
    async def test_an_edit_of_a_newborn_that_leaves_before_anybody_has_seen_it_travels_on_return(
        self, bench: Bench, shows: bool
    ) -> None:
        """The answer to the tag is no confirmation of what was sent before: somebody has edited that in between."""
        shy = {"returns_record": False, "feed": "since", "lag": 60.0}
        connection = await ruled(bench, FROM_ANN, said={"leave": Leave.TAG}, right=shy)
        ida = contact(bench, "Ida", Title="Cook", Phone="030 1204777")
        await connection.run(wait=True)
        link = await connection.link_of(ida)
        assert link is not None
        assert {"title", "phones"} <= link.right.unconfirmed.keys()
        (href,) = bench.book.app.state()
        bench.book.app.edit(href, {"title": "Chef", "phones": (Item("030 5550001", "work"),)})
        bench.crm.app.edit(ida, {"Owner": BEN})
        bench.book.app.behaviour = replace(bench.book.app.behaviour, returns_record=shows, lag=0.0)
        await bench.until_quiet()
        assert labels(bench) == {"Ida": {"CRM", "Left"}}
        bench.crm.app.edit(ida, {"Owner": ANN})
        await bench.until_quiet()
        assert bench.everybody("crm", "Title", "Phone") == [("Chef", "030 5550001")]

    async def test_unlink_leaves_two_records_that_are_no_pair_until_a_rule_matches_again(self, bench: Bench) -> None:
        connection = await ruled(bench, FROM_ANN, said={"leave": Leave.UNLINK})
        ida = contact(bench, "Ida")
        await bench.until_quiet()
        bench.crm.app.edit(ida, {"Owner": BEN, "Title": "Chef"})
        await bench.until_quiet()
        assert await connection.link_of(ida) is None
        assert bench.everybody("book", "given", "title") == [("Ida", None)]
        bench.crm.app.edit(ida, {"Owner": ANN})
        await bench.until_quiet()
        assert await connection.link_of(ida) is not None
        assert bench.everybody("book", "given", "title") == [("Ida", "Chef")]

    async def test_delete_takes_the_partner_away_and_makes_it_anew_on_return(self, bench: Bench) -> None:
        connection = await ruled(bench, FROM_ANN, said={"leave": Leave.DELETE})
        ida = contact(bench, "Ida")
        await bench.until_quiet()
        bench.crm.app.edit(ida, {"Owner": BEN})
        await bench.until_quiet()
        assert bench.everybody("book", "given") == []
        assert bench.everybody("crm", "First") == [("Ida",)]
        assert await connection.link_of(ida) is None
        bench.crm.app.edit(ida, {"Owner": ANN})
        await bench.until_quiet()
        assert labels(bench) == {"Ida": {"CRM"}}

    async def test_a_partner_that_was_edited_since_is_held_instead_of_deleted(self, bench: Bench) -> None:
        connection = await ruled(bench, FROM_ANN, said={"leave": Leave.DELETE})
        ida = contact(bench, "Ida")
        await bench.until_quiet()
        (href,) = bench.book.app.state()
        bench.crm.app.edit(ida, {"Owner": BEN})
        bench.book.app.edit(href, {"note": "never lose this"})
        await bench.until_quiet()
        assert bench.everybody("book", "given", "note") == [("Ida", "never lose this")]
        assert {reason.value for _, _, reason, _ in await connection.held()} == {"leaving"}

    async def test_a_rule_of_two_that_still_matches_keeps_the_pair_in(self, bench: Bench) -> None:
        customers = Rule(Side.LEFT, (Has("tags", "Customer"),), (AddTo("labels", "Customers"),))
        first = Rule(Side.LEFT, (OWNED_BY_ANN,), (AddTo("labels", "CRM", revert=True),))
        await ruled(bench, first, customers, said={"leave": Leave.DELETE})
        ida = contact(bench, "Ida", Tags=names("Customer"))
        await bench.until_quiet()
        assert labels(bench) == {"Ida": {"CRM", "Customers"}}
        bench.crm.app.edit(ida, {"Owner": BEN, "Title": "Chef"})
        await bench.until_quiet()
        assert labels(bench) == {"Ida": {"Customers"}}, "what the first rule gave is taken back"
        assert bench.everybody("book", "title") == [("Chef",)]

    async def test_the_guard_stops_a_crowd_that_leaves(self, bench: Bench) -> None:
        connection = await ruled(bench, FROM_ANN, said={"leave": Leave.DELETE})
        people = [contact(bench, f"P{number}") for number in range(30)]
        await bench.until_quiet()
        for each in people:
            bench.crm.app.edit(each, {"Owner": BEN})
        report = await connection.run(wait=True)
        assert report.waiting == 30
        assert len(bench.book.app.state()) == 30
        await bench.store.approve(connection.plan.id)
        await bench.until_quiet()
        assert bench.book.app.state() == {}


class TestTaggedDeletions:
    async def test_the_survivor_is_tagged_once_and_never_comes_back(self, bench: Bench) -> None:
        connection = await bench.pair(deletion=Deletion.TAG)
        ida = contact(bench, "Ida")
        await bench.until_quiet()
        (href,) = bench.book.app.state()
        bench.book.app.edit(href, {"labels": names("Choir")})
        await bench.until_quiet()
        bench.crm.app.delete(ida)
        await bench.until_quiet()
        assert labels(bench) == {"Ida": {"Choir", "Trash"}}
        assert await connection.journal("tombstoned")
        bench.book.app.edit(href, {"note": "still here", "labels": ()})
        await bench.until_quiet()
        assert bench.crm.app.state() == {}
        assert labels(bench) == {"Ida": set()}

    async def test_an_edit_beats_the_deletion(self, bench: Bench) -> None:
        await bench.pair(deletion=Deletion.TAG)
        ida = contact(bench, "Ida")
        await bench.until_quiet()
        (href,) = bench.book.app.state()
        bench.crm.app.delete(ida)
        bench.book.app.edit(href, {"note": "alive"})
        await bench.until_quiet()
        assert bench.everybody("crm", "First", "Notes") == [("Ida", "alive")]
        assert labels(bench) == {"Ida": set()}

    async def test_a_thousand_deleted_by_mistake_tag_nobody_without_approval(self, bench: Bench) -> None:
        connection = await bench.pair(deletion=Deletion.TAG)
        people = [contact(bench, f"P{number}") for number in range(1000)]
        await bench.until_quiet()
        for each in people:
            bench.crm.app.delete(each)
        report = await connection.run(wait=True)
        assert report.waiting == 1000
        assert not any(labels(bench).values())

    async def test_whoever_was_out_of_scope_is_left_alone(self, bench: Bench) -> None:
        await ruled(bench, FROM_ANN, deletion=Deletion.TAG)
        ida = contact(bench, "Ida")
        await bench.until_quiet()
        bench.crm.app.edit(ida, {"Owner": BEN})
        await bench.until_quiet()
        bench.crm.app.delete(ida)
        await bench.until_quiet()
        assert labels(bench) == {"Ida": {"CRM"}}


class TestReverting:
    async def test_what_was_given_on_creation_is_taken_back_after_a_restart(self, bench: Bench) -> None:
        first = Rule(Side.LEFT, (OWNED_BY_ANN,), (AddTo("labels", "CRM", revert=True),))
        connection = await ruled(bench, first)
        ida = contact(bench, "Ida")
        await bench.until_quiet()
        await connection.restart()
        bench.crm.app.edit(ida, {"Owner": BEN})
        await bench.until_quiet()
        assert labels(bench) == {"Ida": set()}

    async def test_what_was_there_before_the_rule_stays(self, bench: Bench) -> None:
        first = Rule(Side.LEFT, (OWNED_BY_ANN,), (AddTo("labels", "CRM", revert=True),))
        await ruled(bench, first)
        ida = contact(bench, "Ida")
        card(bench, "Ida", labels=names("CRM"))
        await bench.until_quiet()
        bench.crm.app.edit(ida, {"Owner": BEN})
        await bench.until_quiet()
        assert labels(bench) == {"Ida": {"CRM"}}

    @pytest.mark.parametrize("lost", [True, False], ids=["executed", "not executed"])
    async def test_a_create_without_an_answer_still_remembers_what_it_gave(self, bench: Bench, lost: bool) -> None:
        first = Rule(Side.LEFT, (OWNED_BY_ANN,), (AddTo("labels", "CRM", revert=True),))
        connection = await ruled(bench, first)
        await bench.until_quiet()
        ida = contact(bench, "Ida")
        bench.book.app.fail(Call.WRITE, FaultKind.UNKNOWN_EXECUTED if lost else FaultKind.UNKNOWN_NOT_EXECUTED)
        await connection.run()
        await connection.hand_over()
        await bench.until_quiet()
        assert labels(bench) == {"Ida": {"CRM"}}
        bench.crm.app.edit(ida, {"Owner": BEN})
        await bench.until_quiet()
        assert labels(bench) == {"Ida": set()}


class TestRulesThatLookAtEachOther:
    async def test_an_effect_that_is_taken_back_and_alone_kept_the_pair_in_lets_nothing_else_through(
        self, bench: Bench
    ) -> None:
        first = Rule(Side.LEFT, (OWNED_BY_ANN,), (AddTo("labels", "CRM", revert=True),))
        connection = await ruled(bench, first, FROM_LABEL, said={"leave": Leave.TAG})
        ida = contact(bench, "Ida", Title="Cook")
        await bench.until_quiet()
        bench.crm.app.edit(ida, {"Owner": BEN, "Title": "Secret"})
        await connection.run(wait=True)
        assert bench.everybody("book", "title") == [("Cook",)]
        assert labels(bench) == {"Ida": {"Left"}}
        link = await connection.link_of(ida)
        assert link is not None
        assert link.standing is Standing.OUT
        before = bench.written()
        await bench.until_quiet()
        assert bench.written() == before, "one run was enough"

    async def test_an_effect_that_makes_another_rule_match_has_its_effects_in_the_same_run(self, bench: Bench) -> None:
        second = Rule(Side.RIGHT, (Has("labels", "CRM"),), (AddTo("tags", "In the book"),))
        connection = await ruled(bench, FROM_ANN, second)
        ida = contact(bench, "Ida")
        await connection.run(wait=True)
        assert bench.crm.app.state()[ida]["Tags"] == names("In the book")

    async def test_a_value_that_arrives_is_looked_at_by_the_rules_of_where_it_arrives(self, bench: Bench) -> None:
        second = Rule(Side.RIGHT, (Test("title", Operator.IS, ("Chef",)),), (AddTo("tags", "Chefs"),))
        connection = await ruled(bench, Rule(Side.LEFT), second)
        ida = contact(bench, "Ida", Title="Cook")
        await bench.until_quiet()
        bench.crm.app.edit(ida, {"Title": "Chef"})
        await connection.run(wait=True)
        assert bench.everybody("book", "title") == [("Chef",)]
        assert bench.crm.app.state()[ida]["Tags"] == names("Chefs")

    async def test_rules_that_contradict_each_other_in_a_circle_come_to_rest(self, bench: Bench) -> None:
        gives = Rule(Side.LEFT, (NotThat(Has("tags", "X")),), (AddTo("labels", "L", revert=True),))
        takes = Rule(Side.RIGHT, (Has("labels", "L"),), (AddTo("tags", "X", revert=True),))
        await ruled(bench, Rule(Side.LEFT), gives, takes)
        contact(bench, "Ida")
        before = bench.written()
        await bench.until_quiet()
        assert bench.written() - before < 10


@pytest.mark.parametrize("fault", [FaultKind.NOT_SENT, FaultKind.UNKNOWN_NOT_EXECUTED, FaultKind.UNKNOWN_NAMES_LEFT])
@pytest.mark.parametrize("dies", [False, True])
async def test_what_only_a_rule_gives_for_a_newborn_arrives_although_its_write_did_not(
    bench: Bench, fault: FaultKind, dies: bool
) -> None:
    """Neither record shows anything that is not in its base: nothing but the link tells that there is more to do."""
    connection = await ruled(bench, Rule(Side.LEFT), Rule(Side.RIGHT, (), (AddTo("tags", "Book", revert=True),)))
    contact(bench, "Ida")
    bench.crm.app.fail(Call.WRITE, fault)
    await connection.run()
    if dies:
        await connection.hand_over()
    await bench.until_quiet()
    assert bench.everybody("crm", "Tags") == [((Item("Book"),),)]
