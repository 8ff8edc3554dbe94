"""Field masks, which choose fields of a resource, and the parameter ``fields``, which chooses parts of any answer."""

from collections.abc import Collection, Mapping
from typing import Any

from .refusals import Refused, invalid

Selection = dict[str, Any]
"""Names with what is chosen below them; empty: everything. ``*`` stands for every name."""


def field_mask(text: str, name: str, valid: Collection[str]) -> frozenset[str]:
    """The paths of a mask, separated by commas. Raises Refused for a path that is not valid.

    Args:
        name: the parameter, for the message. valid: the paths that there are.
    """
    paths = frozenset(path.strip() for path in text.split(",") if path.strip())
    for path in sorted(paths):
        if path not in valid:
            raise invalid(f'Invalid {name} mask path: "{path}". Valid paths are: {", ".join(sorted(valid))}.', name)
    return paths


def required_mask(text: str, name: str, valid: Collection[str]) -> frozenset[str]:
    """As :func:`field_mask`, for a mask that must name something."""
    paths = field_mask(text, name, valid)
    if not paths:
        raise Refused("INVALID_ARGUMENT", f"{name} mask is required. Please specify one or more valid paths.")
    return paths


def selection(text: str) -> Selection:
    """What ``fields`` asks for, such as ``connections(names/displayName,etag),nextPageToken``."""
    reader = _Reader(text)
    found = reader.group()
    if reader.rest:
        raise invalid(f"Invalid field selection {text}", "fields")
    return found


def selected(value: Any, chosen: Selection) -> Any:
    """The chosen parts of a value; a list is chosen from item by item. Raises Refused for a name of no field."""
    if not chosen:
        return value
    if isinstance(value, list):
        return [selected(each, chosen) for each in value]
    if not isinstance(value, Mapping):
        raise invalid(f"Invalid field selection {next(iter(chosen))}", "fields")
    found = {}
    for name, part in value.items():
        below = chosen.get(name, chosen.get("*"))
        if below is not None:
            found[name] = selected(part, below)
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = self.rest = text.replace(" ", "")

    def group(self) -> Selection:
        found: Selection = {}
        while True:
            name = self._name()
            below: Selection = {}
            inner = below
            while self._take("/"):
                deeper: Selection = {}
                inner[self._name()] = deeper
                inner = deeper
            if self._take("("):
                inner.update(self.group())
                if not self._take(")"):
                    raise invalid(f"Invalid field selection {self.text}", "fields")
            found[name] = {**found.get(name, {}), **below}
            if not self._take(","):
                return found

    def _name(self) -> str:
        end = next((at for at, sign in enumerate(self.rest) if sign in ",/()"), len(self.rest))
        name, self.rest = self.rest[:end], self.rest[end:]
        if not name:
            raise invalid(f"Invalid field selection {self.text}", "fields")
        return name

    def _take(self, sign: str) -> bool:
        taken = self.rest.startswith(sign)
        if taken:
            self.rest = self.rest[1:]
        return taken
