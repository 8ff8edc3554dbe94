"""``${user}`` in texts of a connection and of its presets."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from zohosyncd.settings.nearest import nearest, one_of
from zohosyncd.settings.toml import KeyPath

VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
"""What a variable may be called."""

_USE = re.compile(r"\$\$\{|\$\{(?P<name>[^{}]*)(?P<end>\}?)")

Report = Callable[[KeyPath, str, str], None]
"""Takes a mistake: place, message, hint."""


class Variables:
    """Fills variables in, and remembers which were used.

    Args:
        values: what each variable stands for.
        lenient: leave an unknown variable as it stands instead of reporting it.
    """

    def __init__(self, values: Mapping[str, str], *, lenient: bool = False) -> None:
        self._values = values
        self._lenient = lenient
        self.used: set[str] = set()

    def fill(self, value: Any, path: KeyPath, report: Report) -> Any:
        """The same value with variables replaced in all of its texts; keys are left alone."""
        if isinstance(value, dict):
            return {key: self.fill(each, (*path, key), report) for key, each in value.items()}
        if isinstance(value, list):
            return [self.fill(each, (*path, index), report) for index, each in enumerate(value)]
        if isinstance(value, str) and "${" in value:
            return _USE.sub(lambda found: self._replace(found, path, report), value)
        return value

    def _replace(self, found: re.Match[str], path: KeyPath, report: Report) -> str:
        if found["name"] is None:
            return "${"
        name = found["name"].strip()
        if not found["end"] or not VARIABLE.fullmatch(name):
            report(path, "${ begins no variable", "write ${NAME}, or $${ for the two signs themselves")
            return found.group()
        self.used.add(name)
        if name in self._values:
            return self._values[name]
        if not self._lenient:
            hint = nearest(name, self._values) or (one_of(self._values) if self._values else "give it in [vars]")
            report(path, f"there is no variable ${{{name}}}", hint)
        return found.group()
