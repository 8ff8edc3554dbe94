"""Notices that files of a configuration have changed: saved by an editor, or swapped as a whole behind a link."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final

import anyio
import structlog

LOOK_AGAIN_SECONDS: Final = 5.0
"""A change that the kernel does not tell about (a link swapped far away, a network mount) is found after this long."""

SETTLE_SECONDS: Final = 0.3
"""How long nothing may have been written before files are taken for whole."""

_STEP_MS: Final = 50
_DEBOUNCE_MS: Final = 500
_LONGEST_SETTLING: Final = 5.0
_log = structlog.get_logger("zohosyncd.run")


async def watch(
    folder: Path,
    news: Callable[[], object],
    changed: Callable[[], Awaitable[object]],
    *,
    beside: Iterable[Path] = (),
    look_again: float = LOOK_AGAIN_SECONDS,
) -> None:
    """Call ``changed`` each time that the files have changed, until cancelled.

    A burst of changes is one, and so are those that come while ``changed`` is at work. A file that is being written is
    waited for.

    Args:
        folder: folder of the configuration.
        news: how the files stand there now, None where they are those that were loaded the last time.
        changed: loads them.
        beside: more files, such as those of secrets.
        look_again: after how many seconds the files are looked at although nobody told of a change.
    """
    stop = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_set_at_end, stop)
        async for _ in _told(folder, {*beside}, stop, look_again):
            if news() is not None:
                await _settled(news)
                await changed()


async def _settled(news: Callable[[], object]) -> None:
    """Wait until nobody writes any more, for a while."""
    with anyio.move_on_after(_LONGEST_SETTLING):
        seen = None
        while (now := news()) != seen:
            seen = now
            await anyio.sleep(SETTLE_SECONDS)


async def _set_at_end(stop: anyio.Event) -> None:
    """The watching thread only ends by its event: without it, a cancelled watch would last until it looks again."""
    try:
        await anyio.sleep_forever()
    finally:
        stop.set()


async def _told(folder: Path, beside: set[Path], stop: anyio.Event, look_again: float) -> AsyncIterator[None]:
    """Each time that something has been written, and each time that it is time to look again."""
    from watchfiles import awatch

    def ours(_change: object, path: str) -> bool:
        """Files of settings, and the names under which mounts keep what they swap; not the state, which may be near."""
        return path.endswith((".toml", ".d")) or "/.." in path or Path(path) in beside

    places = {folder, folder.resolve()}
    places |= {each.parent.resolve() for each in (*folder.glob("*.d/*.toml"), *beside)}
    try:
        async for _ in awatch(
            *sorted(place for place in places if place.is_dir()),
            watch_filter=ours,
            stop_event=stop,
            step=_STEP_MS,
            debounce=_DEBOUNCE_MS,
            rust_timeout=int(look_again * 1000),
            yield_on_timeout=True,
            ignore_permission_denied=True,
        ):
            yield
    except OSError as error:  # the kernel watches only so many files
        _log.warning("changed files are found by looking at them", every_seconds=look_again, reason=str(error))
    while not stop.is_set():
        await anyio.sleep(look_again)
        yield
