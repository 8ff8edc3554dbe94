"""A wrong connection is refused with the exact words that help: place, what was expected, the nearest valid name."""

from typing import Any

import pytest

from tests.settings.conftest import PAIR
from tests.settings.mistakes import MISTAKES, Mistake


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda each: each.says[0])
def test_a_mistake_is_told_in_these_words(folder: Any, mistake: Mistake) -> None:
    file = folder.write("connections.d/crm-book.toml", PAIR + mistake.lines)
    told = [str(each).replace(str(folder.path), "DIR") for each in folder.problems()]
    assert told == [f"{str(file).replace(str(folder.path), 'DIR')}:{says}" for says in mistake.says]


def test_mistakes_everywhere_in_one_file_are_told_at_once(folder: Any) -> None:
    folder.write(
        "connections.d/crm-book.toml",
        PAIR
        + 'leave = "go"\n'
        + '[[rules]]\nfrom = "left"\nif = [\n  { field = "X", si = "a" },\n  { any = [\n    { ownr = "x" },\n'
        + '    { opted_out = 1 },\n  ] },\n]\nthen = [\n  { opt = "sideways" },\n]\n'
        + '[[rules]]\nfrom = "zoho"\nif = [ { has = "tags", value = "" } ]\n'
        + '[[fields]]\nleft = "A"\nright = "B"\nconvert = [\n  "shout",\n  { prefix = 1 },\n]\n'
        + "[guard]\nopt_outs = { percent = 200 }\n",
    )
    assert [(each.line, each.key) for each in folder.problems()] == [
        (3, "leave"),
        (7, "rules[1].if[1]"),
        (9, "rules[1].if[2].any[1].ownr"),
        (10, "rules[1].if[2].any[2].opted_out"),
        (14, "rules[1].then[1].opt"),
        (18, "rules[2].if[1].value"),
        (23, "fields[1].convert[1]"),
        (24, "fields[1].convert[2].prefix"),
        (27, "guard.opt_outs.percent"),
    ]


def test_clauses_that_are_nested_without_end_are_refused(folder: Any) -> None:
    deep = '{ owner = "a" }'
    for _ in range(32):
        deep = f"{{ not = {{ any = [ {deep} ] }} }}"
    folder.write("connections.d/crm-book.toml", PAIR + f'[[rules]]\nfrom = "left"\nif = [ {deep} ]\n')
    (problem,) = folder.problems()
    assert "nested too deeply" in problem.message


def test_a_connection_with_mistakes_leaves_the_running_one_as_it_was(folder: Any) -> None:
    old = folder.connection("[[rules]]\nfrom = 'left'\n")
    folder.write("connections.d/crm-book.toml", PAIR + "[[rules]]\nform = 'left'\n")
    assert folder.problems()
    assert old.rules[0].if_ == ()
