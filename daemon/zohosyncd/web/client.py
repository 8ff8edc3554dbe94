"""The other end of the control socket."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import anyio
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from zohosyncd.core.errors import SyncError, Unavailable
from zohosyncd.web.wire import LARGEST_ANSWER, Request, read_answer, read_part, write_part, write_request

_CONNECT_SECONDS: Final = 5.0


class NobodyThere(SyncError):
    """No daemon answers on this socket."""


class NotAllowed(SyncError):
    """The socket is there, but this user may not use it."""


async def ask(
    path: Path,
    command: str,
    arguments: Mapping[str, Any],
    *,
    say: Iterable[Sequence[Any]] | None = None,
    hear: Callable[[Sequence[Any]], Awaitable[None]] | None = None,
) -> dict[str, Any]:
    """Have the running daemon carry out a command, however long it takes.

    Args:
        path: the daemon's control socket.
        command: its name.
        arguments: by name; those that are None are left out.
        say: parts to send after the request. hear: takes what the command tells before its answer.

    Raises:
        NobodyThere: no daemon answers on this socket.
        NotAllowed: this user may not use it.
        Unavailable: the daemon ended before it answered.
        SyncError: the command failed, with the class it had there.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    async with await _connect(path) as stream:
        try:
            await stream.send(write_request(Request(command, given)))
            for lines in [] if say is None else (*say, ()):
                await stream.send(write_part(lines))
            answer = BufferedByteReceiveStream(stream)
            while (part := read_part(line := await answer.receive_until(b"\n", LARGEST_ANSWER))) is not None:
                if hear is not None:
                    await hear(part)
        except (anyio.IncompleteRead, anyio.BrokenResourceError) as error:
            hint = "look at its log, then give the command again"
            raise Unavailable("the daemon ended before it answered", hint=hint) from error
        except anyio.DelimiterNotFound as error:
            raise SyncError("the daemon's answer is too long", hint="ask for one connection") from error
    return read_answer(line)


async def answers(path: Path) -> bool:
    """Whether a daemon answers on this socket.

    Raises:
        NotAllowed, Unavailable: as :func:`ask`.
    """
    try:
        await (await _connect(path)).aclose()
    except NobodyThere:
        return False
    return True


async def _connect(path: Path) -> SocketStream:
    try:
        with anyio.fail_after(_CONNECT_SECONDS):
            return await anyio.connect_unix(path)
    except PermissionError as error:
        hint = "become a member of the group zohosyncd, or use sudo"
        raise NotAllowed(f"you may not use the daemon's control socket {path}", hint=hint) from error
    except TimeoutError as error:
        raise Unavailable(f"the daemon does not answer on {path}", hint="is the machine overloaded?") from error
    except OSError as error:
        hint = "start it with `zohosyncd run`, or look at its unit: systemctl status zohosyncd"
        raise NobodyThere(f"no daemon answers on {path}", hint=hint) from error
