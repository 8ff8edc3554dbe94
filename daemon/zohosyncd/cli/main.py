"""The command ``zohosyncd``: finds its subcommands when they are asked for, and turns errors into sentences."""

import importlib
import sys
from typing import Final

import click

from zohosyncd import __version__
from zohosyncd.cli.terminal import HarmlessStream

COMMANDS: Final = {
    "init": "Write a configuration to begin with.",
    "run": "Run the daemon.",
    "demo": "Show everything on simulated apps: no account, no network.",
    "sandbox": "Serve the simulated apps, for rehearsals.",
    "secret": "Keep secrets in the state, encrypted.",
    "auth": "Authorise an account.",
    "accounts": "List the accounts: who we are there, and what the logins may do.",
    "check": "Check the configuration, and try the accounts.",
    "sync": "Run one connection once, to its end.",
    "plan": "Tell what a run would do, without doing it.",
    "status": "Show how everything is, and what to do now.",
    "health": "Ask the daemon whether it lives; for containers.",
    "connectors": "List the apps, and what a pair of them can do.",
    "fields": "List the fields of an account's object.",
    "mapping": "List the pairs of fields of a connection.",
    "approve": "Release a first sync, or what the guard stopped.",
    "contacts": "List where every record stands, and why.",
    "held": "List records that wait for a decision, and decide.",
    "quarantine": "List records that an app refuses; try again, or accept it.",
    "link": "Say that two records are the same person.",
    "unlink": "Say that two records are not kept the same.",
    "split": "Say that two records are two people.",
    "pause": "Let a connection write nothing.",
    "resume": "Let a paused connection write again.",
    "notify": "Try whether messages reach you.",
    "config": "Show what a connection is put together from; reference and schema.",
    "completion": "Print the completion of commands and names for a shell.",
    "reload": "Load the configuration again.",
    "explain": "Tell everything about one person, and why.",
    "history": "List what was written and decided, with the values.",
    "undo": "Undo what a run wrote, or what was written to a person.",
    "snapshot": "Write both sides of a connection to files.",
    "backup": "Write the whole state to one file, and verify it.",
    "restore-state": "Put a backup in the place of the state.",
    "export": "Tell all that is held about one person.",
    "erase": "Remove all that is held about one person.",
}
DEFAULT_FOLDER: Final = "/etc/zohosyncd"


class LazyGroup(click.Group):
    """Imports a command's module only when the command is run, so that ``--help`` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, in the order in which an operator meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command; a wrong name is answered with the nearest one."""
        if cmd_name not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(cmd_name, COMMANDS, n=1)
            ctx.fail(f"no such command: {cmd_name}" + (f" (did you mean {near[0]}?)" if near else ""))
        module = importlib.import_module(f"zohosyncd.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="zohosyncd")
@click.option(
    "--config", "folder", metavar="DIR", envvar="ZOHOSYNCD_CONFIG",
    help=f"Folder of the configuration [default: $ZOHOSYNCD_CONFIG, else {DEFAULT_FOLDER}].",
)  # fmt: skip
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.pass_context
def zohosyncd(ctx: click.Context, folder: str | None, debug: bool) -> None:
    """Keep Zoho CRM contacts the same as the contacts in your other apps, in both directions."""
    ctx.obj = {"folder": folder, "debug": debug}


def main() -> None:
    """Run a command and exit with its code: 0 done, 1 failed, 2 usage or configuration, 3 needs a person.

    130 is what a shell shows of a program that was ended by Ctrl-C. A reader that went away ends it quietly with 1.
    """
    debug = "--debug" in sys.argv[1:]
    for name in ("stdout", "stderr"):
        if (stream := getattr(sys, name)) is not None and stream.isatty():
            setattr(sys, name, HarmlessStream(stream))
    try:
        code = zohosyncd.main(prog_name="zohosyncd", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        if debug:
            raise
        told = first(error)
        click.echo(f"zohosyncd: {sentence(told)}", err=True)
        sys.exit(exit_code(told))
    sys.exit(code if isinstance(code, int) else 0)


def first(error: BaseException) -> BaseException:
    """The error itself, out of the groups that concurrent tasks wrap around it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def sentence(error: BaseException) -> str:
    """What to tell about an error: what happened and what to do; no traceback."""
    from zohosyncd.core.errors import SyncError

    if isinstance(error, SyncError):
        return str(error)
    return f"this is a bug: {type(error).__name__} (give the command again as `zohosyncd --debug ...` and report it)"


def exit_code(error: BaseException) -> int:
    """The exit code that an error asks for."""
    from zohosyncd.core import errors
    from zohosyncd.settings.secrets import SecretError

    if isinstance(error, errors.SettingsError) and error.passing:
        return 1
    if isinstance(error, errors.SettingsError | errors.SettingsProblems | errors.UsageError | SecretError):
        return 2
    if isinstance(error, errors.AuthLost | errors.PermissionLacking | errors.GuardTripped | errors.Paused):
        return 3
    return 1
