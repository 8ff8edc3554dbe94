"""``zohosyncd check``: is the configuration right, and do the accounts work?"""

import click

from zohosyncd.cli.asking import ask, config_option, folder_of, json_option, load_settings

_KINDS = ("files", "secrets", "accounts", "connections")


@click.command("check")
@click.option("--offline", is_flag=True, help="Only read the files; ask no app, read no secret.")
@config_option
@json_option
def command(own_folder: str | None, *, offline: bool, as_json: bool) -> int:
    """Check the configuration: a line for each file, secret, account and connection, with its cure.

    Accounts are logged in to, and connections are compared with the fields, choices and owners that the apps have;
    --offline leaves out both and the secrets.

    Exit codes: 0 all is right, 2 the files are wrong, or do not fit the apps, 3 an account or a connection waits: a
    secret is missing, an app cannot be reached, or nobody has authorised it.
    """
    from zohosyncd.cli.output import print_json, print_table

    settings = load_settings(folder_of(own_folder))
    if offline:
        answer: dict[str, object] = {"accounts": sorted(settings.accounts), "connections": sorted(settings.connections)}
        if as_json:
            print_json(answer)
        else:
            click.echo(
                f"{len(settings.accounts)} accounts and {len(settings.connections)} connections are configured right"
            )
        return 0
    found = ask(own_folder, "check")
    if as_json:
        print_json(found)
    else:
        for kind in _KINDS:
            rows = [(name, each["state"], each["reason"], each["cure"]) for name, each in found[kind].items()]
            print_table((kind[:-1], "state", "why", "cure"), rows, empty=f"no {kind}")
            click.echo()
        for mistake in found["mistakes"]:
            click.echo(mistake, err=True)
        for name, each in [*found["accounts"].items(), *found["connections"].items()]:
            for note in each["notes"]:
                click.echo(f"note on {name}: {note}")
    states = {each["state"] for kind in _KINDS for each in found[kind].values()}
    return 2 if "refused" in states else 3 if "waiting" in states else 0
