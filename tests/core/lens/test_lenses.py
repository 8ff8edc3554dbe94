"""What each lens does in the cases that it was made for."""

from typing import ClassVar

import pytest

from zohosyncd.core.lens.address import AddressLens, AddressPart, AddressPartsLens, address_canon
from zohosyncd.core.lens.boolean import BooleanLens
from zohosyncd.core.lens.choice import NO_SUCH_CHOICE, ChoiceLens
from zohosyncd.core.lens.date import NO_YEAR, NOT_A_DATE, DateLens
from zohosyncd.core.lens.email import NOT_AN_EMAIL, email_lens
from zohosyncd.core.lens.items import ItemsLens
from zohosyncd.core.lens.joined_name import NO_FAMILY_NAME, UNCLEAR, JoinedName, NamePart
from zohosyncd.core.lens.number import NOT_A_NUMBER, NumberLens
from zohosyncd.core.lens.phone import PhoneCanon, phone_lens
from zohosyncd.core.lens.slots import Slot, SlotsLens
from zohosyncd.core.lens.text import REQUIRED, TOO_LONG, TextLens, cut, lines_canon, text_canon
from zohosyncd.core.lens.url import canonical_url
from zohosyncd.core.record import Item, Postal
from zohosyncd.core.schema import Field, FieldType

KEY = PhoneCanon("DE").key


class TestText:
    def test_spacing_and_unicode_form_are_no_difference(self):
        assert TextLens("t").put("Jose\u0301  Maria", {"t": " José Maria"}) == {}

    def test_case_is_a_difference(self):
        assert TextLens("t").put("anna", {"t": "Anna"}) == {"t": "anna"}

    def test_a_long_text_is_cut_and_then_stays(self):
        lens = TextLens("t", max_length=8)
        assert lens.put("Alexander-Maximilian", {"t": "Anna"}) == {"t": "Alexande"}
        assert lens.put("Alexander-Maximilian", {"t": "Alexande"}) == {}
        assert lens.shows_part("Alexande", "Alexander-Maximilian")
        assert not lens.shows_part("Alexandr", "Alexander-Maximilian")

    def test_no_letter_is_cut_from_its_accent(self):
        assert cut("abq\u0301", 3) == "ab"

    def test_a_required_field_is_not_emptied(self):
        lens = TextLens("t", required=True)
        assert lens.refuses(None, {"t": "x"}) == REQUIRED
        assert lens.refuses(None) == REQUIRED
        assert lens.put(None, {"t": "x"}) == {}

    def test_line_breaks_of_notes_count_however_they_are_written(self):
        assert lines_canon("a\r\nb  ") == lines_canon("a\nb") != lines_canon("a b") == text_canon("a\nb")


class TestSingleValues:
    def test_a_phone_that_only_differs_in_spelling_stays_as_typed(self):
        lens = phone_lens(Field("t", FieldType.PHONE), "DE")
        assert lens.put("+4930123456", {"t": "030 / 12 34 56"}) == {}
        assert lens.put("+4930123457", {"t": "030 / 12 34 56"}) == {"t": "+4930123457"}

    def test_a_phone_is_never_cut(self):
        lens = phone_lens(Field("t", FieldType.PHONE, max_length=10), "DE")
        assert lens.refuses("+49 30 1234567") == TOO_LONG

    def test_an_email_field_refuses_what_is_no_address_and_a_text_field_does_not(self):
        assert email_lens(Field("t", FieldType.EMAIL)).refuses("ask Ann") == NOT_AN_EMAIL
        assert email_lens(Field("t", FieldType.TEXT)).refuses("ask Ann") is None

    def test_an_invalid_address_that_stands_there_already_is_not_refused(self):
        assert email_lens(Field("t", FieldType.EMAIL)).refuses("ask ann", {"t": "Ask Ann"}) is None

    @pytest.mark.parametrize("same", ["a.de/X", "http://a.de/X", "HTTPS://A.DE/X/", " https://a.de/X"])
    def test_web_addresses_are_compared_without_scheme_and_closing_slash(self, same):
        assert canonical_url(same) == "a.de/X"

    def test_a_choice_takes_the_spelling_of_the_app(self):
        lens = ChoiceLens("t", ("Trade Fair",))
        assert lens.put("trade  fair", {"t": None}) == {"t": "Trade Fair"}
        assert lens.refuses("Web") == NO_SUCH_CHOICE
        assert ChoiceLens("t", required=True).refuses(None) == REQUIRED

    def test_a_flag_that_was_never_set_says_no(self):
        assert BooleanLens("t").put(False, {"t": None}) == {}
        assert BooleanLens("t").put(None, {"t": True}) == {"t": False}
        assert BooleanLens("t").refuses("yes") is not None

    def test_a_number_is_compared_by_its_value(self):
        assert NumberLens("t").put("0047", {"t": 47.0}) == {}
        assert NumberLens("t").put("48", {"t": 47}) == {"t": 48}
        assert NumberLens("t", as_text=True).get({"t": 47.0}) == "47"
        assert NumberLens("t").refuses("x") == NOT_A_NUMBER
        assert NumberLens("t", required=True).refuses(None, {"t": 1}) == REQUIRED


class TestDates:
    def test_a_date_without_its_year_never_overwrites_one_with_it(self):
        assert DateLens("t", yearless=True).put("--03-05", {"t": "1980-03-05"}) == {}
        assert DateLens("t").refuses("--03-05", {"t": "1980-03-05"}) is None

    def test_the_year_is_added_when_it_becomes_known(self):
        assert DateLens("t", yearless=True).put("1980-03-05", {"t": "--03-05"}) == {"t": "1980-03-05"}

    def test_another_day_without_year_replaces_where_it_can_be_stored(self):
        assert DateLens("t", yearless=True).put("--03-06", {"t": "1980-03-05"}) == {"t": "--03-06"}

    def test_no_year_is_made_up(self):
        assert DateLens("t").refuses("--03-06", {"t": "1980-03-05"}) == NO_YEAR
        assert DateLens("t").put("--03-06", {"t": None}) == {}

    def test_other_text_is_refused(self):
        assert DateLens("t").refuses("in spring") == NOT_A_DATE
        assert DateLens("t", required=True).refuses(None) == REQUIRED


class TestItems:
    lens = ItemsLens("t", KEY)

    def test_items_that_stay_keep_spelling_label_and_place(self):
        old = (Item("030 123456", "home"), Item("0171 1234567", "mobile"))
        assert self.lens.put((Item("+49 171 1234567"), Item("+4930123456", "work")), {"t": old}) == {}

    def test_a_replaced_item_keeps_place_and_label(self):
        old = (Item("030 123451", "home"), Item("030 123452", "work"))
        new = (Item("030 123453", "home"), Item("030 123452", "work"))
        assert self.lens.put(new, {"t": old}) == {"t": new}
        assert self.lens.put((Item("030 123453"), Item("030 123452")), {"t": old}) == {"t": new}

    def test_a_new_item_comes_last_with_its_label(self):
        old = (Item("030 123451", "home"),)
        assert self.lens.put((Item("030 123452", "work"), *old), {"t": old}) == {
            "t": (*old, Item("030 123452", "work"))
        }

    def test_the_same_number_twice_stays_twice(self):
        old = (Item("030 123451", "home"), Item("+49 30 123451", "work"))
        assert self.lens.put((Item("030 123451"),), {"t": old}) == {}

    def test_emptied(self):
        assert self.lens.put((), {"t": (Item("030 123451"),)}) == {"t": ()}


class TestSlots:
    lens = SlotsLens((Slot("Phone", "work"), Slot("Mobile", "mobile"), Slot("Home", "home")), KEY)

    def test_items_stay_in_their_slots(self):
        values = {"Phone": None, "Mobile": "0171 1234567", "Home": "030 123451"}
        assert self.lens.put((Item("+49 30 123451"), Item("+49 171 1234567")), values) == {}

    def test_a_new_item_takes_the_slot_of_its_label_then_any_free_one(self):
        empty = dict.fromkeys(self.lens.fields)
        view = (Item("030 123459"), Item("0171 1234567", "mobile"), Item("030 123458", "mobile"))
        assert self.lens.put(view, empty) == {"Phone": "030 123459", "Mobile": "0171 1234567", "Home": "030 123458"}

    def test_a_replaced_item_takes_the_place_of_the_old_one(self):
        values = {"Phone": None, "Mobile": "0171 1234567", "Home": None}
        assert self.lens.put((Item("0172 1234567"),), values) == {"Mobile": "0172 1234567"}

    def test_a_removed_item_empties_its_slot_and_nothing_moves_up(self):
        values = {"Phone": "030 123451", "Mobile": "0171 1234567", "Home": None}
        assert self.lens.put((Item("0171 1234567"),), values) == {"Phone": None}

    def test_what_does_not_fit_is_left_out_and_can_be_named(self):
        values = {"Phone": "030 123451", "Mobile": "030 123452", "Home": "030 123453"}
        view = tuple(Item(f"030 12345{number}") for number in range(1, 6))
        assert self.lens.put(view, values) == {}
        assert [item.value for item in self.lens.left_out(view, values)] == ["030 123454", "030 123455"]
        assert self.lens.shows_part(view[:3], view)
        assert not self.lens.shows_part(view[:2], view)

    def test_a_read_only_slot_is_shown_and_never_written(self):
        lens = SlotsLens((Slot("A"), Slot("B", writable=False)), KEY)
        assert lens.put((Item("030 123453"),), {"A": "030 123451", "B": "030 123452"}) == {"A": "030 123453"}

    def test_a_required_slot_is_not_emptied(self):
        lens = SlotsLens((Slot("A", required=True),), KEY)
        assert lens.put((), {"A": "030 123451"}) == {}


class TestAddresses:
    parts = AddressPartsLens(tuple(AddressPart(part, part.title(), 10) for part in ("street", "city", "code")))
    values: ClassVar = {"Street": "Hauptstr. 1", "City": "Berlin", "Code": None}

    def test_spelling_is_no_difference(self):
        assert address_canon(Postal("A\r\nB", "BERLIN")) == address_canon(Postal("a b ", "Berlin"))

    def test_only_the_changed_part_is_written(self):
        view = Postal("HAUPTSTR.  1", "Hamburg", code="20095")
        assert self.parts.put(view, self.values) == {"City": "Hamburg", "Code": "20095"}

    def test_long_parts_are_cut_and_then_stay(self):
        view = Postal("Hauptstr. 1", "Garmisch-Partenkirchen")
        after = {**self.values, **self.parts.put(view, self.values)}
        assert after["City"] == "Garmisch-P"
        assert self.parts.put(view, after) == {}
        assert self.parts.shows_part(self.parts.get(after), view)

    def test_parts_that_the_other_side_does_not_know_stay_untouched(self):
        lens = AddressLens("adr", ("city", "country"))
        old = Postal("Weg 1", "Berlin", "", "10115", "DE")
        assert lens.get({"adr": old}) == Postal(city="Berlin", country="DE")
        assert lens.put(Postal(city="Hamburg", country="DE"), {"adr": old}) == {
            "adr": Postal("Weg 1", "Hamburg", "", "10115", "DE")
        }

    def test_emptied_and_refused(self):
        assert AddressLens("adr").put(None, {"adr": Postal("x")}) == {"adr": None}
        assert self.parts.put(None, self.values) == {"Street": None, "City": None}
        assert self.parts.refuses("Hauptstr. 1") is not None
        required = AddressPartsLens((AddressPart("city", "City", required=True),))
        assert required.refuses(Postal("x")) is not None


class TestJoinedNames:
    lens = JoinedName(NamePart("First"), NamePart("Last", max_length=20))

    @pytest.mark.parametrize(
        ("first", "last", "view", "patch"),
        [
            ("Anna", "Schmidt", "Anna Maria Schmidt", {"First": "Anna Maria"}),
            ("Anna", "Schmidt", "Anna Huber", {"Last": "Huber"}),
            ("Anna", "van der Berg", "Anne van der Berg", {"First": "Anne"}),
            ("Anna", "van der Berg", "Anna Schmidt-van der Berg", {"Last": "Schmidt-van der Berg"}),
            ("Anna", "Schmidt", "Schmidt, Anna", {}),
            ("Anna", "Schmidt", "Anna", {"Last": None}),
            ("Anna", "Schmidt", "Schmidt", {"First": None}),
            ("", "Schmidt", "Anna Schmidt", {"First": "Anna"}),
            ("Anna", "", "Anna Schmidt", {"Last": "Schmidt"}),
            ("", "Schmidt", "Schmitt", {"Last": "Schmitt"}),
            ("", "", "Ludwig van Beethoven", {"First": "Ludwig", "Last": "van Beethoven"}),
            ("太郎", "山田", "山田 次郎", {"First": "次郎"}),
            ("Anna", "Schmidt", None, {"First": None, "Last": None}),
        ],
    )
    def test_only_the_changed_part_is_written(self, first, last, view, patch):
        values = {"First": first, "Last": last}
        assert self.lens.refuses(view, values) is None
        assert self.lens.put(view, values) == patch

    @pytest.mark.parametrize("view", ["Bob Jones", "Ann Schmitt", "Schmidt Anna"])
    def test_nothing_is_guessed_where_it_is_unclear_what_changed(self, view):
        values = {"First": "Anna", "Last": "Schmidt"}
        assert self.lens.refuses(view, values) == UNCLEAR
        assert self.lens.put(view, values) == {}

    def test_the_middle_name_has_its_own_field_where_there_is_one(self):
        lens = JoinedName(NamePart("First"), NamePart("Last"), NamePart("Middle"))
        values = {"First": "Anna", "Middle": "Maria", "Last": "Schmidt"}
        assert lens.put("Anna Luise Schmidt", values) == {"Middle": "Luise"}
        assert lens.put("Anna Maria Huber", values) == {"Last": "Huber"}
        assert lens.put("Eva Maria Schmidt", values) == {"First": "Eva"}

    def test_no_family_name_is_invented_and_none_is_cut(self):
        lens = JoinedName(NamePart("First"), NamePart("Last", 20, required=True))
        assert lens.refuses("Madonna") == NO_FAMILY_NAME
        assert lens.refuses("Anna " + "x" * 21) == TOO_LONG
