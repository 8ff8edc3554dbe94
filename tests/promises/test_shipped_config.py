"""The files in config/ are right, complete, and say the defaults that the code has."""

import re
import shutil
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.core.keys import level_problems
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import Winner
from zohosyncd.settings import SecretRef, Settings, load
from zohosyncd.settings.connections import MATCH_PARTS, Connection, Place
from zohosyncd.settings.service import Service

CONFIG = Path(__file__).parents[2] / "config"
REFERENCE = CONFIG / "reference.toml"
COMPANY = CONFIG / "examples/small-company"


def files_of(folder: Path) -> set[str]:
    """The files of one configuration; examples are others."""
    found = {file.relative_to(folder).as_posix() for file in folder.rglob("*.toml") if file != REFERENCE}
    return {file for file in found if not file.startswith("examples/")}


@pytest.fixture
def shipped() -> Settings:
    return load(CONFIG, BY_NAME, environ={})


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """The shipped configuration with all files of ``examples/pairs`` beside its own."""
    for part in ("accounts.d", "connections.d"):
        shutil.copytree(CONFIG / part, tmp_path / part)
        shutil.copytree(CONFIG / "examples/pairs" / part, tmp_path / part, dirs_exist_ok=True)
    shutil.copy(CONFIG / "zohosyncd.toml", tmp_path)
    return tmp_path


def test_every_shipped_file_is_loaded(pairs: Path) -> None:
    for folder in (CONFIG, COMPANY, pairs):
        settings = load(folder, BY_NAME, environ={})
        loaded = {"zohosyncd.toml"}
        loaded |= {f"accounts.d/{name}.toml" for name in settings.accounts}
        loaded |= {f"connections.d/{name}.toml" for name in settings.connections}
        assert loaded == {file for file in files_of(folder) if not file.startswith("presets.d/")}


def test_every_app_has_an_account_and_a_connection_with_zoho_among_the_examples(pairs: Path) -> None:
    settings = load(pairs, BY_NAME, environ={})
    apps = {name: account.app for name, account in settings.accounts.items()}
    paired = {frozenset(apps[side] for side in each.accounts) for each in settings.connections.values()}
    assert {frozenset({"zoho_crm", app}) for app in BY_NAME.usable() if app != "zoho_crm"} <= paired


def test_the_service_file_says_the_typed_defaults(shipped: Settings) -> None:
    assert shipped.service == Service(state_key=SecretRef("credential", "state-key"))


def test_the_connection_file_says_the_typed_defaults_but_for_what_it_names(shipped: Settings) -> None:
    plain = Connection(
        name="crm-book",
        left=Place(account="zoho", object="Contacts"),
        right=Place(account="book"),
        phone_region="DE",
        first_sync_winner=Winner.LEFT,
    )
    assert shipped.connections["crm-book"] == plain


def keys_below(annotation: Any) -> set[str]:
    """Every key of a model and of the tables in it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {key for name, each in annotation.model_fields.items() for key in {name} | keys_below(each.annotation)}
    return {key for each in get_args(annotation) for key in keys_below(each)}


def test_every_key_of_the_service_stands_in_its_annotated_file() -> None:
    text = (CONFIG / "zohosyncd.toml").read_text()
    missing = {key for key in keys_below(Service) if not re.search(rf"\b{key}\s*=", text)}
    assert not missing


def test_secrets_are_named_and_none_needs_a_state_that_is_open(shipped: Settings) -> None:
    refs = [shipped.service.state_key]
    for account in shipped.accounts.values():
        own = account.options.secrets().values()
        assert own, f"{account.name} logs in by nothing"
        refs += own
    assert {ref.scheme for ref in refs} <= {"credential", "file", "env"}


def test_every_key_of_every_app_is_described() -> None:
    for spec in BY_NAME.values():
        for key, field in spec.options.model_fields.items():
            assert field.description, f"{spec.name}: {key}"


def test_settings_and_core_match_by_the_same_words() -> None:
    schema = Schema.of()
    for part in MATCH_PARTS:
        assert not [problem for problem in level_problems([part], schema, schema) if "none of" in problem]
    (problem,) = level_problems(["nonsense"], schema, schema)
    assert problem.endswith(f'"nonsense" is none of {", ".join(MATCH_PARTS)}')
