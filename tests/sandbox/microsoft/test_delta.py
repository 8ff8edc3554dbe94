"""Rounds of changes, with all that the vendor's pages on delta query warn of."""

import pytest

from tests.sandbox.microsoft.conftest import Graph, MakeGraph

START = "me/contactFolders/contacts/contacts/delta"


def test_a_first_round_shows_everything_and_the_next_one_what_changed(graph: Graph) -> None:
    ids = [graph.add(surname=f"P{n}")["id"] for n in range(5)]
    rows, link = graph.rounds(f"{START}?$select=surname,jobTitle", prefer='IdType="ImmutableId", odata.maxpagesize=2')
    assert [row["id"] for row in rows] == ids
    assert set(rows[0]) == {"@odata.type", "@odata.etag", "id", "surname", "jobTitle"}
    graph.app.edit({"id": ids[1], "set": {"jobTitle": "Director"}})
    new = graph.add()["id"]
    rows, later = graph.rounds(link)
    assert [(row["id"], row["jobTitle"]) for row in rows] == [(ids[1], "Director"), (new, None)]
    assert graph.rounds(later)[0] == []
    assert graph.rounds(link)[0] == rows, "a link may be followed again"


def test_what_was_moved_or_deleted_is_removed_with_a_reason(graph: Graph) -> None:
    graph.app.edit({"folder": "Partners"})
    moved, deleted, purged = (graph.add()["id"] for _ in range(3))
    _, link = graph.rounds()
    partners = next(each["id"] for each in graph.get("me/contactFolders").rows)
    _, there = graph.rounds(f"me/contactFolders/{partners}/contacts/delta")
    graph.app.edit({"id": moved, "move": "Partners"})
    graph.app.edit({"id": deleted, "delete": True})
    graph.app.edit({"id": purged, "purge": True})
    rows, _ = graph.rounds(link)
    assert {row["id"]: row["@removed"]["reason"] for row in rows} == {
        moved: "deleted",
        deleted: "changed",
        purged: "deleted",
    }
    assert [row["id"] for row in graph.rounds(there)[0]] == [moved]


def test_rounds_may_have_empty_pages_replays_gaps_and_old_removals(make_graph: MakeGraph) -> None:
    graph = make_graph(empty_pages=2, replays=1, sparse=True, removed_at_first=True)
    gone, ann = graph.add()["id"], graph.add()["id"]
    graph.app.edit({"id": gone, "delete": True})
    first = graph.get(START)
    assert first.rows == []
    assert "@odata.deltaLink" not in first.body
    rows, link = graph.rounds()
    assert [(row["id"], "@removed" in row) for row in rows] == [(ann, False), (gone, True)]
    graph.app.edit({"id": ann, "set": {"jobTitle": "Director"}})
    rows, _ = graph.rounds(link)
    assert {row["id"] for row in rows} == {ann, gone}
    (row,) = [row for row in rows if row["id"] == ann]
    assert set(row) == {"@odata.type", "@odata.etag", "id", "jobTitle"}


def test_changes_show_late_in_rounds_and_at_once_in_reads(make_graph: MakeGraph) -> None:
    graph = make_graph(delay=60.0)
    _, link = graph.rounds()
    ann = graph.add()["id"]
    assert graph.rounds(link)[0] == []
    assert graph.get(f"me/contacts/{ann}").status == 200
    graph.clock.moment += 60
    assert [row["id"] for row in graph.rounds(link)[0]] == [ann]


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [("gone", 410, "SyncStateNotFound"), ("anew", 410, "resyncRequired"), ("bad_request", 400, "syncStateNotFound")],
)
def test_links_are_forgotten(make_graph: MakeGraph, how: str, status: int, code: str) -> None:
    graph = make_graph(token_life=600.0, forgotten=how)
    _, link = graph.rounds()
    graph.clock.moment += 601
    reply = graph.get(link)
    assert (reply.status, reply.code) == (status, code)
    assert ("Location" in reply.headers) == (how == "anew")
    _, link = graph.rounds()
    graph.app.tune({"forget_links": True})
    assert graph.get(link).status == status


def test_links_are_bound_to_their_folder_and_used_as_they_are(graph: Graph) -> None:
    folder = graph.app.boxes["ann@example.org"].new_folder("Partners")
    _, link = graph.rounds()
    token = link.partition("?")[2]
    assert graph.get(f"me/contactFolders/{folder.id}/contacts/delta?{token}").status == 400
    assert graph.get(f"{link}&$select=surname").status == 400
    assert graph.get(f"{START}?$deltatoken=invented").status == 400
    assert graph.get(f"{START}?$filter=surname eq 'x'").status == 400
    assert graph.get(f"me/contacts/delta?{token}").rows == []


def test_links_go_for_both_kinds_of_ids(graph: Graph) -> None:
    ann = graph.add()["id"]
    (row,), link = graph.rounds(START, prefer="odata.maxpagesize=5")
    assert row["id"] != ann
    graph.app.edit({"id": ann, "set": {"jobTitle": "x"}})
    assert [row["id"] for row in graph.rounds(link)[0]] == [ann]


def test_an_empty_answer_of_the_fault_suite_loses_nothing(graph: Graph) -> None:
    ann = graph.add()["id"]
    graph.world.faults.replace("microsoft365", [{"fault": "empty"}])
    rows, link = graph.rounds()
    assert rows == []
    graph.world.faults.replace("microsoft365", [])
    assert [row["id"] for row in graph.rounds(link)[0]] == [ann]
