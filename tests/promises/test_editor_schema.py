"""The schema of the shipped apps accepts every shipped file and every example of the reference."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.promises.test_reference import sections
from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.settings.editor_schema import FileKind, schema_of, schema_of_all

CONFIG = Path(__file__).parents[2] / "config"
KINDS = {"accounts.d": "account", "connections.d": "connection", "config": "service", "presets.d": "preset"}
FILES = [file for file in sorted(CONFIG.rglob("*.toml")) if file.name != "reference.toml"]


@cache
def validator(kind: str) -> Any:
    return Draft202012Validator(schema_of(FileKind(kind), BY_NAME) if kind != "all" else schema_of_all(BY_NAME))


def errors(kind: str, text: str) -> list[str]:
    found = validator(kind).iter_errors(tomllib.loads(text))
    return [f"{each.json_path}: {each.message}" for each in found]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_shipped_files_are_accepted(file: Path) -> None:
    assert errors(KINDS.get(file.parent.name, "service"), file.read_text()) == []
    assert errors("all", file.read_text()) == []


@pytest.mark.parametrize("title", sections())
def test_the_examples_of_the_reference_are_accepted(title: str) -> None:
    kind = {"accounts": "account", "connections": "connection", "presets": "preset"}.get(
        title.split(".", maxsplit=1)[0], "service"
    )
    assert errors(kind, sections()[title]) == []
