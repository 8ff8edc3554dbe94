"""``zohosyncd connectors``: the apps, what each of them can do, and what a pair of them can do."""

from typing import TYPE_CHECKING

import click

from zohosyncd.cli.asking import json_option

if TYPE_CHECKING:
    from zohosyncd.connectors.tools import ConnectorSpec


@click.command("connectors")
@click.argument("name", required=False, metavar="[APP]")
@click.option("--pair", "two", nargs=2, metavar="APP APP", help="What a connection of these two apps can do.")
@json_option
def command(name: str | None, two: tuple[str, str] | None, *, as_json: bool) -> int:
    """List the apps that can be synced with all they can do; one APP also with why it cannot do the rest.

    --pair tells what a connection of two apps can do: filters, actions, deletions, consent.

    It needs no configuration and asks no app: an account, or one of its objects, may have less. Apps that other
    packages bring are listed with the package, which is loaded for that.
    """
    if name is not None and two is not None:
        raise click.UsageError("name one app, or two with --pair")
    if two is not None:
        return _pair(two, as_json=as_json)
    return _all(as_json=as_json) if name is None else _one(name, as_json=as_json)


def _all(*, as_json: bool) -> int:
    from zohosyncd.cli.output import print_json, print_table
    from zohosyncd.connectors.registry import BY_NAME
    from zohosyncd.supervisor import abilities

    specs = list(BY_NAME.usable().values())
    broken = [spec.unusable for spec in BY_NAME.values() if spec.unusable is not None]
    lines = [*map(str, broken), *BY_NAME.shadowed()]
    if as_json:
        apps = [abilities.app(spec, BY_NAME.origin(spec.name)) for spec in specs]
        print_json({"apps": apps, "not_used": lines})
        return 0
    origins = ("from", *(BY_NAME.origin(spec.name) or "zohosyncd" for spec in specs))
    print_table(("app", *(spec.name for spec in specs)), [origins, *abilities.matrix(specs)], empty="no apps")
    for line in lines:
        click.echo(line, err=True)
    return 0


def _one(name: str, *, as_json: bool) -> int:
    from zohosyncd.cli.output import print_json, print_table
    from zohosyncd.connectors.registry import BY_NAME
    from zohosyncd.supervisor import abilities

    spec = _spec(name)
    if as_json:
        print_json(abilities.app(spec, BY_NAME.origin(name)))
    else:
        click.echo(f"{spec.title}, from {BY_NAME.origin(name) or 'zohosyncd'}")
        print_table(("capability", "has", "why not, or not always"), abilities.told(spec), empty="nothing")
    return 0


def _pair(two: tuple[str, str], *, as_json: bool) -> int:
    from zohosyncd.cli.output import print_json, print_table
    from zohosyncd.supervisor import pairing

    rows = pairing.pair(*map(_spec, two))
    if as_json:
        print_json({"left": two[0], "right": two[1], "rows": [row.as_json() for row in rows]})
    else:
        lines = [(row.part, row.where, ", ".join(row.choices) or "-", row.note) for row in rows]
        print_table(("part", "where", "choices", "note"), lines, empty="nothing")
    return 0


def _spec(name: str) -> "ConnectorSpec":
    from zohosyncd.connectors.registry import BY_NAME

    if name not in BY_NAME:
        raise click.UsageError(f"there is no app {name}; there are {', '.join(BY_NAME)}")
    spec = BY_NAME[name]
    if spec.unusable is not None:
        raise spec.unusable
    return spec
