"""What a connection can say that the daemon does not do yet. Loading refuses it, so that nothing is silently left out.

One entry is one part of the language; it is deleted when the engine has learnt that part.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from zohosyncd.core.errors import SettingsError
from zohosyncd.settings.merged import Merged
from zohosyncd.settings.toml import KeyPath


@dataclass(frozen=True, slots=True)
class Unapplied:
    """One part of the language that is read but not applied.

    Attributes:
        key: its place; ``*`` stands for any key and any position in a list.
        meanwhile: what to do until then.
        values: only these values, where others are applied.
    """

    key: str
    meanwhile: str
    values: tuple[str, ...] = ()


UNAPPLIED: Final = (
    Unapplied("rules", "remove it: without rules every record is synced, both ways"),
    Unapplied("leave", "remove it: without rules no record leaves"),
    Unapplied("leave_tag", "remove it: without rules no record leaves"),
    Unapplied("consent", "remove it: opt-outs do not travel yet"),
    Unapplied("deletions.tag", 'remove it; "off" is the nearest choice for a direction'),
    Unapplied("deletions.*", '"off" is the nearest: deleted records stay there', values=("tag",)),
    Unapplied("guard.opt_outs", "remove it: opt-outs do not travel yet"),
)
"""Everything that is not applied yet."""


def unapplied(merged: Merged, entries: Sequence[Unapplied] = UNAPPLIED) -> Iterator[SettingsError]:
    """Each part of this connection that would have no effect, as a mistake at its place.

    Args:
        merged: the connection.
        entries: what is not applied.
    """
    told: set[KeyPath] = set()
    for entry in entries:
        for path, value in _places(merged.values, entry.key.split("."), ()):
            if path in told or (entry.values and value not in entry.values):
                continue
            told.add(path)
            what = f'"{value}" is' if entry.values else "is"
            yield merged.error(path, f"{what} not supported by this version", hint=entry.meanwhile)


def _places(inside: Any, pattern: Sequence[str], path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    if not pattern:
        yield path, inside
    elif isinstance(inside, list):
        if pattern[0] == "*":
            for index, each in enumerate(inside):
                yield from _places(each, pattern[1:], (*path, index))
    elif isinstance(inside, Mapping):
        for key in inside if pattern[0] == "*" else [pattern[0]] if pattern[0] in inside else []:
            yield from _places(inside[key], pattern[1:], (*path, key))
