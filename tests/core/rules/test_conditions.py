"""Whether a record matches: each operator on each kind of field, unknown things, and the explanation."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.rules.apps import ANN, BEN, BOOK, CRM, compiled, good, person, test
from zohosyncd.core.consent import Consent, ConsentState
from zohosyncd.core.record import UNREAD, Item, Postal, Record, Value
from zohosyncd.core.rules.compiling import compile_rules
from zohosyncd.core.rules.conditions import Finding
from zohosyncd.core.rules.language import AllOf, AnyOf, Condition, Has, NotThat, Operator, Rule
from zohosyncd.core.rules.subject import Owner, Subject, subject_of
from zohosyncd.core.rules.truth import Truth, every, some
from zohosyncd.core.rules.vocabulary import Vocabulary
from zohosyncd.core.schema import ConsentFields, Containers, Field, FieldType, Schema
from zohosyncd.core.side import Side

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
TRUTHS = st.sampled_from(list(Truth))


def truth(condition: Condition, subject: Subject, side: Side = Side.LEFT, **more) -> Truth:
    (found,) = good(Rule(side, (condition,)), **more).matches(side, subject)
    return found


class TestTruth:
    @given(st.lists(TRUTHS, max_size=5))
    def test_all_and_some_are_each_others_opposite(self, truths: list[Truth]) -> None:
        assert every(truths).negated() is some(each.negated() for each in truths)

    @given(st.lists(TRUTHS, max_size=5), st.lists(st.booleans(), min_size=5, max_size=5))
    def test_what_is_said_holds_however_the_unknown_turns_out(self, truths: list[Truth], turns: list[bool]) -> None:
        known = [
            each if each is not UNKNOWN else Truth.of(turn)
            for each, turn in zip(truths, turns[: len(truths)], strict=True)
        ]
        for combine in (every, some):
            if combine(truths) is not UNKNOWN:
                assert combine(known) is combine(truths)


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        (test("Lead_Source", "is", "web"), "Web", YES),
        (test("Lead_Source", "is", "Web"), "Trade Show", NO),
        (test("Lead_Source", "is", "Web"), None, NO),
        (test("Lead_Source", "is_not", "Web"), None, YES),
        (test("Lead_Source", "in", "Web", "Advertisement"), "Advertisement", YES),
        (test("Lead_Source", "not_in", "Web", "Advertisement"), "Web", NO),
        (test("Lead_Source", "not_in", "Web", "Advertisement"), "gone since", YES),
        (test("Lead_Source", "contains", "show"), "Trade Show", YES),
        (test("First_Name", "is", "jose\u0301  maria"), " José Maria", YES),
        (test("First_Name", "starts_with", "An"), "anna", YES),
        (test("First_Name", "starts_with", "na"), "anna", NO),
        (test("First_Name", "exists"), " ", NO),
        (test("First_Name", "empty"), "", YES),
        (test("Phone", "is", "+49 30 123456"), "030/123456", YES),
        (test("Phone", "starts_with", "+49"), "030/123456", YES),
        (test("Phone", "starts_with", "+43"), "030/123456", NO),
        (test("Website", "is", "https://example.org/"), "Example.org", YES),
        (test("Score", "is", 47), 47.0, YES),
        (test("Score", "greater", 10), 10, NO),
        (test("Score", "greater", 10), 10.5, YES),
        (test("Score", "less", 10), None, NO),
        (test("Score", "greater", 10), None, NO),
        (test("Score", "in", 1, 2), 2, YES),
        (test("Score", "greater", 10), "no number", UNKNOWN),
        (test("Vip", "is", False), None, YES),
        (test("Vip", "is", True), None, NO),
        (test("Vip", "is_not", True), True, NO),
        (test("Date_of_Birth", "before", "1980-03-05"), "1980-03-05", NO),
        (test("Date_of_Birth", "before", "1980-03-06"), "1980-03-05", YES),
        (test("Date_of_Birth", "after", "1980-03-05"), "1980-03-05", NO),
        (test("Date_of_Birth", "is", "1980-03-05"), "19800305", YES),
        (test("Date_of_Birth", "after", "1900-01-01"), None, NO),
        (test("Date_of_Birth", "after", "1900-01-01"), "soon", UNKNOWN),
    ],
)  # fmt: skip
def test_a_field_is_compared_as_its_type_wants(condition, value, expected):
    assert truth(condition, person(**{condition.name: value}), region="DE") is expected


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        (test("born", "before", "1980-01-01"), "--03-05", UNKNOWN),
        (test("born", "is", "1980-03-05"), "--03-05", UNKNOWN),
        (test("born", "is_not", "1980-03-05"), "--03-05", UNKNOWN),
        (test("born", "is", "1980-03-06"), "--03-05", NO),
        (test("born", "is", "--03-05"), "1980-03-05", YES),
        (test("mails", "is", "ANN@example.org"), (Item("x@example.org"), Item("ann@example.org")), YES),
        (test("mails", "is_not", "ann@example.org"), (Item("x@example.org"), Item("ann@example.org")), NO),
        (test("mails", "contains", "@EXAMPLE.org"), (Item("x@example.org"),), YES),
        (test("mails", "empty"), (Item(" "),), YES),
        (test("mails", "exists"), (), NO),
        (test("home", "contains", "bonn"), Postal("Weg 1", "Bonn"), YES),
        (test("home", "exists"), Postal(), NO),
    ],
)
def test_dates_without_a_year_and_sets_and_addresses(condition, value, expected):
    assert truth(condition, person(**{condition.name: value}), Side.RIGHT) is expected


OPERANDS: dict[str, tuple] = {"First_Name": ("a", "b"), "Score": (1, 2), "Date_of_Birth": ("1980-01-01", "1990-01-01")}


@pytest.mark.parametrize("name", OPERANDS)
@pytest.mark.parametrize("operator", list(Operator))
def test_what_was_not_read_is_unknown_to_every_operator(name, operator):
    count = {Operator.EXISTS: 0, Operator.EMPTY: 0, Operator.IN: 2, Operator.NOT_IN: 2}.get(operator, 1)
    compilation = compiled(Rule(Side.LEFT, (test(name, operator, *OPERANDS[name][:count]),)))
    if not compilation.problems:
        assert compilation.rules.matches(Side.LEFT, person()) == (UNKNOWN,)


@given(st.sampled_from(["a", "b", None, "ab", " "]), st.sampled_from([("is", "is_not"), ("in", "not_in")]))
def test_a_negative_operator_says_the_opposite(value, operators):
    positive, negative = (truth(test("First_Name", each, "a"), person(First_Name=value)) for each in operators)
    assert positive.negated() is negative


class TestBesideTheFields:
    def test_the_owner_is_known_by_id_mail_or_name(self):
        for word in ("1", "ANN@example.org", "ann lee"):
            assert truth(test("owner", "is", word), person(owner=Owner("1"))) is YES
            assert truth(test("Owner", "is", word), person(owner=BEN)) is NO
        assert truth(test("owner", "in", "1", "2"), person(owner=BEN)) is YES
        assert truth(test("owner", "is", "1"), person(owner=None)) is NO
        assert truth(test("owner", "empty"), person(owner=None)) is YES
        assert truth(test("owner", "is_not", "1"), person()) is UNKNOWN

    def test_where_the_owners_are_not_known_a_part_that_is_missing_leaves_it_unknown(self):
        app = {Side.LEFT: type(CRM)(CRM.schema, owner=True), Side.RIGHT: BOOK}
        rules = compile_rules([Rule(Side.LEFT, (test("owner", "is", "ann@example.org"),))], app).rules
        assert rules.matches(Side.LEFT, person(owner=ANN)) == (YES,)
        assert rules.matches(Side.LEFT, person(owner=BEN)) == (NO,)
        assert rules.matches(Side.LEFT, person(owner=Owner("2", "Ben Roe"))) == (UNKNOWN,)

    def test_opted_out_is_the_consent_and_else_the_flag(self):
        in_ = test("opted_out", "is", False)
        assert truth(in_, person(Email_Opt_Out=None)) is YES
        assert truth(in_, person(Email_Opt_Out=True)) is NO
        assert truth(test("opted_out", "is_not", False), person(Email_Opt_Out=True)) is YES
        assert truth(in_, person()) is UNKNOWN
        assert truth(in_, person(consent=Consent(ConsentState.CLEANED), Email_Opt_Out=False)) is NO

    def test_containers_are_compared_without_case(self):
        assert truth(Has("tags", "crm"), person(tags=("CRM", "x"))) is YES
        assert truth(Has("tags", "crm"), person(tags=())) is NO
        assert truth(Has("tags", "crm"), person(tags=None)) is UNKNOWN
        assert truth(test("tags", "starts_with", "fair"), person(tags=("Fair 2026",))) is YES
        assert truth(test("tags", "not_in", "a", "b"), person(tags=("B",))) is NO
        assert truth(test("tags", "empty"), person(tags=())) is YES

    @pytest.mark.parametrize(
        ("operator", "operand", "at", "expected"),
        [
            ("after", "2026-03-01", "2026-03-01T23:59:59", NO),
            ("after", "2026-03-01", "2026-03-02T00:00:00", YES),
            ("before", "2026-03-01", "2026-02-28T23:59:59", YES),
            ("before", "2026-03-01", "2026-03-01T00:00:00", NO),
            ("is", "2026-03-01", "2026-03-01T12:00:00", YES),
            ("is_not", "2026-03-01", "2026-03-01T12:00:00", NO),
            ("after", "2026-03-01T12:00:00", "2026-03-01T12:00:00", NO),
            ("after", "2026-03-01T12:00:00", "2026-03-01T12:00:01", YES),
            ("before", "2026-03-01T12:00:00+02:00", "2026-03-01T09:59:59", YES),
        ],
    )
    def test_a_date_is_a_whole_day_to_a_moment(self, operator, operand, at, expected):
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
        assert truth(test("created", operator, operand), person(created=moment)) is expected
        assert truth(test("changed", operator, operand), person(changed=moment)) is expected

    def test_whose_day_it_is_says_the_zone(self):
        berlin = ZoneInfo("Europe/Berlin")
        late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC).timestamp()
        clause = test("created", "after", "2026-03-01")
        assert truth(clause, person(created=late)) is NO
        assert truth(clause, person(created=late), zone=berlin) is YES
        assert truth(clause, person()) is UNKNOWN

    def test_a_day_of_23_hours_ends_when_it_ends(self):
        berlin = ZoneInfo("Europe/Berlin")
        end = datetime(2026, 3, 30, tzinfo=berlin).timestamp()
        clause = test("changed", "is", "2026-03-29")
        assert truth(clause, person(changed=end - 1), zone=berlin) is YES
        assert truth(clause, person(changed=end - 23 * 3600), zone=berlin) is YES
        assert truth(clause, person(changed=end - 23 * 3600 - 1), zone=berlin) is NO


@pytest.mark.parametrize(
    ("operator", "operand", "value", "zone", "expected"),
    [
        ("is", "2026-03-01", "2026-03-01T23:30:00+00:00", "UTC", YES),
        ("is", "2026-03-01", "2026-03-01T23:30:00+00:00", "Europe/Berlin", NO),
        ("after", "2026-03-01", "2026-03-01T23:30:00+00:00", "Europe/Berlin", YES),
        ("before", "2026-03-02", "2026-03-01T23:30:00+00:00", "Europe/Berlin", NO),
        ("is_not", "2026-03-01", None, "UTC", YES),
        ("after", "2026-03-01", "soon", "UTC", UNKNOWN),
        ("after", "2026-03-01", UNREAD, "UTC", UNKNOWN),
    ],
)
def test_a_field_that_shows_a_moment_is_compared_with_days(operator, operand, value, zone, expected):
    schema = Schema.of(Field("Last_Call", FieldType.MOMENT, writable=False))
    vocabularies = {side: Vocabulary.of(schema, changed=False) for side in Side}
    rule = Rule(Side.LEFT, (test("Last_Call", operator, operand),))
    made = compile_rules([rule], vocabularies, region="DE", zone=ZoneInfo(zone))
    assert made.problems == ()
    record = Record("1", {} if value is UNREAD else {"Last_Call": value})
    assert made.rules.matches(Side.LEFT, subject_of(schema, record)) == (expected,)


def test_a_moment_is_compared_with_nothing_that_is_no_day():
    schema = Schema.of(Field("Last_Call", FieldType.MOMENT, writable=False))
    vocabularies = {side: Vocabulary.of(schema, changed=False) for side in Side}
    made = compile_rules([Rule(Side.LEFT, (test("Last_Call", "after", "soon"),))], vocabularies, region="DE")
    assert [str(each.message) for each in made.problems] == [
        'Last_Call: "soon" is no date: expected "YYYY-MM-DD" or "YYYY-MM-DDTHH:MM:SS"'
    ]


def test_a_word_that_stands_for_several_fields_asks_all_of_them():
    clause = test("emails", "is", "a@x.org")
    assert truth(clause, person(Email="b@x.org", Secondary_Email="A@x.org")) is YES
    assert truth(clause, person(Email="b@x.org", Secondary_Email=None)) is NO
    assert truth(clause, person(Email="b@x.org")) is UNKNOWN
    assert truth(clause, person(Email="a@x.org")) is YES
    assert truth(test("emails", "empty"), person(Email=None, Secondary_Email="b@x.org")) is NO


def test_a_rule_is_all_of_its_conditions_and_a_side_any_of_its_rules():
    rules = good(
        Rule(Side.LEFT, (test("Lead_Source", "is", "Web"), test("owner", "is", "1"))),
        Rule(Side.LEFT, (AnyOf((test("Score", "greater", 5), NotThat(Has("tags", "CRM")))),)),
    )
    web = person(Lead_Source="Web", owner=ANN, Score=1, tags=("CRM",))
    assert rules.matches(Side.LEFT, web) == (YES, NO)
    assert rules.match(Side.LEFT, web) is YES
    assert rules.match(Side.LEFT, person(Lead_Source="Web", owner=BEN, Score=1, tags=("CRM",))) is NO
    assert rules.match(Side.LEFT, person(Lead_Source="Web", Score=1, tags=("CRM",))) is UNKNOWN
    assert rules.match(Side.RIGHT, web) is None
    assert rules.match(Side.LEFT, None) is UNKNOWN


def test_a_rule_without_conditions_matches_everything():
    assert good(Rule(Side.LEFT)).match(Side.LEFT, person()) is YES


def test_every_clause_shows_what_it_has_seen():
    rules = good(
        Rule(
            Side.LEFT,
            (
                test("Lead_Source", "in", "Web", "Advertisement"),
                NotThat(AnyOf((test("owner", "is", "1"), Has("tags", "CRM")))),
            ),
        )
    )
    (finding,) = rules.explain(Side.LEFT, person(Lead_Source="Web", owner=BEN, tags=None))
    source, negation = finding.parts
    assert (source.path, source.words, source.seen, source.truth) == (
        "rules[0].if[0]", 'Lead_Source in ["Web", "Advertisement"]', "Web", YES,
    )  # fmt: skip
    either = negation.parts[0]
    assert [(each.path, each.seen, each.truth) for each in either.parts] == [
        ("rules[0].if[1].not.any[0]", "ben@example.org", NO),
        ("rules[0].if[1].not.any[1]", UNREAD, UNKNOWN),
    ]
    assert finding.truth is UNKNOWN


VALUES: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries(
    {},
    optional={
        "First_Name": st.sampled_from([None, "a", "b"]),
        "Score": st.sampled_from([None, 1, 7, "?"]),
        "Vip": st.sampled_from([None, True, False]),
        "Email": st.sampled_from([None, "a@x.org"]),
        "Secondary_Email": st.sampled_from([None, "b@x.org"]),
    },
)
CLAUSES: st.SearchStrategy[Condition] = st.sampled_from(
    [
        test("First_Name", "is", "a"),
        test("First_Name", "empty"),
        test("Score", "greater", 3),
        test("Vip", "is_not", True),
        test("emails", "is", "b@x.org"),
        test("emails", "empty"),
        Has("tags", "CRM"),
        test("owner", "is", "1"),
    ]
)
CONDITIONS = st.recursive(
    CLAUSES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        inner.map(NotThat),
    ),
    max_leaves=6,
)
TAGS = st.sampled_from([None, (), ("CRM",)])
OWNERS = st.sampled_from([UNREAD, None, ANN, BEN])


@given(CONDITIONS, VALUES, TAGS, OWNERS)
def test_the_explanation_comes_to_the_same(condition, values, tags, owner):
    rules = good(Rule(Side.LEFT, (condition,)))
    subject = person(tags=tags, owner=owner, **values)
    (finding,) = rules.explain(Side.LEFT, subject)
    assert (finding.truth,) == rules.matches(Side.LEFT, subject)
    assert all(leaf.truth is UNKNOWN for leaf in _leaves(finding) if leaf.seen is UNREAD)


@given(CONDITIONS, VALUES, TAGS, OWNERS, VALUES, TAGS, OWNERS)
def test_reading_more_never_changes_what_was_known(condition, values, tags, owner, more, more_tags, more_owner):
    rules = good(Rule(Side.LEFT, (condition,)))
    before = rules.match(Side.LEFT, person(tags=tags, owner=owner, **values))
    fuller = person(
        tags=more_tags if tags is None else tags, owner=more_owner if owner is UNREAD else owner, **{**more, **values}
    )
    if before is not UNKNOWN:
        assert rules.match(Side.LEFT, fuller) is before


@given(CONDITIONS, VALUES, TAGS, OWNERS)
def test_only_what_the_rules_say_they_read_is_read(condition, values, tags, owner):
    rules = good(Rule(Side.LEFT, (condition,)))
    reading = rules.reading[Side.LEFT]
    subject = person(tags=tags, owner=owner, **values)
    needed = person(
        tags=tags if "tags" in reading.containers else None,
        owner=owner if reading.owner else UNREAD,
        **{name: value for name, value in values.items() if name in reading.fields},
    )
    assert rules.match(Side.LEFT, needed) is rules.match(Side.LEFT, subject)


def _leaves(finding: Finding) -> list[Finding]:
    return [leaf for part in finding.parts for leaf in _leaves(part)] if finding.parts else [finding]


def test_the_fields_of_an_app_tell_its_containers_owner_consent_and_creation() -> None:
    schema = Schema.of(
        Field("Tag", FieldType.NAMES),
        Field("Owner", FieldType.OWNER),
        Field("Created_Time", FieldType.MOMENT, writable=False),
        Field("Email_Opt_Out", FieldType.BOOLEAN, semantic="opted_out"),
        containers={"tags": Containers(field="Tag")},
        owner="Owner",
        created="Created_Time",
    )
    values = {
        "Tag": (Item("CRM"), Item("No Mail")),
        "Owner": ANN,
        "Created_Time": "2026-03-01T09:00:00+01:00",
        "Email_Opt_Out": True,
    }
    subject = subject_of(schema, Record("1", values), opt_out_tag="no mail")
    assert subject.containers == {"tags": frozenset({"CRM", "No Mail"})}
    assert subject.owner == ANN
    assert subject.created == 1772352000.0
    assert subject.consent == Consent(ConsentState.UNSUBSCRIBED, tagged=True)
    unread = subject_of(schema, Record("1", {}))
    assert (unread.containers, unread.owner, unread.created, unread.consent) == ({}, UNREAD, None, UNREAD)
    vocabulary = Vocabulary.of(schema, changed=False)
    assert {"owner", "opted_out", "created", "tags"} <= set(vocabulary.words)
    both = {Side.LEFT: vocabulary, Side.RIGHT: vocabulary}
    own_names = [test("Owner", "is", "Ann Lee"), test("Tag", "is", "crm"), test("Created_Time", "after", "2026-02-28")]
    compilation = compile_rules([Rule(Side.LEFT, tuple(own_names))], both)
    assert compilation.problems == ()
    assert compilation.rules.match(Side.LEFT, subject) is Truth.YES


def test_consent_is_read_from_the_fields_that_tell_it() -> None:
    schema = Schema.of(
        Field("status", FieldType.CHOICE), Field("since", FieldType.MOMENT), Field("from", FieldType.TEXT),
        consent=ConsentFields("status", at="since", source="from"),
    )  # fmt: skip
    values = {"status": "pending", "since": "2026-03-01T08:00:00+00:00", "from": "form"}
    assert subject_of(schema, Record("1", values)).consent == Consent(ConsentState.PENDING, 1772352000.0, "form")
    assert subject_of(schema, Record("1", {"status": "who knows"})).consent is UNREAD
