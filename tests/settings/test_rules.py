"""Rules, consent, deletions and pairs of fields as an operator writes them, and the values that they become."""

from datetime import date, datetime
from typing import Any

import pytest

from zohosyncd.core.consent import Travel
from zohosyncd.core.side import Direction, Side, Winner
from zohosyncd.settings.actions import Add, On, Opt, Remove, SetField
from zohosyncd.settings.clauses import CLAUSES, AllOf, AnyOf, Changed, Created, Has, HasNot, Not, OptedOut, OwnedBy
from zohosyncd.settings.comparisons import OPERATORS, Comparison, Empty, Greater, In, Is
from zohosyncd.settings.converters import Default, Join, Prefix, Split
from zohosyncd.settings.deletions import Deletion, Leave
from zohosyncd.settings.fields import Cleared

SCENE = """
leave = "tag"
leave_tag = "Left the CRM"

[[rules]]
from = "zoho"
if = [ { field = "Lead_Source", in = ["Web", "Advertisement"] }, { owner = "ann@example.org" }, { opted_out = false } ]
then = [ { add = "labels", value = "CRM", revert = true } ]

[[rules]]
from = "book"
if = [ { has = "labels", value = "CRM" } ]
then = [ { set = "Lead_Source", value = "Web", on = "create" }, { set = "Owner", value = "ann@example.org", on = "create" } ]

[[fields]]
zoho = "Customer_Number"
book = "userDefined.customer"
direction = "zoho_to_book"
values = { "Wholesale" = "B2B" }
cleared = "keep"
winner = "zoho"

[[fields]]
left = ["Street", "City"]
book = "X-PLACE"
convert = [{ join = " " }, "trim", "upper", { prefix = "C-" }, { default = "none" }]

[consent]
zoho_to_book = "tag"
new = "subscribed"
tag = "No e-mail"

[deletions]
zoho_to_book = "tag"
tag = "Trash"

[guard]
opt_outs = { more_than = 3 }
"""


def test_the_scene_of_a_sales_team_is_understood(folder: Any) -> None:
    connection = folder.connection(SCENE)
    crm, book = connection.rules
    assert (crm.from_, book.from_) == (Side.LEFT, Side.RIGHT)
    assert crm.if_ == (
        In(**{"field": "Lead_Source", "in": ("Web", "Advertisement")}),
        OwnedBy(owner="ann@example.org"),
        OptedOut(opted_out=False),
    )
    assert crm.then == (Add(add="labels", value="CRM", revert=True),)
    assert book.if_ == (Has(has="labels", value="CRM"),)
    assert book.then == (
        SetField(set="Lead_Source", value="Web", on=On.CREATE),
        SetField(set="Owner", value="ann@example.org", on=On.CREATE),
    )
    assert (connection.leave, connection.leave_tag) == (Leave.TAG, "Left the CRM")


def test_a_pair_with_choices_and_steps_is_understood(folder: Any) -> None:
    choices, text = folder.connection(SCENE).fields
    assert (choices.left, choices.right, choices.direction) == (
        "Customer_Number",
        "userDefined.customer",
        Direction.LEFT_TO_RIGHT,
    )
    assert (choices.values, choices.cleared, choices.winner) == ({"Wholesale": "B2B"}, Cleared.KEEP, Winner.LEFT)
    assert text.names == (("Street", "City"), ("X-PLACE",))
    assert text.convert == (Join(join=" "), "trim", "upper", Prefix(prefix="C-"), Default(default="none"))


def test_consent_and_deletions_are_understood_per_direction(folder: Any) -> None:
    connection = folder.connection(SCENE)
    assert (connection.consent.towards(Side.RIGHT), connection.consent.towards(Side.LEFT)) == (
        Travel.TAG,
        Travel.OPT_OUT,
    )
    assert (connection.consent.new, connection.consent.tag) == ("subscribed", "No e-mail")
    assert (connection.deletions.towards(Side.RIGHT), connection.deletions.towards(Side.LEFT)) == (
        Deletion.TAG,
        Deletion.OFF,
    )
    assert (connection.guard.opt_outs.more_than, connection.guard.opt_outs.percent) == (3, 2)


def test_what_is_not_said_about_consent_is_the_strict_choice(folder: Any) -> None:
    connection = folder.connection("")
    assert connection.consent.towards(Side.LEFT) is connection.consent.towards(Side.RIGHT) is Travel.OPT_OUT
    assert connection.consent.new == "pending"
    assert connection.leave is Leave.FREEZE
    assert connection.rules == ()


def clause(folder: Any, text: str) -> Any:
    ((found,),) = (rule.if_ for rule in folder.connection(f'[[rules]]\nfrom = "left"\nif = [ {text} ]\n').rules)
    return found


OPERANDS = {
    "is": ('"Web"', "Web"),
    "is_not": ("true", True),
    "in": ('["a", 1, 1.5]', ("a", 1, 1.5)),
    "not_in": ("[2026-01-01]", ("2026-01-01",)),
    "contains": ('"a"', "a"),
    "starts_with": ('"a"', "a"),
    "exists": ("false", False),
    "empty": ("true", True),
    "before": ('"2026-01-31"', date(2026, 1, 31)),
    "after": ("2026-01-31T09:00:00Z", datetime.fromisoformat("2026-01-31T09:00:00+00:00")),
    "greater": ("1.5", 1.5),
    "less": ("-3", -3),
}


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_has_its_shape_and_keeps_what_it_compares_with(folder: Any, operator: str) -> None:
    text, value = OPERANDS[operator]
    found = clause(folder, f'{{ field = "X", {operator} = {text} }}')
    assert isinstance(found, Comparison)
    assert (found.sign, found.field, found.operand) == (operator, "X", value)
    assert type(found.operand) is type(value)


def test_clauses_nest_as_deep_as_somebody_can_still_read(folder: Any) -> None:
    found = clause(
        folder,
        '{ any = [ { owner = "Ann" }, { all = [ { opted_out = false },'
        ' { not = { has_not = "tags", value = "VIP" } } ] } ] }',
    )
    assert found == AnyOf(
        any=(
            OwnedBy(owner="Ann"),
            AllOf(
                all=(OptedOut(opted_out=False), Not(**{"not": HasNot(has_not="tags", value="VIP")})),
            ),
        )
    )


def test_a_record_can_be_asked_for_its_own_times(folder: Any) -> None:
    created = clause(folder, '{ created = { after = "2026-01-01" } }')
    changed = clause(folder, "{ changed = { before = 2026-01-01 } }")
    assert isinstance(created, Created)
    assert isinstance(changed, Changed)
    assert created.created.after == changed.changed.before == date(2026, 1, 1)


def test_every_shape_of_a_clause_is_told_by_one_key_alone() -> None:
    signs = [shape.sign for shape in CLAUSES]
    assert len(set(signs)) == len(signs)
    for shape in CLAUSES:
        others = {field.alias or name for name, field in shape.model_fields.items()} - {shape.sign}
        assert not others & set(signs), shape


def test_every_action_is_understood(folder: Any) -> None:
    (rule,) = folder.connection(
        '[[rules]]\nfrom = "right"\nthen = [ { set = "Stage", value = "" }, { add = "lists", value = "A", revert = true },'
        ' { remove = "groups", value = "B" }, { opt = "in", revert = true } ]\n'
    ).rules
    assert rule.if_ == ()
    assert rule.then == (
        SetField(set="Stage", value="", on=On.ALWAYS),
        Add(add="lists", value="A", revert=True),
        Remove(remove="groups", value="B"),
        Opt(opt="in", revert=True),
    )


def test_one_field_may_get_one_value_at_creation_and_another_later(folder: Any) -> None:
    (rule,) = folder.connection(
        '[[rules]]\nfrom = "left"\nthen = [ { set = "S", value = "new", on = "create" },'
        ' { set = "S", value = "old", on = "update" } ]\n'
    ).rules
    assert len(rule.then) == 2


def test_one_text_may_be_split_into_several_fields(folder: Any) -> None:
    (pair,) = folder.connection(
        '[[fields]]\nzoho = "Place"\nbook = ["X-A", "X-B"]\nconvert = [ "lower", { split = ";" } ]\n'
    ).fields
    assert (pair.left, pair.right, pair.convert) == ("Place", ("X-A", "X-B"), ("lower", Split(split=";")))


def test_shapes_cannot_be_changed(folder: Any) -> None:
    found = clause(folder, '{ field = "X", is = "Web" }')
    assert isinstance(found, Is)
    with pytest.raises(ValueError, match="frozen"):
        found.is_ = "other"
    assert not isinstance(found, Empty | Greater)
