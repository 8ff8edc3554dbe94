"""``zohosyncd sync NAME``: one run, to its end."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option


@click.command("sync")
@click.argument("name")
@click.option("--once", is_flag=True, help="Accepted for clarity: a run is always one.")
@config_option
@json_option
def command(name: str, own_folder: str | None, *, once: bool, as_json: bool) -> int:  # noqa: ARG001
    """Run the connection NAME once: everything known at its start is worked off."""
    from zohosyncd.cli.output import print_json

    report = ask(own_folder, "sync", connection=name)
    if as_json:
        print_json(report)
    else:
        _print(name, report[name])
    waits = report[name]["waiting"] or report[name]["stage"] == "approval"
    return 3 if waits else 0


def _print(name: str, report: dict[str, object]) -> None:
    created, updated = report["created"], report["updated"]
    click.echo(
        f"{name}: {report['links']} linked; created {created['left']} left, {created['right']} right; "  # type: ignore[index]
        f"updated {updated['left']} left, {updated['right']} right; "  # type: ignore[index]
        f"{report['held']} held, {report['quarantined']} quarantined ({report['seconds']} s)"
    )
    if report["stage"] == "approval":
        click.echo(f"the first sync waits: look at `zohosyncd plan {name}`, then `zohosyncd approve {name}`")
    elif report["waiting"]:
        click.echo(f"the guard stopped {report['waiting']} writes: `zohosyncd approve {name}` releases them")
    elif not report["converged"]:
        click.echo("not everything could be worked off: `zohosyncd status` tells why")
