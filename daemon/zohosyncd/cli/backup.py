"""``zohosyncd backup``: the whole state in one file."""

from pathlib import Path
from typing import Any

import click

from zohosyncd.cli.asking import ask, config_option, json_option

_PATH = click.Path(path_type=Path)


@click.command("backup")
@click.option("--to", "folder", metavar="FOLDER", type=_PATH, help="Where to [default: backups, beside the state].")
@click.option("--keep", metavar="N", type=click.IntRange(1), help="Let the newest N backups in that folder stay.")
@config_option
@json_option
def command(folder: Path | None, keep: int | None, own_folder: str | None, *, as_json: bool) -> int:
    """Write the whole state to one file, read it back, and tell what is in it; also while the daemon works.

    The daemon writes the file, so its user has to be allowed to. It holds tokens and contact values, encrypted: it is
    of no use without the state key, which is not in it. `restore-state` puts it back.
    """
    from zohosyncd.cli.output import print_json

    place = str(folder.absolute()) if folder is not None else None
    answer = ask(own_folder, "backup", folder=place, keep=str(keep) if keep else None)
    if as_json:
        print_json(answer)
    else:
        _print(answer)
    return 0


def _print(answer: dict[str, Any]) -> None:
    from zohosyncd.cli.output import when

    click.echo(f"{answer['file']}: {answer['bytes']} bytes, written and verified in {answer['seconds']} s")
    inside = f"{answer['connections']} connections, {answer['records']} records, {answer['links']} links"
    newest = f"; the last change is of {when(answer['newest'])} UTC" if answer["newest"] else ""
    click.echo(f"it holds {inside} (tables {answer['tables']}){newest}")
    click.echo(f"sha256 {answer['sha256']}")
    for each in answer["removed"]:
        click.echo(f"removed {each}")
