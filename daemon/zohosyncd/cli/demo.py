"""``zohosyncd demo``: everything, on simulated apps, in a temporary folder."""

import click


@click.command("demo")
@click.option("--people", default=500, show_default=True, type=click.IntRange(0, 1_000_000), help="How many people.")
@click.option("--seed", default=1, show_default=True, help="One seed, one scene.")
@click.option("--once", is_flag=True, help="End by itself when both sides are the same.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON at the end (with --once).")
def command(people: int, seed: int, *, once: bool, as_json: bool) -> int:
    """Keep a simulated Zoho CRM and a simulated address book the same, and show what happens.

    It needs no account and no network, and leaves nothing behind but the temporary folder that it names.
    """
    import anyio

    from zohosyncd.cli.demonstration import demonstrate, demonstrate_once
    from zohosyncd.cli.output import print_json
    from zohosyncd.telemetry import logs

    logs.configure("console", "error")
    if not once:
        anyio.run(demonstrate, people, seed)
        return 0
    result = anyio.run(demonstrate_once, people, seed)
    if as_json:
        print_json(result)
    else:
        for name, each in result["connections"].items():
            click.echo(f"{name}: {each}")
        click.echo(f"duplicates {result['duplicates']}, converged {result['converged']}, {result['seconds']} s")
    return 0 if result["converged"] and not result["duplicates"] else 1
