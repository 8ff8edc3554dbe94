"""Which connections have to know of each other's links."""

from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.rings import Edges, rings

graphs = st.dictionaries(st.integers(1, 12), st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=9)


def on_a_circle(edges: Edges, connection: int) -> bool:
    """Whether its two ends hang together without it."""
    left, right = edges[connection]
    reached, last = {left}, set[int]()
    while reached != last:
        last = set(reached)
        for other, ends in edges.items():
            if other != connection and reached & set(ends):
                reached |= set(ends)
    return right in reached and left != right


def test_a_star_of_connections_has_no_ring() -> None:
    assert rings({1: (10, 20), 2: (10, 30), 3: (10, 40)}) == {}


def test_three_connections_in_a_circle_are_a_ring_and_a_fourth_beside_it_is_not() -> None:
    ring = frozenset({1, 2, 3})
    assert rings({1: (10, 20), 2: (20, 30), 3: (30, 10), 4: (10, 40)}) == {1: ring, 2: ring, 3: ring}


def test_two_connections_between_the_same_objects_are_a_ring() -> None:
    assert rings({1: (10, 20), 2: (20, 10)}) == {1: frozenset({1, 2}), 2: frozenset({1, 2})}


def test_two_circles_that_share_an_object_are_one_ring() -> None:
    edges = {1: (1, 2), 2: (2, 1), 3: (1, 3), 4: (3, 1)}
    assert set(rings(edges)[1]) == {1, 2, 3, 4}


@given(graphs)
def test_exactly_the_connections_on_a_circle_are_in_a_ring(edges: dict[int, tuple[int, int]]) -> None:
    assert set(rings(edges)) == {each for each in edges if on_a_circle(edges, each)}


@given(graphs)
def test_a_ring_is_the_same_for_each_of_its_members(edges: dict[int, tuple[int, int]]) -> None:
    found = rings(edges)
    assert all(found[other] == members and each in members for each, members in found.items() for other in members)
