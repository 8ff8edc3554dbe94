"""``presets.d/NAME.toml``: parts of connections that several of them use. Merging them finds mistakes, and no order."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from zohosyncd.core.errors import SettingsError
from zohosyncd.settings.assembly import Assembly, ConnectionFile
from zohosyncd.settings.connections import Connection
from zohosyncd.settings.explain import explain, explain_details
from zohosyncd.settings.merged import Merged, merge
from zohosyncd.settings.nearest import nearest, one_of
from zohosyncd.settings.sides import names_of
from zohosyncd.settings.toml import Document, KeyPath
from zohosyncd.settings.variables import Variables

_ASSEMBLY = frozenset(Assembly.model_fields)


@dataclass(slots=True)
class Presets:
    """The presets of a configuration, and what is wrong with the way they are used.

    Attributes:
        documents: by name; None for a file that could not be read, which has been told already.
        folder: where they stand, for hints.
        used: the names that any connection uses.
    """

    documents: Mapping[str, Document | None]
    folder: str
    used: set[str] = field(default_factory=set)

    def assemble(self, document: Document, *, lenient: bool = False) -> tuple[Merged, list[SettingsError]]:
        """One connection's file with everything that it uses, and the mistakes in how it is put together.

        Presets come first, in the order in which they are used and each of them once; the file itself comes last.
        Without a preset that is missing or cannot be read the rest is put together all the same, to be checked.

        Args:
            document: the file.
            lenient: leave variables that have no value as they stand.
        """
        walk = _Walk(self)
        walk.visit(document)
        whole = not walk.problems and walk.readable
        values = {name: value for each in walk.vars for name, value in each.items()}
        variables = Variables(values, lenient=lenient or not whole)
        parts = [(each, _filled(each, variables, walk.problems)) for each in walk.found]
        if whole:
            walk.problems += _unused(walk.found, variables)
        names = names_of(merge(parts, {}).values)
        return replace(merge(parts, names), whole=whole and not walk.problems), walk.problems

    def missing(self, name: str) -> str:
        """What to do about a preset that does not exist."""
        near = nearest(name, self.documents)
        if near or not self.documents:
            return near or f"write {self.folder}/{name}.toml"
        return one_of(self.documents)


class _Walk:
    """Collects a file and what it uses, depth first."""

    def __init__(self, presets: Presets) -> None:
        self._presets = presets
        self._open: list[str] = []
        self._done: set[str] = set()
        self.found: list[Document] = []
        self.vars: list[Mapping[str, str]] = []
        self.problems: list[SettingsError] = []
        self.readable = True

    def visit(self, document: Document) -> None:
        values = {key: document.values[key] for key in _ASSEMBLY if key in document.values}
        try:
            said = Assembly.model_validate(values)
        except ValidationError as error:
            self.problems += explain(error, Assembly, document)
            said = Assembly()
        seen: set[str] = set()
        for index, name in enumerate(said.use):
            if name in seen:
                self.problems.append(document.error(("use", index), f'"{name}" stands there twice'))
            seen.add(name)
            self._use(document, ("use", index), name)
        self.found.append(document)
        self.vars.append({name: self._plain(document, name, text) for name, text in said.vars.items()})

    def _plain(self, document: Document, name: str, text: str) -> str:
        """The value of a variable, which cannot be made of others."""

        def report(path: KeyPath, _message: str, _hint: str) -> None:
            self.problems.append(document.error(path, "a variable cannot be made of others", hint="write it out"))

        return str(Variables({}).fill(text, ("vars", name), report))

    def _use(self, document: Document, path: KeyPath, name: str) -> None:
        if name in self._open:
            circle = " -> ".join((*self._open[self._open.index(name) :], name))
            self.problems.append(document.error(path, f"presets use each other in a circle: {circle}"))
            return
        if name not in self._presets.documents:
            hint = self._presets.missing(name)
            self.problems.append(document.error(path, f'there is no preset "{name}"', hint=hint))
            return
        self._presets.used.add(name)
        preset = self._presets.documents[name]
        self.readable &= preset is not None
        if name in self._done or preset is None:
            return
        self._done.add(name)
        self._open.append(name)
        self.visit(preset)
        self._open.pop()


def _filled(document: Document, variables: Variables, problems: list[SettingsError]) -> dict[str, Any]:
    def report(path: KeyPath, message: str, hint: str) -> None:
        problems.append(document.error(path, message, hint=hint))

    plain = {key: value for key, value in document.values.items() if key not in _ASSEMBLY}
    filled: dict[str, Any] = variables.fill(plain, (), report)
    return filled


def _unused(documents: list[Document], variables: Variables) -> list[SettingsError]:
    """Variables that nothing uses: most often misspelt, so that another value than the wished one would be used."""
    problems = []
    for document in documents:
        said = document.values.get("vars", {})
        for name in said:
            if name not in variables.used:
                hint = nearest(name, variables.used) or "remove it"
                problems.append(document.error(("vars", name), f"nothing uses ${{{name}}}", hint=hint))
    return problems


def connection_of(name: str, merged: Merged) -> tuple[Connection | None, list[SettingsError]]:
    """The typed connection, or everything that is wrong with it beyond what has been told when it was merged."""
    problems = [merged.error(("name",), "is not a key", hint="the name is the file's name")]
    if "name" not in merged.values:
        problems = []
    try:
        return Connection.model_validate({**merged.values, "name": name}), problems
    except ValidationError as error:
        names = names_of(merged.values)
        wrong = [each for each in error.errors(include_url=False) if merged.whole or not _open(each, ())]
        return None, [*problems, *explain_details(wrong, ConnectionFile, merged, names)]


def unused_presets(presets: Presets, accounts: Collection[str]) -> list[SettingsError]:
    """What is wrong with presets that no connection uses, as far as that can be told without one.

    Args:
        presets: after all connections have been assembled.
        accounts: names that may stand for a side once a connection uses the preset.
    """
    problems: list[SettingsError] = []
    for name, document in presets.documents.items():
        if name in presets.used or document is None:
            continue
        merged, found = presets.assemble(document, lenient=True)
        problems += found
        try:
            Connection.model_validate({**merged.values, "name": name})
        except ValidationError as error:
            wrong = [each for each in error.errors(include_url=False) if not _open(each, accounts)]
            problems += explain_details(wrong, ConnectionFile, merged)
    return problems


def _open(detail: ErrorDetails, accounts: Collection[str]) -> bool:
    """Whether a mistake may disappear once everything is there that is to be put together."""
    if detail["type"] == "missing":
        return detail["loc"][0] in {"left", "right"}
    wrong = str(detail["loc"][-1]) if detail["type"] == "extra_forbidden" else detail["input"]
    if not isinstance(wrong, str):
        return False
    return "${" in wrong or all(side in accounts for side in wrong.split("_to_"))
