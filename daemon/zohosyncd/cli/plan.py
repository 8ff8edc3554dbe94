"""``zohosyncd plan NAME``: what a run would do."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option


@click.command("plan")
@click.argument("name")
@config_option
@json_option
def command(name: str, own_folder: str | None, *, as_json: bool) -> int:
    """Tell what a run of the connection NAME would do, without writing to either app."""
    from zohosyncd.cli.output import counted, print_json

    plan = ask(own_folder, "plan", connection=name)
    if as_json:
        print_json(plan)
        return 0
    click.echo(f"{name} ({plan['stage']}): {plan['links']} linked so far")
    click.echo(f"  would link       {plan['link']}")
    for kind in ("create", "update", "delete"):
        click.echo(f"  would {kind:<10} {plan[kind]['left']} left, {plan[kind]['right']} right")
    click.echo(f"  clashes          {plan['clashes']}")
    click.echo(f"  would hold       {counted(plan['hold'])}")
    click.echo(f"  would quarantine {counted(plan['quarantine'])}")
    if plan["waiting"]:
        click.echo(f"  waits for approval: {plan['waiting']} writes that the guard stopped")
    if plan["trouble"]:
        click.echo(f"  not up to date: {plan['trouble']}")
    return 0
