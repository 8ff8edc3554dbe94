"""Dates with and without their year."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.dates import canonical_date, has_year, is_less_precise


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1980-03-05", "1980-03-05"),
        ("19800305", "1980-03-05"),
        (" 1980-03-05T23:00:00+02:00", "1980-03-05"),
        ("--03-05", "--03-05"),
        ("--0305", "--03-05"),
        ("--02-29", "--02-29"),
        ("2000-02-29", "2000-02-29"),
        ("1900-02-29", None),
        ("1980-13-01", None),
        ("0000-01-01", None),
        ("1980-3-5", None),
        ("05.03.1980", None),
        ("1980", None),
        ("", None),
    ],
)
def test_dates_are_read(text, date):
    assert canonical_date(text) == date


@given(st.dates())
def test_every_date_is_its_own_canonical_form(date):
    assert canonical_date(str(date)) == str(date)
    assert is_less_precise(f"-{str(date)[4:]}", str(date))


def test_less_precise_means_the_same_day_without_its_year():
    assert is_less_precise("--03-05", "1980-03-05")
    assert not is_less_precise("--03-06", "1980-03-05")
    assert not is_less_precise("1980-03-05", "1980-03-05")
    assert not is_less_precise("--03-05", "--03-05")
    assert not is_less_precise(None, "1980-03-05")
    assert has_year("1980-03-05")
    assert not has_year("--03-05")
