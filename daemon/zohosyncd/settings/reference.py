"""``config/reference.toml``: every key with its type, default, unit and an example, made from the models.

Lines of a file begin with ``#`` at once, words about them with ``# ``. Without that first ``#`` each section is a right
file, which the tests load.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from zohosyncd.settings.accounts import AppSpec
from zohosyncd.settings.assembly import ConnectionFile
from zohosyncd.settings.converters import WORDS
from zohosyncd.settings.describe import default_words, example_of, type_words
from zohosyncd.settings.keys import element_of, keys_of, tables_of
from zohosyncd.settings.service import ServiceFile
from zohosyncd.settings.shapes import Shape
from zohosyncd.settings.toml_text import key_text, text_of
from zohosyncd.settings.values import Apart, Instead

WIDTH: Final = 120

_HEAD: Final = """\
Everything that the configuration of zohosyncd can say. No program reads this file: copy lines from it into the file
that a heading names, without their first sign. `zohosyncd config --reference` writes it anew.

A file's name is the name of what it holds. Wherever a side of a connection is named, its account's name may stand
instead of left and right: winner = "zoho", direction = "zoho_to_ann". `zohosyncd check --offline` tells every mistake
at once; `zohosyncd config NAME` shows what a connection is put together from."""

_PRESETS: Final = """\
Any part of a connection: every key below, for the connections that say use = ["NAME"]. A preset may use others."""

_PRESET: Final = """\
every = "5m"

[vars]
user = "nobody@example.org"

[[rules]]
from = "left"
if = [ { owner = "${user}" } ]
"""


def reference(specs: Mapping[str, AppSpec]) -> str:
    """The text of the reference.

    Args:
        specs: every app, by name; their accounts' keys are part of it.
    """
    parts = [_words(_HEAD), _heading("zohosyncd.toml"), *_table(ServiceFile, ())]
    for name in sorted(specs):
        parts += [_heading(f"accounts.d/NAME.toml of the app {name}"), _key("app", name, "the app")]
        parts += _table(specs[name].options, ())
    parts += [_heading("presets.d/NAME.toml"), _words(_PRESETS), _lines(_PRESET)]
    parts += [_heading("connections.d/NAME.toml"), *_table(ConnectionFile, ())]
    return "\n\n".join(parts) + "\n"


def annotated(model: type[BaseModel], said: Mapping[str, Any]) -> str:
    """A table of a file that somebody begins with: every key under what it means, those that say nothing in comments.

    Args:
        model: of the table; its own tables are left out.
        said: values by key.
    """
    paragraphs = []
    for key, field in keys_of(model).items():
        if _has_header(field):
            continue
        lines = "\n".join(_value(key, field, ())).split("\n")
        if key in said:
            lines[len(lines) if _is_instead(field) else -1 :] = [f"{key_text(key)} = {text_of(said[key])}"]
        paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs) + "\n"


def _table(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[str]:
    """The paragraphs of a table: its values first, then its tables, then its arrays of tables."""
    keys = keys_of(model)
    later = {key: field for key, field in keys.items() if _has_header(field)}
    for key, field in keys.items():
        if key not in later:
            yield from _value(key, field, path)
    for key, field in sorted(later.items(), key=lambda item: _is_array(item[1])):
        yield from _headed(key, field, path)


def _has_header(field: FieldInfo) -> bool:
    """Whether a key is written as ``[key]`` or ``[[key]]``: a table, or a list of tables, without an example."""
    inner = element_of(field.annotation)
    table = next(tables_of(field.annotation if inner is None else inner), None)
    return (
        table is not None
        and not issubclass(table, Shape)
        and (not field.examples or isinstance(field.examples[0], str))
    )


def _is_array(field: FieldInfo) -> bool:
    return isinstance(field.get_default(call_default_factory=True), tuple)


def _headed(key: str, field: FieldInfo, path: tuple[str, ...]) -> Iterator[str]:
    inner = element_of(field.annotation)
    table = next(tables_of(field.annotation if inner is None else inner))
    here = (*path, key, *(field.examples or ()))
    title = ".".join(key_text(str(each)) for each in here)
    header = f"[[{title}]]" if _is_array(field) else f"[{title}]"
    said = (_sentence(field.description or ""), _about(table))
    yield _words(" ".join(each for each in said if each)) + f"\n#{header}"
    yield from _table(table, here)


def _about(model: type[BaseModel]) -> str:
    """What the docstring says behind its first paragraph."""
    paragraphs = (model.__doc__ or "").split("\n\n")[1:]
    return " ".join(" ".join(paragraphs).split()).replace("``", "`")


def _value(key: str, field: FieldInfo, path: tuple[str, ...]) -> Iterator[str]:
    said = " ".join((_sentence(field.description or ""), _facts(field))).strip()
    inner = element_of(field.annotation)
    shapes = [each for each in tables_of(inner) if issubclass(each, Shape)] if inner is not None else []
    apart = next((note for note in field.metadata if isinstance(note, Apart)), None)
    if apart is not None:
        keys = "".join(f"\n#{key_text(name)} = {text_of(each)}" for name, each in apart.keys.items())
        yield f"#[[{path[-1]}]]{keys}"
    if shapes:
        yield _words(f"{said} One of:") + "\n" + _shapes(key, field, shapes)
        return
    if _is_instead(field):
        yield f"{_words(said)}\n# Such as {key_text(key)} = {text_of(example_of(field))}"
        return
    table = next(tables_of(field.annotation), None)
    parts = [_words(said)]
    if table is not None:
        parts += [_part(name, each) for name, each in keys_of(table).items()]
    yield "\n".join((*parts, f"#{key_text(key)} = {text_of(example_of(field))}"))


def _is_instead(field: FieldInfo) -> bool:
    return any(isinstance(note, Instead) for note in field.metadata)


def _part(key: str, field: FieldInfo) -> str:
    return _words(f"{key}: {_sentence(field.description or '')} {_facts(field)}", indent="  ")


def _shapes(key: str, field: FieldInfo, shapes: list[type[Shape]]) -> str:
    """A list with an example of every shape, each under what it means."""
    by_sign = {shape.sign: shape for shape in shapes}
    lines = [f"#{key} = ["]
    for example in example_of(field):
        shape = by_sign[next(sign for sign in by_sign if sign in example)] if isinstance(example, Mapping) else None
        if isinstance(example, str):
            lines.append(f"#    # {_capital(WORDS[example])}.")
        elif shape is not None:
            lines += [f"#    # {line}" for line in textwrap.wrap(_shape_words(shape), WIDTH - 7)]
        lines.append(f"#    {text_of(example)},")
    return "\n".join((*lines, "#]"))


def _shape_words(shape: type[Shape]) -> str:
    said = re.sub(r"^``.*?``: ", "", " ".join((shape.__doc__ or "").split())).replace("``", "`")
    keys = {key: field for key, field in keys_of(shape).items() if key != "field"}
    if len(keys) == 1:
        return f"{_sentence(said)} {_capital(type_words(keys[shape.sign]))}."
    named = sorted(keys.items(), key=_last)
    parts = [f"{key}: {field.description} ({_small(_facts(field))})" for key, field in named]
    return f"{_sentence(said)} {'; '.join(parts)}."


def _last(item: tuple[str, FieldInfo]) -> bool:
    """Keys that may be left out come last."""
    return not item[1].is_required()


def _facts(field: FieldInfo) -> str:
    return f"{_capital(type_words(field))}{'; required' if field.is_required() else default_words(field)}."


def _sentence(text: str) -> str:
    return f"{_capital(text.strip().rstrip('.'))}."


def _small(sentence: str) -> str:
    """The sentence inside another one."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _key(key: str, value: Any, description: str) -> str:
    return _words(f"{_sentence(description)} Text; required.") + f"\n#{key} = {text_of(value)}"


def _heading(text: str) -> str:
    return f"# {f'===== {text} '.ljust(WIDTH - 2, '=')}"


def _words(text: str, *, indent: str = "") -> str:
    wrap = textwrap.TextWrapper(WIDTH - 2, initial_indent=indent, subsequent_indent=indent * 2)
    paragraphs = [wrap.wrap(each) for each in text.split("\n\n")]
    lines = [line for each in paragraphs for line in (*each, "")]
    return "\n".join(f"# {line}".rstrip() for line in lines[:-1])


def _lines(text: str) -> str:
    return "\n".join(f"#{line}" if line else "" for line in text.rstrip("\n").split("\n"))
