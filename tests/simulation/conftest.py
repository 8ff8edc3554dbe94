"""``--seed N`` tells one story alone."""

import pytest

SEEDS = (0, 1, 5, 13, 17, 19, 21, 46, 47, 53, 54, 56, 57, 58, 59, 65, 66, 68, 71, 75)
"""Quick ones that have everything between them: each shape, fault and rule, scope, operator, decisions, pairs, undo."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=None, help="tell the story of this seed alone")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        alone = metafunc.config.getoption("--seed", default=None)
        seeds = SEEDS if alone is None else (alone,)
        metafunc.parametrize("seed", seeds, ids=lambda seed: f"seed-{seed}")
