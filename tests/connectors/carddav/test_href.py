"""Paths in one spelling, whichever way they are come by."""

from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.connectors.carddav.href import normal_path

PATHS = st.text("ab9-._~!$&'()*+,;=:@/ %2F?#\\äß", max_size=20).map(lambda text: "/" + text.lstrip("/"))


@given(PATHS)
def test_a_path_in_our_spelling_is_taken_as_it_is_and_the_long_way_gives_the_same(path: str) -> None:
    """White space around an href is dropped, but not before the long way."""
    assert normal_path(path) == normal_path(path + "\n")


@given(PATHS)
def test_a_spelling_stays_as_it_is(path: str) -> None:
    assert normal_path(normal_path(path)) == normal_path(path)
