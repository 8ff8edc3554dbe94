"""The schema that editors use accepts what loading accepts, and refuses most of what it refuses."""

import tomllib
from datetime import date
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.settings.conftest import BOOK, CRM, PAIR, SERVICE, BookOptions, CrmOptions, Spec
from tests.settings.mistakes import MISTAKES, Mistake
from tests.settings.test_effective import OWN, PRESET
from tests.settings.test_rules import OPERANDS, SCENE
from zohosyncd.settings.editor_schema import FileKind, schema_of, schema_of_all

SPECS = {"crm": Spec("crm", CrmOptions), "book": Spec("book", BookOptions)}
ACCOUNTS = ("zoho", "book")
NAMES = (ACCOUNTS, None)


def plain(value: Any) -> Any:
    """What an editor makes of TOML: dates are texts."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def validator(kind: str, accounts: tuple[str, ...] | None) -> Any:
    """Reads files of one kind, or of all."""
    schema = schema_of(FileKind(kind), SPECS, accounts) if kind != "all" else schema_of_all(SPECS, accounts)
    return Draft202012Validator(schema)


def wrong(kind: str, text: str, accounts: tuple[str, ...] | None = ACCOUNTS) -> list[str]:
    found = validator(kind, accounts).iter_errors(plain(tomllib.loads(text)))
    return [f"{each.json_path}: {each.message}" for each in found]


@pytest.mark.parametrize("accounts", NAMES)
def test_the_schemas_are_schemas(accounts: Any) -> None:
    for kind in (*FileKind, "all"):
        Draft202012Validator.check_schema(validator(kind, accounts).schema)


@pytest.mark.parametrize("accounts", NAMES)
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("service", SERVICE),
        ("account", CRM),
        ("account", BOOK),
        ("connection", PAIR),
        ("connection", PAIR + SCENE),
        ("connection", PAIR + OWN),
        ("connection", 'use = ["sales"]\nleft = { object = "Leads" }\n'),
        ("connection", PAIR + 'winner = "${who}"\nevery = "${pace}"\ndirection = "zoho_to_book"\n'),
        ("preset", PRESET),
        ("preset", "[[fields]]\nzoho = 'A'\nright = 'B'\n"),
    ],
)
def test_right_files_are_accepted(kind: str, text: str, accounts: Any) -> None:
    assert wrong(kind, text, accounts) == []
    assert wrong("all", text, accounts) == []


@pytest.mark.parametrize("operator", OPERANDS)
def test_every_operator_is_accepted(operator: str) -> None:
    rule = f'[[rules]]\nfrom = "book"\nif = [ {{ field = "X", {operator} = {OPERANDS[operator][0]} }} ]\n'
    assert wrong("connection", PAIR + rule) == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda each: each.says[0])
def test_a_mistake_is_marked_in_the_editor_where_the_file_alone_shows_it(mistake: Mistake) -> None:
    assert bool(wrong("connection", PAIR + mistake.lines)) is mistake.editor


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("service", SERVICE + 'listn = "x"\n'),
        ("service", SERVICE + 'log_level = "loud"\n'),
        ("service", '[service]\nstate_key = "in clear"\n'),
        ("account", CRM.replace("crm", "crmm")),
        ("account", CRM + "credit_share = 2\n"),
        ("account", CRM + 'settle = "soon"\n'),
        ("account", BOOK + 'client_id = "x"\n'),
        ("account", 'app = "book"\n'),
        ("connection", PAIR.splitlines()[0]),
        ("connection", PAIR + 'name = "x"\n'),
        ("preset", 'wniner = "left"\n'),
        ("preset", 'app = "book"\n'),
    ],
)
def test_wrong_files_are_marked(kind: str, text: str) -> None:
    assert wrong(kind, text)


def test_editors_are_told_what_keys_mean_and_their_defaults() -> None:
    properties = schema_of(FileKind.CONNECTION, SPECS)["properties"]
    assert properties["every"]["default"] == "60s"
    assert "clash" in properties["winner"]["description"]
    assert schema_of(FileKind.SERVICE, SPECS)["$defs"]["Service"]["properties"]["listen"]["default"] == "127.0.0.1:9595"


def test_nothing_of_our_own_is_left_in_the_schema() -> None:
    def keys(node: Any) -> set[str]:
        if isinstance(node, dict):
            return set(node) | {key for each in node.values() for key in keys(each)}
        return {key for each in node for key in keys(each)} if isinstance(node, list) else set()

    assert not {key for key in keys(schema_of_all(SPECS)) if key.startswith("x-")}
