"""What has arrived moves exactly the bases that it was about."""

from dataclasses import replace
from typing import Any

import pytest

from zohosyncd.core.link import Base, Link, LinkStatus
from zohosyncd.core.mapping import ContactMapping
from zohosyncd.core.record import Item, Record, Value
from zohosyncd.core.settle import arrived, cut_short, doubted
from zohosyncd.core.side import SIDES, Side

LINK = Link(
    1, "L", "R",
    Base({"First": "Ann", "Title": "Boss"}, "v1"),
    Base(
        {"given": "Ann", "family": "Lee", "title": "Boss"}, "e1", unconfirmed={"family": "Lee"},
        sent={"given": "Anne", "family": "Leigh"}, also={"given": "A", "family": "L"},
    ),
    status=LinkStatus.TOMBSTONE,
)  # fmt: skip


def written(stored: Record | None = None, *, exact: bool = True, **patch: Value) -> Link:
    return arrived(
        LINK, Side.RIGHT, patch=patch, source={"First": "Anna"}, agreed={**patch, "note": None}, version="e2",
        stored=stored, exact_versions=exact,
    )  # fmt: skip


class TestArrived:
    def test_both_bases_move_of_exactly_the_fields_that_were_written(self) -> None:
        link = written(given="Anna")
        assert link.left == replace(LINK.left, values={"First": "Anna", "Title": "Boss"})
        assert link.right.values == {"given": "Anna", "family": "Lee", "title": "Boss", "note": None}
        assert link.right.version == "e2"
        assert link.status is LinkStatus.LIVE

    def test_it_is_to_be_confirmed_beside_what_was_so_before(self) -> None:
        assert written(given="Anna").right.unconfirmed == {"given": "Anna", "family": "Lee"}

    def test_what_was_doubtful_about_the_written_fields_is_forgotten_and_nothing_else(self) -> None:
        link = written(given="Anna")
        assert (link.right.sent, link.right.also) == ({"family": "Leigh"}, {"family": "L"})

    @pytest.mark.parametrize(("exact", "base"), [(True, "Zoe"), (False, "Anna")])
    def test_what_the_answer_shows_confirms_it(self, exact: bool, base: str) -> None:
        stored = Record("R", {"given": "Zoe", "family": "Lee", "title": "Boss"}, "e2")
        link = written(stored, exact=exact, given="Anna")
        assert link.right.unconfirmed == {}
        assert link.right.values["given"] == base

    def test_its_version_is_that_of_the_record_shown(self) -> None:
        assert written(Record("R", {"given": "Anna"}, "e3"), given="Anna").right.version == "e3"

    @pytest.mark.parametrize(("shown", "base", "sent"), [("Quinn", "Lee", {}), ("LEE", "LEE", {"family": "Lee"})])
    def test_its_version_says_nothing_of_what_was_sent_before_and_was_still_to_be_confirmed(
        self, shown: str, base: str, sent: dict[str, Value]
    ) -> None:
        """A person may have edited that between both writes; another spelling is the app's."""
        link = LINK.with_base(Side.RIGHT, replace(LINK.right, sent={}, also={}))
        stored = Record("R", {"given": "Zoe", "family": shown, "title": "Boss"}, "e2")
        link = arrived(
            link, Side.RIGHT, patch={"given": "Anna"}, source={}, agreed={"given": "Anna"}, version="e2",
            stored=stored, exact_versions=True,
        )  # fmt: skip
        assert link.right.values == {"given": "Zoe", "family": base, "title": "Boss"}
        assert link.right.sent == {"given": "Anna", **sent}
        assert link.right.unconfirmed == {}


class TestDoubted:
    def test_a_value_that_may_still_arrive_counts_beside_what_was_in_doubt_before(self) -> None:
        link = doubted(LINK, Side.RIGHT, patch={"title": "Queen", "family": "Low"})
        assert link.right == replace(LINK.right, also={"given": "A", "family": "Low", "title": "Queen"})
        assert link.left == LINK.left

    def test_not_where_there_is_no_base_to_be_unchanged_from(self) -> None:
        assert doubted(LINK, Side.RIGHT, patch={"note": "x"}) == LINK


LONG: dict[str, Any] = {"title": "Head of everything"}


class TestCutShort:
    def names(self, mapping: ContactMapping, side: Side, source: dict[str, Any], agreed: dict[str, Any]) -> list[str]:
        return [pair.name for pair in cut_short(mapping, side, source=source, agreed=agreed)]

    def test_a_text_without_its_end_and_items_without_a_slot_are_told(self, mapping: ContactMapping) -> None:
        assert self.names(mapping, Side.LEFT, LONG, {"Title": "Head of ev"}) == ["title"]
        three = {"EMAIL": tuple(Item(f"{each}@example.org") for each in "abc")}
        shown = {"Email": "a@example.org", "Email2": "b@example.org"}
        assert self.names(mapping, Side.LEFT, three, shown) == ["emails"]

    def test_not_what_was_not_written_as_a_whole(self, mapping: ContactMapping) -> None:
        three = {"EMAIL": tuple(Item(f"{each}@example.org") for each in "abc")}
        for source, agreed in ((LONG, {}), ({}, {"Title": "Head of ev"}), (three, {"Email": "a@example.org"})):
            assert self.names(mapping, Side.LEFT, source, agreed) == []

    def test_not_another_spelling_another_value_or_the_same(self, mapping: ContactMapping) -> None:
        for title in ("Boss ", "Boss", "Queen"):
            assert self.names(mapping, Side.LEFT, {"title": title}, {"Title": "Boss"}) == []
        for side in SIDES:
            assert self.names(mapping, side, {}, {}) == []
