"""Rules checked against the apps: every mistake at once, each with its place and what would be right."""

import pytest

from tests.core.rules.apps import BOOK, BOTH, CRM, compiled, person, problems, test
from zohosyncd.connectors.memory.schemas import MEMBERS_SCHEMA, SLOTS_SCHEMA
from zohosyncd.core.consent import Opt
from zohosyncd.core.rules.compiling import compile_rules
from zohosyncd.core.rules.language import (
    AddTo,
    AllOf,
    AnyOf,
    Has,
    NotThat,
    On,
    RemoveFrom,
    Rule,
    SetConsent,
    SetField,
)
from zohosyncd.core.rules.predicates import OPERATORS
from zohosyncd.core.rules.truth import Truth
from zohosyncd.core.rules.vocabulary import Vocabulary
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.side import Direction, Side


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (
            test("Lead_Source", "greater", 1),
            'Lead_Source is of type choice and cannot be asked "greater": it has is, is_not, in, not_in, contains, starts_with',
        ),
        (test("lead_source", "is", "Web"), 'the app has no field "lead_source" (did you mean "Lead_Source"?)'),
        (test("ownr", "is", "x"), 'the app has no field "ownr" (did you mean "owner"?)'),
        (test("zzz", "is", "x"), 'the app has no field "zzz"'),
        (test("Lead_Source", "is", "Webb"), 'Lead_Source has no choice "Webb" (did you mean "Web"?)'),
        (
            test("Lead_Source", "in", "Web", "xyz"),
            'Lead_Source has no choice "xyz" (it has Web, Advertisement, Trade Show)',
        ),
        (test("Created_Time", "is", "x"), "Created_Time is of a kind that rules cannot look at"),
        (test("Score", "is", "7"), "Score is a number: expected a number without quotes"),
        (test("Score", "is", True), "Score is a number: expected a number without quotes"),
        (test("Vip", "is", "yes"), "Vip is yes or no: expected true or false"),
        (test("Vip", "exists"), 'Vip is of type boolean and cannot be asked "exists": it has is, is_not'),
        (test("First_Name", "is", 7), "First_Name is of type text: expected a text in quotes"),
        (test("First_Name", "contains", " "), 'says nothing: use "empty" or "exists"'),
        (test("First_Name", "is"), '"is" needs exactly one value'),
        (test("First_Name", "is", "a", "b"), '"is" needs exactly one value'),
        (test("First_Name", "in"), '"in" needs a list of values'),
        (test("First_Name", "exists", "a"), '"exists" is compared with nothing'),
        (test("Date_of_Birth", "after", "1.1.2026"), 'Date_of_Birth is a date: expected "YYYY-MM-DD"'),
        (test("Date_of_Birth", "after", "2026-01-01T10:00:00"), "a day without a time"),
        (test("Date_of_Birth", "after", "--01-01"), "a date without its year is neither before nor after anything"),
        (test("created", "after", "soon"), 'created: "soon" is no date: expected "YYYY-MM-DD"'),
        (test("created", "contains", "2026"), 'cannot be asked "contains": it has is, is_not, before, after'),
        (test("opted_out", "is", "no"), "opted_out is yes or no"),
        (test("owner", "is", "Anne Lee"), 'nobody who can own records is called "Anne Lee" (did you mean "Ann Lee"?)'),
        (test("owner", "is", "Ben Roe"), "2 owners are called"),
        (test("owner", "greater", 3), '"owner" cannot be asked "greater"'),
        (Has("labels", "x"), "the app has no labels: it has tags"),
        (AnyOf(()), '"any" needs at least one condition'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_what_would_be_right(condition, message):
    (problem,) = problems(condition)
    assert problem.startswith("rules[0].if[0]: ")
    assert message in problem


def test_what_the_app_does_not_tell_cannot_be_asked():
    assert problems(test("owner", "is", "x"), side=Side.RIGHT) == ['rules[0].if[0]: the app does not tell "owner"']
    assert problems(test("opted_out", "is", True), side=Side.RIGHT)


def test_all_mistakes_are_told_at_once_each_with_its_place():
    compilation = compiled(
        Rule(Side.LEFT, (test("nope", "empty"), NotThat(AllOf((test("Vip", "is", True), test("Score", "is", "x")))))),
        Rule(
            Side.RIGHT,
            (AnyOf((test("given", "exists"), test("mails", "greater", 1))),),
            (SetField("Full_Name", "x"), AddTo("labels", "x"), SetField("Lead_Source", "Webb")),
        ),
    )
    assert [each.path for each in compilation.problems] == [
        "rules[0].if[0]", "rules[0].if[1].not.all[1]", "rules[1].if[0].any[1]",
        "rules[1].then[0]", "rules[1].then[1]", "rules[1].then[2]",
    ]  # fmt: skip


def test_an_apps_own_field_wins_over_a_word_and_that_is_told():
    compilation = compiled(Rule(Side.RIGHT, (test("title", "greater", 3),)))
    assert compilation.problems == ()
    (note,) = compilation.notes
    assert note.path == "rules[0].if[0]"
    assert "the app's own field" in note.message
    assert compilation.rules.match(Side.RIGHT, person(title=7, job="x")) is Truth.YES


def test_a_word_that_means_the_field_of_the_same_name_is_no_matter():
    assert compiled(Rule(Side.LEFT, (test("birthday", "exists"), test("Date_of_Birth", "exists")))).notes == ()


def test_a_word_is_meant_where_rules_cannot_look_at_the_apps_own_field_and_that_is_told():
    schema = Schema.of(
        Field("created", FieldType.OTHER), Field("Created_Time", FieldType.MOMENT),
        Field("Role", FieldType.TEXT, semantic="title"),
        Field("title", FieldType.OTHER, semantic="title"), created="Created_Time",
    )  # fmt: skip
    sides = {Side.LEFT: Vocabulary.of(schema, changed=False), Side.RIGHT: BOOK}
    compilation = compile_rules([Rule(Side.LEFT, (test("created", "after", "2026-01-01"),))], sides)
    assert compilation.problems == ()
    (note,) = compilation.notes
    assert note.path == "rules[0].if[0]"
    assert note.message.startswith('"created" is read as the word "created"')
    assert compile_rules([Rule(Side.LEFT, (test("title", "is", "Judge"),))], sides).notes == ()


def test_a_container_that_is_not_there_yet_is_a_note():
    (note,) = compiled(Rule(Side.LEFT, (Has("tags", "CRMs"),))).notes
    assert note.message == 'tags has no "CRMs" yet (did you mean "CRM"?)'


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (SetField("Full_Name", "x"), "Full_Name is read-only"),
        (SetField("lead_Source", "Web"), 'did you mean "Lead_Source"?'),
        (SetField("Lead_Source", "web site"), 'Lead_Source has no choice "web site"'),
        (SetField("Score", "7"), "Score is a number"),
        (SetField("Code", "123456"), "Code holds at most 5 characters"),
        (SetField("Last_Call", "2026-05-02T11:00:00"), "not a moment with its offset from UTC"),
        (SetField("Last_Name", None), "Last_Name is required and cannot be emptied"),
        (SetField("Date_of_Birth", "--03-05"), "a date without its year"),
        (SetField("Email", "ann"), "Email: not a valid e-mail address"),
        (SetField("emails", "a@x.org"), "several fields here: name one of Email, Secondary_Email"),
        (SetField("Email_Opt_Out", False), "consent is not set as a field"),
        (SetField("opted_out", True), "consent is not set as a field"),
        (SetField("tags", "x"), 'use add = "tags"'),
        (SetField("created", "x"), "created is only read"),
        (SetField("Owner", "nobody@example.org"), "nobody who can own records"),
        (SetField("owner", "1", On.CREATE, revert=True), "nothing to go back to"),
        (SetField("Code", "x", On.CREATE, revert=True), "nothing to go back to"),
        (AddTo("labels", "x"), "the app has no labels: it has tags"),
        (AddTo("tags", "new"), "the app cannot make it"),
        (AddTo("tags", "x" * 26), "longer than 25 characters"),
        (AddTo("tags", ""), "expected a name"),
        (SetConsent(Opt.OUT, revert=True), "consent is not reverted"),
    ],
)
def test_what_an_action_cannot_do_is_told(action, message):
    (problem,) = compiled(Rule(Side.RIGHT, (), (action,))).problems
    assert problem.path == "rules[0].then[0]"
    assert message in problem.message


def test_a_state_of_consent_is_not_set_as_a_field_either():
    sides = {
        Side.LEFT: Vocabulary.of(SLOTS_SCHEMA, changed=True),
        Side.RIGHT: Vocabulary.of(MEMBERS_SCHEMA, changed=True),
    }
    rule = Rule(Side.LEFT, (), (SetField("state", "subscribed"),))
    (problem,) = compile_rules([rule], sides).problems
    assert "consent is not set as a field" in problem.message


def test_on_the_other_side_other_things_cannot_be_done():
    actions = (SetConsent(Opt.OUT), SetField("mails", "x@example.org"), SetField("home", "x"), SetField("owner", "x"))
    found = [each.message for each in compiled(Rule(Side.LEFT, (), actions)).problems]
    assert found == [
        "the app keeps no consent: nobody can be opted out or in there",
        "mails is of type emails: a rule sets only fields with one value",
        "home is of type address: a rule sets only fields with one value",
        'the app does not tell "owner"',
    ]


def test_a_mapped_field_is_set_only_on_create():
    for on, wrong in ((On.CREATE, 0), (On.UPDATE, 1), (On.ALWAYS, 1)):
        rule = Rule(Side.RIGHT, (), (SetField("Lead_Source", "Web", on),))
        compilation = compile_rules([rule], BOTH, mapped={Side.LEFT: ["Lead_Source"]})
        assert (len(compilation.problems), len(compilation.notes)) == (wrong, 1 - wrong)


WEB, ANY_TAG = test("Lead_Source", "is", "Web"), Has("tags", "CRM")
A, B = SetField("note", "a"), SetField("note", "b")


@pytest.mark.parametrize(
    ("first", "second", "problem", "note"),
    [
        (((WEB,), A), ((WEB,), B), "rules[1].then[0]: never takes effect: wherever it matches, rules[0].then[0] wins", ""),
        (((), A), ((WEB,), B), "rules[1].then[0]: never takes effect", ""),
        (((WEB,), A), ((), B), "", "rules[1].then[0]: where both rules match, rules[0].then[0] wins"),
        (((WEB,), A), ((ANY_TAG,), B), "", "rules[0].then[0] wins"),
        (((WEB,), A), ((ANY_TAG,), A), "", ""),
        (((WEB,), SetField("note", "a", On.CREATE)), ((WEB,), SetField("note", "b", On.UPDATE)), "", ""),
        (((WEB,), RemoveFrom("labels", "x")), ((ANY_TAG,), AddTo("labels", "X")), "", "rules[1].then[0] wins"),
        (((WEB,), RemoveFrom("labels", "x")), ((), AddTo("labels", "X")), "rules[0].then[0]: never takes effect", ""),
        (((WEB,), AddTo("labels", "x")), ((), AddTo("labels", "X")), "", ""),
    ],
)  # fmt: skip
def test_rules_that_contradict_each_other(first, second, problem, note):
    rules = [Rule(Side.LEFT, conditions, (action,)) for conditions, action in (first, second)]
    compilation = compiled(*rules)
    for expected, found in ((problem, compilation.problems), (note, compilation.notes)):
        assert len(found) == bool(expected)
        assert expected in "".join(map(str, found))


def test_a_rule_that_contradicts_itself():
    (problem,) = compiled(Rule(Side.LEFT, (WEB,), (A, AddTo("labels", "x"), B))).problems
    assert str(problem) == "rules[0].then[2]: contradicts rules[0].then[0] of the same rule (rules[0])"


def test_rules_of_different_sides_touch_different_things():
    assert compiled(Rule(Side.LEFT, (), (A,)), Rule(Side.RIGHT, (), (SetField("Code", "x"),))).problems == ()


def test_rules_against_the_direction_only_decide_scope():
    rule = Rule(Side.RIGHT, (), (SetField("Code", "x"),))
    compilation = compiled(rule, direction=Direction.LEFT_TO_RIGHT)
    (note,) = compilation.notes
    assert "creates nothing and its actions are not carried out" in note.message
    assert compilation.rules.of(Side.RIGHT)[0].effects == ()


def test_what_has_to_be_read_of_both_sides():
    rules = compiled(
        Rule(
            Side.LEFT,
            (test("owner", "is", "1"), test("emails", "exists"), test("created", "after", "2026-01-01")),
            (AddTo("labels", "x"), SetField("note", "y")),
        )
    ).rules
    left, right = rules.reading[Side.LEFT], rules.reading[Side.RIGHT]
    assert (left.fields, left.owner, left.created) == (("Email", "Secondary_Email"), True, True)
    assert (right.fields, right.containers, right.owner) == (("note",), ("labels",), False)


def test_the_version_is_that_of_what_the_rules_say():
    one, same, other = (compiled(Rule(Side.LEFT, (test("Score", "greater", n),))).rules.version for n in (1, 1, 2))
    assert one == same != other
    assert compiled().rules.version == ""


def test_every_type_of_field_says_which_operators_it_has():
    assert set(OPERATORS) == set(FieldType)
    assert CRM.words[:4] == ("owner", "opted_out", "created", "changed")
    assert "labels" in BOOK.words
