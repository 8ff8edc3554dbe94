"""Rings of connections: where the same person can be reached by two ways, each connection must know of the others.

A ring is a set of connections that lie on common circles (two connections between the same two objects are one, too).
Outside of rings, two records of a connection are tied by its own link alone.
"""

from collections.abc import Mapping

Edges = Mapping[int, tuple[int, int]]
"""Connections by number: the numbers of the two objects that each joins."""


def rings(edges: Edges) -> dict[int, frozenset[int]]:
    """The other members of each connection's ring; connections that are in none are left out.

    Args:
        edges: every connection with its two objects.

    Returns:
        By connection: all connections of its ring, itself included (at least two).
    """
    kept = {connection: pair for connection, pair in edges.items() if pair[0] != pair[1]}
    bridges = _bridges(kept)
    members: dict[int, set[int]] = {}
    for connection, (left, right) in kept.items():
        if connection in bridges:
            continue
        joined = {connection}
        # What touches either end belongs together: circles that share an object share its persons.
        for end in (left, right):
            joined |= members.get(end, set())
        for each in joined:
            for end in kept[each]:
                members[end] = joined
    return {connection: frozenset(joined) for joined in members.values() for connection in joined}


def _bridges(edges: Edges) -> set[int]:
    """Connections without which their two objects would not hang together (Tarjan 1974, without recursion)."""
    around: dict[int, list[tuple[int, int]]] = {}
    for connection, (left, right) in edges.items():
        around.setdefault(left, []).append((connection, right))
        around.setdefault(right, []).append((connection, left))
    found: dict[int, int] = {}
    lowest: dict[int, int] = {}
    bridges: set[int] = set()
    for root, first_ways in around.items():
        if root in found:
            continue
        found[root] = lowest[root] = len(found)
        path = [(root, 0, iter(first_ways))]
        while path:
            here, came_by, ways = path[-1]
            for connection, there in ways:
                if connection == came_by:
                    continue
                if there in found:
                    lowest[here] = min(lowest[here], found[there])
                    continue
                found[there] = lowest[there] = len(found)
                path.append((there, connection, iter(around[there])))
                break
            else:
                path.pop()
                if path:
                    parent = path[-1][0]
                    lowest[parent] = min(lowest[parent], lowest[here])
                    if lowest[here] > found[parent]:
                        bridges.add(came_by)
    return bridges
