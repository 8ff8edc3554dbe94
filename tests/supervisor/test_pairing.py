"""The tables of what apps and pairs can do say the same as the check that refuses."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from zohosyncd.connectors.offers import Capability, Offers, Tells
from zohosyncd.connectors.registry import BY_NAME, SPECS
from zohosyncd.core.side import Side
from zohosyncd.settings import Connection
from zohosyncd.supervisor.abilities import NAMES, app, matrix, told
from zohosyncd.supervisor.pairing import Row, pair
from zohosyncd.supervisor.possible import Ability, lacking

BARE = replace(
    SPECS[0], name="bare", title="Bare", offers=Offers(deletable=False, deletions=Tells.NEVER, changed=Tells.NEVER)
)
ALL = (*SPECS, BARE)


def choices(rows: tuple[Row, ...], part: str, where: str) -> tuple[str, ...]:
    (row,) = [each for each in rows if (each.part, each.where) == (part, where)]
    return row.choices


@pytest.mark.parametrize(("left", "right"), list(product(ALL, repeat=2)), ids=lambda spec: spec.name)
def test_what_the_table_offers_is_accepted_and_nothing_else_is(left: Any, right: Any) -> None:
    rows = pair(left, right)
    sides = {Side.LEFT: Ability.offered("l", left.offers), Side.RIGHT: Ability.offered("r", right.offers)}

    def accepted(**said: Any) -> bool:
        places = {"left": {"account": "l"}, "right": {"account": "r"}}
        return not lacking(Connection.model_validate({"name": "pair", **places, **said}), sides)

    way = f"{left.title} to {right.title}"
    deletions = [mode for mode in ("off", "tag", "delete") if accepted(deletions={"left_to_right": mode})]
    leaves = [mode for mode in ("freeze", "tag", "unlink", "delete") if accepted(leave=mode, rules=[{"from": "left"}])]
    if left is not right:
        assert list(choices(rows, "[deletions]", way)) == deletions
        assert list(choices(rows, "leave", f"towards {right.title}")) == leaves
        if left.offers.consent != "none":
            consent = [mode for mode in ("opt_out", "tag", "off") if accepted(consent={"left_to_right": mode})]
            assert list(choices(rows, "[consent]", way)) == consent
        else:
            assert choices(rows, "[consent]", way) == ()


def test_an_app_that_has_nothing_says_so() -> None:
    assert {has for name, has, _ in told(BARE) if name != "login"} == {
        "lists: all records, compared with what we know", "found by the daily complete read", "no", "1",
    }  # fmt: skip
    rows = pair(BARE, BY_NAME["zoho_crm"])
    (lacks,) = [row.note for row in rows if row.part == "filters" and row.where == "of Bare"]
    assert lacks == "it has no containers, no owner, no consent, no time of creation, no time of change"


def test_an_app_is_told_to_programs() -> None:
    document = app(BY_NAME["carddav"], "a-package 1.0")
    assert document["without"].pop("created") == "neither cards nor servers tell it"
    assert set(document.pop("without")) == {"deletions", "changed", "owner", "consent", "together", "push"}
    assert document == {
        "app": "carddav", "title": "CardDAV", "from": "a-package 1.0", "containers": ["categories"], "owner": False,
        "consent": "none", "created": False, "changed": "server", "deletions": "server", "deletable": True,
        "push": False, "feed": "token", "together": 1, "guard": True, "own_ids": True, "finds": True,
        "login": "password or key",
    }  # fmt: skip


def test_the_list_has_a_line_for_every_capability_and_a_word_for_every_app() -> None:
    rows = matrix(ALL)
    assert {len(row) for row in rows} == {1 + len(ALL)}
    assert [row[0] for row in rows] == ["name", "login", *NAMES.values()]
    assert set(NAMES) == set(Capability)
