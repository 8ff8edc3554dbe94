"""What users of PieSync set up by rules, said in a file of a connection, over the fields of Zoho CRM and of cards."""

import pytest

from tests.parity.office import ANN, BEN, Office, explained, names, states
from zohosyncd.core.record import Value


async def test_every_filter_of_the_zoho_page_in_one_file(office: Office) -> None:
    await office.connect("""
[[rules]]
from = "zoho"
if = [
  { owner = "ann@office.example" },
  { field = "Lead_Source", is = "Trade Show" },
  { opted_out = false },
  { field = "Mailing_City", is = "Bonn" },
  { field = "Customer_Number", starts_with = "7" },
]
""")
    right = {"Lead_Source": "Trade Show", "Mailing_City": "Bonn", "Customer_Number": "77", "Email_Opt_Out": False}
    office.contact("Ida", **right)
    for number, wrong in enumerate(
        [{"Owner": BEN}, {"Lead_Source": "Partner"}, {"Email_Opt_Out": True}, {"Mailing_City": "Ulm"},
         {"Customer_Number": "17"}, {"Mailing_City": None}]
    ):  # fmt: skip
        office.contact(f"Wrong{number}", **{**right, **wrong})
    await office.rest()
    assert office.shown("book", "N.given") == ["Ida"]


async def test_every_action_of_the_zoho_page_in_one_file(office: Office) -> None:
    await office.connect("""
[[rules]]
from = "book"
if = [ { has = "categories", value = "Fair" } ]
then = [
  { set = "Lead_Source", value = "Trade Show" },
  { set = "Customer_Number", value = "new" },
  { set = "Department", value = "Sales", on = "create" },
  { set = "owner", value = "Ben Roe" },
  { add = "tags", value = "Fair" },
  { opt = "out" },
]
""")
    office.contact("Ida", Lead_Source="Partner", Tag=names("VIP"))
    office.card("Ida", "Fair")
    office.card("Uma", "Fair")
    await office.rest()
    assert office.shown("zoho", "First_Name", "Lead_Source", "Customer_Number", "Owner", "Tag", "Email_Opt_Out") == [
        ("Ida", "Trade Show", "new", BEN.email, {"VIP", "Fair"}, True),
        ("Uma", "Trade Show", "new", BEN.email, {"Fair"}, True),
    ]


async def test_an_action_changes_a_counterpart_that_was_there_before(office: Office) -> None:
    await office.connect("""
[[rules]]
from = "zoho"
if = [ { has = "tags", value = "Customer" } ]
then = [ { add = "categories", value = "CRM" }, { remove = "categories", value = "Prospect" } ]
""")
    office.contact("Ida", Tag=names("Customer"))
    office.card("Ida", "Prospect", "Choir")
    await office.rest()
    assert office.shown("book", "CATEGORIES") == [{"Choir", "CRM"}]


BY_VALUE = "".join(
    f"""
[[rules]]
from = "zoho"
if = [ {{ field = "Lead_Source", is = "{value}" }} ]
then = [ {{ add = "categories", value = "{value}", revert = true }} ]
"""
    for value in ("Trade Show", "Partner", "Chat")
)


async def test_one_rule_for_each_value_of_a_list_of_choices(office: Office) -> None:
    await office.connect(BY_VALUE)
    ida = office.contact("Ida", Lead_Source="Partner")
    await office.rest()
    assert office.shown("book", "CATEGORIES") == [{"Partner"}]
    office.edit("zoho", ida, Lead_Source="Chat")
    await office.rest()
    assert office.shown("book", "CATEGORIES") == [{"Chat"}], "the first rule's is taken back, the other's is given"


async def test_rules_of_the_other_direction_are_ignored_in_one_way_mode(office: Office) -> None:
    connection = await office.connect("""
direction = "left_to_right"
[[rules]]
from = "zoho"
[[rules]]
from = "book"
if = [ { has = "categories", value = "CRM" } ]
then = [ { add = "tags", value = "Customer" } ]
""")
    office.contact("Ida")
    office.card("Uma", "CRM")
    await office.rest()
    assert office.shown("zoho", "First_Name", "Tag") == [("Ida", set())]
    (ignored,) = [note for note in connection.plan.notes if "nothing travels" in note]
    assert "rules[2]" in ignored


async def test_a_group_becomes_a_tag_and_a_tag_becomes_a_group(office: Office) -> None:
    await office.connect("""
[[rules]]
from = "zoho"
if = [ { has = "tags", value = "Customer" } ]
then = [ { add = "categories", value = "Customers" } ]
[[rules]]
from = "book"
if = [ { has = "categories", value = "Customers" } ]
then = [ { add = "tags", value = "Customer" } ]
""")
    office.contact("Ida", Tag=names("Customer"))
    office.card("Uma", "Customers")
    office.contact("Tom")
    office.card("Rex")
    await office.rest()
    assert office.shown("zoho", "First_Name", "Tag") == [("Ida", {"Customer"}), ("Tom", set()), ("Uma", {"Customer"})]
    assert office.shown("book", "N.given", "CATEGORIES") == [
        ("Ida", {"Customers"}), ("Rex", set()), ("Uma", {"Customers"}),
    ]  # fmt: skip


async def test_records_that_have_not_a_label(office: Office) -> None:
    await office.connect('[[rules]]\nfrom = "book"\nif = [ { has_not = "categories", value = "Private" } ]\n')
    office.card("Ida", "Private", "Choir")
    office.card("Uma", "Choir")
    office.card("Tom")
    await office.rest()
    assert office.shown("zoho", "First_Name") == ["Tom", "Uma"]


async def test_an_impossible_rule_syncs_nobody_and_two_rules_do(office: Office) -> None:
    both = '[[rules]]\nfrom = "zoho"\nif = [ { field = "Lead_Source", is = "Chat" }, { field = "Lead_Source", is = "Partner" } ]\n'
    await office.connect(both)
    office.contact("Ida", Lead_Source="Chat")
    office.contact("Uma", Lead_Source="Partner")
    await office.rest()
    assert office.shown("book", "N.given") == []
    await office.connect(BY_VALUE)
    await office.rest()
    assert office.shown("book", "N.given") == ["Ida", "Uma"], "history comes, too, when rules change"


async def test_a_rule_that_is_taken_away_leaves_what_it_made(office: Office) -> None:
    await office.connect(BY_VALUE)
    ida = office.contact("Ida", Lead_Source="Chat", Title="Cook")
    await office.rest()
    connection = await office.connect('[[rules]]\nfrom = "zoho"\nif = [ { owner = "Ben Roe" } ]\n')
    office.edit("zoho", ida, Title="Chef")
    await office.rest()
    assert office.shown("book", "N.given", "TITLE") == [("Ida", "Cook")]
    assert {state for state, _ in (await states(connection)).values()} == {"frozen"}


async def test_who_comes_back_into_scope_goes_on_as_the_same_pair(office: Office) -> None:
    await office.connect('[[rules]]\nfrom = "zoho"\nif = [ { owner = "Ann Keller" } ]\n')
    ida = office.contact("Ida", Title="Cook")
    await office.rest()
    office.edit("zoho", ida, Owner=BEN, Title="Chef")
    await office.rest()
    office.edit("zoho", ida, Owner=ANN)
    await office.rest()
    assert office.shown("book", "N.given", "TITLE") == [("Ida", "Chef")]


async def test_an_action_that_is_not_to_be_reverted_stays(office: Office) -> None:
    await office.connect("""
[[rules]]
from = "zoho"
[[rules]]
from = "zoho"
if = [ { has = "tags", value = "Customer" } ]
then = [ { add = "categories", value = "CRM" } ]
""")
    ida = office.contact("Ida", Tag=names("Customer"))
    await office.rest()
    office.edit("zoho", ida, Tag=())
    await office.rest()
    assert office.shown("book", "CATEGORIES") == [{"CRM"}]


async def test_somebody_is_told_why_a_contact_is_not_synced(office: Office) -> None:
    connection = await office.connect('[[rules]]\nfrom = "zoho"\nif = [ { owner = "Ann Keller" } ]\n')
    tom = office.contact("Tom", Owner=BEN)
    nobody = office.contact("Nobody", Email=None)
    uma = office.card("Uma")
    await office.rest()
    told = await states(connection)
    assert told == {tom: ("excluded", "no_match"), nobody: ("excluded", "no_key"), uma: ("excluded", "no_rule")}
    (rule,) = (await explained(connection, "tom@example.org"))["rules"]["left"]
    (seen,) = rule["parts"]
    assert (seen["words"], seen["seen"], seen["truth"]) == ('owner is "Ann Keller"', BEN.email, "no")
    assert (rule["path"], seen["path"]) == ("rules[1].if", "rules[1].if[1]"), "counted as check counts them"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('if = [ { field = "Lead_Sorce", is = "Chat" } ]', "Lead_Source"),
        ('if = [ { field = "Lead_Source", is = "Fair" } ]', "Fair"),
        ('if = [ { owner = "nobody@office.example" } ]', "nobody@office.example"),
        ('if = [ { has = "labels", value = "X" } ]', "tags"),
        ('then = [ { set = "owner", value = "Ann Keller" } ]', "owner"),
        ('then = [ { opt = "out" } ]', "consent"),
    ],
)
async def test_what_the_apps_cannot_do_is_refused_at_its_line(office: Office, line: str, says: str) -> None:
    with pytest.raises(Exception, match=says) as caught:
        await office.connect(f'[[rules]]\nfrom = "zoho"\n{line}\n')
    assert "rules" in str(caught.value)


@pytest.mark.parametrize(
    ("clause", "values", "others"),
    [
        ('field = "Customer_Number", contains = "77"', {"Customer_Number": "A-77"}, {"Customer_Number": "A-7"}),
        ('field = "Customer_Group", in = ["Retail", "Press"]', {"Customer_Group": "Press"}, {"Customer_Group": "Partner"}),
        ('field = "Discount", greater = 2', {"Discount": 2.5}, {"Discount": 2}),
        ('field = "Key_Account", is = true', {"Key_Account": True}, {"Key_Account": None}),
        ('field = "Customer_Since", before = "2020-01-01"', {"Customer_Since": "2019-12-31"}, {"Customer_Since": "2020-01-01"}),
        ('field = "Profile_Page", exists = true', {"Profile_Page": "https://x.example"}, {}),
        ('field = "Interests", is = "training"', {"Interests": names("Machines", "Training")}, {"Interests": names("Machines")}),
        ('field = "Interests", not_in = ["Machines", "Training"]', {"Interests": names("Spare parts")}, {"Interests": names("Training")}),
        ('field = "Interests", empty = true', {}, {"Interests": names("Training")}),
        ('field = "Last_Activity_Time", after = "2026-03-01"', {"Last_Activity_Time": "2026-03-02T08:00:00+00:00"}, {"Last_Activity_Time": "2026-03-01T08:00:00+00:00"}),
        ('field = "Last_Activity_Time", is = "2026-03-01"', {"Last_Activity_Time": "2026-03-01T08:00:00+00:00"}, {"Last_Activity_Time": None}),
        ('field = "Last_Activity_Time", exists = false', {}, {"Last_Activity_Time": "2026-03-01T08:00:00+00:00"}),
        ('field = "Created_By", is = "Ann Keller"', {"Created_By": "Ann Keller"}, {"Created_By": "Ben Roe"}),
    ],
)  # fmt: skip
async def test_every_kind_of_custom_field_of_zoho_can_be_asked(
    office: Office, clause: str, values: dict[str, Value], others: dict[str, Value]
) -> None:
    await office.connect(f'[[rules]]\nfrom = "zoho"\nif = [ {{ {clause} }} ]\n')
    office.contact("Ida", **values)
    office.contact("Tom", **others)
    await office.rest()
    assert office.shown("book", "N.given") == ["Ida"]


async def test_a_choice_that_a_list_of_several_does_not_have_is_told(office: Office) -> None:
    with pytest.raises(Exception, match=r'Interests has no choice "Trainning".*Training'):
        await office.connect('[[rules]]\nfrom = "zoho"\nif = [ { field = "Interests", is = "Trainning" } ]\n')


async def test_a_filter_may_say_what_a_field_means_instead_of_its_name(office: Office) -> None:
    await office.connect("""
[[rules]]
from = "zoho"
if = [ { field = "emails", contains = "@corp.example" }, { field = "Tag", contains = "air" }, { field="full_name", contains="ida" }, {field="address", contains="bonn"} ]
then = [ { set = "X-GROUP", value = "corp" }, { set = "ROLE", value = "x", on = "create" } ]
""")
    office.contact("Ida", Email="ida@corp.example", Tag=names("Fair"), Full_Name="Ida Person", Mailing_City="Bonn")
    office.contact("Tom")
    await office.rest()
    assert office.shown("book", "N.given", "X-GROUP", "ROLE") == [("Ida", "corp", "x")]


async def test_an_action_sets_fields_of_every_kind(office: Office) -> None:
    await office.connect("""
[[rules]]
from = "book"
then = [ { set = "Discount", value = 2.5 }, { set = "Key_Account", value = true }, { set = "Customer_Since", value = "2026-01-01" },
 { set = "Customer_Group", value = "retail" }, { set = "Profile_Page", value = "https://x.example" }, ]
""")
    office.card("Ida")
    await office.rest()
    assert office.shown("zoho", "Discount", "Key_Account", "Customer_Since", "Customer_Group", "Profile_Page") == [
        (2.5, True, "2026-01-01", "Retail", "https://x.example")
    ]


async def test_dates_need_no_quotes(office: Office) -> None:
    await office.connect("""
[[rules]]
from = "book"
then = [ { set = "Customer_Since", value = 2026-01-01 } ]
[[rules]]
from = "zoho"
if = [ { field = "Customer_Since", after = 2025-01-01 }, { field = "Last_Activity_Time", before = 2025-01-01T00:00:00Z }, {created = {after = 2020-01-01}} ]
""")
    office.card("Ida")
    await office.rest()
    assert office.shown("zoho", "Customer_Since") == ["2026-01-01"]


async def test_every_action_can_be_reverted(office: Office) -> None:
    await office.connect("""
[[rules]]
from = "zoho"
[[rules]]
from = "zoho"
if = [ { has = "tags", value = "Customer" } ]
then = [ { set = "X-GROUP", value = "customer", revert = true } ]
[[rules]]
from = "book"
if = [ { has = "categories", value = "Ben" } ]
then = [ { set = "owner", value = "Ben Roe", revert = true }, {set = "Lead_Source", value = "Chat", revert = true}, {remove = "tags", value = "Fair", revert = true} ]
""")
    ida = office.contact("Ida", Tag=names("Customer", "Fair"), Lead_Source="Partner")
    await office.rest()
    card = office.find("book", "Ida")
    assert office.shown("book", "X-GROUP") == ["customer"]
    office.edit("zoho", ida, Tag=names("Fair"))
    office.edit("book", card, CATEGORIES=names("Ben"))
    await office.rest()
    assert office.shown("book", "X-GROUP") == [None]
    assert office.shown("zoho", "Owner", "Lead_Source", "Tag") == [(BEN.email, "Chat", set())]
    office.edit("book", card, CATEGORIES=())
    await office.rest()
    assert office.shown("zoho", "Owner", "Lead_Source", "Tag") == [(ANN.email, "Partner", {"Fair"})]


async def test_an_opt_in_by_a_rule_is_held_for_who_has_opted_out(office: Office) -> None:
    connection = await office.connect("""
[[rules]]
from = "zoho"
[[rules]]
from = "book"
if = [ { has = "categories", value = "News" } ]
then = [ { opt = "in" } ]
""")
    ida = office.contact("Ida", Email_Opt_Out=True)
    tom = office.contact("Tom")
    await office.rest()
    for each in ("Ida", "Tom"):
        office.edit("book", office.find("book", each), CATEGORIES=names("News"))
    await office.rest()
    assert office.shown("zoho", "First_Name", "Email_Opt_Out")[0] == ("Ida", True)
    told = await states(connection)
    assert (told[ida], told[tom]) == (("held", "consent"), ("in_sync", ""))


async def test_who_opts_out_leaves_a_rule_for_those_who_have_not(office: Office) -> None:
    await office.connect(
        '[[rules]]\nfrom = "zoho"\nif = [ { opted_out = false } ]\nthen = [ { add = "categories", value = "News", revert = true } ]\n'
    )
    ida = office.contact("Ida")
    office.contact("Tom", Email_Opt_Out=True)
    await office.rest()
    assert office.shown("book", "N.given") == ["Ida"]
    office.edit("zoho", ida, Email_Opt_Out=True, Title="X")
    await office.rest()
    assert office.shown("book", "N.given", "CATEGORIES", "TITLE") == [("Ida", set(), None)]
