"""A connection put together from several files, of which every value knows where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zohosyncd.core.errors import SettingsError
from zohosyncd.settings.sides import renamed
from zohosyncd.settings.toml import Document, KeyPath


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value stands: the file, and the key there."""

    document: Document
    path: KeyPath


@dataclass(frozen=True, slots=True)
class Merged:
    """What the files of one connection say together.

    Attributes:
        document: the connection's own file; what stands nowhere is missing there.
        values: merged; sides are called left and right where a key names them.
        origins: where the parts of ``values`` stand.
        whole: no preset and no variable is missing.
    """

    document: Document
    values: Mapping[str, Any]
    origins: Mapping[KeyPath, Origin]
    whole: bool = True

    def origin(self, path: KeyPath) -> Origin:
        """Where the value at this place stands, or the table that lacks it."""
        for length in range(len(path), 0, -1):
            found = self.origins.get(path[:length])
            if found is not None:
                return Origin(found.document, found.path + path[length:])
        return Origin(self.document, path)

    def line(self, path: KeyPath) -> int | None:
        """The line of this key in the file where it stands."""
        origin = self.origin(path)
        return origin.document.line(origin.path)

    def error(self, path: KeyPath, message: str, *, hint: str = "") -> SettingsError:
        """A mistake at this key, in the file where it stands."""
        origin = self.origin(path)
        return origin.document.error(origin.path, message, hint=hint)

    def says(self, path: KeyPath) -> bool:
        """Whether a file says something at this place, so that it is no default."""
        inside: Any = self.values
        for part in path:
            if isinstance(inside, dict) and part in inside:
                inside = inside[str(part)]
            elif isinstance(inside, list) and isinstance(part, int) and part < len(inside):
                inside = inside[part]
            else:
                return False
        return True


def merge(parts: Sequence[tuple[Document, Mapping[str, Any]]], names: Mapping[str, str]) -> Merged:
    """Put files together: a later value replaces an earlier one, tables are merged key by key, lists are appended.

    Args:
        parts: files with their values, the connection's own last.
        names: other words for left and right in keys.
    """
    merger = _Merger(names)
    for document, values in parts:
        merger.table(merger.values, values, (), Origin(document, ()))
    return Merged(parts[-1][0], merger.values, merger.origins)


class _Merger:
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self.values: dict[str, Any] = {}
        self.origins: dict[KeyPath, Origin] = {}

    def table(self, into: dict[str, Any], table: Mapping[str, Any], path: KeyPath, origin: Origin) -> None:
        for said, key in renamed(table, path, self._names):
            self._value(into, key, table[said], (*path, key), Origin(origin.document, (*origin.path, said)))

    def _value(self, into: dict[str, Any], key: str, value: Any, path: KeyPath, origin: Origin) -> None:
        old = into.get(key)
        if key in into and not (isinstance(value, dict | list) and type(value) is type(old)):
            self._forget(path)
        if isinstance(value, dict):
            if not isinstance(old, dict):
                old = into[key] = {}
            self.origins[path] = origin
            self.table(old, value, path, origin)
        elif isinstance(value, list):
            if not isinstance(old, list):
                old = into[key] = []
                self.origins[path] = origin
            for index, element in enumerate(value):
                self._element(old, element, path, Origin(origin.document, (*origin.path, index)))
        else:
            into[key] = value
            self.origins[path] = origin

    def _element(self, into: list[Any], element: Any, path: KeyPath, origin: Origin) -> None:
        path = (*path, len(into))
        self.origins[path] = origin
        if isinstance(element, dict):
            into.append({})
            self.table(into[-1], element, path, origin)
        else:
            into.append(element)

    def _forget(self, path: KeyPath) -> None:
        for each in [each for each in self.origins if each[: len(path)] == path]:
            del self.origins[each]
