"""``zohosyncd erase EMAIL``: all that is held about one person goes, and does not come back."""

from pathlib import Path
from typing import Any

import click

from zohosyncd.cli.asking import ask, config_option, json_option


@click.command("erase")
@click.argument("email")
@click.option("--dry-run", "dry", is_flag=True, help="Only show what there is.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--lift", is_flag=True, help="The person may come back: end the suppression.")
@click.option("--receipt", metavar="FILE", type=click.Path(path_type=Path), help="Write the receipt to FILE, as JSON.")
@config_option
@json_option
def command(
    email: str, receipt: Path | None, own_folder: str | None, *, dry: bool, yes: bool, lift: bool, as_json: bool
) -> int:
    """Remove all that is held about the person with the address EMAIL; - reads it from standard input.

    The records in the apps stay: delete them there first if they shall go. What has the address, or was one of the
    person's records, is not stored any more, not even from an older backup: keyed hashes of them are kept for that.
    """
    from zohosyncd.cli.output import print_json
    from zohosyncd.cli.whisper import read

    address = read("Address", twice=False) if email == "-" else email
    if lift:
        answer = ask(own_folder, "lift", address=address)
        if as_json:
            print_json(answer)
        else:
            click.echo(
                "lifted: who has it may be stored again" if answer["lifted"] else "this address is not suppressed"
            )
        return 0
    if dry or not yes:
        told = ask(own_folder, "erase", address=address, dry="yes")
        if dry and as_json:
            print_json(told)
        else:
            _print_found(told, err=not dry)
        if dry:
            return 0
        click.confirm("Erase this?", abort=True, err=True)
    answer = ask(own_folder, "erase", address=address)
    if receipt is not None:
        _write(receipt, answer["receipt"])
    if as_json:
        print_json(answer)
    else:
        _print_done(answer)
    return 0


def _write(file: Path, receipt: dict[str, Any]) -> None:
    import json

    from zohosyncd.core.errors import SyncError

    try:
        file.write_text(json.dumps(receipt, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        click.echo(json.dumps(receipt, indent=2))
        raise SyncError(
            f"it is done, but the receipt cannot be written: {error.strerror}", hint="it is above"
        ) from error


def _print_found(told: dict[str, Any], *, err: bool) -> None:
    from zohosyncd.cli.output import counted

    click.echo(f"held: {counted(told['found'])}", err=err)
    _print_rest(told, err=err)


def _print_done(answer: dict[str, Any]) -> None:
    from zohosyncd.cli.output import counted

    receipt = answer["receipt"]
    click.echo(f"erased: {counted(receipt['removed'])}; {receipt['suppressed']} hashes keep it from coming back")
    click.echo(f"receipt {receipt['receipt']} of {receipt['at']}, subject {receipt['subject']}")
    _print_rest(answer, err=False)
    for each in answer["backups"]:
        click.echo(f"an earlier backup, of use only with the state key: {each}")
    for each in receipt["remains"]:
        click.echo(f"not reached: {each}")


def _print_rest(told: dict[str, Any], *, err: bool) -> None:
    for each in told["snapshots"]:
        click.echo(f"stands in a snapshot, in clear: remove it if you can do without: {each}", err=err)
    for each in told["mentions"]:
        click.echo(f"stands in somebody else's record, change it there: {each['account']} {each['id']}", err=err)
