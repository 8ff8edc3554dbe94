"""The scene's people: on which side they stand, how they differ, and who is recognised again."""

import re
from collections import Counter
from itertools import pairwise

import phonenumbers
import pytest
import vobject

from zohosyncd.sandbox.scene import Scene, count_duplicates
from zohosyncd.sandbox.scene.people import ascii_letters
from zohosyncd.sandbox.scene.truth import of_card, of_record
from zohosyncd.sandbox.scene.words import FAMILY, GIVEN
from zohosyncd.sandbox.scene.worlds import build_world


@pytest.fixture
def scene():
    return Scene(2_000, 1)


@pytest.fixture
def world(zoho, scene):
    return build_world(zoho.clock, scene)


def state_of(world):
    return {"apps": {name: app.state() for name, app in world.apps.items()}}


def test_half_stand_on_both_sides_and_at_most_four_fifths_in_zoho(scene):
    stands = Counter(person.stands for person in scene.everybody())
    assert abs(stands["both"] - 1_000) < 30
    assert stands["book"] > 300
    assert stands["both"] + stands["zoho"] <= 1_600
    assert all(person.in_zoho or person.in_book for person in scene.everybody())


def test_the_people_are_the_same_for_the_same_seed_and_others_for_another(scene):
    assert list(scene.everybody()) == list(Scene(2_000, 1).everybody())
    assert dict(scene.cards()) == dict(Scene(2_000, 1).cards())
    assert list(scene.everybody()) != list(Scene(2_000, 2).everybody())


def test_two_pairs_are_namesakes_and_nobody_else(scene):
    names = Counter((person.given, person.family) for person in scene.everybody())
    assert sorted(names.values())[-3:] == [1, 2, 2]
    assert sum(person.namesake for person in scene.everybody()) == 4


def test_some_lack_an_address_and_a_few_share_one(scene):
    emails = Counter(person.email for person in scene.everybody())
    assert 100 < emails.pop(None) < 400
    assert sorted(set(emails.values())) == [1, 2]
    assert 2 <= list(emails.values()).count(2) <= 10


def test_some_have_long_and_strange_values(scene):
    odd = [person for person in scene.everybody() if person.odd]
    assert len(odd) > 30
    assert any(not person.given.isascii() for person in odd)
    assert any(person.title and len(person.title) > 100 for person in odd)


def test_phone_numbers_are_valid_and_belong_to_one_person(scene):
    numbers = [n for person in scene.everybody() for n in (person.mobile, person.office) if n]
    assert len(numbers) == len(set(numbers))
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(number)) for number in numbers)
    assert len({number[-9:] for number in numbers}) == len(numbers)


def test_people_on_both_sides_share_an_address_or_a_number_with_the_family_name(zoho, scene):
    records = {int(record["id"]): record for record in scene.zoho_records(zoho.clock.now())}
    cards = dict(scene.cards())
    for person in scene.everybody():
        number, href = scene.truth[person.number]
        if number is None or href is None:
            continue
        record, card = of_record(records[int(number)]), of_card(cards[href])
        same_family = records[int(number)]["Last_Name"] in cards[href].replace("\r\n ", "").replace("\\,", ",")
        assert record.emails & card.emails or (record.phones & card.phones and same_family), (person, cards[href])


def test_both_sides_spell_many_people_differently(zoho, scene):
    records = {str(record["id"]): record for record in scene.zoho_records(zoho.clock.now())}
    cards = dict(scene.cards())
    both = [(records[number], cards[href]) for number, href in scene.truth.values() if number and href]
    assert (
        sum(f"N:{record['Last_Name']};{record['First_Name']};" not in card for record, card in both) > len(both) // 10
    )
    phones = [(record["Mobile"], card) for record, card in both if record["Mobile"]]
    assert sum(phone not in card for phone, card in phones) > len(phones) // 2


def test_names_stay_apart_in_plain_letters():
    for words in (GIVEN, FAMILY):
        assert len({ascii_letters(word).casefold() for word in words}) == len(words)


def test_cards_are_valid_folded_and_in_several_dialects(scene):
    cards = [text for _, text in scene.cards()]
    for text in cards:
        assert vobject.readOne(text).uid.value
        assert text.endswith("END:VCARD\r\n")
        assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    for sign in ("VERSION:3.0", "VERSION:4.0", "item1.EMAIL", "X-ABLabel", "TYPE=CELL,VOICE", "PHOTO;ENCODING=b", "X-ADDRESSBOOKSERVER-KIND:group",
                 "ENCODING=QUOTED-PRINTABLE", "VALUE=uri", "TYPE=INTERNET;TYPE=HOME", "X-APPLE-OMIT-YEAR", "\r\n "):  # fmt: skip
        assert any(sign in text for text in cards), sign
    assert any(re.search(r"^N:;", text, re.M) for text in cards), "some card lacks a family name"


def test_many_records_were_imported_in_the_same_second(zoho):
    seconds = Counter(record["Modified_Time"] for record in Scene(2_000, 1).zoho_records(zoho.clock.now()))
    assert max(seconds.values()) > 100
    created = [record["Created_Time"] for record in Scene(2_000, 1).zoho_records(zoho.clock.now())]
    assert all(one <= other for one, other in pairwise(created))


def test_zoho_takes_every_record_and_the_book_every_card(world, scene):
    state = state_of(world)["apps"]
    assert len(state["zoho_crm"]["Contacts"]) == sum(person.in_zoho for person in scene.everybody())
    assert len(state["carddav"]["/ann/contacts/"]) == sum(person.in_book for person in scene.everybody()) + 1
    assert {number for number, _ in scene.truth.values() if number} == {r["id"] for r in state["zoho_crm"]["Contacts"]}
    assert {href for _, href in scene.truth.values() if href} < set(state["carddav"]["/ann/contacts/"])


def test_nobody_is_a_duplicate_at_the_start(world, scene):
    assert scene.duplicates(state_of(world)) == {"zoho": 0, "book": 0}


def copied(record):
    kept = ("First_Name", "Last_Name", "Email", "Mobile", "Phone")
    return {name: record[name] for name in kept if record.get(name)}


def test_a_copy_of_somebody_who_stands_there_is_a_duplicate_and_a_first_copy_is_none(world, scene):
    zoho, book = world.apps["zoho_crm"], world.apps["carddav"]
    state = state_of(world)["apps"]
    records = {record["id"]: record for record in state["zoho_crm"]["Contacts"]}
    cards = state["carddav"]["/ann/contacts/"]
    everybody = {person.number: person for person in scene.everybody()}
    plain = [n for n, person in everybody.items() if not (person.namesake or person.shares_email)]
    both = next(n for n in plain if everybody[n].stands == "both" and everybody[n].email is None)
    zoho_only = next(n for n in plain if everybody[n].stands == "zoho")
    book_only = next(n for n in plain if everybody[n].stands == "book" and everybody[n].email)
    zoho.edit({"object": "Contacts", "create": copied(records[scene.truth[both][0]])})
    assert scene.duplicates(state_of(world)) == {"zoho": 1, "book": 0}
    there = everybody[zoho_only]
    card = f"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:{there.given} {there.family}\r\nN:{there.family};{there.given};;;\r\nUID:new\r\nEND:VCARD\r\n"
    book.edit({"object": "/ann/contacts/", "create": {"vcard": card}})
    assert scene.duplicates(state_of(world)) == {"zoho": 1, "book": 0}
    book.edit({"object": "/ann/contacts/", "create": {"vcard": card.replace("UID:new", "UID:newer")}})
    assert scene.duplicates(state_of(world)) == {"zoho": 1, "book": 1}
    book.edit(
        {
            "object": "/ann/contacts/",
            "create": {"vcard": re.sub("UID:.*", "UID:copy", cards[scene.truth[book_only][1]])},
        }
    )
    assert scene.duplicates(state_of(world)) == {"zoho": 1, "book": 2}


def test_strangers_are_no_duplicates(world, scene):
    world.apps["zoho_crm"].edit(
        {"object": "Contacts", "create": {"Last_Name": "Stranger", "Email": "stranger@example.com"}}
    )
    assert count_duplicates(state_of(world), scene.truth, scene.everybody()) == {"zoho": 0, "book": 0}


def test_people_in_zoho_have_owners_tags_sources_and_opt_outs():
    records = list(Scene(400, 3).zoho_records(1_795_521_600.0))
    assert len({each["Owner"]["id"] for each in records}) == 4
    assert {tag for each in records for tag in each["Tag"]} == {"Newsletter", "Trade fair 2026", "VIP"}
    assert 0.3 < sum(each["Lead_Source"] is not None for each in records) / len(records) < 0.7
    assert 0 < sum(each["Email_Opt_Out"] for each in records) < len(records) / 10
    assert {each["Customer_Group"] for each in records} == {None, "Wholesale", "Retail", "Press", "Partner"}
