"""``zohosyncd config``: the effective connection, the reference of all keys, and the schema for editors."""

from typing import Any

import click

from zohosyncd.cli.asking import config_option, folder_of, json_option
from zohosyncd.cli.completing import connections

_KINDS = ("all", "service", "account", "connection", "preset")


@click.command("config")
@click.argument("name", shell_complete=connections, required=False)
@click.option(
    "--schema", "kind", is_flag=False, flag_value="all", type=click.Choice(_KINDS),
    help="Print the JSON Schema of one kind of file, or one for all.",
)  # fmt: skip
@click.option("--reference", is_flag=True, help="Print every key with type, default and example.")
@config_option
@json_option
def command(name: str | None, kind: str | None, own_folder: str | None, *, reference: bool, as_json: bool) -> int:
    """Show the connection NAME with its presets, variables and defaults, and where each value stands.

    The schema accepts the names of the configuration's accounts where it has any, and any name otherwise.
    """
    wishes = [name is not None, kind is not None, reference]
    if wishes.count(True) != 1:
        raise click.UsageError("name a connection, or say --schema or --reference")
    if name is not None:
        return _show(name, own_folder, as_json=as_json)
    if kind is not None:
        return _schema(kind, own_folder)
    from zohosyncd.connectors.registry import BY_NAME
    from zohosyncd.settings.reference import reference as text

    click.echo(text(BY_NAME.usable()), nl=False)
    return 0


def _show(name: str, own_folder: str | None, *, as_json: bool) -> int:
    from zohosyncd.cli.output import print_json
    from zohosyncd.settings.effective import effective

    found = effective(folder_of(own_folder), name)
    if as_json:
        print_json({"connection": name, "values": found.values, "origins": found.origins()})
    else:
        click.echo(found.text(), nl=False)
    return 0


def _schema(kind: str, own_folder: str | None) -> int:
    from zohosyncd.cli.output import print_json
    from zohosyncd.connectors.registry import BY_NAME
    from zohosyncd.settings import editor_schema
    from zohosyncd.settings.files import ACCOUNTS, names_in

    accounts = names_in(folder_of(own_folder), ACCOUNTS) or None
    specs = BY_NAME.usable()
    schema: dict[str, Any] = (
        editor_schema.schema_of_all(specs, accounts)
        if kind == "all"
        else editor_schema.schema_of(editor_schema.FileKind(kind), specs, accounts)
    )
    print_json(schema)
    return 0
