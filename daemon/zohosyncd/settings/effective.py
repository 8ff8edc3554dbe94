"""What one connection is in the end, with its presets, variables and defaults, and where each value stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from zohosyncd.core.errors import SettingsError, SettingsProblems, UsageError
from zohosyncd.settings.connections import Connection
from zohosyncd.settings.files import CONNECTIONS, PRESETS, names_in
from zohosyncd.settings.merged import Merged
from zohosyncd.settings.nearest import nearest, one_of
from zohosyncd.settings.presets import Presets, connection_of
from zohosyncd.settings.toml import Document, KeyPath, dotted, read
from zohosyncd.settings.toml_text import key_text, text_of

DEFAULT: Final = "default"
"""The origin of what no file says."""

_ARRAYS: Final = ("rules", "fields")


@dataclass(frozen=True, slots=True)
class Effective:
    """One connection with the origins of its values.

    Attributes:
        name: the connection's.
        values: every key with its value, as a file would say it; None where nothing is the default.
        merged: what the files say.
        folder: of the configuration; origins are named from here.
    """

    name: str
    values: Mapping[str, Any]
    merged: Merged
    folder: Path

    def origin(self, path: KeyPath) -> str:
        """``connections.d/crm-ann.toml:3`` or "default"."""
        if not self.merged.says(path):
            return DEFAULT
        found = self.merged.origin(path)
        line = found.document.line(found.path)
        file = Path(found.document.file)
        name = file.relative_to(self.folder) if file.is_relative_to(self.folder) else file
        return f"{name}:{line}" if line else str(name)

    def origins(self) -> dict[str, str]:
        """The origin of each key, by its dotted name; of each clause and action as one."""
        return {dotted(path): self.origin(path) for path, _ in _leaves(self.values, ())}

    def text(self) -> str:
        """The connection as TOML, each value followed by its origin."""
        lines = [(f"# connection {self.name}", "")]
        for path, value in _leaves(self.values, ()):
            if path[0] not in _ARRAYS:
                lines += self._lines(path, path, value)
        for array in _ARRAYS:
            for index, element in enumerate(self.values[array]):
                lines += [("", ""), (f"[[{array}]]", self.origin((array, index)))]
                for path, value in _leaves(element, (array, index)):
                    lines += self._lines(path, path[2:], value)
        width = max(len(text) for text, origin in lines if origin and len(text) <= _COLUMN)
        return "\n".join(f"{text.ljust(width)}  # {origin}" if origin else text for text, origin in lines) + "\n"

    def _lines(self, path: KeyPath, shown: KeyPath, value: Any) -> Iterator[tuple[str, str]]:
        key = ".".join(key_text(str(each)) for each in shown)
        if value is None:
            yield f"# {key} is not set", self.origin(path)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield f"{key} = [", ""
            yield from ((f"    {text_of(each)},", self.origin((*path, at))) for at, each in enumerate(value))
            yield "]", ""
        else:
            origins = [self.origin((*path, at)) for at in range(len(value))] if isinstance(value, list) else []
            yield f"{key} = {text_of(value)}", ", ".join(dict.fromkeys(origins)) or self.origin(path)


_COLUMN: Final = 60
"""Origins stand below each other up to this column."""


def effective(folder: Path, name: str) -> Effective:
    """Put one connection together; other connections and the accounts' files may be wrong.

    Args:
        folder: of the configuration.
        name: of the connection.

    Raises:
        UsageError: there is no such connection.
        SettingsProblems: everything that is wrong with this one.
    """
    names = names_in(folder, CONNECTIONS)
    if name not in names:
        hint = nearest(name, names) or (one_of(names) if names else f"there is none in {folder / CONNECTIONS}")
        raise UsageError(f"there is no connection {name}", hint=hint)
    presets = Presets({each: _preset(folder, each) for each in names_in(folder, PRESETS)}, str(folder / PRESETS))
    try:
        document = read(folder / CONNECTIONS / f"{name}.toml")
    except SettingsError as problem:
        raise SettingsProblems([problem]) from None
    merged, problems = presets.assemble(document)
    connection, wrong = connection_of(name, merged)
    if connection is None or problems:
        raise SettingsProblems([*problems, *wrong])
    return Effective(name, _values(connection), merged, folder)


def _preset(folder: Path, name: str) -> Document | None:
    try:
        return read(folder / PRESETS / f"{name}.toml")
    except SettingsError as problem:
        raise SettingsProblems([problem]) from None


def _values(connection: Connection) -> dict[str, Any]:
    values: dict[str, Any] = connection.model_dump(mode="json", by_alias=True)
    del values["name"]
    return values


def _leaves(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    """Every value that has an origin of its own: not tables, and clauses and actions as one each."""
    if isinstance(value, dict) and value:
        for key, each in value.items():
            if not path and key in _ARRAYS:
                for index, element in enumerate(each):
                    yield from _leaves(element, (key, index))
            else:
                yield from _leaves(each, (*path, key))
    else:
        yield path, value
