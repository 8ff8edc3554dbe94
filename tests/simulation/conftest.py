"""``--seed N`` tells one story alone."""

import pytest

SEEDS = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=None, help="tell the story of this seed alone")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        alone = metafunc.config.getoption("--seed", default=None)
        seeds = range(SEEDS) if alone is None else [alone]
        metafunc.parametrize("seed", seeds, ids=lambda seed: f"seed-{seed}")
