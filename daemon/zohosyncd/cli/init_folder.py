"""Writes a first configuration: complete and right, or not at all; nothing that is there is touched."""

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from zohosyncd.core.errors import SettingsProblems, UsageError
from zohosyncd.settings.first_files import STATE_KEY

_OPEN: Final = (0o755, 0o644)
_PRIVATE: Final = (0o700, 0o600)


def write_folder(folder: Path, texts: Mapping[str, str], *, private: bool) -> None:
    """Write the files, and a new state key where there is none.

    Args:
        folder: made if need be.
        texts: by path in the folder.
        private: whether the folder is for its owner alone; secrets always are.

    Raises:
        UsageError: one of the files is there, what they say is wrong, or they cannot be written. Nothing was written.
    """
    there = [name for name in texts if os.path.lexists(folder / name)]
    if there:
        hint = "nothing was written: name another folder with --config, or remove them first"
        raise UsageError(f"{folder} has {', '.join(there)} already", hint=hint)
    refuse_wrong(texts)
    written: list[Path] = []
    try:
        _write(folder, texts, _PRIVATE if private else _OPEN, written)
    except OSError as error:
        for path in reversed(written):
            path.unlink()
        reason = f"{error.filename or folder} cannot be written: {error.strerror}"
        raise UsageError(reason, hint="nothing was left behind but empty folders") from error


def _write(folder: Path, texts: Mapping[str, str], modes: tuple[int, int], written: list[Path]) -> None:
    for part in sorted({folder, *((folder / name).parent for name in texts)}):
        _folder(part, modes[0])
    _folder((folder / STATE_KEY).parent, _PRIVATE[0])
    for name, text in texts.items():
        _file(folder / name, text, modes[1], written)
    if not os.path.lexists(folder / STATE_KEY):
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        _file(folder / STATE_KEY, key + "\n", _PRIVATE[1], written)


def _folder(path: Path, mode: int) -> None:
    if not path.is_dir():
        path.mkdir(parents=True)
        path.chmod(mode)  # whatever the umask says


def _file(path: Path, text: str, mode: int, written: list[Path]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE[1])
    written.append(path)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        os.fchmod(file.fileno(), mode)


def refuse_wrong(texts: Mapping[str, str]) -> None:
    """Load what is to be written, as ``check --offline`` does. Raises UsageError with every mistake."""
    from zohosyncd.connectors.registry import BY_NAME
    from zohosyncd.settings import load
    from zohosyncd.supervisor.possible import checked

    with TemporaryDirectory() as scratch:
        for name, text in texts.items():
            path = Path(scratch) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        try:
            checked(load(Path(scratch), BY_NAME, environ={}), BY_NAME)
        except SettingsProblems as error:
            told = "; ".join(str(each).replace(f"{scratch}/", "") for each in error.problems)
            raise UsageError(f"the files would be wrong: {told}", hint="nothing was written") from None
