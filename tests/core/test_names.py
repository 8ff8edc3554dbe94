"""Full names joined, split and folded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.names import casefold_name, full_name, split_full_name, spoken


@pytest.mark.parametrize(
    ("text", "given", "family"),
    [
        ("Anna Schmidt", "Anna", "Schmidt"),
        ("Anna  Maria Schmidt", "Anna Maria", "Schmidt"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("Maria de la Cruz", "Maria", "de la Cruz"),
        ("Osama bin Zayd", "Osama", "bin Zayd"),
        ("Van Morrison", "Van", "Morrison"),
        ("Schmidt, Anna Maria", "Anna Maria", "Schmidt"),
        ("Martin Luther King, Jr.", "Martin Luther King,", "Jr."),
        ("山田 太郎", "太郎", "山田"),
        ("山田太郎", "山田太郎", ""),
        ("Madonna", "Madonna", ""),
        ("", "", ""),
    ],
)
def test_a_full_name_is_split(text, given, family):
    assert split_full_name(text) == (given, family)


def test_parts_are_joined_in_the_order_in_which_they_are_spoken():
    assert full_name("Anna", "Maria", "Schmidt", prefix="Dr.", suffix="MBA") == "Dr. Anna Maria Schmidt MBA"
    assert full_name("太郎", "", "山田") == "山田 太郎"
    assert full_name("", "", " Schmidt ") == "Schmidt"
    assert spoken("Schmidt, Anna") == "Anna Schmidt"


@given(st.text(max_size=20))
def test_splitting_loses_no_letter(text):
    assert sorted("".join(split_full_name(text)).replace(" ", "")) in (
        sorted("".join(text.split()).replace(",", "", 1)),
        sorted(full_name(text).replace(" ", "")),
    )


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert casefold_name(casefold_name(text)) == casefold_name(text)


def test_names_are_compared_without_case_width_and_spacing():
    assert casefold_name(" ＳＣＨＭＩＤＴ  straße") == casefold_name("schmidt STRASSE")
