"""Asks the running daemon, or does it here: the one way in which commands reach the state."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zohosyncd.cli.main import DEFAULT_FOLDER

if TYPE_CHECKING:
    from zohosyncd.settings import Settings

config_option = click.option(
    "--config", "own_folder", metavar="DIR", help=f"Folder of the configuration [default: {DEFAULT_FOLDER}]."
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

    return load(folder, BY_NAME)


def ask(own_folder: str | None, command: str, **arguments: str | None) -> dict[str, Any]:
    """Have a command carried out by the running daemon, or here if there is none. Raises SyncError."""
    import anyio

    folder = folder_of(own_folder)
    settings = load_settings(folder)

    async def asked() -> dict[str, Any]:
        from zohosyncd.web.client import NobodyThere
        from zohosyncd.web.client import ask as ask_daemon

        try:
            return await ask_daemon(control_path(settings), command, arguments)
        except NobodyThere:
            return await here(folder, settings, command, arguments)

    return anyio.run(asked)


def control_path(settings: "Settings") -> Path:
    """Where the daemon that holds this state can be reached: as its lock says, else as configured."""
    from zohosyncd.storage.lock import lock_holder

    holder = lock_holder(settings.service.state)
    return Path(holder.control) if holder is not None and holder.control else settings.service.control


async def here(folder: Path, settings: "Settings", command: str, arguments: dict[str, str | None]) -> dict[str, Any]:
    """Run a command in this process, with the state's lock."""
    import sys

    from zohosyncd.supervisor.daemon import open_daemon
    from zohosyncd.telemetry import logs
    from zohosyncd.web.dispatch import perform

    logs.configure("console", "info" if sys.stderr.isatty() else "warning")
    given = {name: value for name, value in arguments.items() if value is not None}
    async with open_daemon(folder, settings=settings, serving=False) as daemon:
        return await perform(daemon.commands, command, given)
