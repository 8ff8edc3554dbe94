"""The tags of one module: each name once, whatever its case, with an id of its own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

_COLOURS = (
    "#57B1FD",
    "#879BFC",
    "#658BA8",
    "#FD87BD",
    "#969696",
    "#F48435",
    "#1DB9B4",
    "#E7A826",
    "#63C57E",
    "#F17574",
)


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag. ``created`` in seconds, ``by`` the user who made it."""

    number: int
    name: str
    colour: str
    created: int
    by: int

    def shown(self) -> dict[str, Any]:
        """As a record shows it."""
        return {"name": self.name, "id": str(self.number), "color_code": self.colour}


@dataclass
class Tags:
    """All tags of a module. ``make``: gives id, time in seconds and user of a new one."""

    make: Callable[[], tuple[int, int, int]]
    tags: dict[int, Tag] = field(default_factory=dict)
    _names: dict[str, Tag] = field(default_factory=dict)

    def find(self, name: str) -> Tag | None:
        """The tag of this name in any case."""
        return self._names.get(name.casefold())

    def ensure(self, name: str) -> Tag:
        """The tag of this name, made if it is new."""
        found = self.find(name)
        if found is None:
            number, created, by = self.make()
            found = Tag(number, name, _COLOURS[len(self.tags) % len(_COLOURS)], created, by)
            self.tags[number] = self._names[name.casefold()] = found
        return found

    def all(self, names: Iterable[str]) -> tuple[Tag, ...]:
        """The tags of these names, new ones made, each once."""
        return tuple(dict.fromkeys(map(self.ensure, names)))
