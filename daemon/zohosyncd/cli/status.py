"""``zohosyncd status``: how everything is, and what to do now."""

import datetime
from typing import Any

import click

from zohosyncd.cli.asking import ask, config_option, json_option


@click.command("status")
@click.option("--watch", is_flag=True, help="Go on showing it, until Ctrl-C.")
@config_option
@json_option
def command(own_folder: str | None, *, watch: bool, as_json: bool) -> int:
    """Show accounts and connections, and for each connection what to do now.

    With --watch the screen stays up to date, also while the daemon is started anew. Into a pipe, or with --json, each
    change is written below the one before: with --json one line each.
    """
    from zohosyncd.cli.output import print_json

    if watch:
        from zohosyncd.cli.live import watch_status

        return watch_status(own_folder, print_status, as_json=as_json)
    status = ask(own_folder, "status")
    if as_json:
        print_json(status)
    else:
        print_status(status)
    return 0


def print_status(status: dict[str, Any]) -> None:
    """The one screen for a person."""
    from zohosyncd.cli.output import counted, print_table

    click.echo(f"zohosyncd {status['version']}, state {status['state']}")
    if not status["serving"]:
        click.echo("no daemon runs: nothing is synced by itself (`zohosyncd run` starts one)")
    if status["refused"]:
        click.echo("the files are wrong and not in force; the daemon goes on with what it had:")
        for each in status["refused"]:
            click.echo(f"  {each}")
    rows = [
        (name, each["app"], each["state"], each["reason"] or "", each["cure"] or "")
        for name, each in status["accounts"].items()
    ]
    print_table(("account", "app", "state", "reason", "cure"), rows, empty="no accounts")
    _print_budgets(status["accounts"])
    for name, each in status["accounts"].items():
        for channel in each.get("channels", ()):
            click.echo(_bell(name, channel))
    click.echo()
    lines = []
    for name, each in status["connections"].items():
        lines.append(
            (
                name,
                each["state"],
                each["stage"],
                each.get("links", ""),
                counted(each.get("held", {})),
                counted(each.get("quarantined", {})),
                sum(each.get("pending", {}).values()),
                each["do_now"],
            )
        )
    columns = ("connection", "state", "stage", "links", "held", "quarantined", "pending", "do now")
    print_table(columns, lines, empty="no connections")
    for name, each in status["connections"].items():
        if each["reason"]:
            click.echo(f"{name} waits: {each['reason']}" + (f" ({each['cure']})" if each["cure"] else ""))
        for mistake in each.get("mistakes", ()):
            click.echo(f"  {mistake}")
        _print_pace(name, each)
        if each.get("first_sync"):
            from zohosyncd.cli.plan import print_numbers

            print_numbers(each["first_sync"])
        for batch in each.get("waiting", ()):
            what = f"{batch['writes']} writes to the {batch['side']} ({batch['guard']})"
            click.echo(f"{name}: the guard stopped {what}, batch {batch['batch']}")
        unknown = each.get("intents", {}).get("unknown", 0)
        if unknown:
            click.echo(f"{name}: {unknown} writes whose outcome is being found out")
        if each.get("stored_differently"):
            click.echo(f"{name}: {each['stored_differently']} fields are stored differently than they were sent")


_BELLS = {
    "new": "has not rung yet: polled as if it did not",
    "healthy": "rings when something changes: polled less often",
    "doubtful": "has missed a change: polled as if it did not ring",
    "unhealthy": "has missed several changes: it is asked anew to ring",
}


def _bell(account: str, channel: dict[str, Any]) -> str:
    """What there is to say of an app that rings for an object."""
    if channel["reason"]:
        cure = f" ({channel['cure']})" if channel["cure"] else ""
        return f"{account}: {channel['object']} does not ring: {channel['reason']}{cure}"
    return f"{account}: {channel['object']} {_BELLS[channel['state']]}"


def _print_budgets(accounts: dict[str, Any]) -> None:
    for name, each in accounts.items():
        if said := each.get("budget", {}).get("sentence"):
            click.echo(f"{name}: {said}")


def _print_pace(name: str, connection: dict[str, Any]) -> None:
    """How much slower than wished it is, and until when a first sync takes."""
    wished, real = connection.get("interval_seconds", 0.0), connection.get("real_interval_seconds", 0.0)
    if real > wished:
        click.echo(f"{name}: polled every {real:.0f} s instead of {wished:.0f} s, to leave credits for writes")
    if connection.get("done_at"):
        click.echo(f"{name}: the first sync will be done at about {_moment(connection['done_at'])}")


def _moment(at: float) -> str:
    return datetime.datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M %Z")
