"""Which files a configuration has, and whether they are still the same."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from zohosyncd.settings.values import NAME

SERVICE_FILE: Final = "zohosyncd.toml"
ACCOUNTS: Final = "accounts.d"
CONNECTIONS: Final = "connections.d"
PRESETS: Final = "presets.d"


def files_in(folder: Path, kind: str) -> tuple[Path, ...]:
    """The files of this kind in order of their names, without hidden ones and those of editors.

    Raises:
        OSError: the folder cannot be listed. That it does not exist is no mistake: nothing of the kind is used.
    """
    try:
        return tuple(
            sorted(each for each in (folder / kind).iterdir() if each.suffix == ".toml" and each.name[0] != ".")
        )
    except FileNotFoundError:
        return ()


def names_in(folder: Path, kind: str) -> tuple[str, ...]:
    """The names that files of this kind give, without those that no name can be."""
    try:
        return tuple(each.stem for each in files_in(folder, kind) if NAME.fullmatch(each.stem))
    except OSError:
        return ()


Fingerprint = frozenset[tuple[str, int, int, int]]
"""Name, file number, size and time of change of files, behind all links."""


def fingerprint(files: Iterable[Path]) -> Fingerprint:
    """How these files stand there now; a file that is not there is told from an empty one."""
    found = []
    for file in files:
        try:
            seen = file.stat()
        except OSError:
            found.append((str(file), 0, 0, 0))
        else:
            found.append((str(file), seen.st_ino, seen.st_size, seen.st_mtime_ns))
    return frozenset(found)


def fingerprint_of(folder: Path) -> Fingerprint:
    """How the files of a configuration stand there now."""
    return fingerprint([*folder.glob("*.toml"), *folder.glob("*.d/*.toml")])
