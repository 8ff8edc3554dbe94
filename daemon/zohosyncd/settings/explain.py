"""Say what is wrong with a file, in the operator's words: key, what was expected, nearest valid name."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Protocol

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from zohosyncd.core.errors import SettingsError
from zohosyncd.settings.keys import HIDDEN, keys_of, model_at
from zohosyncd.settings.nearest import nearest, one_of
from zohosyncd.settings.shapes import is_tag
from zohosyncd.settings.toml import KeyPath


class Said(Protocol):
    """What an operator says: a file, or several of them put together."""

    @property
    def values(self) -> Mapping[str, Any]:
        """The parsed content."""
        ...

    def error(self, path: KeyPath, message: str, *, hint: str = "") -> SettingsError:
        """A mistake at this key."""
        ...


_EXPECTED: Final = {
    "string_type": "expected text in double quotes",
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "finite_number": "expected a finite number",
    "tuple_type": "expected a list in square brackets",
    "list_type": "expected a list in square brackets",
    "dict_type": "expected a table",
    "model_type": "expected a table in curly brackets or under its own [header]",
    "model_attributes_type": "expected a table in curly brackets or under its own [header]",
    "string_too_short": "may not be empty",
    "mapping_type": "expected a table",
    "recursion_loop": "is nested too deeply",
}

_LIMITS: Final = {
    "greater_than": ("gt", "expected more than"),
    "greater_than_equal": ("ge", "expected at least"),
    "less_than": ("lt", "expected less than"),
    "less_than_equal": ("le", "expected at most"),
}


def explain(
    error: ValidationError, model: type[BaseModel], document: Said, names: Mapping[str, str] | None = None
) -> Iterator[SettingsError]:
    """All mistakes that the model found in what is said: :func:`explain_details` of everything that pydantic says."""
    yield from explain_details(error.errors(include_url=False), model, document, names)


def explain_details(
    details: Iterable[ErrorDetails], model: type[BaseModel], document: Said, names: Mapping[str, str] | None = None
) -> Iterator[SettingsError]:
    """Mistakes in the operator's words.

    Args:
        details: what pydantic says.
        model: the model that it was read with, or one that has more keys.
        document: what was read, for file and line of each key.
        names: other words for left and right, which are choices as well.
    """
    for detail in details:
        location = detail["loc"]
        path = _path(location, document.values)
        context = detail.get("ctx", {})
        if context.get("key"):
            steps = tuple(int(part) if part.isdigit() else part for part in str(context["key"]).split("."))
            location, path = (*location, *steps), (*path, *steps)
        message, hint = _sentence(detail, location, model, names or {})
        yield document.error(path, message, hint=hint)


def keys_at(model: type[BaseModel], location: KeyPath) -> tuple[str, ...]:
    """The valid keys of the table at this place, empty where its names are free."""
    found = model_at(model, location)
    return tuple(keys_of(found)) if found else ()


def _path(location: KeyPath, values: Mapping[str, Any]) -> KeyPath:
    """The part of pydantic's location that exists in the file, and one step more."""
    path: KeyPath = ()
    inside: Any = values
    for part in location:
        if is_tag(part):
            continue
        if isinstance(inside, dict | None) and isinstance(part, str):
            path = (*path, part)
            inside = inside.get(part) if inside else None
        elif isinstance(inside, list) and isinstance(part, int):
            path = (*path, part)
            inside = inside[part] if part < len(inside) else None
        else:
            break  # a step of pydantic's own, such as the branch of a union
    return path


def _sentence(
    detail: ErrorDetails, location: KeyPath, model: type[BaseModel], names: Mapping[str, str]
) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "mistake":
        return str(context["message"]), str(context["hint"])
    if kind == "missing":
        return "is missing", _description(model, location)
    if kind == "extra_forbidden":
        return _unknown_key(location, model, names)
    if kind in {"enum", "literal_error"}:
        return _wrong_choice(detail, names)
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        return f"{words} {_number(context[name])}", ""
    if kind in _EXPECTED:
        return _EXPECTED[kind], _description(model, location)
    return detail["msg"], ""


def _unknown_key(location: KeyPath, model: type[BaseModel], names: Mapping[str, str]) -> tuple[str, str]:
    key, table = str(location[-1]), location[:-1]
    valid = keys_at(model, table)
    if names.get(key) in valid:
        return f'is another word for "{names[key]}", which stands there as well', "remove one of them"
    if table and key in keys_at(model, ()):
        return "is not a key of this table", "it belongs to the top of the file, above the first [table]"
    if key in HIDDEN and not table:
        return "is not a key", "the name is the file's name"
    for each in valid:
        if key in keys_at(model, (*table, each)):
            return "is not a key here", f"it belongs below [{each}]"
    return "is not a known key", nearest(key, valid) or one_of(valid)


def _wrong_choice(detail: ErrorDetails, names: Mapping[str, str]) -> tuple[str, str]:
    expected = str(detail.get("ctx", {}).get("expected", ""))
    choices = tuple(each.strip().strip("'") for each in expected.replace(" or ", ", ").split(","))
    choices = (*choices, *(name for name, means in names.items() if means in choices))
    wrong = detail["input"]
    guess = nearest(wrong, choices) if isinstance(wrong, str) else ""
    return one_of(choices), guess


def _description(model: type[BaseModel], location: KeyPath) -> str:
    found = model_at(model, location[:-1])
    field = keys_of(found).get(str(location[-1])) if found and location else None
    return field.description or "" if field else ""


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
