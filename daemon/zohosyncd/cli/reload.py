"""``zohosyncd reload``: load the configuration again, and say whether it was accepted."""

import click

from zohosyncd.cli.asking import config_option, control_path, folder_of, json_option, load_settings


@click.command("reload")
@config_option
@json_option
def command(own_folder: str | None, *, as_json: bool) -> int:
    """Make the running daemon load its configuration; fails with the mistakes if it refuses."""
    import anyio

    from zohosyncd.cli.output import print_json
    from zohosyncd.web.client import ask

    folder = folder_of(own_folder)
    settings = load_settings(folder)

    async def asked() -> dict[str, object]:
        return await ask(control_path(settings), "reload", {})

    answer = anyio.run(asked)
    if as_json:
        print_json(answer)
    elif answer["applied"]:
        changes = answer["changes"]
        told = [f"{kind} {', '.join(names)}" for kind, names in changes.items() if names]  # type: ignore[attr-defined]
        click.echo("applied: " + ("; ".join(told) or "nothing has changed"))
    else:
        for error in answer["errors"]:  # type: ignore[attr-defined]
            click.echo(error, err=True)
        click.echo("refused: the daemon goes on with its old configuration", err=True)
    return 0 if answer["applied"] else 2
