"""A patched card differs in the lines of the patched fields and nowhere else."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.carddav.benches import STRANGE
from zohosyncd.connectors.carddav.fields import FIELDS, parse, values_of
from zohosyncd.connectors.carddav.patch import edited, new_card
from zohosyncd.core.errors import DataError
from zohosyncd.core.record import Item, Postal, Value

UID = "0d4f4a8e-7f2b-4d53-8c7e-5a3e0c9a1b2c"


def card(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


def lines_of(text: str) -> list[str]:
    return text.split("\r\n")[2:-2]


def after(*lines: str, version: str = "3.0", **patch: Value) -> list[str]:
    return lines_of(edited(card(*lines, version=version), {name.replace("_", "."): patch[name] for name in patch}))


def test_an_empty_patch_changes_no_octet() -> None:
    assert edited(STRANGE, {}) == STRANGE


def test_line_ends_that_xml_took_away_come_back() -> None:
    assert edited(STRANGE.replace("\r\n", "\n"), {}) == STRANGE


def test_every_field_can_be_written_over_a_rich_card_and_leaves_the_others_alone() -> None:
    patch: dict[str, Value] = {
        "N.family": "Stone",
        "EMAIL": (Item("new@example.com", "other"), Item("ann@home.example", "home")),
        "TEL": (),
        "TITLE": "Boss",
        "ADR": Postal("13 Main St", "Springfield", "IL", "62701", "USA"),
        "NOTE": None,
        "BDAY": "1980-03-05",
    }
    before, text = values_of(parse(STRANGE), FIELDS), edited(STRANGE, patch)
    shown = values_of(parse(text), FIELDS)
    assert {name: shown[name] for name in patch} == {**patch, "TEL": None}
    assert {name for name in FIELDS if shown[name] != before[name]} == {*patch, "FN"}
    assert shown["FN"] == "Dr. Ann Maria Eva Stone"
    kept = [line for line in lines_of(STRANGE) if line in lines_of(text)]
    changed = set(lines_of(STRANGE)) - set(kept)
    assert {line.partition(":")[0].partition(";")[0] for line in changed} == {
        "N",
        "FN",
        "item1.EMAIL",
        "TEL",
        "item2.ADR",
        "NOTE",
    }
    assert kept == [line for line in lines_of(text) if line in kept]


def test_fn_follows_a_changed_name_in_the_form_that_it_had() -> None:
    assert after("N:Miller;Ann;;;", "FN:Ann Miller", N_family="Stone") == ["N:Stone;Ann;;;", "FN:Ann Stone"]
    assert after("N:Miller;Ann;;;", "FN:Miller\\, Ann", N_family="Stone")[1] == "FN:Stone\\, Ann"
    assert after("N:Miller;Ann;;;", "FN:Annie", N_family="Stone") == ["N:Stone;Ann;;;", "FN:Annie"]
    assert after("N:Miller;Ann;;;", N_family="Stone") == ["FN:Ann Stone", "N:Stone;Ann;;;"]


def test_a_card_that_shows_its_fn_as_name_gets_both_parts_when_one_changes() -> None:
    assert after("FN:Ann Miller", N_family="Stone") == ["FN:Ann Stone", "N:Stone;Ann;;;"]
    assert after("N:;;;;", "FN:Ann Miller", N_family="Stone") == ["N:Stone;Ann;;;", "FN:Ann Stone"]


def test_an_emptied_name_leaves_an_fn_that_is_no_name() -> None:
    lines = after("N:Miller;Ann;;;", "FN:Ann Miller", "ORG:Acme;", N_family=None, N_given=None)
    assert lines == ["N:;;;;", "FN:Acme", "ORG:Acme;"]
    shown = values_of(parse(card(*lines)), ["N.given", "N.family"])
    assert shown == {"N.given": None, "N.family": None}


def test_an_item_that_only_moves_is_not_touched_and_a_replaced_one_keeps_its_line() -> None:
    there = ["EMAIL;TYPE=INTERNET;TYPE=WORK;X-A=1:a@example.com", "EMAIL;TYPE=HOME:b@example.com"]
    swapped = (Item("b@example.com", "home"), Item("a@example.com", "work"))
    assert after(*there, EMAIL=swapped) == there
    replaced = (Item("c@example.com", "work"), Item("b@example.com", "home"))
    assert after(*there, EMAIL=replaced) == ["EMAIL;TYPE=INTERNET;TYPE=WORK;X-A=1:c@example.com", there[1]]


def test_another_label_changes_the_types_that_stand_for_labels_alone() -> None:
    (line,) = after("TEL;TYPE=WORK,VOICE,pref;X-A=1:5", TEL=(Item("5", "mobile"),))
    assert line == "TEL;TYPE=VOICE,pref,CELL;X-A=1:5"


def test_a_tel_uri_becomes_text_when_its_number_changes() -> None:
    (line,) = after("TEL;VALUE=uri;TYPE=work:tel:+1-555", version="4.0", TEL=(Item("+1 556", "work"),))
    assert line == "TEL;TYPE=work:+1 556"


def test_a_removed_item_takes_its_own_label_with_it() -> None:
    there = ["item1.EMAIL:a@example.com", "item1.X-ABLabel:Old", "X-A:1"]
    assert after(*there, EMAIL=None) == ["X-A:1"]


def test_only_the_shown_address_changes() -> None:
    there = ["ADR;TYPE=HOME:;;A St;Town;;1;", "ADR;TYPE=WORK,pref:PO 7;Floor 2;B St;City;R;2;Land"]
    lines = after(*there, ADR=Postal("C St", "City", "R", "2", "Land"))
    assert lines == [there[0], "ADR;TYPE=WORK,pref:PO 7;Floor 2;C St;City;R;2;Land"]


def test_department_and_company_share_a_line() -> None:
    assert after("ORG:Acme;R&D;Lab", ORG_unit="Sales") == ["ORG:Acme;Sales;Lab"]
    assert after("ORG:Acme;", ORG=None) == []
    assert after(ORG_unit="Sales") == ["ORG:;Sales"]


@pytest.mark.parametrize(("patch"), [{"BDAY": "the fifth"}, {"TITLE": 5}, {"EMAIL": "a@example.com"}])
def test_a_value_that_does_not_fit_is_a_data_error(patch: Mapping[str, Value]) -> None:
    with pytest.raises(DataError):
        edited(card("FN:A"), patch)


@pytest.mark.parametrize("version", ["3.0", "4.0"])
def test_a_new_card_has_what_its_version_demands_and_shows_its_values(version: str) -> None:
    patch: dict[str, Value] = {
        "N.given": "Zoë",
        "N.family": "Müller",
        "EMAIL": (Item("z@example.com", "work"),),
        "TEL": (Item("+49 171 1", "mobile"), Item("+49 30 1", "fax"), Item("+49 30 2", "")),
        "URL": (Item("https://example.com/?a=1,2;3", ""),),
        "BDAY": "--03-05",
        "ADR": Postal("A\nB", "C, D", "", "1", "E;F"),
    }
    text = new_card(UID, patch, version=version)
    assert text.startswith(
        f"BEGIN:VCARD\r\nVERSION:{version}\r\nUID:{'urn:uuid:' if version == '4.0' else ''}{UID}\r\n"
    )
    assert "REV" not in text
    shown = values_of(parse(text), FIELDS)
    assert {name: shown[name] for name in patch} == patch
    assert shown["FN"] == "Zoë Müller"


def test_a_new_card_without_a_name_is_called_by_its_company_or_email() -> None:
    assert "\r\nFN:Acme\r\n" in new_card(UID, {"ORG": "Acme"}, version="3.0")
    assert "\r\nFN:a@example.com\r\n" in new_card(UID, {"EMAIL": (Item("a@example.com"),)}, version="3.0")


TEXTS = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1).map(str.strip).map(lambda text: text or None),
)
ITEMS = st.lists(
    st.builds(
        Item,
        st.from_regex(r"[a-z0-9.]{1,20}@example\.com", fullmatch=True),
        st.sampled_from(["work", "home", "other", ""]),
    ),
    max_size=4,
    unique_by=lambda item: item.value,
).map(lambda items: tuple(items) or None)
PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "N.given": TEXTS,
        "N.family": TEXTS,
        "TITLE": TEXTS,
        "NOTE": TEXTS,
        "ORG": TEXTS,
        "ORG.unit": TEXTS,
        "EMAIL": ITEMS,
    },
)


@given(
    PATCHES,
    st.sampled_from(
        [STRANGE, card("FN:Ann Miller"), card("FN:A", "N:;;;;", "EMAIL;TYPE=HOME:x@example.com", version="4.0")]
    ),
)
def test_what_is_written_is_shown_and_nothing_else_changes(patch: dict[str, Value], text: str) -> None:
    before = values_of(parse(text), FIELDS)
    shown = values_of(parse(edited(text, patch)), FIELDS)
    names = {"N.given", "N.family"} if any(name.startswith("N.") for name in patch) else set()
    for name in patch.keys() - {"EMAIL"} - names:
        assert shown[name] == patch[name]
    if "EMAIL" in patch:
        emails = patch["EMAIL"] or ()
        assert isinstance(emails, tuple)
        assert {item.value for item in shown["EMAIL"] or ()} == {item.value for item in emails}
    if patch.get("N.given") or patch.get("N.family"):
        assert {name: shown[name] for name in patch if name in names} == {
            name: patch[name] for name in patch if name in names
        }
    untouched = set(FIELDS) - set(patch) - {"FN", "N.given", "N.family", "N.additional", "N.prefix", "N.suffix"}
    assert {name: shown[name] for name in untouched} == {name: before[name] for name in untouched}
