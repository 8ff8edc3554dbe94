"""``zohosyncd reload``: load the configuration again, and say whether it was accepted."""

from pathlib import Path
from typing import Any

import click

from zohosyncd.cli.asking import config_option, daemon_socket, folder_of, json_option


@click.command("reload")
@config_option
@json_option
def command(own_folder: str | None, *, as_json: bool) -> int:
    """Make the running daemon load its configuration; fails with the mistakes if it refuses."""
    import anyio

    from zohosyncd.cli.output import print_json

    answer = anyio.run(_reload, folder_of(own_folder))
    if as_json:
        print_json(answer)
    elif answer["applied"]:
        changes: dict[str, list[str]] = answer["changes"]
        told = [f"{kind.replace('_', ' ')} {', '.join(names)}" for kind, names in changes.items() if names]
        click.echo("applied: " + ("; ".join(told) or "nothing is new; what the files say is in force"))
        for name, reasons in answer["waiting"].items():
            for reason in reasons:
                click.echo(f"{name} waits: {reason}", err=True)
    else:
        for error in answer["errors"]:
            click.echo(error, err=True)
        click.echo("refused: the daemon goes on with its old configuration", err=True)
    return 0 if answer["applied"] else 2


async def _reload(folder: Path) -> dict[str, Any]:
    from zohosyncd.core.errors import UsageError
    from zohosyncd.web.client import ask

    socket = await daemon_socket(folder)
    if socket is None:
        hint = "start it with `zohosyncd run`; `zohosyncd check` looks at the files alone"
        raise UsageError(f"no daemon runs on the configuration {folder}", hint=hint)
    return await ask(socket, "reload", {})
