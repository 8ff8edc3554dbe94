"""``zohosyncd secret set | list | rm``: secrets that the state keeps, encrypted."""

from typing import Any

import click

from zohosyncd.cli.asking import ask, config_option, folder_of, json_option


@click.group("secret", no_args_is_help=True)
def command() -> None:
    """Keep secrets in the state, encrypted with the state key. Files of the configuration name them store:NAME."""


@command.command("set")
@click.argument("name")
@click.argument("more", nargs=-1, metavar="")
@config_option
@json_option
def set_(name: str, more: tuple[str, ...], own_folder: str | None, *, as_json: bool) -> int:
    """Keep a secret as store:NAME. It is read from standard input, or asked for without showing it.

    Accounts that use it log in anew at once; a running daemon needs no restart.
    """
    import anyio

    from zohosyncd.cli.output import print_json

    if more:
        raise click.UsageError(
            "a secret is never an argument, where every user can see it: it comes from standard input"
        )
    answer = anyio.run(_set, own_folder, name)
    if as_json:
        print_json(answer)
        return 0
    done = "replaced" if answer["replaced"] else "kept"
    click.echo(f"{done}; it is named store:{name}" + _reopened(answer))
    return 0


async def _set(own_folder: str | None, name: str) -> dict[str, Any]:
    from zohosyncd.cli.asking import reached
    from zohosyncd.cli.whisper import pieces, whispered
    from zohosyncd.settings.secrets import check_store_name

    check_store_name(name)
    value = await whispered("Secret", twice=True)
    async with reached(folder_of(own_folder)) as call:
        return await call("set_secret", {"name": name}, say=pieces(value))


@command.command("list")
@config_option
@json_option
def list_(own_folder: str | None, *, as_json: bool) -> int:
    """List the names of kept secrets, those that are named but not there too, and who uses them; never a value."""
    from zohosyncd.cli.output import print_json, print_table

    answer = ask(own_folder, "secrets")
    if as_json:
        print_json(answer)
        return 0
    rows = [
        (
            each["name"],
            "kept" if each["stored"] else f"missing: zohosyncd secret set {each['name']}",
            ", ".join(each["used_by"]) or "nobody",
        )
        for each in answer["secrets"]
    ]
    print_table(("name", "state", "used by"), rows, empty="no secrets")
    return 0


@command.command("rm")
@click.argument("name")
@click.option("--force", is_flag=True, help="Also if an account uses it.")
@config_option
@json_option
def rm(name: str, own_folder: str | None, *, force: bool, as_json: bool) -> int:
    """Throw the secret store:NAME away."""
    from zohosyncd.cli.output import print_json

    answer = ask(own_folder, "remove_secret", name=name, force="yes" if force else None)
    if as_json:
        print_json(answer)
    else:
        click.echo("thrown away" + _reopened(answer))
    return 0


def _reopened(answer: dict[str, Any]) -> str:
    return f"; used by account {', '.join(answer['accounts'])}" if answer["accounts"] else ""
