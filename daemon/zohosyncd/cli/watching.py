"""Notices that files of a configuration have changed: saved by an editor, or swapped as a whole behind a link."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import anyio

LOOK_AGAIN_SECONDS: Final = 5.0
"""A change that the kernel does not tell about (a link swapped far away, a network mount) is found after this long."""

_STEP_MS: Final = 50
_DEBOUNCE_MS: Final = 500

Fingerprint = frozenset[tuple[str, int, int, int]]


def fingerprint(folder: Path) -> Fingerprint:
    """Name, file number, size and time of change of every file of the configuration, behind all links."""
    found = []
    for file in sorted((*folder.glob("*.toml"), *folder.glob("*.d/*.toml"))):
        try:
            seen = file.stat()
        except OSError:
            found.append((str(file), 0, 0, 0))
        else:
            found.append((str(file), seen.st_ino, seen.st_size, seen.st_mtime_ns))
    return frozenset(found)


async def watch(
    folder: Path, changed: Callable[[], Awaitable[None]], *, look_again: float = LOOK_AGAIN_SECONDS
) -> None:
    """Call ``changed`` each time that the files have changed since the last time, until cancelled.

    A burst of changes is one, and so are those that come while ``changed`` is at work.

    Args:
        folder: folder of the configuration.
        changed: what to do.
        look_again: after how many seconds the files are looked at although nobody told of a change.
    """
    stop = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_set_at_end, stop)
        await _watch(folder, changed, stop, int(look_again * 1000))


async def _set_at_end(stop: anyio.Event) -> None:
    """The watching thread only ends by its event: without it, a cancelled watch would last until it looks again."""
    try:
        await anyio.sleep_forever()
    finally:
        stop.set()


async def _watch(folder: Path, changed: Callable[[], Awaitable[None]], stop: anyio.Event, timeout_ms: int) -> None:
    from watchfiles import awatch

    known = fingerprint(folder)
    places = {folder, folder.resolve(), *(each.parent.resolve() for each in folder.glob("*.d/*.toml"))}
    async for _ in awatch(
        *sorted(place for place in places if place.is_dir()),
        watch_filter=_is_ours,
        stop_event=stop,
        step=_STEP_MS,
        debounce=_DEBOUNCE_MS,
        rust_timeout=timeout_ms,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    ):
        now = fingerprint(folder)
        if now != known:
            known = now
            await changed()


def _is_ours(_change: object, path: str) -> bool:
    """Files of settings, and the names under which mounts keep what they swap; not the state, which may live beside."""
    return path.endswith((".toml", ".d")) or "/.." in path
