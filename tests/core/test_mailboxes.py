"""Two people at one mailbox: certainly two, or perhaps one."""

import pytest

from zohosyncd.core.mailboxes import SHARED_MAILBOXES, is_shared, told_apart


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (("Ann", "Smith"), ("Bob", "Jones"), True),
        (("Ann", "Smith"), ("Bob", "Smith"), True),
        (("Ann", "Smith"), ("Ann", "Smith"), False),
        (("Ann", "Smith"), ("A.", "Smith"), False),
        (("Ann", "Smith"), ("Anne", "Smith"), False),
        (("Ann", "Smith"), ("", "Smith"), False),
        (("Ann", "Smith"), ("Ann", ""), False),
        (("Ann", "Smith"), ("Ann", "Jones"), False),
        (("Ann", "Smith"), ("Ann", "Smith-Jones"), False),
        (("Ann", "Smith"), ("", ""), False),
        (("", ""), ("", ""), False),
        (("A.", "S."), ("Ann", "Smith"), False),
        (("太郎", "山田"), ("花子", "山田"), True),
    ],
)
def test_names_tell_two_people_apart_only_where_that_is_certain(one, other, apart):
    assert told_apart(one, other) is apart
    assert told_apart(other, one) is apart


def test_what_stands_before_the_at_sign_decides_as_a_whole():
    assert is_shared("info@x.org", SHARED_MAILBOXES)
    assert not is_shared("info.ann@x.org", SHARED_MAILBOXES)
    assert not is_shared("ann@info.org", SHARED_MAILBOXES)
    assert not is_shared("info@x.org", ())
    assert all(each == each.lower() and "@" not in each for each in SHARED_MAILBOXES)
