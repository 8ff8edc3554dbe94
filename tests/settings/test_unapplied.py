"""What the daemon does not do yet is refused, each part by its own entry, until the engine has learnt it."""

from typing import Any

import pytest

from tests.settings.test_rules import SCENE
from zohosyncd.settings.unapplied import UNAPPLIED

SAID = {
    "rules": '[[rules]]\nfrom = "left"\n',
    "leave": 'leave = "freeze"\n',
    "leave_tag": 'leave_tag = "Left"\n',
    "consent": '[consent]\nleft_to_right = "off"\n',
    "deletions.tag": '[deletions]\ntag = "Trash"\n',
    "deletions.*": '[deletions]\nzoho_to_book = "tag"\n',
    "guard.opt_outs": "[guard]\nopt_outs = { percent = 3 }\n",
}
"""For each entry a connection that is refused because of it alone."""


def test_every_entry_has_its_example() -> None:
    assert [entry.key for entry in UNAPPLIED] == list(SAID)


@pytest.mark.parametrize("entry", UNAPPLIED, ids=lambda entry: entry.key)
def test_a_part_that_is_not_applied_is_refused_and_says_what_to_do(
    folder: Any, connection_problem: Any, entry: Any
) -> None:
    problem = connection_problem(SAID[entry.key])
    assert "not supported by this version" in problem.message
    assert problem.hint == entry.meanwhile
    assert problem.line >= 3
    folder.not_applied = tuple(each for each in UNAPPLIED if each is not entry)
    folder.load()


def test_parts_of_a_preset_are_refused_where_they_stand(folder: Any) -> None:
    folder.write("presets.d/sales.toml", '\n[[rules]]\nfrom = "left"\n')
    folder.write(
        "connections.d/crm-book.toml",
        'use = ["sales"]\nleft = { account = "zoho" }\nright = { account = "book" }\n[[rules]]\nfrom = "right"\n',
    )
    problem = folder.problem()
    assert (problem.file.rsplit("/", 1)[1], problem.line, problem.key) == ("sales.toml", 2, "rules")


def test_all_parts_are_told_at_once_together_with_mistakes(folder: Any) -> None:
    folder.write(
        "connections.d/crm-book.toml", 'left = { account = "zoho" }\nright = { account = "book" }\nwniner = 1\n' + SCENE
    )
    assert [each.key for each in folder.problems()] == [
        "wniner", "leave", "leave_tag", "rules",
        "consent", "deletions.zoho_to_book", "deletions.tag", "guard.opt_outs",
    ]  # fmt: skip


def test_presets_and_variables_of_parts_that_are_applied_are_accepted(folder: Any) -> None:
    folder.write("presets.d/base.toml", 'every = "${pace}"\n[vars]\npace = "1m"\n[mapping]\nwithout = ["notes"]\n')
    connection = folder.connection('use = ["base"]\n[vars]\npace = "2m"\n')
    assert (connection.every, connection.mapping.without) == (120, ("notes",))


def test_deletions_that_are_applied_are_accepted(folder: Any) -> None:
    assert folder.connection('[deletions]\nleft_to_right = "delete"\n').deletions.left_to_right == "delete"
