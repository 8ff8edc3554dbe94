"""The simulated People API knows the messages, masks, methods and parameters of the vendor's discovery document."""

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from zohosyncd.sandbox.google import groups, schema
from zohosyncd.sandbox.google.app import GoogleApp
from zohosyncd.sandbox.google.routes import ROUTES, STANDARD, find

pytestmark = pytest.mark.skipif(
    find_spec("googleapiclient") is None, reason="google-api-python-client is not installed"
)


@cache
def document() -> dict[str, Any]:
    spec = find_spec("googleapiclient")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "discovery_cache" / "documents"
    found: dict[str, Any] = json.loads((folder / "people.v1.json").read_text())
    return found


def methods(resources: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for resource in (document()["resources"] if resources is None else resources).values():
        found |= {each["id"]: each for each in resource.get("methods", {}).values()}
        found |= methods(resource.get("resources", {}))
    return found


def paths_of(described: str) -> frozenset[str]:
    """The valid paths that a description lists."""
    return frozenset(re.findall(r"\* (\w+)", described))


def message_of(field: str) -> dict[str, Any]:
    name = document()["schemas"]["Person"]["properties"][field]["items"]["$ref"]
    found: dict[str, Any] = document()["schemas"][name]["properties"]
    return found


@pytest.mark.parametrize("field", sorted(schema.WRITABLE))
def test_a_field_takes_the_properties_of_its_message(field: str) -> None:
    described = message_of(field)
    known = schema.WRITABLE[field].properties
    assert set(known) == set(described)
    read_only = {name for name, each in described.items() if each.get("readOnly")}
    assert {name for name, kind in known.items() if kind == schema.IGNORED} == read_only
    kinds = {schema.TEXT: "string", schema.FLAG: "boolean", schema.NUMBER: "integer", schema.CONTENT_TYPE: "string"}
    for name, kind in known.items():
        if kind in kinds:
            assert described[name]["type"] == kinds[kind], name


def test_a_person_has_the_fields_of_the_document() -> None:
    assert schema.WRITABLE.keys() | schema.UNREAD == set(document()["schemas"]["Person"]["properties"])


def test_masks_name_what_the_document_lists() -> None:
    listed = methods()
    reads = listed["people.people.connections.list"]["parameters"]["personFields"]["description"]
    assert paths_of(reads) == schema.READABLE
    updates = listed["people.people.updateContact"]["parameters"]["updatePersonFields"]["description"]
    assert paths_of(updates) == schema.UPDATABLE
    fields = listed["people.contactGroups.list"]["parameters"]["groupFields"]["description"]
    assert paths_of(fields) == groups.READABLE
    singles = paths_of(listed["people.people.createContact"]["description"])
    assert singles == schema.SINGLETONS
    sources = listed["people.people.connections.list"]["parameters"]["sources"]["enum"]
    assert set(sources) == schema.SOURCES


def test_every_method_takes_the_parameters_of_the_document() -> None:
    standard = set(document()["parameters"])
    assert standard == STANDARD
    offered = set()
    for name, method in methods().items():
        path = re.sub(r"\{\+?resourceName\}", "contactGroups/x" if "Groups" in name else "people/x", method["path"])
        found = find(method["httpMethod"], f"/{path}")
        if found is None:
            assert name.startswith(("people.otherContacts", "people.people.listDirectory", "people.people.searchDirectory",
                                    "people.people.updateContactPhoto", "people.people.deleteContactPhoto"))  # fmt: skip
            continue
        offered.add(found[0].name)
        assert found[0].params == set(method.get("parameters", {})) - {"resourceName"}, name
        assert found[0].scopes & set(method["scopes"]), name
    assert offered == {route.name for route in ROUTES}


def test_what_is_shown_has_names_of_the_document() -> None:
    app = GoogleApp(_Now(), 1)
    fields = {
        name: [{key: _example(kind) for key, kind in message.properties.items() if kind != schema.METADATA}]
        for name, message in schema.WRITABLE.items()
        if name != "memberships"
    }
    (name,) = app.load("ann@example.org", [fields])
    _check(app.state()["ann@example.org"][name], "Person")
    assert app.state()["ann@example.org"][name].keys() >= schema.WRITABLE.keys()


def _example(kind: str) -> Any:
    return {"flag": True, "number": 3, "date": {"year": 2000, "month": 2, "day": 29}, "content_type": "TEXT_PLAIN",
            "membership": {}}.get(kind, "some text")  # fmt: skip


def _check(value: Any, name: str) -> None:
    """Every property is one of the message's, and its value of the kind that is described."""
    for key, part in value.items():
        described = document()["schemas"][name]["properties"][key]
        parts = part if described.get("type") == "array" else [part]
        inner = described.get("items", described)
        for each in parts:
            if "$ref" in inner:
                _check(each, inner["$ref"])
            else:
                assert isinstance(each, {"string": str, "boolean": bool, "integer": int}[inner["type"]]), key


class _Now:
    def now(self) -> float:
        return 1_795_521_600.0
