"""JSON Schema of the configuration's files (draft 2020-12), for editors that complete and check TOML.

It says less than loading does: what needs the whole folder, or several keys at once, only loading can tell. What it
refuses, loading refuses as well.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel

from zohosyncd.settings.accounts import AppSpec
from zohosyncd.settings.assembly import ConnectionFile
from zohosyncd.settings.keys import HIDDEN, default_of, keys_of, models_below
from zohosyncd.settings.service import ServiceFile

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"


class FileKind(StrEnum):
    """The kinds of files."""

    SERVICE = "service"
    ACCOUNT = "account"
    CONNECTION = "connection"
    PRESET = "preset"


_TITLES: Final = {
    FileKind.SERVICE: "zohosyncd.toml",
    FileKind.ACCOUNT: "accounts.d/NAME.toml",
    FileKind.CONNECTION: "connections.d/NAME.toml",
    FileKind.PRESET: "presets.d/NAME.toml",
}

_NAME = "[A-Za-z0-9][A-Za-z0-9_-]*"
_VARIABLE: Final = {"type": "string", "pattern": r"\$\{"}
_WORDS: Final = ("title", "description", "default", "examples")

Node = dict[str, Any]


def schema_of(kind: FileKind, specs: Mapping[str, AppSpec], accounts: Collection[str] | None = None) -> Node:
    """The schema of one kind of file.

    Args:
        kind: of file.
        specs: every app that can be used, by name.
        accounts: names that may stand where a side is named; None accepts any name.
    """
    definitions: Node = {}
    body = _body(kind, specs, accounts, definitions)
    return {"$schema": DRAFT, "title": _TITLES[kind], **body, "$defs": definitions}


def schema_of_all(specs: Mapping[str, AppSpec], accounts: Collection[str] | None = None) -> Node:
    """One schema that any file of a configuration has to satisfy. The arguments are those of :func:`schema_of`."""
    definitions: Node = {}
    for kind, title in _TITLES.items():
        definitions[kind] = {"title": title, **_body(kind, specs, accounts, definitions)}
    references = [{"$ref": f"#/$defs/{kind}"} for kind in FileKind]
    return {"$schema": DRAFT, "title": "zohosyncd", "anyOf": references, "$defs": definitions}


def _body(kind: FileKind, specs: Mapping[str, AppSpec], accounts: Collection[str] | None, definitions: Node) -> Node:
    if kind is FileKind.SERVICE:
        return _table(ServiceFile, definitions)
    if kind is FileKind.ACCOUNT:
        return {"oneOf": [_account(name, specs[name], definitions) for name in sorted(specs)]}
    own: Node = {}
    body = _table(ConnectionFile, own)
    body.pop("required", None)
    if kind is FileKind.CONNECTION:
        body["anyOf"] = [{"required": ["left", "right"]}, {"required": ["use"]}]
    named = _Named(accounts)
    definitions.update({name: named.node(each) for name, each in own.items()})
    definitions["Place"].pop("required", None)  # a preset may name the account
    result: Node = named.node(body)
    return result


def _account(name: str, spec: AppSpec, definitions: Node) -> Node:
    body = _table(spec.options, definitions)
    body["properties"] = {"app": {"const": name, "description": "the app"}, **body["properties"]}
    body["required"] = ["app", *body.get("required", [])]
    return {**body, "title": name}


def _table(model: type[BaseModel], definitions: Node) -> Node:
    """The schema of a model; those of the tables in it go to ``definitions``."""
    body = model.model_json_schema(by_alias=True)
    found = body.pop("$defs", {})
    for each in models_below(model):
        node = body if each is model else found[each.__name__]
        for key in HIDDEN:
            node["properties"].pop(key, None)
        for key, field in keys_of(each).items():
            node["properties"][key] = _with_default(node["properties"][key], default_of(field))
        if "required" in node:
            node["required"] = [key for key in node["required"] if key not in HIDDEN]
    definitions.update({name: _plain(each) for name, each in found.items()})
    result: Node = _plain(body)
    return result


def _with_default(node: Node, default: Any) -> Node:
    node = {key: value for key, value in node.items() if key != "default"}
    return node if default is None else {**node, "default": default}


def _plain(node: Any) -> Any:
    """The same without what TOML cannot say (null), without titles that only repeat a key, in plain words."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    result = {}
    for key, value in node.items():
        if key == "title" and isinstance(value, str):
            continue
        if key == "description" and isinstance(value, str):
            result[key] = value.replace("``", "`").replace("\n", " ").replace("  ", " ")
        elif key in {"default", "examples"}:
            result[key] = value
        else:
            result[key] = _plain(value)
    choices = result.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        rest = [each for each in choices if each != {"type": "null"}]
        del result["anyOf"]
        result = {**rest[0], **result} if len(rest) == 1 else {**result, "anyOf": rest}
    return result


class _Named:
    """Lets texts of connections hold variables, and lets accounts' names stand for sides."""

    def __init__(self, accounts: Collection[str] | None) -> None:
        self._accounts = accounts
        self._side = _NAME if accounts is None else f"({'|'.join(sorted(accounts))})"
        self._patterns = {"side": f"^{self._side}$", "direction": f"^{self._side}_to_{self._side}$"}

    def node(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.node(each) for each in node]
        if not isinstance(node, dict):
            return node
        result = {key: value if key in _WORDS[2:] else self.node(value) for key, value in node.items()}
        names, keys = result.pop("x-names", None), result.pop("x-named-keys", None)
        if names is not None:
            return self._or(result, {"type": "string", "pattern": self._patterns[names]})
        if keys is not None:
            return self._with_keys(result, keys)
        if result.get("type") == "string" and ("enum" in result or "pattern" in result):
            return self._or(result, _VARIABLE)
        return result

    def _or(self, node: Node, other: Node) -> Node:
        words = {key: value for key, value in node.items() if key in _WORDS}
        rest = {key: value for key, value in node.items() if key not in _WORDS}
        choices = rest["anyOf"] if set(rest) == {"anyOf"} else [rest]
        return {**words, "anyOf": [*choices, other]}

    def _with_keys(self, node: Node, keys: str) -> Node:
        if keys == "direction":
            like = {key: value for key, value in node["properties"]["left_to_right"].items() if key not in _WORDS}
            return {**node, "patternProperties": {self._patterns["direction"]: like}}
        text = {"type": "string", "minLength": 1}
        node = {key: value for key, value in node.items() if key != "required"}
        if self._accounts is None:
            return {**node, "additionalProperties": text}
        return {**node, "properties": {**dict.fromkeys(self._accounts, text), **node["properties"]}}
