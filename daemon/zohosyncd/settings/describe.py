"""Types, limits, units, defaults and examples of keys, in the operator's words."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from zohosyncd.settings.keys import bare, default_of, element_of
from zohosyncd.settings.secrets import HOW_TO_WRITE, SecretRef
from zohosyncd.settings.toml_text import text_of
from zohosyncd.settings.values import Duration, Kind, Listen, PublicUrl, Unit, Url, format_duration

_PLAIN: Final[Mapping[Any, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    Listen: "host:port",
    Url: "an https address",
    PublicUrl: "an https address",
    SecretRef: f"a reference to a secret: {HOW_TO_WRITE.removeprefix('write ')}",
}
_LIMITS: Final = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
_DURATION: Final = next(each for each in get_args(Duration) if isinstance(each, Kind))


def type_words(field: FieldInfo) -> str:
    """What a key can hold: its type, its limits and its unit."""
    annotation = field.rebuild_annotation()
    notes = list(_notes(annotation))
    limits = [
        f"{words} {_limit(getattr(note, name), notes)}"
        for note in notes
        for name, words in _LIMITS.items()
        if _has(note, name)
    ]
    units = [f"in {note.words}" for note in notes if isinstance(note, Unit)]
    return ", ".join((_type(annotation), *units, *limits))


def default_words(field: FieldInfo) -> str:
    """``; default "newest"``, or nothing where a key has no default that is a value."""
    default = default_of(field)
    if default is None or default in ({}, []) or isinstance(default, Mapping):
        return ""
    return f"; default {text_of(default)}"


def example_of(field: FieldInfo) -> Any:
    """The example of a key.

    Raises:
        LookupError: it has none.
    """
    if not field.examples:
        raise LookupError(f"no example of a key: {field.description}")
    return field.examples[0]


def _notes(annotation: Any) -> list[Any]:
    """What is annotated to a type, also below ``| None``."""
    if get_origin(annotation) is Annotated:
        inner, *notes = get_args(annotation)
        return [
            *(part for each in notes for part in (each.metadata if isinstance(each, FieldInfo) else (each,))),
            *_notes(inner),
        ]
    if get_origin(annotation) in {Union, UnionType}:
        return [note for each in get_args(annotation) for note in _notes(each)]
    return []


def _has(note: Any, name: str) -> bool:
    return not isinstance(note, type) and isinstance(getattr(note, name, None), int | float)


def _limit(value: float, notes: list[Any]) -> str:
    return format_duration(value) if _DURATION in notes else text_of(value)


def _type(annotation: Any) -> str:
    kind = next((note for note in _notes(annotation) if isinstance(note, Kind)), None)
    if kind is not None:
        return kind.words
    plain = bare(annotation)
    origin = get_origin(plain)
    if origin in {Union, UnionType}:
        return " or ".join(_type(each) for each in get_args(plain) if each is not NoneType)
    if origin is Literal:
        return f"one of {', '.join(map(str, get_args(plain)))}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"a table: {_type(element_of(plain))} by name"
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return f"a list of {_elements(element_of(plain))}"
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return f"one of {', '.join(plain)}"
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        return "a table"
    return _PLAIN[plain]


def _elements(annotation: Any) -> str:
    kind = next((note for note in _notes(annotation) if isinstance(note, Kind) and note.several), None)
    return kind.several if kind else _type(annotation).removeprefix("a ")
