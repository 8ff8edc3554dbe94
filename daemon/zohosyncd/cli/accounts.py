"""``zohosyncd accounts``: who we are where, and what the logins may do."""

from typing import Any

import click

from zohosyncd.cli.asking import ask, config_option, json_option


@click.command("accounts")
@config_option
@json_option
def command(own_folder: str | None, *, as_json: bool) -> int:
    """List the accounts: who we are there, the rights that are held and missing, which connections use them."""
    from zohosyncd.cli.output import print_json, print_table

    answer = ask(own_folder, "accounts")
    found = answer["accounts"]
    if as_json:
        print_json(answer)
    else:
        rows = [
            (name, each["app"], each["state"], _who(each), _login(each), ", ".join(each["connections"]) or "none",
             each["reason"], each["cure"])
            for name, each in found.items()
        ]  # fmt: skip
        columns = ("account", "app", "state", "who", "login", "connections", "reason", "cure")
        print_table(columns, rows, empty="no accounts")
        for name, each in found.items():
            _print_scopes(name, each)
            if others := each["same_org"]:
                click.echo(f"{name} and {' and '.join(others)} share the API credits of one organisation")
    return 0


def _who(each: dict[str, Any]) -> str:
    return f"{each['name']} ({each['identity']})" if each["name"] else each["identity"] or "unknown"


def _login(each: dict[str, Any]) -> str:
    from zohosyncd.cli.output import when

    words = {
        "password": "password",
        "key": "key",
        "file": "refresh token of the file",
        "none": "none",
        "refresh_token": "consent of " + when(each["since"]),
        "client_credentials": "client credentials since " + when(each["since"]),
    }
    return words[each["login"]] + (f", {each['location']}" if each["location"] else "")


def _print_scopes(name: str, each: dict[str, Any]) -> None:
    if each["login"] in {"password", "key"}:
        return
    if each["held"] is not None:
        click.echo(f"{name} holds {', '.join(each['held'])}")
    elif each["login"] == "none":
        click.echo(f"{name} has no consent yet: zohosyncd auth {name}")
        return
    else:
        click.echo(f"{name}: nobody has told which scopes it holds; a call that lacks one says so")
    for scope in each["missing"] or ():
        click.echo(f"{name} lacks {scope['scope']}, {scope['why']}: zohosyncd auth {name}")
