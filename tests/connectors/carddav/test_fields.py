"""What a card shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.connectors.carddav.fields import FIELDS, is_group, name_of, parse, revision, uid_of, values_of
from zohosyncd.core.errors import DataError
from zohosyncd.core.record import Item, Postal, Value


def shows(*lines: str, version: str = "3.0") -> dict[str, Value]:
    """The values of a card with these lines that are not empty."""
    text = "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])
    return {name: value for name, value in values_of(parse(text), FIELDS).items() if value not in (None, ())}


def test_the_parts_of_a_name() -> None:
    assert shows("N:Miller;Ann;Maria;Dr.;PhD", "FN:Ann Miller") == {
        "N.family": "Miller",
        "N.given": "Ann",
        "N.additional": "Maria",
        "N.prefix": "Dr.",
        "N.suffix": "PhD",
        "FN": "Ann Miller",
    }


def test_several_names_in_one_part_stand_side_by_side_and_a_comma_that_was_meant_stays() -> None:
    assert shows("N:Smith, Jr.;Ann;Maria,Eva;;")["N.additional"] == "Maria Eva"
    assert shows("N:Smith, Jr.;Ann;Maria,Eva;;")["N.family"] == "Smith, Jr."
    assert shows("N:Smith\\, Jr.;Ann;;;")["N.family"] == "Smith, Jr."


def test_a_card_with_fn_alone_shows_it_split() -> None:
    assert shows("N:;;;;", "FN:Ludwig van Beethoven")["N.family"] == "van Beethoven"
    assert shows("FN:Miller, Ann")["N.given"] == "Ann"


@pytest.mark.parametrize("line", ["ORG:Acme Corp;", "EMAIL:Acme Corp", "NICKNAME:Acme Corp"])
def test_a_card_whose_fn_is_no_name_shows_no_name(line: str) -> None:
    assert {"N.given", "N.family"} & set(shows("FN:ACME  Corp", line)) == set()


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ("EMAIL;TYPE=INTERNET;TYPE=WORK:a@example.com", Item("a@example.com", "work")),
        ("EMAIL;HOME;INTERNET:a@example.com", Item("a@example.com", "home")),
        ("EMAIL:a@example.com", Item("a@example.com", "")),
        ("EMAIL:mailto:a@example.com", Item("a@example.com", "")),
    ],
)
def test_labels_of_emails(line: str, item: Item) -> None:
    assert shows(line)["EMAIL"] == (item,)


def test_a_label_that_a_person_typed_is_other_and_apples_words_are_known() -> None:
    assert shows("item1.EMAIL:a@b.example", "item1.X-ABLabel:Invoices")["EMAIL"] == (Item("a@b.example", "other"),)
    assert shows("item1.TEL:1", "item1.X-ABLabel:_$!<Mobile>!$_")["TEL"] == (Item("1", "mobile"),)
    assert shows("item1.URL:https\\://a.example", "item1.X-ABLabel:_$!<HomePage>!$_")["URL"] == (
        Item("https://a.example", ""),
    )


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ("TEL;TYPE=CELL,WORK,VOICE:+1 555 0100", Item("+1 555 0100", "mobile")),
        ("TEL;TYPE=WORK,FAX:+1 555 0100", Item("+1 555 0100", "fax")),
        ('TEL;VALUE=uri;TYPE="work,voice":tel:+1-555-0100;ext=12', Item("+1-555-0100 ext. 12", "work")),
        ("TEL;TYPE=pref:5", Item("5", "")),
    ],
)
def test_labels_of_phones(line: str, item: Item) -> None:
    assert shows(line)["TEL"] == (item,)


def test_the_preferred_address_is_shown_else_the_first() -> None:
    first, second = "ADR;TYPE=HOME:;;A St;Town;;1;", "ADR;TYPE=WORK;PREF=1:PO 7;;B St;City;R;2;Land"
    assert shows(first)["ADR"] == Postal("A St", "Town", "", "1", "")
    assert shows(first, second)["ADR"] == Postal("B St", "City", "R", "2", "Land")
    assert "ADR" not in shows("ADR:;;;;;;")


@pytest.mark.parametrize(
    ("line", "day"),
    [("BDAY:19800305", "1980-03-05"), ("BDAY:--0305", "--03-05"), ("BDAY:1980-03-05T00:00:00Z", "1980-03-05")],
)
def test_birthdays(line: str, day: str) -> None:
    assert shows(line)["BDAY"] == day


def test_company_department_and_texts() -> None:
    assert shows("ORG:Acme\\; Sons;R&D;Lab", "TITLE:Boss\\, acting", "NOTE:a\\nb", "NICKNAME:Al,Bo") == {
        "ORG": "Acme; Sons",
        "ORG.unit": "R&D",
        "TITLE": "Boss, acting",
        "NOTE": "a\nb",
        "NICKNAME": "Al, Bo",
    }


def test_groups_uids_and_revisions() -> None:
    group = parse("BEGIN:VCARD\nVERSION:3.0\nX-ADDRESSBOOKSERVER-KIND:group\nFN:Team\nEND:VCARD\n")
    assert is_group(group)
    card = parse("BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:AB\nREV:20260101T000000Z\nEND:VCARD\n")
    assert uid_of(card) == "AB"
    assert revision(card) == 1_767_225_600.0
    assert revision(group) is None


def test_a_line_that_cannot_be_decoded_makes_the_card_unreadable() -> None:
    with pytest.raises(DataError):
        shows("NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=FF")


@given(st.lists(st.text("aÄ, ;\t\u00a0-", max_size=6), min_size=5, max_size=5))
def test_a_name_without_escapes_is_read_as_one_with_them(parts: list[str]) -> None:
    name = ";".join(part.replace(";", "") for part in parts)
    texts = [
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nN:{name}{more}\r\nFN:x\r\nEND:VCARD\r\n"
        for more in ("", ";a place beyond\\, escaped")
    ]
    plain, escaped = (name_of(parse(text)) for text in texts)
    assert plain == escaped
