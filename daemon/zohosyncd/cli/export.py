"""``zohosyncd export EMAIL``: all that is held about one person."""

import click

from zohosyncd.cli.asking import ask, config_option


@click.command("export")
@click.argument("email")
@config_option
def command(email: str, own_folder: str | None) -> int:
    """Print as JSON all that is held about the person with the address EMAIL; - reads it from standard input.

    Records of both sides with their values, links, what is held or refused, and the history; in which other people's
    records the address stands, and which snapshots and backups there are.
    """
    from zohosyncd.cli.output import print_json
    from zohosyncd.cli.whisper import read

    address = read("Address", twice=False) if email == "-" else email
    answer = ask(own_folder, "export", address=address)
    print_json(answer)
    if not (answer["records"] or answer["connections"] or answer["mentions"]):
        click.echo("nothing is held about this address", err=True)
    return 0
