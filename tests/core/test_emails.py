"""E-mail addresses in the form in which they are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.emails import canonical_email, valid_email


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        (" Ann@Example.ORG ", "ann@example.org"),
        ("ann+news@example.org", "ann+news@example.org"),
        ("a.nn@example.org", "a.nn@example.org"),
        ("jo\u0308rg@example.org", "jörg@example.org"),
        ("a@MÜLLER.de", "a@xn--mller-kva.de"),
        ("a@xn--mller-kva.de", "a@xn--mller-kva.de"),
        ("a@straße.de", "a@xn--strae-oqa.de"),
        ("A@例え。JP", "a@xn--r8jz45g.jp"),
        ("ask Ann", "ask ann"),
        ("", ""),
    ],
)
def test_one_address_however_it_was_typed(typed, canonical):
    assert canonical_email(typed) == canonical


@given(st.one_of(st.text(), st.builds("{}@{}.{}".format, st.text(), st.text(), st.text())))
def test_the_canonical_form_is_its_own_canonical_form(text):
    assert canonical_email(canonical_email(text)) == canonical_email(text)


@pytest.mark.parametrize("text", ["a@b.de", "A.B+c@sub.example.org", "jörg@müller.de", "o'neil@x.ie"])
def test_addresses_that_apps_take(text):
    assert valid_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@b",
        "@b.de",
        "a@",
        "a@@b.de",
        "a b@c.de",
        "a@b..de",
        ".a@b.de",
        "a.@b.de",
        "a..b@c.de",
        "a@-b.de",
        "Ann <a@b.de>",
        f"{'a' * 65}@b.de",
        "a@b.de, c@d.de",
    ],
)
def test_texts_that_are_no_address(text):
    assert not valid_email(text)


@given(st.from_regex(r"[a-z0-9._%+'@-]{1,20}@[a-z0-9.-]{1,30}", fullmatch=True))
def test_what_is_valid_at_a_glance_is_valid_at_length(text):
    assert valid_email(text) == valid_email(text + " ")
