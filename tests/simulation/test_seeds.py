"""Seeded stories with faults and deaths.

One seed alone: ``pytest tests/simulation --seed 7``; many: ``pytest -m slow tests/simulation``.
"""

from pathlib import Path

import pytest

from tests.simulation.story import Story


def tell(folder: Path, seed: int, lives: int = 4) -> Story:
    """Tell a story and judge it."""
    story = Story(folder, seed, lives=lives)
    told = story.tell()
    judges = (story.law, story.groups, story.operator, story.decider, story.undoer)
    wrongs = told.wrongs() + [wrong for judge in judges for wrong in judge.wrongs(told)]
    assert not wrongs, "\n".join([f"pytest tests/simulation --seed {seed}", *wrongs])
    return story


def test_a_story_comes_to_rest_and_is_the_same_each_time(seed: int, tmp_path: Path) -> None:
    once = tell(tmp_path / "once", seed)
    again = tell(tmp_path / "again", seed)
    assert once.log == again.log


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("hundred", range(1, 11))
def test_many_stories(hundred: int, tmp_path: Path) -> None:
    wrong = []
    for seed in range(hundred * 100, hundred * 100 + 100):
        try:
            tell(tmp_path / str(seed), seed)
        except AssertionError as error:
            wrong.append(str(error))
    assert not wrong, "\n\n".join(wrong)
