"""The control socket: a unix socket on which commands reach the running daemon.

Who may use it is decided by the file's mode (0660) and group (``zohosyncd`` where that group exists). One connection
carries one request and one answer, with parts of either where there is much to say (see ``wire``).
"""

import errno
import grp
import os
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anyio
import structlog
from anyio.abc import SocketListener, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from zohosyncd.core.errors import SyncError, UsageError
from zohosyncd.web.dispatch import perform
from zohosyncd.web.wire import (
    LARGEST_REQUEST,
    DaemonBug,
    Talk,
    read_part,
    read_request,
    write_error,
    write_part,
    write_result,
)

if TYPE_CHECKING:
    from zohosyncd.supervisor.commands import Commands

_log = structlog.get_logger("zohosyncd.control")
_MODE: Final = 0o660
_GROUP: Final = "zohosyncd"
_AT_ONCE: Final = 32
_REQUEST_SECONDS: Final = 10.0
_ANSWER_SECONDS: Final = 30.0
_PROBE_SECONDS: Final = 2.0
_PART_SECONDS: Final = 900.0


@asynccontextmanager
async def open_control(commands: "Commands", path: Path) -> AsyncIterator[None]:
    """Answer commands on a unix socket until the block ends; then the socket's file is removed.

    Args:
        commands: who carries them out.
        path: the socket; ``[service] control`` in the settings.

    Raises:
        UsageError: the socket cannot be made, or another daemon answers on it.
    """
    listener = await _listen(path)
    inode = path.stat().st_ino
    slots = anyio.CapacityLimiter(_AT_ONCE)

    async def answer(stream: SocketStream) -> None:
        async with stream, slots:
            await _converse(stream, commands)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, answer)
        try:
            yield
        finally:
            tasks.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await listener.aclose()
            _remove(path, inode)


async def _listen(path: Path) -> SocketListener:
    try:
        await _make_way(path)
        listener = await anyio.create_unix_listener(path, mode=_MODE, backlog=_AT_ONCE)
    except OSError as error:
        raise UsageError(f"the control socket {path} cannot be made: {_reason(error)}", hint=_cure(error)) from error
    _give_to_group(path)
    return listener


def _reason(error: OSError) -> str:
    return "its path is too long" if "too long" in str(error) else (error.strerror or str(error))


def _cure(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "make its folder, or name another path in [service] control"
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return "let the daemon's user write into its folder, or name another path in [service] control"
    return "name another path in [service] control"


async def _make_way(path: Path) -> None:
    """Remove a socket that nobody answers on any more; leave everything else alone."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        hint = "remove it, or name another path in [service] control"
        raise UsageError(f"the control socket {path} cannot be made: another file stands there", hint=hint)
    with suppress(OSError, TimeoutError):
        with anyio.fail_after(_PROBE_SECONDS):
            await (await anyio.connect_unix(path)).aclose()
        hint = "stop it, or name another path in [service] control"
        raise UsageError(f"another daemon answers on the control socket {path}", hint=hint)
    path.unlink(missing_ok=True)


def _give_to_group(path: Path) -> None:
    """Below a hardened unit the call may be forbidden; there the group is right already."""
    with suppress(KeyError, OSError):
        group = grp.getgrnam(_GROUP).gr_gid
        if path.stat().st_gid != group:
            os.chown(path, -1, group)


def _remove(path: Path, inode: int) -> None:
    """Only our own socket: somebody may have put another one there meanwhile."""
    with suppress(OSError):
        if path.lstat().st_ino == inode:
            path.unlink()


async def _converse(stream: SocketStream, commands: "Commands") -> None:
    """One request, one answer. A command that was begun is finished also when the caller has gone."""
    received = BufferedByteReceiveStream(stream)
    try:
        with anyio.fail_after(_REQUEST_SECONDS):
            line = await received.receive_until(b"\n", LARGEST_REQUEST)
    except anyio.DelimiterNotFound:
        answer = write_error(UsageError(f"the request is longer than {LARGEST_REQUEST} bytes"))
    except (anyio.IncompleteRead, anyio.BrokenResourceError, anyio.ClosedResourceError, TimeoutError):
        return
    else:
        answer = await _answer(line, commands, _Talk(stream, received))
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, TimeoutError):
        with anyio.fail_after(_ANSWER_SECONDS):
            await stream.send(answer)


class _Gone(SyncError):
    """The one who gave the command listens no longer."""


class _Talk(Talk):
    """Parts over the socket."""

    def __init__(self, stream: SocketStream, received: BufferedByteReceiveStream) -> None:
        self._stream, self._received = stream, received

    async def tell(self, lines: Sequence[Any]) -> None:
        """Send some lines. What nobody listens to any more need not be found out."""
        try:
            with anyio.fail_after(_PART_SECONDS):
                await self._stream.send(write_part(lines))
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, TimeoutError) as error:
            raise _Gone("nobody listens any more") from error

    async def heard(self) -> AsyncIterator[Sequence[Any]]:
        """The parts that follow the request, up to an empty one."""
        while True:
            try:
                with anyio.fail_after(_REQUEST_SECONDS):
                    part = read_part(await self._received.receive_until(b"\n", LARGEST_REQUEST))
            except (anyio.IncompleteRead, anyio.DelimiterNotFound, anyio.BrokenResourceError, TimeoutError) as error:
                raise UsageError("what belongs to the command did not arrive") from error
            if part is None:
                raise UsageError("what follows the request is not understood")
            if not part:
                return
            yield part


async def _answer(line: bytes, commands: "Commands", talk: Talk) -> bytes:
    try:
        request = read_request(line)
        return write_result(await perform(commands, request.command, request.arguments, talk))
    except SyncError as error:
        return write_error(error)
    except Exception as error:  # noqa: BLE001 - a command's bug is told to its caller and ends nothing else
        _log.exception("a command failed: this is a bug")
        return write_error(DaemonBug(f"this is a bug in the daemon: {type(error).__name__}", hint="its log says where"))
