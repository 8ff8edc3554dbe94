"""Which keys a model has, and which model stands at a place: what explanations, reference and schema are made from."""

from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from zohosyncd.settings.shapes import is_tag, tag
from zohosyncd.settings.toml import KeyPath

HIDDEN: Final = frozenset({"name"})
"""Fields of the models that are no keys of a file."""


def keys_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys of a table as a file says them, in their order."""
    return {field.alias or name: field for name, field in model.model_fields.items() if name not in HIDDEN}


def tables_of(annotation: Any) -> Iterator[type[BaseModel]]:
    """The tables that may stand directly at a place of this type, not those in its lists."""
    plain = bare(annotation)
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        yield plain
    elif get_origin(plain) in {Union, UnionType}:
        for each in get_args(plain):
            yield from tables_of(each)


def bare(annotation: Any) -> Any:
    """The type without what is annotated to it."""
    return bare(get_args(annotation)[0]) if get_origin(annotation) is Annotated else annotation


def element_of(annotation: Any) -> Any:
    """The type of the elements of a list, or of the values of a table with free keys; None for anything else."""
    plain = bare(annotation)
    if get_origin(plain) in {Union, UnionType}:
        return next((found for each in get_args(plain) if (found := element_of(each)) is not None), None)
    origin = get_origin(plain)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return get_args(plain)[1]
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return get_args(plain)[0]
    return None


def model_at(model: type[BaseModel], location: KeyPath) -> type[BaseModel] | None:
    """The model of the table at this place; None where no table stands, or its keys are free.

    Args:
        model: of the whole file.
        location: keys and positions, and the tags of shapes where there are several.
    """
    current: Any = model
    for step in location:
        if is_tag(step):
            current = next((each for each in tables_of(current) if tag(each) == step), None)
        elif isinstance(step, str) and (table := next(tables_of(current), None)) is not None:
            field = keys_of(table).get(step)
            current = field.annotation if field else None
        else:
            current = element_of(current)
        if current is None:
            return None
    return next(tables_of(current), None)


def default_of(field: FieldInfo) -> Any:
    """The default of a key as a file would say it; None where the key is required, or nothing is the default."""
    if field.is_required():
        return None
    adapter: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
    return adapter.dump_python(field.get_default(call_default_factory=True), mode="json", by_alias=True)


def models_below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and all tables in it, each once."""
    found: dict[type[BaseModel], None] = {}
    waiting = [model]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found[current] = None
            waiting += [each for field in current.model_fields.values() for each in _models_in(field.annotation)]
    yield from found


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    yield from tables_of(annotation)
    inner = element_of(annotation)
    if inner is not None:
        yield from _models_in(inner)
