"""Asks the running daemon, or does it here: the one way in which commands reach the state."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from zohosyncd.cli.main import DEFAULT_FOLDER

if TYPE_CHECKING:
    from zohosyncd.settings import Settings

Hear = Callable[[Sequence[Any]], Awaitable[None]]
"""Takes what a command tells before its answer, some lines at a time."""


class Call(Protocol):
    """Carries out a command; raises the SyncError tree."""

    async def __call__(
        self,
        command: str,
        arguments: Mapping[str, str | None],
        /,
        *,
        say: Iterable[Sequence[Any]] | None = None,
        hear: Hear | None = None,
    ) -> dict[str, Any]:
        """Its answer, given its name, its arguments, what belongs to it beside them, and who hears more than that."""
        ...


config_option = click.option(
    "--config",
    "own_folder",
    metavar="DIR",
    help=f"Folder of the configuration [default: $ZOHOSYNCD_CONFIG, else {DEFAULT_FOLDER}].",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def folder_of(own_folder: str | None) -> Path:
    """The folder named after the command, else before it, else the default."""
    given = (click.get_current_context().find_root().obj or {}).get("folder")
    return Path(own_folder or given or DEFAULT_FOLDER)


def load_settings(folder: Path) -> "Settings":
    """The configuration. Raises SettingsProblems."""
    from zohosyncd.connectors.registry import BY_NAME
    from zohosyncd.settings import load
    from zohosyncd.supervisor.possible import checked

    return checked(load(folder, BY_NAME), BY_NAME)


def ask(own_folder: str | None, command: str, **arguments: str | None) -> dict[str, Any]:
    """Have a command carried out by the running daemon, or here if there is none. Raises SyncError."""
    return ask_and_hear(own_folder, command, None, **arguments)


def ask_and_hear(
    own_folder: str | None, command: str, hear: Callable[[Sequence[Any]], None] | None, **arguments: str | None
) -> dict[str, Any]:
    """As :func:`ask`; what the command tells before its answer is heard as it comes."""
    import anyio

    folder = folder_of(own_folder)

    async def heard(lines: Sequence[Any]) -> None:
        if hear is not None:
            hear(lines)

    async def asked() -> dict[str, Any]:
        async with reached(folder) as call:
            return await call(command, arguments, hear=heard)

    return anyio.run(asked)


def ask_pages(
    own_folder: str | None, command: str, arguments: Mapping[str, str | None], each: Callable[[dict[str, Any]], None],
    *, cursor: str = "after",
) -> None:  # fmt: skip
    """Have a command carried out page by page, until an answer says that there is no next one.

    Args:
        each: is handed every page. cursor: the argument that takes ``next`` of the page before.

    Raises:
        SyncError: as :func:`ask`.
    """
    import anyio

    folder = folder_of(own_folder)

    async def asked() -> None:
        async with reached(folder) as call:
            following: object = None
            while True:
                place = {cursor: str(following)} if following else {}
                answer = await call(command, {**arguments, **place})
                each(answer)
                following = answer["next"]
                if not following:
                    return

    anyio.run(asked)


@asynccontextmanager
async def reached(folder: Path, *, log_level: str = "error", listening: bool = False) -> AsyncIterator[Call]:
    """The running daemon; without one, the state's lock and the same commands in this process.

    A daemon is reached also while the files are wrong: that is when somebody asks how it is.

    Args:
        folder: folder of the configuration.
        log_level: least level logged to standard error by work that is done in this process.
        listening: whether browsers that come back to ``hooks_listen`` are answered here, where no daemon does that.
    """
    socket = await daemon_socket(folder)
    if socket is not None:
        from zohosyncd.web.client import ask as ask_daemon

        yield partial(ask_daemon, socket)
        return
    from zohosyncd.supervisor.daemon import open_daemon
    from zohosyncd.telemetry import logs
    from zohosyncd.web.dispatch import perform
    from zohosyncd.web.wire import Talk

    class Here(Talk):
        """Both ends are in this process."""

        def __init__(self, say: Iterable[Sequence[Any]] | None, hear: Hear | None) -> None:
            self._say, self._hear = say or (), hear

        async def tell(self, lines: Sequence[Any]) -> None:
            """Hand them over."""
            if self._hear is not None:
                await self._hear(lines)

        async def heard(self) -> AsyncIterator[Sequence[Any]]:
            """What belongs to the command."""
            for part in self._say:
                yield part

    logs.configure("console", log_level)
    async with AsyncExitStack() as stack:
        daemon = await stack.enter_async_context(open_daemon(folder, settings=load_settings(folder), serving=False))
        if listening:
            from zohosyncd.web.callback import open_hooks_callback

            answering = open_hooks_callback(daemon.commands.authorising.returned, daemon.settings)
            await stack.enter_async_context(answering)

        async def call(
            command: str,
            arguments: Mapping[str, str | None],
            /,
            *,
            say: Iterable[Sequence[Any]] | None = None,
            hear: Hear | None = None,
        ) -> dict[str, Any]:
            given = {name: value for name, value in arguments.items() if value is not None}
            return await perform(daemon.commands, command, given, Here(say, hear))

        yield call


async def daemon_socket(folder: Path) -> Path | None:
    """The control socket on which the daemon of this configuration answers: as configured, else as its lock says."""
    from zohosyncd.web.client import answers

    state, control = _places(folder)
    if await answers(control):
        return control
    if not state.with_name(state.name + ".lock").exists():
        return None
    from zohosyncd.core.errors import StateError
    from zohosyncd.storage.lock import lock_holder

    with suppress(StateError):  # not ours to read: opening the state will say so
        holder = lock_holder(state)
        if holder is not None and holder.control and await answers(Path(holder.control)):
            return Path(holder.control)
    return None


def _places(folder: Path) -> tuple[Path, Path]:
    """Paths of the state and of the control socket, as far as the files can be understood."""
    import os

    from zohosyncd.core.errors import SettingsError
    from zohosyncd.settings.service import DEFAULT_CONTROL, DEFAULT_STATE, with_environment
    from zohosyncd.settings.toml import read

    table: object = {}
    with suppress(SettingsError):
        table = read(folder / "zohosyncd.toml").values.get("service")
    found = with_environment(table if isinstance(table, dict) else {}, folder, os.environ)
    state, control = (
        str(found.get(key)) if isinstance(found.get(key), str) else default
        for key, default in (("state", DEFAULT_STATE), ("control", DEFAULT_CONTROL))
    )
    return Path(state.replace("\0", "")), Path(control.replace("\0", ""))
