"""Which differences servers make by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.normalised import may_be_normalised
from zohosyncd.core.record import Item, Owner, Postal


def of(*texts):
    return tuple(Item(text) for text in texts)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Anna Schmidt", "ANNA  schmidt"),
        ("Schmidt & Co.", "Schmidt Co"),
        ("Alexander-Maximilian", "Alexande"),
        ("Anna", None),
        ("Anna", " "),
        ("+49 30 123456", "030/123456"),
        ("030 123456", "+49 (0)30 123456"),
        ("0049 30 123456", "+4930123456"),
        ("ＡＢＣ", "abc"),
        ("1980-03-05", "19800305"),
        (of("A@b.de", "c@d.de"), of("c@d.de")),
        (of("A@b.de", "c@d.de"), of("C@D.de", "a@b.de")),
        (of("a@b.de"), ()),
        (of("abc", "ab"), of("ab", "ab")),
        (Postal("Hauptstr. 1", "Berlin", "", "10115", "DE"), Postal("HAUPTSTR 1", "Ber", "", "10115")),
        (Postal("x"), None),
        (1.23456, 1.23),
        (7, "7"),
        (None, None),
        (True, None),
        (Owner("1"), Owner("1", "Ann Lee", "ann@example.org")),
        (Owner("", email="Ann@example.org"), Owner("1", "Ann Lee", "ann@example.org")),
        (Owner("", "Ann Lee"), Owner("1", "ann lee", "ann@example.org")),
    ],
)
def test_a_difference_that_a_server_may_make(sent, shown):
    assert may_be_normalised(sent, shown)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Anna", "Anne"),
        ("Anna", "Anna Maria"),
        (None, "Anna"),
        ("", "Anna"),
        ("030 1234567", "040 1234567"),
        ("030 123456", "030 123457"),
        ("Room 12345", "Hall 12345"),
        ("Anna", "!"),
        (of("a@b.de"), of("x@b.de")),
        (of("a@b.de"), of("a@b.de", "a@b.de")),
        (Postal("Weg 1", "Berlin"), Postal("Weg 1", "Bern")),
        (Postal("Weg 1"), Postal("Weg 1", "Berlin")),
        (True, False),
        (1.5, 2.6),
        ("a", of("a")),
        (Owner("1", "Ann Lee"), Owner("2", "Ann Lee")),
        (Owner("", email="ann@example.org"), Owner("1", "Ann Lee", "lee@example.org")),
        (Owner(""), Owner("", "Ann Lee")),
    ],
)
def test_a_difference_that_only_a_person_makes(sent, shown):
    assert not may_be_normalised(sent, shown)


@given(st.text(min_size=1), st.integers(min_value=0, max_value=20))
def test_every_cut_text_may_be_normalised(text, length):
    assert may_be_normalised(text, text[:length].rstrip() if text[length:].isascii() else text)


@given(st.text())
def test_every_lowered_text_may_be_normalised(text):
    assert may_be_normalised(text, " " + text.lower())
