"""``zohosyncd notify test``."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option


@click.group("notify")
def command() -> None:
    """Try the channels of [notify] in zohosyncd.toml."""


@command.command("test")
@config_option
@json_option
def test(own_folder: str | None, *, as_json: bool) -> int:
    """Send a test message by every channel, now. Exit code 1 if one of them fails."""
    from zohosyncd.cli.output import print_json

    answer = ask(own_folder, "notify_test")
    if as_json:
        print_json(answer)
    else:
        for name, each in answer["channels"].items():
            cure = f" ({each['cure']})" if each["cure"] else ""
            click.echo(f"{name}: sent to {each['to']}" if each["sent"] else f"{name}: not sent: {each['reason']}{cure}")
    return 0 if all(each["sent"] for each in answer["channels"].values()) else 1
