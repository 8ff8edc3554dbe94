"""Phone numbers in the form in which they are compared."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.phones import canonical_phone, is_e164


@pytest.mark.parametrize(
    "typed",
    [
        "+4930123456",
        "030 123456",
        "030/12 34-56",
        "0049 30 123456",
        "+49 (0)30 123456",
        "\u202a+49 30 123456\u202c",
        "０３０ １２３４５６",
    ],
)
def test_one_number_however_it_was_typed(typed):
    assert canonical_phone(typed, "DE") == "+4930123456"


@pytest.mark.parametrize(
    "typed", ["030 123456 ext. 12", "+49 30 123456 x12", "+4930123456;ext=12", "030 123456 Ext 12"]
)
def test_the_extension_belongs_to_the_number(typed):
    assert canonical_phone(typed, "de") == "+4930123456;ext=12"


def test_numbers_without_country_need_a_region():
    assert canonical_phone("030 / 123456", "") == "030123456"
    assert canonical_phone("+49 30 123456", "") == "+4930123456"


@pytest.mark.parametrize("text", ["ask Ann", "n/a", "", "   "])
def test_text_stays_text(text):
    assert canonical_phone(text, "DE") == text.strip().lower()
    assert not is_e164(canonical_phone(text, "DE"))


def test_two_numbers_in_one_field_are_no_number():
    assert not is_e164(canonical_phone("0171 1234567/0172 7654321", "DE"))


@given(
    st.one_of(st.text(), st.text(alphabet="+0123456789 ()-/.x;=ext*#?٣①", max_size=24)),
    st.sampled_from(["DE", "US", "IT", "HU", ""]),
)
def test_the_canonical_form_is_its_own_canonical_form(text, region):
    canonical = canonical_phone(text, region)
    assert canonical_phone(canonical, region) == canonical


@given(st.from_regex(re.compile(r"\+[1-9]\d{7,12}", re.ASCII), fullmatch=True))
def test_the_fast_path_gives_what_parsing_gives(text):
    try:
        parsed = phonenumbers.format_number(phonenumbers.parse(text, None), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return
    # Re-parsing can drop another trunk digit; the canonical form is stable after the first.
    assert canonical_phone(text, "DE") == parsed


@given(st.from_regex(re.compile(r"\+[1-9](?:[ ().\-/]{0,2}\d){7,12}[ )]?", re.ASCII), fullmatch=True))
def test_a_number_with_its_country_is_read_alike_with_spacing_and_without(text):
    try:
        parsed = phonenumbers.format_number(phonenumbers.parse(text, "DE"), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return
    assert canonical_phone(text, "DE") == parsed
