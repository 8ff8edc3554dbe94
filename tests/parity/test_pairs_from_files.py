"""Matching, mapping, conflicts and deletions as files say them, over the fields of Zoho CRM and of cards."""

import pytest

from tests.parity.office import ANN, BEN, Office, names, pairs, states
from zohosyncd.core.record import Postal

TEAM = """
[[rules]]
from = "zoho"
if = [ {{ owner = "{owner}" }} ]
[[rules]]
from = "{account}"
if = [ {{ has = "categories", value = "CRM" }} ]
then = [ {{ set = "owner", value = "{owner}", on = "create" }} ]
"""


async def test_a_team_shares_one_crm_and_everybody_has_an_own_address_book(office: Office) -> None:
    for account, owner in (("book-ann", ANN), ("book-ben", BEN)):
        office.authorise(account, "book")
        rules = TEAM.format(owner=owner.email, account=account)
        await office.connect(rules, name=f"zoho-{account}", right=account)
    office.contact("Ida")
    office.contact("Tom", Owner=BEN)
    office.card("Uma", "CRM", account="book-ann")
    office.card("Rex", "CRM", account="book-ben")
    office.card("Mum", account="book-ben")
    await office.rest()
    assert office.shown("zoho", "First_Name", "Owner") == [
        ("Ida", ANN.email), ("Rex", BEN.email), ("Tom", BEN.email), ("Uma", ANN.email),
    ]  # fmt: skip
    assert office.shown("book-ann", "N.given") == ["Ida", "Uma"]
    assert office.shown("book-ben", "N.given") == ["Mum", "Rex", "Tom"]


async def test_somebody_who_is_in_two_books_is_one_contact(office: Office) -> None:
    for account in ("book-ann", "book-ben"):
        office.authorise(account, "book")
        await office.connect(name=f"zoho-{account}", right=account)
        office.card("Ida", account=account)
    await office.rest()
    assert office.shown("zoho", "First_Name") == office.shown("book-ann", "N.given") == ["Ida"]


async def test_without_e_mail_nobody_is_doubled_although_they_are_synced(office: Office) -> None:
    await office.connect("create_without_email = true\n")
    office.contact("Ida", Email=None, Phone="+49 228 123456")
    office.contact("Tom", Email=None)
    office.card("Ida", emails=(), TEL=names("0228 123456"))
    await office.rest()
    assert office.shown("zoho", "First_Name") == office.shown("book", "N.given") == ["Ida", "Tom"]


async def test_every_default_pair_of_zoho_and_cards_travels_both_ways(office: Office) -> None:
    connection = await office.connect()
    told = pairs(connection)
    assert {name for name, pair in told.items() if pair["direction"] == "both"} >= {
        "given_name", "family_name", "emails", "phones", "title", "department", "birthday", "notes", "address",
    }  # fmt: skip
    office.contact("Ida", Phone="0228 1", Mobile="0171 2", Title="Judge", Department="Court", Date_of_Birth="1980-02-01",
                   Description="n", Mailing_Street="Weg 1", Mailing_City="Bonn", Mailing_Zip="53111")  # fmt: skip
    office.card("Uma", TEL=names("0228 3", "0171 4"), TITLE="Chef", BDAY="1990-01-02", NOTE="m",
                ADR=Postal("Gasse 2", "Ulm", "", "89073", ""))  # fmt: skip
    await office.rest()
    plain = ("TITLE", "ORG.unit", "BDAY", "NOTE", "ADR")
    assert office.shown("book", "N.given", *plain) == [
        ("Ida", "Judge", "Court", "1980-02-01", "n", Postal("Weg 1", "Bonn", code="53111")),
        ("Uma", "Chef", None, "1990-01-02", "m", Postal("Gasse 2", "Ulm", code="89073")),
    ]
    named = ("Title", "Date_of_Birth", "Description", "Mailing_Street", "Mailing_City", "Mailing_Zip")
    assert office.shown("zoho", "First_Name", *named) == [
        ("Ida", "Judge", "1980-02-01", "n", "Weg 1", "Bonn", "53111"),
        ("Uma", "Chef", "1990-01-02", "m", "Gasse 2", "Ulm", "89073"),
    ]
    assert office.shown("book", "N.given", "TEL") == [("Ida", {"0228 1", "0171 2"}), ("Uma", {"0228 3", "0171 4"})]


async def test_what_cannot_be_paired_is_refused_and_what_is_one_way_says_why(office: Office) -> None:
    connection = await office.connect("""
[[fields]]
left = "Discount"
right = "X-GROUP"
""")
    pair = pairs(connection)["Discount = X-GROUP"]
    assert pair["direction"] == "left_to_right"
    assert "number" in pair["narrowed"]
    with pytest.raises(Exception, match="Modified_By") as caught:
        await office.connect('direction = "right_to_left"\n[[fields]]\nleft = "Modified_By"\nright = "X-GROUP"\n')
    assert "fields" in str(caught.value)


@pytest.mark.parametrize("winner", ["zoho", "book"])
async def test_the_winner_wins_the_first_sync_and_every_later_clash_and_nothing_empty_erases(
    office: Office, winner: str
) -> None:
    await office.connect(f'winner = "{winner}"\ncleared = "keep"\n')
    ida = office.contact("Ida", Title="zoho")
    card = office.card("Ida", TITLE="book", NOTE="from the book")
    await office.rest()
    assert office.shown("zoho", "Title", "Description") == [(winner, "from the book")]
    assert office.shown("book", "TITLE", "NOTE") == [(winner, "from the book")]
    office.edit("zoho", ida, Title="zoho 2", Description=None)
    office.edit("book", card, TITLE="book 2")
    await office.rest()
    assert office.shown("zoho", "Title") == [f"{winner} 2"]
    assert office.shown("book", "TITLE", "NOTE") == [(f"{winner} 2", "from the book")]
    office.edit("zoho", ida, Title=None if winner == "zoho" else "zoho 3")
    office.edit("book", card, TITLE=None if winner == "book" else "book 3")
    await office.rest()
    other = {"zoho": "book 3", "book": "zoho 3"}[winner]
    assert office.shown("zoho", "Title") == office.shown("book", "TITLE") == [other], "an empty field does not win"


async def test_the_winner_changes_no_direction(office: Office) -> None:
    await office.connect('direction = "left_to_right"\nwinner = "book"\n')
    office.contact("Ida", Title="CRM")
    card = office.card("Ida", TITLE="Book")
    await office.rest()
    office.edit("book", card, TITLE="Book 2")
    await office.rest()
    assert office.shown("zoho", "Title") == ["CRM"]


async def test_in_one_way_mode_a_change_at_the_source_arrives_whatever_the_target_says(office: Office) -> None:
    await office.connect('direction = "left_to_right"\nwinner = "zoho"\n')
    ida = office.contact("Ida", Title="CRM")
    await office.rest()
    office.edit("book", office.find("book", "Ida"), TITLE="Book")
    await office.rest()
    office.edit("zoho", ida, Title="CRM 2")
    await office.rest()
    assert (office.shown("zoho", "Title"), office.shown("book", "TITLE")) == (["CRM 2"], ["CRM 2"])


TRASH = '[deletions]\nzoho_to_book = "tag"\nbook_to_zoho = "tag"\ntag = "PieSync Trash"\n'


async def test_a_deletion_puts_the_trash_tag_on_the_other_side_both_ways_also_by_its_old_name(office: Office) -> None:
    connection = await office.connect(TRASH)
    ida = office.contact("Ida")
    office.card("Uma")
    office.card("Zoe")  # where nobody was left, the guard would ask
    await office.rest()
    office.apps["zoho"].delete(ida)
    office.apps["book"].delete(office.find("book", "Uma"))
    await office.rest()
    assert office.shown("book", "N.given", "CATEGORIES") == [("Ida", {"PieSync Trash"}), ("Zoe", set())]
    assert office.shown("zoho", "First_Name", "Tag") == [("Uma", {"PieSync Trash"}), ("Zoe", set())]
    told = await states(connection)
    assert told[office.find("book", "Ida")] == ("deleted", "partner_gone")
    assert told[ida] == ("deleted", "gone")


@pytest.mark.parametrize("text", ["", TRASH, '[[rules]]\nfrom = "zoho"\n[[rules]]\nfrom = "book"\n'])
async def test_a_deleted_one_is_not_made_again_although_the_rules_still_match(office: Office, text: str) -> None:
    await office.connect(text)
    ida = office.contact("Ida")
    await office.rest()
    card = office.find("book", "Ida")
    office.apps["zoho"].delete(ida)
    await office.rest()
    office.edit("book", card, TITLE="Judge")
    await office.rest()
    assert office.shown("zoho", "First_Name") == []


async def test_a_person_takes_somebody_out_of_the_trash_by_hand(office: Office) -> None:
    await office.connect(TRASH)
    ida = office.contact("Ida")
    await office.rest()
    office.apps["zoho"].delete(ida)
    await office.rest()
    office.apps["zoho"].restore(ida)
    office.edit("book", office.find("book", "Ida"), CATEGORIES=())
    await office.rest()
    office.edit("zoho", ida, Title="Judge")
    await office.rest()
    assert office.shown("book", "N.given", "TITLE", "CATEGORIES") == [("Ida", "Judge", set())]


async def test_whoever_opts_out_in_zoho_gets_the_unsubscribe_tag_by_its_old_name(office: Office) -> None:
    await office.connect('[consent]\nzoho_to_book = "tag"\ntag = "PieSync Unsubscribes"\n')
    ida = office.contact("Ida")
    await office.rest()
    office.edit("zoho", ida, Email_Opt_Out=True)
    await office.rest()
    assert office.shown("book", "CATEGORIES") == [{"PieSync Unsubscribes"}]


async def test_a_category_unsubscribes_in_zoho_by_a_rule(office: Office) -> None:
    await office.connect("""
[[rules]]
from = "book"
[[rules]]
from = "book"
if = [ { has = "categories", value = "No mail" } ]
then = [ { opt = "out" } ]
""")
    card = office.card("Ida")
    await office.rest()
    assert office.shown("zoho", "Email_Opt_Out") != [True]
    office.edit("book", card, CATEGORIES=names("No mail"))
    await office.rest()
    assert office.shown("zoho", "Email_Opt_Out") == [True]
    office.edit("book", card, CATEGORIES=())
    await office.rest()
    assert office.shown("zoho", "Email_Opt_Out") == [True], "nobody is opted in because a label went"


async def test_subscriptions_go_both_ways_between_zoho_and_a_list_of_a_mailing_app(office: Office) -> None:
    await office.connect('[consent]\nnew = "subscribed"\n', name="zoho-list", right="list")
    ida, _ = office.contact("Ida"), office.contact("Tom")
    await office.rest()
    office.edit("zoho", ida, Email_Opt_Out=True)
    office.edit("list", office.find("list", "Tom"), state="unsubscribed")
    await office.rest()
    assert office.shown("list", "first", "state") == [("Ida", "unsubscribed"), ("Tom", "unsubscribed")]
    assert office.shown("zoho", "First_Name", "Email_Opt_Out") == [("Ida", True), ("Tom", True)]


async def test_each_list_of_a_mailing_app_is_a_connection_and_only_those_who_match_are_put_into_it(
    office: Office,
) -> None:
    for account, tag in (("customers", "Customer"), ("fairs", "Fair")):
        office.authorise(account, "list")
        rule = f'[[rules]]\nfrom = "zoho"\nif = [ {{ has = "tags", value = "{tag}" }} ]\n'
        await office.connect(rule, name=f"zoho-{account}", right=account)
    office.contact("Ida", Tag=names("Customer"))
    office.contact("Uma", Tag=names("Customer", "Fair"))
    office.contact("Tom")
    await office.rest()
    assert office.shown("customers", "first") == ["Ida", "Uma"]
    assert office.shown("fairs", "first") == ["Uma"]


async def test_a_list_of_several_choices_travels_one_way_as_text_and_both_ways_as_categories(office: Office) -> None:
    text = '[[fields]]\nleft = "Interests"\nright = "{}"\n'
    connection = await office.connect(text.format("X-GROUP"))
    assert pairs(connection)["Interests = X-GROUP"]["direction"] == "left_to_right"
    ida = office.contact("Ida", Interests=names("Training", "Machines"))
    await office.rest()
    assert office.shown("book", "X-GROUP") == ["Machines, Training"]
    connection = await office.connect(text.format("CATEGORIES"))
    assert pairs(connection)["Interests = CATEGORIES"]["direction"] == "both"
    office.edit("zoho", ida, Interests=names("Training", "Spare parts"))
    await office.rest()
    assert office.shown("book", "CATEGORIES") == [{"Training", "Spare parts"}]
    office.edit("book", office.find("book", "Ida"), CATEGORIES=names("training", "Machines", "Family"))
    await office.rest()
    assert office.shown("zoho", "Interests") == [{"Training", "Machines"}]
    assert office.shown("book", "CATEGORIES") == [{"training", "Machines", "Family"}], (
        "no choice of Zoho's, and no deletion"
    )


async def test_who_gets_an_e_mail_later_is_synced_from_then_on(office: Office) -> None:
    await office.connect()
    ida = office.contact("Ida", Email=None)
    office.contact("Twin")
    office.card("Uma", emails=())
    await office.rest()
    assert office.shown("book", "N.given") == ["Twin", "Uma"]
    office.edit("zoho", ida, Email="ida@example.org")
    office.edit("book", office.find("book", "Uma"), EMAIL=names("uma@example.org"))
    await office.rest()
    assert office.shown("book", "N.given") == office.shown("zoho", "First_Name") == ["Ida", "Twin", "Uma"]


async def test_the_name_of_the_company_travels_from_zoho_alone(office: Office) -> None:
    connection = await office.connect()
    told = pairs(connection)["company"]
    assert (told["direction"], "Account_Name" in told["narrowed"]) == ("left_to_right", True)
    office.contact("Ida", Account_Name="Acme")
    office.card("Uma", ORG="Own")
    await office.rest()
    assert office.shown("book", "N.given", "ORG") == [("Ida", "Acme"), ("Uma", "Own")]
    assert office.shown("zoho", "First_Name", "Account_Name") == [("Ida", "Acme"), ("Uma", None)]


async def test_the_first_values_fill_the_fields_of_zoho_and_the_rest_stays_in_the_card(office: Office) -> None:
    await office.connect()
    office.card(
        "Ida",
        emails=("1@x.example", "2@x.example", "3@x.example"),
        TEL=names("0228 111111", "0228 222222", "0228 333333", "0228 444444", "0228 555555"),
    )
    await office.rest()
    assert office.shown("zoho", "Email", "Secondary_Email") == [("1@x.example", "2@x.example")]
    office.edit("zoho", office.find("zoho", "Ida"), Secondary_Email="new@x.example")
    await office.rest()
    assert office.shown("book", "EMAIL") == [{"1@x.example", "new@x.example", "3@x.example"}]


async def test_a_connection_can_become_one_way_and_both_ways_again(office: Office) -> None:
    await office.connect()
    office.contact("Ida", Title="a")
    await office.rest()
    await office.connect('direction = "left_to_right"\n')
    office.edit("book", office.find("book", "Ida"), TITLE="b")
    await office.rest()
    assert office.shown("zoho", "Title") == ["a"]
    await office.connect()
    await office.rest()
    assert office.shown("zoho", "Title") == office.shown("book", "TITLE") == ["b"]
