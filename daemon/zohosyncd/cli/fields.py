"""``zohosyncd fields ACCOUNT``: the fields of an object."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option
from zohosyncd.cli.completing import accounts


@click.command("fields")
@click.argument("account", shell_complete=accounts)
@click.option("--object", "object_name", help="The object; the app's contacts if it is missing.")
@config_option
@json_option
def command(account: str, object_name: str | None, own_folder: str | None, *, as_json: bool) -> int:
    """List the fields of an object of ACCOUNT: type, meaning, what can be written."""
    from zohosyncd.cli.output import print_json, print_table

    answer = ask(own_folder, "fields", account=account, object=object_name)
    if as_json:
        print_json(answer)
        return 0
    click.echo(f"{account}, object {answer['object']} (known objects: {', '.join(answer['objects'].values())})")
    rows = [
        (
            each["name"], each["type"], each["means"], "yes" if each["writable"] else "no",
            "yes" if each["required"] else "", each["max_length"] or "", each["label"],
        )
        for each in answer["fields"]
    ]  # fmt: skip
    print_table(("field", "type", "means", "writable", "required", "length", "label"), rows, empty="no fields")
    return 0
