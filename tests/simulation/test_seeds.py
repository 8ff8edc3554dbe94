"""Seeded stories with faults and deaths. One seed alone: pytest tests/simulation -k "seed-7"; many: pytest -m slow tests/simulation."""

from pathlib import Path

import pytest

from tests.simulation.story import Story


def tell(folder: Path, seed: int, steps: int = 4) -> Story:
    story = Story(folder, seed)
    story.tell(steps)
    story.check()
    return story


@pytest.mark.parametrize("seed", range(20), ids=lambda seed: f"seed-{seed}")
def test_a_story_comes_to_rest_and_is_the_same_each_time(seed: int, tmp_path: Path) -> None:
    once = tell(tmp_path / "once" / "company", seed)
    again = tell(tmp_path / "again" / "company", seed)
    assert once.log == again.log


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(100, 400), ids=lambda seed: f"seed-{seed}")
def test_many_stories(seed: int, tmp_path: Path) -> None:
    tell(tmp_path / "company", seed, steps=10)
