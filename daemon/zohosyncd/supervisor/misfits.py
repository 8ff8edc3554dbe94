"""What only the apps can tell about a configuration: each mistake at its place in the files."""

from collections.abc import Mapping
from pathlib import Path

from zohosyncd.core.errors import Mistakes, SettingsError, UsageError
from zohosyncd.settings import Settings, in_order


def placed(settings: Settings, misfits: Mapping[str, UsageError]) -> list[SettingsError]:
    """All of it at once, file by file; what a preset says is told once, with the connections that use it.

    Args:
        settings: the configuration that was compared with its apps. misfits: what was found, by connection.
    """
    names: dict[str, list[str]] = {}
    found: dict[str, SettingsError] = {}
    for name, misfit in misfits.items():
        for each in _places(settings, name, misfit):
            names.setdefault(str(each), []).append(name)
            found[str(each)] = each
    return in_order(_with_names(each, names[said]) for said, each in found.items())


def _places(settings: Settings, name: str, misfit: UsageError) -> list[SettingsError]:
    if not isinstance(misfit, Mistakes):
        return [settings.connection_error(name, (), misfit.message, hint=misfit.hint)]
    return [settings.connection_error(name, each.key, each.message, hint=each.hint) for each in misfit.problems]


def _with_names(problem: SettingsError, names: list[str]) -> SettingsError:
    """A mistake of a preset depends on what its connections say, on their variables too."""
    if Path(problem.file).parent.name == "connections.d":
        return problem
    message = f"{problem.message}, in {' and '.join(names)}"
    return SettingsError(message, file=problem.file, key=problem.key, line=problem.line, hint=problem.hint)
