"""config/reference.toml is what the models say: complete, right, and the same as the command prints."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.settings import OAuthClient, OAuthOptions, SecretRef, load
from zohosyncd.settings.assembly import ConnectionFile
from zohosyncd.settings.clients import clients_context
from zohosyncd.settings.describe import example_of, type_words
from zohosyncd.settings.keys import keys_of, models_below
from zohosyncd.settings.reference import WIDTH, reference
from zohosyncd.settings.service import ServiceFile
from zohosyncd.settings.shapes import Shape
from zohosyncd.settings.values import Apart, Instead

FILE = Path(__file__).parents[2] / "config/reference.toml"
MODELS = [
    model
    for root in (ServiceFile, ConnectionFile, *(spec.options for spec in BY_NAME.values()))
    for model in models_below(root)
]


def sections() -> dict[str, str]:
    """Every file of the reference, with the first sign of its lines taken away."""
    found = re.split(r"^# ===== (.+?) =+$", FILE.read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], map(uncommented, found[1::2]), strict=True))


def uncommented(text: str) -> str:
    return "\n".join(line[1:] for line in text.splitlines() if re.match(r"#(?:[^ ]|    [^ ])", line))


def test_the_shipped_reference_is_what_the_command_prints() -> None:
    assert FILE.read_text() == reference(BY_NAME), "run: zohosyncd config --reference > config/reference.toml"


def test_it_is_toml_that_says_nothing_and_fits_a_screen() -> None:
    assert tomllib.loads(FILE.read_text()) == {}
    assert max(map(len, FILE.read_text().splitlines())) <= WIDTH


def said(value: Any) -> set[str]:
    """All keys of tables in a value."""
    if isinstance(value, dict):
        return set(value) | {key for each in value.values() for key in said(each)}
    return {key for each in value for key in said(each)} if isinstance(value, list) else set()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_of_every_model_has_words_and_an_example_in_it(model: type[BaseModel]) -> None:
    shown = {key for text in sections().values() for key in said(tomllib.loads(text))}
    for key, field in keys_of(model).items():
        instead = any(isinstance(note, Instead) for note in field.metadata)
        assert key in shown or (instead and f"Such as {key} = " in FILE.read_text()), key
        assert field.description, key
        assert type_words(field)


@pytest.mark.parametrize("model", [each for each in MODELS if issubclass(each, Shape)], ids=lambda each: each.__name__)
def test_every_shape_has_an_example(model: type[Shape]) -> None:
    text = sections()["connections.d/NAME.toml"]
    assert re.search(rf"\b{model.sign} = ", text)


@pytest.mark.parametrize("model", [*MODELS, OAuthOptions], ids=lambda model: model.__name__)
def test_every_single_example_is_accepted_by_its_model(model: type[BaseModel]) -> None:
    keys = keys_of(model)
    required = {key: example_of(field) for key, field in keys.items() if field.is_required() and field.examples}
    if model in {ServiceFile, ConnectionFile}:
        return  # these are tried as whole files
    for key, field in keys.items():
        for example in field.examples or ():
            names = {"data_center": "eu"} if "data_center" in keys else {}
            names |= {each: keys[each].examples[0] for each in getattr(model, "first_keys", ())}
            filled = {**names, **required, key: _with_sides(key, example)}
            if key == "revert" and filled.get("opt") == "out":
                filled["opt"] = "in"
            for note in field.metadata:
                if isinstance(note, Apart):
                    filled |= note.keys
                if isinstance(note, Instead):
                    filled = {name: each for name, each in filled.items() if name not in note.keys} | note.along
            clients = {"google": OAuthClient(client_id="x", client_secret=SecretRef("env", "X"))}
            model.model_validate(_with_sides("", filled), context=clients_context(clients))


def _with_sides(key: str, value: Any) -> Any:
    """Account names as the connection would translate them."""
    if isinstance(value, dict):
        return {name: _with_sides(name, each) for name, each in value.items()}
    return "left" if key == "from" and value == "zoho" else value


def test_the_examples_together_are_a_configuration(tmp_path: Path) -> None:
    shown = sections()
    files = {
        "zohosyncd.toml": shown["zohosyncd.toml"],
        "accounts.d/zoho.toml": shown["accounts.d/NAME.toml of the app zoho_crm"],
        "accounts.d/ann.toml": shown["accounts.d/NAME.toml of the app carddav"],
        "presets.d/sales.toml": shown["presets.d/NAME.toml"],
        "connections.d/crm-ann.toml": shown["connections.d/NAME.toml"],
    }
    apps = BY_NAME.keys() - {"zoho_crm", "carddav"}
    files |= {f"accounts.d/{app}.toml": shown[f"accounts.d/NAME.toml of the app {app}"] for app in apps}
    assert len(files) == len(shown)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    settings = load(tmp_path, BY_NAME, environ={})
    connection = settings.connections["crm-ann"]
    assert [len(rule.if_) for rule in connection.rules] == [1, 21]
    assert connection.rules[0].if_[0].owner == "ann@example.org"
    assert connection.first_sync_winner == "left"
    assert set(settings.oauth_clients) == {"google"}
