"""A connection as it is in the end: with presets, variables and defaults, and the place of every value."""

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.settings.conftest import PAIR
from zohosyncd.core.errors import SettingsProblems, UsageError
from zohosyncd.settings.effective import Effective, effective

PRESET = """\
every = "5m"
match = ["email"]
[vars]
user = "nobody"
[guard]
deletes = { more_than = 3 }
[[rules]]
from = "left"
if = [ { owner = "${user}" },
       { created = { after = 2026-01-01T09:00:00Z } } ]
then = [ { set = "Stage", value = 2026-01-01 } ]
"""
OWN = """\
use = ["sales"]
winner = "zoho"
match = ["phone"]
[vars]
user = "ann"
[consent]
zoho_to_book = "tag"
[[fields]]
zoho = "F"
book = "X"
values = { "a b" = "c" }
"""


@pytest.fixture
def shown(folder: Any) -> Effective:
    folder.write("presets.d/sales.toml", PRESET)
    folder.write("connections.d/crm-book.toml", PAIR + OWN)
    return effective(folder.path, "crm-book")


@pytest.mark.parametrize(
    ("key", "origin"),
    [
        ("left.account", "connections.d/crm-book.toml:1"),
        ("right.object", "default"),
        ("every", "presets.d/sales.toml:1"),
        ("winner", "connections.d/crm-book.toml:4"),
        ("leave", "default"),
        ("consent.left_to_right", "connections.d/crm-book.toml:9"),
        ("consent.right_to_left", "default"),
        ("guard.deletes.more_than", "presets.d/sales.toml:6"),
        ("guard.deletes.percent", "default"),
        ("rules[1].from", "presets.d/sales.toml:8"),
        ("fields[1].left", "connections.d/crm-book.toml:11"),
        ("fields[1].values.a b", "connections.d/crm-book.toml:13"),
        ("fields[1].cleared", "default"),
    ],
)
def test_every_key_has_its_origin(shown: Effective, key: str, origin: str) -> None:
    assert shown.origins()[key] == origin


def test_every_clause_has_its_own_line(shown: Effective) -> None:
    assert shown.origin(("rules", 0, "if", 0)) == "presets.d/sales.toml:9"
    assert shown.origin(("rules", 0, "if", 1)) == "presets.d/sales.toml:10"


def test_a_list_of_two_files_names_both(shown: Effective) -> None:
    (line,) = [line for line in shown.text().splitlines() if line.startswith("match")]
    assert line.split("  # ")[1] == "presets.d/sales.toml:2, connections.d/crm-book.toml:5"


def test_what_is_shown_is_a_connection_that_means_the_same(folder: Any, shown: Effective) -> None:
    before = folder.load().connections["crm-book"]
    folder.write("connections.d/crm-book.toml", shown.text())
    assert folder.load().connections["crm-book"] == before
    assert before.rules[0].if_[1].created.after == datetime(2026, 1, 1, 9, tzinfo=UTC)


def test_defaults_alone_can_be_shown_too(folder: Any) -> None:
    shown = effective(folder.path, "crm-book")
    assert set(shown.origins().values()) == {
        "default", "connections.d/crm-book.toml:1", "connections.d/crm-book.toml:2",
    }  # fmt: skip
    assert tomllib.loads(shown.text())["every"] == "60s"


def test_other_files_may_be_wrong(folder: Any) -> None:
    folder.write("connections.d/other.toml", "???")
    folder.write("accounts.d/zoho.toml", "???")
    assert effective(folder.path, "crm-book").values["left"]["account"] == "zoho"


def test_mistakes_of_this_connection_are_told(folder: Any) -> None:
    folder.write("presets.d/sales.toml", 'every = "soon"\n')
    folder.write("connections.d/crm-book.toml", PAIR + 'use = ["sales"]\nwinner = "oldest"\n')
    with pytest.raises(SettingsProblems) as caught:
        effective(folder.path, "crm-book")
    assert [each.key for each in caught.value.problems] == ["every", "winner"]


@pytest.mark.parametrize(
    ("name", "hint"), [("crm-bok", 'did you mean "crm-book"?'), ("xyz", "expected one of crm-book")]
)
def test_an_unknown_connection_gets_the_nearest_name(folder: Any, name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        effective(folder.path, name)
    assert caught.value.hint == hint
