"""New files beside the state: for their owner only, who is whoever owns the folder.

An administrator puts a backup back as root. What root makes then has to belong to the daemon's user, or the daemon
cannot open its own state afterwards.
"""

import os
from pathlib import Path


def make_private(path: Path) -> int:
    """Make a file that is not there yet, mode 0600 from its first byte; answers a descriptor to write to it.

    The descriptor, not the path, is given away: whoever may write the folder could put a link in its place meanwhile.

    Raises:
        OSError: it is there, also as a link, or it cannot be made.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        give_to_owner(descriptor, path.parent)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def give_to_owner(descriptor: int, folder: Path) -> None:
    """If we are root, let an open file or folder belong to whoever owns the folder it is in. Raises OSError."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def make_folder(folder: Path) -> None:
    """Make a folder for its owner only, if it is missing. Raises OSError."""
    if folder.is_dir():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        give_to_owner(descriptor, folder.parent)
    finally:
        os.close(descriptor)
