"""``zohosyncd held``: what waits for a decision, and the decision."""

import click

from zohosyncd.cli.asking import ask, config_option, json_option
from zohosyncd.cli.completing import connections
from zohosyncd.cli.verbs import Verbs


@click.group("held", cls=Verbs)
def command() -> None:
    """List what waits for a person's decision (held [NAME]), and decide (held resolve, held retry)."""


@command.command("list", hidden=True)
@click.argument("name", shell_complete=connections, required=False)
@config_option
@json_option
def listing(name: str | None, own_folder: str | None, *, as_json: bool) -> int:
    """List records that wait for a person's decision, with the reason and what they depend on."""
    from zohosyncd.cli.output import print_json, print_table, shown, when

    answer = ask(own_folder, "held", connection=name)
    if as_json:
        print_json(answer)
        return 0
    rows = [
        (
            each["connection"], each["side"], each["record_id"], each["who"], each["reason"], each["field"],
            *(shown(each["values"][side]) if each["values"] else "" for side in ("left", "right")),
            ", ".join(f"{other['side']} {other['record_id']}" for other in each["others"]), when(each["since"]),
            each["decision"],
        )
        for each in answer["held"]
    ]  # fmt: skip
    columns = ("connection", "side", "record", "who", "reason", "field", "left", "right", "others", "since", "decided")
    print_table(columns, rows, empty="nothing is held")
    for reason in sorted({each["reason"] for each in answer["held"]}):
        click.echo(f"{reason}: {next(each['cure'] for each in answer['held'] if each['reason'] == reason)}")
    if rows:
        click.echo("`zohosyncd held resolve NAME RECORD ...` decides; `zohosyncd explain NAME RECORD` tells more")
    return 0


@command.command("resolve")
@click.argument("name", shell_complete=connections)
@click.argument("record", required=False)
@click.option("--reason", metavar="R", help="Decide about all that are held for this reason.")
@click.option("--field", metavar="F", help="The field, where several of a record are held.")
@click.option("--take", metavar="SIDE", help="The value of this side is right: left, right or the account's name.")
@click.option("--create", "choice", flag_value="create", help="It is somebody of its own: create it on the other side.")
@click.option("--link", "partner", metavar="OTHER", help="It is the same person as this record of the other side.")
@click.option("--replace", is_flag=True, help="With --link: give up the other's present link.")
@click.option("--leave", "choice", flag_value="leave", help="Leave it alone for good, until `held retry`.")
@click.option("--opt-out", "choice", flag_value="opt_out", help="Opt the person out on both sides.")
@click.option("--dry-run", is_flag=True, help="Tell what would be decided, and decide nothing.")
@config_option
@json_option
def resolve(
    name: str, record: str | None, reason: str | None, field: str | None, take: str | None, choice: str | None,
    partner: str | None, own_folder: str | None, *, replace: bool, dry_run: bool, as_json: bool,
) -> int:  # fmt: skip
    """Decide about the held RECORD (its id or e-mail) of connection NAME, or about all of a reason.

    A decision is kept, whatever happens, until it has been carried out.
    """
    from zohosyncd.cli.decided import decide

    if replace and partner is None:
        raise click.UsageError("--replace belongs to --link")
    if partner is not None and (take or choice):
        raise click.UsageError("say one of --take, --create, --link, --leave, --opt-out")
    word = f"take {take}" if take else f"link to {partner}" if partner else str(choice or "").replace("_", " ")
    return decide(
        own_folder, "resolve", f"would be decided: {word}" if dry_run else f"decided: {word}", as_json=as_json,
        one=record is not None, quiet=not dry_run, connection=name, record=record, reason=reason, field=field,
        take=take, choice=choice, partner=partner, replace="yes" if replace else None,
        dry_run="yes" if dry_run else None, then="" if dry_run or choice == "leave" else "the next run carries it out",
    )  # fmt: skip


@command.command("retry")
@click.argument("name", shell_complete=connections)
@click.argument("record", required=False)
@click.option("--reason", metavar="R", help="Look again at all that are held for this reason.")
@click.option("--field", metavar="F", help="The field, where several of a record are held.")
@config_option
@json_option
def retry(
    name: str, record: str | None, reason: str | None, field: str | None, own_folder: str | None, *, as_json: bool
) -> int:
    """Look again at the held RECORD of connection NAME, or at all of a reason; decisions about it are taken back."""
    from zohosyncd.cli.decided import decide

    return decide(
        own_folder, "retry_held", "looked at again in the next run", as_json=as_json, one=record is not None,
        connection=name, record=record, reason=reason, field=field,
    )  # fmt: skip
