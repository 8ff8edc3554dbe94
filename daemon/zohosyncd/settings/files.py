"""Which files a configuration has."""

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
