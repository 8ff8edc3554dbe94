"""``zohosyncd init``: a configuration to begin with."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from zohosyncd.cli.asking import config_option, folder_of
from zohosyncd.cli.main import DEFAULT_FOLDER

if TYPE_CHECKING:
    from zohosyncd.settings.first_files import FirstAccount, FirstConnection

_APPS: Final = ("zoho_crm", "carddav")
_DIRECTIONS: Final = ("both", "left_to_right", "right_to_left")


@click.command("init")
@click.option(
    "--pair", "apps", nargs=2, default=_APPS, show_default=True, metavar="APP APP",
    help="The apps of the first connection; `zohosyncd connectors` lists them.",
)  # fmt: skip
@click.option("--left", metavar="NAME", help="Name of the first account [default: from its app].")
@click.option("--right", metavar="NAME", help="Name of the second account [default: from its app].")
@click.option("--name", metavar="NAME", help="Name of the connection [default: both accounts' names].")
@click.option("--direction", type=click.Choice(_DIRECTIONS), default="both", show_default=True, help="Which way.")
@click.option("--region", metavar="CC", help="Country of phone numbers without +, such as DE.")
@click.option(
    "--set", "said", multiple=True, metavar="ACCOUNT.KEY=VALUE",
    help="A key of an account, such as carddav.url=https://cloud.example.org/; may be given several times.",
)  # fmt: skip
@click.option(
    "--systemd/--no-systemd", default=None,
    help=f"For the shipped unit, or all in one folder [default: systemd for {DEFAULT_FOLDER}].",
)  # fmt: skip
@config_option
def command(
    apps: tuple[str, str], left: str | None, right: str | None, name: str | None, direction: str, region: str | None,
    said: tuple[str, ...], own_folder: str | None, *, systemd: bool | None,
) -> int:  # fmt: skip
    """Write a configuration to begin with: the service, two accounts, a connection, and the key of the state.

    It asks for what is missing where it runs on a terminal; elsewhere --set and --region say it. No secret is asked
    for: the commands that it prints at the end keep them in the state. It never overwrites a file; a state key that is
    there stays.
    """
    from zohosyncd.cli.init_folder import write_folder
    from zohosyncd.settings.first_files import FirstConnection, first_files

    folder = folder_of(own_folder).absolute()  # the commands at the end are for any folder
    names = _names(apps, left, right)
    connection_name = name or "-".join(names)
    _refuse_names(*names, connection_name)
    accounts = _accounts(names, apps, _values(said, names))
    if region is None and sys.stdin.isatty():
        region = str(click.prompt("Country of phone numbers without +, such as DE (empty: none)", default="",
                                  show_default=False)).strip()  # fmt: skip
    connection = FirstConnection(connection_name, direction, (region or "").upper())
    below_systemd = folder == Path(DEFAULT_FOLDER) if systemd is None else systemd
    texts = first_files(accounts[0], accounts[1], connection, systemd=below_systemd)
    write_folder(folder, texts, private=not below_systemd)
    for file in texts:
        click.echo(f"wrote {folder / file}")
    for line in _next(folder, accounts, connection, systemd=below_systemd):
        click.echo(line)
    return 0


def _names(apps: tuple[str, str], left: str | None, right: str | None) -> tuple[str, str]:
    from zohosyncd.connectors.registry import BY_NAME

    for app in apps:
        if app not in BY_NAME:
            raise click.UsageError(f"there is no app {app}; there are {', '.join(BY_NAME)}")
        if (trouble := BY_NAME[app].unusable) is not None:
            raise trouble
    first, second = (app.partition("_")[0] for app in apps)
    one = left or first
    other = right or (second if second != one else f"{second}-2")
    if one == other:
        raise click.UsageError("the two accounts need different names")
    return one, other


def _refuse_names(*names: str) -> None:
    """A name becomes a file's, so it has to be one before anything is written."""
    from zohosyncd.settings.values import NAME

    for name in names:
        if not NAME.fullmatch(name):
            raise click.UsageError(f"{name} cannot be a name: letters, digits, - and _, such as crm-book")


def _values(said: tuple[str, ...], names: tuple[str, str]) -> dict[str, dict[str, Any]]:
    """What ``--set`` says, by account and key."""
    values: dict[str, dict[str, Any]] = {name: {} for name in names}
    for each in said:
        place, equals, text = each.partition("=")
        account, dot, key = place.partition(".")
        if not equals or not dot or account not in values or not key:
            known = " or ".join(names)
            raise click.UsageError(f"--set expects ACCOUNT.KEY=VALUE, and the account is {known}")
        values[account][key] = text
    return values


def _accounts(
    names: tuple[str, str], apps: tuple[str, str], said: Mapping[str, Mapping[str, Any]]
) -> list["FirstAccount"]:
    """The accounts; what is missing is asked for on a terminal, else refused all at once. Raises UsageError."""
    from zohosyncd.connectors.registry import BY_NAME
    from zohosyncd.settings.first_files import FirstAccount, needed
    from zohosyncd.settings.keys import keys_of

    accounts = []
    lacking: list[str] = []
    for name, app in zip(names, apps, strict=True):
        spec = BY_NAME[app]
        keys = keys_of(spec.options)
        for key in said[name]:
            if key not in keys:
                raise click.UsageError(f"an account of {app} has no key {key}; it has {', '.join(keys)}")
        values = {key: _typed(spec.options, key, text) for key, text in said[name].items()}
        for key in needed(spec.options, values):
            example = str((keys[key].examples or [""])[0])
            if key in values:
                continue
            if sys.stdin.isatty():
                values[key] = str(click.prompt(f"{spec.title}, {keys[key].description} (such as {example})")).strip()
            else:
                lacking.append(f"--set {name}.{key}={example}")
        accounts.append(FirstAccount(name, spec, spec.title, values))
    if lacking:
        raise click.UsageError(f"there is no terminal to ask on; say, with your own values: {' '.join(lacking)}")
    return accounts


def _typed(options: Any, key: str, text: str) -> Any:
    """A value as TOML has it, where its key does not hold text."""
    import tomllib

    from pydantic import ValidationError

    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    try:
        options.model_validate({key: value})
    except ValidationError as error:
        if any(each["loc"][:1] == (key,) for each in error.errors(include_input=False)):
            return text
    return value


def _next(
    folder: Path, accounts: list["FirstAccount"], connection: "FirstConnection", *, systemd: bool
) -> list[str]:  # fmt: skip
    """What to do now, word for word."""
    from shlex import quote

    config = "" if folder == Path(DEFAULT_FOLDER) else f" --config {quote(str(folder))}"
    steps = ["systemctl enable --now zohosyncd"] if systemd else []
    for account in accounts:
        steps += [f"zohosyncd secret set {name}{config}" for name in account.stored().values()]
    steps += [f"zohosyncd auth {each.name}{config}" for each in accounts if _asks_for_consent(each)]
    steps.append(f"zohosyncd check{config}")
    steps += [] if systemd else [f"zohosyncd run{config}    # in another terminal, or by a service manager"]
    steps += [
        f"zohosyncd {verb}{config}" for verb in (f"plan {connection.name}", f"approve {connection.name}", "status")
    ]
    key = "secrets/state-key opens the state: keep a copy of it elsewhere."
    return ["", f"{folder / key}", "Now give these commands, in this order:", "", *(f"  {step}" for step in steps)]


def _asks_for_consent(account: "FirstAccount") -> bool:
    from pydantic import ValidationError

    from zohosyncd.connectors.registry import BY_NAME

    spec = BY_NAME[account.spec.name]
    if spec.oauth is None or "refresh_token" in account.values:
        return False
    try:
        return spec.oauth(spec.options.model_validate(account.complete()), ()) is not None
    except ValidationError:  # told when the files are read
        return True
