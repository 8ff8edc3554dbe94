"""Say what is wrong with a file, in the operator's words: key, what was expected, nearest valid name."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from zohosyncd.core.errors import SettingsError
from zohosyncd.settings.nearest import nearest, one_of
from zohosyncd.settings.toml import Document, KeyPath

HIDDEN: Final = frozenset({"name"})
"""Fields of the models that are no keys of a file."""

LATER: Final[Mapping[tuple[str, ...], str]] = {
    ("rules",): "remove it: without rules every record is synced, both ways",
    ("leave",): "remove it: without rules no record leaves",
    ("consent",): "remove it: opt-outs do not travel yet",
    ("use",): "write the keys of the preset into this file",
    ("vars",): "write the values where they are used",
    ("deletions", "tag"): 'remove it; "off" is the nearest choice for a direction',
    ("guard", "opt_outs"): "remove it: opt-outs do not travel yet",
    ("fields", "values"): "remove it: values travel as they are",
    ("fields", "cleared"): "remove it: a cleared field is cleared on the other side, and the guard counts it",
}
"""Keys of a connection that a later version knows, with what to do until then."""

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
    "too_short": "may not be an empty list",
}

_LIMITS: Final = {
    "greater_than": ("gt", "expected more than"),
    "greater_than_equal": ("ge", "expected at least"),
    "less_than": ("lt", "expected less than"),
    "less_than_equal": ("le", "expected at most"),
}


def explain(error: ValidationError, model: type[BaseModel], document: Document) -> Iterator[SettingsError]:
    """All mistakes that the model found in this file.

    Args:
        error: what pydantic says.
        model: the model that the file was read with.
        document: the file, for the line of each key.
    """
    for detail in error.errors(include_url=False):
        path = _path(detail["loc"], document.values)
        context = detail.get("ctx", {})
        if context.get("key"):
            path = (*path, *(int(part) if part.isdigit() else part for part in str(context["key"]).split(".")))
        message, hint = _sentence(detail, path, model)
        yield document.error(path, message, hint=hint)


def keys_at(model: type[BaseModel], path: KeyPath) -> tuple[str, ...]:
    """The valid keys of the table at this path, empty where its names are free."""
    found = _model_at(model, path)
    return tuple(key for key in found.model_fields if key not in HIDDEN) if found else ()


def _path(location: tuple[int | str, ...], values: Mapping[str, Any]) -> KeyPath:
    """The part of pydantic's location that exists in the file, and one step more."""
    path: KeyPath = ()
    inside: Any = values
    for part in location:
        if isinstance(inside, dict | None) and isinstance(part, str):
            path = (*path, part)
            inside = inside.get(part) if inside else None
        elif isinstance(inside, list) and isinstance(part, int):
            path = (*path, part)
            inside = inside[part] if part < len(inside) else None
        else:
            break  # a step of pydantic's own, such as the branch of a union
    return path


def _sentence(detail: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "mistake":
        return str(context["message"]), str(context["hint"])
    if kind == "missing":
        return "is missing", _description(model, path)
    if kind == "extra_forbidden":
        return _unknown_key(path, model)
    if kind in {"enum", "literal_error"}:
        return _wrong_choice(detail)
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        return f"{words} {_number(context[name])}", ""
    if kind in _EXPECTED:
        return _EXPECTED[kind], _description(model, path)
    return detail["msg"], ""


def _unknown_key(path: KeyPath, model: type[BaseModel]) -> tuple[str, str]:
    key = str(path[-1])
    later = LATER.get(tuple(part for part in path if isinstance(part, str)))
    if later is not None and "left" in model.model_fields:
        return "is not supported by this version", later
    valid = keys_at(model, path[:-1])
    if len(path) > 1 and key in keys_at(model, ()):
        return "is not a key of this table", "it belongs to the top of the file, above the first [table]"
    if key in HIDDEN and len(path) == 1:
        return "is not a key", "the name is the file's name"
    for table in valid:
        if key in keys_at(model, (*path[:-1], table)):
            return "is not a key here", f"it belongs below [{table}]"
    return "is not a known key", nearest(key, valid) or one_of(valid)


def _wrong_choice(detail: ErrorDetails) -> tuple[str, str]:
    expected = str(detail.get("ctx", {}).get("expected", ""))
    choices = tuple(each.strip().strip("'") for each in expected.replace(" or ", ", ").split(","))
    wrong = detail["input"]
    guess = nearest(wrong, choices) if isinstance(wrong, str) else ""
    return one_of(choices), guess


def _description(model: type[BaseModel], path: KeyPath) -> str:
    found = _model_at(model, path[:-1])
    field = found.model_fields.get(str(path[-1])) if found and path else None
    return field.description or "" if field else ""


def _model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    current: Any = model
    for part in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(str(part))
            current = field.annotation if field else None
        elif get_args(current):
            current = get_args(current)[-1] if isinstance(part, str) else get_args(current)[0]
        else:
            return None
    for candidate in (current, *get_args(current)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
