"""Categories of a card as a set of names, and properties of the operator's own; everything else stays octet by octet."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.connectors.carddav.benches import STRANGE
from tests.connectors.carddav.test_patch import after, card, lines_of
from zohosyncd.connectors.carddav.fields import FIELDS, parse, values_of
from zohosyncd.connectors.carddav.options import CardDavOptions
from zohosyncd.connectors.carddav.patch import edited, new_card
from zohosyncd.core.errors import DataError
from zohosyncd.core.name_sets import as_value, names_of
from zohosyncd.core.record import Item, Value
from zohosyncd.core.spelling import fold


def shown(*lines: str, version: str = "3.0") -> tuple[str, ...]:
    return names_of(values_of(parse(card(*lines, version=version)), ["CATEGORIES"])["CATEGORIES"])


def with_names(*lines: str, names: list[str], version: str = "3.0") -> list[str]:
    return after(*lines, version=version, CATEGORIES=as_value(names))


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ([], ()),
        (["CATEGORIES:"], ()),
        (["CATEGORIES:Friends,Golf"], ("Friends", "Golf")),
        (["CATEGORIES: Friends , ,Golf"], ("Friends", "Golf")),
        (["CATEGORIES:A\\,B,C\\;D,E\\\\F"], ("A,B", "C;D", "E\\F")),
        (["categories:A", "item1.CATEGORIES;TYPE=x:B,a"], ("A", "B")),
        (["CATEGORIES;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Z=C3=BCrich,B"], ("Zürich", "B")),
    ],
)
def test_all_lines_and_lists_are_one_set(lines: list[str], names: tuple[str, ...]) -> None:
    assert shown(*lines) == names


def test_a_new_name_joins_the_last_line_and_the_others_keep_their_spelling() -> None:
    assert with_names("CATEGORIES:A\\;B , c", names=["A;B", "C", "New, one"]) == ["CATEGORIES:A\\;B , c,New\\, one"]
    assert with_names("CATEGORIES:A", "CATEGORIES;X-P=1:B", "NOTE:n", names=["A", "B", "C"]) == [
        "CATEGORIES:A", "CATEGORIES;X-P=1:B,C", "NOTE:n",
    ]  # fmt: skip


def test_the_first_name_makes_a_line_and_the_last_one_takes_it_away() -> None:
    assert with_names("FN:Ann", names=["A", "B,C"]) == ["FN:Ann", "CATEGORIES:A,B\\,C"]
    assert with_names("CATEGORIES:A,B", "FN:Ann", "item1.CATEGORIES:b", "item1.X-ABLabel:x", names=[]) == ["FN:Ann"]


def test_a_removed_name_goes_in_every_spelling_from_every_line() -> None:
    assert with_names("CATEGORIES:VIP,Golf", "CATEGORIES:vip", names=["golf"]) == ["CATEGORIES:Golf"]


def test_the_same_names_in_another_case_or_order_change_no_octet() -> None:
    text = card("CATEGORIES:Friends , Golf", "CATEGORIES:")
    assert edited(text, {"CATEGORIES": as_value(["golf", "FRIENDS"])}) == text


def test_an_empty_line_is_left_alone_and_filled_by_nobody() -> None:
    assert with_names("CATEGORIES:", names=["A"]) == ["CATEGORIES:", "CATEGORIES:A"]


def test_a_rich_card_changes_in_its_categories_alone() -> None:
    text = edited(STRANGE, {"CATEGORIES": as_value(["Golf", "CRM"])})
    assert [line for line in lines_of(STRANGE) if line not in lines_of(text)] == ["CATEGORIES:Friends,Golf"]
    assert [line for line in lines_of(text) if line not in lines_of(STRANGE)] == ["CATEGORIES:Golf,CRM"]


def test_version_2_1_has_lists_without_escapes() -> None:
    assert with_names("CATEGORIES:A", version="2.1", names=["A", "B"]) == ["CATEGORIES:A,B"]
    with pytest.raises(DataError):
        with_names("CATEGORIES:A", version="2.1", names=["A", "B,C"])


NAMES = st.lists(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=8)
    | st.sampled_from(["CRM", "crm", "A,B", "A;B", "A\\B", "\\n", "Straße"]),
    max_size=5,
).map(lambda names: [name.strip() for name in names if name.strip()])
LINES = st.lists(
    st.sampled_from([
        "CATEGORIES:Friends,Golf", "categories:CRM", "CATEGORIES;X-A=1:a\\,b,  C", "CATEGORIES:", "NOTE:CATEGORIES:x",
        "item1.CATEGORIES:Labelled", "item1.X-ABLabel:Mine", "X-CUSTOM:a,b", "EMAIL;TYPE=HOME:a@example.com",
    ]),
    max_size=6, unique=True,
)  # fmt: skip


def folded(names: object) -> set[str]:
    return set(map(fold, names_of(names)))  # type: ignore[arg-type]


@given(LINES, NAMES, st.sampled_from(["3.0", "4.0"]))
def test_what_is_put_is_got_and_foreign_lines_stay(lines: list[str], names: list[str], version: str) -> None:
    text = card("FN:Ann", *lines, version=version)
    wished = as_value(names)
    changed = edited(text, {"CATEGORIES": wished})
    assert folded(values_of(parse(changed), ["CATEGORIES"])["CATEGORIES"]) == folded(wished)
    assert edited(changed, {"CATEGORIES": wished}) == changed
    foreign = [line for line in lines_of(text) if not re.match(r"(item1\.)?(categories[;:]|x-ablabel)", line.lower())]
    assert [line for line in lines_of(changed) if line in foreign] == foreign


@given(LINES, st.sampled_from(["3.0", "4.0"]))
def test_what_is_got_and_put_changes_no_octet(lines: list[str], version: str) -> None:
    text = card("FN:Ann", *lines, version=version)
    assert edited(text, {"CATEGORIES": values_of(parse(text), ["CATEGORIES"])["CATEGORIES"]}) == text


@given(NAMES, st.sampled_from(["3.0", "4.0"]))
def test_a_new_card_has_the_names_that_it_is_given(names: list[str], version: str) -> None:
    text = new_card(
        "0d4f4a8e-7f2b-4d53-8c7e-5a3e0c9a1b2c", {"N.given": "A", "CATEGORIES": as_value(names)}, version=version
    )
    assert values_of(parse(text), ["CATEGORIES"])["CATEGORIES"] == as_value(names)


class TestCustom:
    def test_a_property_of_ones_own_is_read_written_and_taken_away(self) -> None:
        lines = ["X-CUSTOMER-NUMBER;X-P=1:C-1\\, old", "X-OTHER:stays"]
        assert values_of(parse(card(*lines)), ["X-CUSTOMER-NUMBER", "X-NONE"]) == {
            "X-CUSTOMER-NUMBER": "C-1, old", "X-NONE": None,
        }  # fmt: skip
        patch: dict[str, Value] = {"X-CUSTOMER-NUMBER": "C-2; new"}
        assert lines_of(edited(card(*lines), patch)) == ["X-CUSTOMER-NUMBER;X-P=1:C-2\\; new", "X-OTHER:stays"]
        assert lines_of(edited(card(*lines), {"X-CUSTOMER-NUMBER": None})) == ["X-OTHER:stays"]
        assert lines_of(edited(card("X-OTHER:stays"), patch)) == ["X-OTHER:stays", "X-CUSTOMER-NUMBER:C-2\\; new"]

    @pytest.mark.parametrize("name", ["CUSTOMER", "X-", "X-A B", "X-ABLabel", "X-UMLÄUT", "TITLE"])
    def test_what_is_no_property_of_ones_own_is_refused_by_name(self, name: str) -> None:
        keys = {"url": "https://example.org", "username": "ann", "password": "env:P"}
        with pytest.raises(ValidationError) as caught:
            CardDavOptions.model_validate({**keys, "custom": [name]})
        assert name.upper() in str(caught.value).upper()

    def test_names_are_in_upper_case_and_once(self) -> None:
        keys = {"url": "https://example.org", "username": "ann", "password": "env:P"}
        assert CardDavOptions.model_validate({**keys, "custom": ["x-crm", "X-CRM"]}).custom == ("X-CRM",)


def test_without_categories_there_are_none_and_not_nothing() -> None:
    assert values_of(parse(card("FN:A")), FIELDS)["CATEGORIES"] == ()
    assert values_of(parse(card("CATEGORIES:x")), FIELDS)["CATEGORIES"] == (Item("x"),)
