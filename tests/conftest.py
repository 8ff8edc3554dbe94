"""How thoroughly laws are tried: the same few examples by default, many new ones with HYPOTHESIS_PROFILE=deep.

Many tests start commands in processes of their own. Without a cache of bytecode each compiles the whole package again,
which takes longer than most of these commands: so it is kept, also where the environment says that none is written.
"""

import gc
import os
import sys

import pytest
from hypothesis import settings

settings.register_profile("quick", max_examples=50, deadline=None, derandomize=True)
settings.register_profile("deep", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak-minutes", default="60", help="how long the soak lasts")


def pytest_collection_finish() -> None:
    """What is loaded is no garbage: it is not searched again and again for thousands of tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, *gc.get_threshold()[1:])
