"""What a shell completes: names out of the files of the configuration. No app, no daemon and no state is asked."""

from pathlib import Path

import click

from zohosyncd.cli.main import DEFAULT_FOLDER


def accounts(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The names of accounts that begin so."""
    return _names(_folder(ctx) / "accounts.d", incomplete)


def connections(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The names of connections that begin so."""
    return _names(_folder(ctx) / "connections.d", incomplete)


def _names(folder: Path, incomplete: str) -> list[str]:
    try:
        files = sorted(file.stem for file in folder.iterdir() if file.suffix == ".toml" and file.name[0] != ".")
    except OSError:
        return []  # no such folder, or not ours to read: there is nothing to suggest
    return [name for name in files if name.startswith(incomplete)]


def _folder(ctx: click.Context) -> Path:
    """As ``folder_of`` finds it, from a line that has not been run."""
    return Path(ctx.params.get("own_folder") or ctx.find_root().params.get("folder") or DEFAULT_FOLDER).expanduser()
