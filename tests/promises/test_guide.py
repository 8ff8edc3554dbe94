"""The guide to another app is right: its code is Python, what it imports is there, what it names exists."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from zohosyncd.ports.connector import PORT_VERSION

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "daemon/README.md").read_text(encoding="utf-8").partition("## Add an app in an afternoon")[2]
CODE = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
PLACES = ("", "daemon/zohosyncd/", "daemon/")


def test_there_is_a_guide_with_code() -> None:
    assert len(CODE) >= 5


@pytest.mark.parametrize("code", CODE, ids=lambda code: code.splitlines()[0].removeprefix("# "))
def test_its_code_is_python_and_imports_what_is_there(code: str) -> None:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(str(node.module))
            for each in node.names:
                assert hasattr(module, each.name), f"{node.module} has no {each.name}"


def test_it_names_the_present_version_of_the_port() -> None:
    assert f"`speaks={PORT_VERSION}`" in GUIDE


def test_files_and_folders_that_it_names_are_there() -> None:
    named = set(re.findall(r"`([a-z_]+/[a-z_/.]+?(?:\.py|/?))(?:: [A-Za-z]+)?`", GUIDE))
    assert len(named) > 10
    missing = {
        each for each in named if "myapp" not in each and not any((ROOT / place / each).exists() for place in PLACES)
    }
    assert not missing
