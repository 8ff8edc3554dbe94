"""``zohosyncd auth NAME``: authorise an account, on a machine with a browser or without one."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click

from zohosyncd.cli.asking import Call, config_option, folder_of, json_option
from zohosyncd.cli.completing import accounts

_PROMPTED = "-"


@click.command("auth")
@click.argument("name", shell_complete=accounts)
@click.option(
    "--redirect-port", "port", type=click.IntRange(1, 65535), metavar="PORT",
    help="Wait for the browser at localhost:PORT, through an ssh tunnel to this machine if need be.",
)  # fmt: skip
@click.option("--paste", is_flag=True, help="Paste the address that the browser ends up on.")
@click.option("--redirect-uri", metavar="URI", help="A redirect address of your own, with --paste.")
@click.option(
    "--code", is_flag=False, flag_value=_PROMPTED, metavar="",
    help="Take the code of a self client, from standard input or a prompt.",
)  # fmt: skip
@click.option("--device", is_flag=True, help="Enter a code that is shown here in any browser anywhere.")
@click.option("--client-credentials", is_flag=True, help="Log in by the client alone, without a person.")
@click.option("--org", metavar="ID", help="The organisation, with --client-credentials.")
@config_option
@json_option
def command(
    name: str, port: int | None, redirect_uri: str | None, code: str | None, org: str | None, own_folder: str | None,
    *, paste: bool, device: bool, client_credentials: bool, as_json: bool,
) -> int:  # fmt: skip
    """Authorise the account NAME: asks its app for the rights that the connections need, and keeps what it gives.

    It prints an address. Open it in any browser, say yes, and paste the address that the browser ends up on. With
    `public_url` and `hooks_listen` the browser comes back to the daemon instead, with --redirect-port to this command.
    With --device a short code is shown, to be entered on a page of the app, where the app knows that.
    """
    import anyio

    from zohosyncd.cli.output import print_json

    ways = [port is not None, paste or redirect_uri is not None, code is not None, device, client_credentials]
    if sum(ways) > 1:
        raise click.UsageError("choose one of --redirect-port, --paste, --code, --device and --client-credentials")
    if org is not None and not client_credentials:
        raise click.UsageError("--org belongs to --client-credentials")
    folder = folder_of(own_folder)
    if code is not None:
        found = anyio.run(_by_code, folder, name, code)
    elif device:
        found = anyio.run(_by_device, folder, name)
    elif client_credentials:
        found = anyio.run(_by_client, folder, name, org)
    else:
        found = anyio.run(_by_browser, folder, name, port, redirect_uri, paste)
    if as_json:
        print_json(found)
    else:
        _print(found)
    return 0


async def _by_code(folder: Path, name: str, code: str) -> dict[str, Any]:
    from zohosyncd.cli.asking import reached
    from zohosyncd.cli.whisper import whispered

    async with reached(folder) as call:
        told = await call("auth_scopes", {"account": name})
        if code == _PROMPTED:
            _tell_scopes(told)
            where = f" at {told['console']}" if told["console"] else ""
            click.echo(f"Generate a code{where} (Self Client), with exactly this as its scope:", err=True)
            click.echo(f"\n{told['asked']}\n", err=True)
            code = await whispered("Code of the self client")
        else:
            click.echo("note: a code among the arguments can be seen by every user; say --code alone", err=True)
        return await call("auth_code", {"account": name}, say=_pieces(code))


async def _by_device(folder: Path, name: str) -> dict[str, Any]:
    from zohosyncd.cli.asking import reached

    async with reached(folder) as call:
        shown = await call("auth_device", {"account": name})
        _tell_scopes(shown)
        click.echo("Open this address in a browser on any machine, log in as the user of the sync:", err=True)
        click.echo(f"\n{shown['url']}\n\nand enter this code there:\n\n{shown['code']}\n", err=True)
        if shown["whole"]:
            click.echo(f"Or open this address, which has the code in it:\n\n{shown['whole']}\n", err=True)
        click.echo(f"Waiting for {shown['seconds'] / 60:.0f} minutes. Ctrl-C gives up.", err=True)
        return await call("auth_device_wait", {"account": name})


async def _by_client(folder: Path, name: str, org: str | None) -> dict[str, Any]:
    from zohosyncd.cli.asking import reached

    async with reached(folder) as call:
        return await call("auth_client", {"account": name, "org": org})


async def _by_browser(
    folder: Path, name: str, port: int | None, redirect_uri: str | None, paste: bool
) -> dict[str, Any]:
    from zohosyncd.cli.asking import reached
    from zohosyncd.supervisor.authorising import CALLBACK

    if port is not None:
        redirect_uri = f"http://localhost:{port}{CALLBACK}"
    pasting = "yes" if paste or redirect_uri is not None else None
    async with reached(folder, listening=port is None and pasting is None) as call:
        begun = await call("auth_begin", {"account": name, "redirect_uri": redirect_uri, "paste": pasting})
        if port is not None:
            async with _waiting_at(port, name, call) as wait:
                _tell(begun, f"The browser comes back to port {port} of this machine (ssh -L {port}:localhost:{port}).")
                return await wait()
        if begun["listening"]:
            _tell(begun, "The browser comes back by itself; waiting for it. Ctrl-C gives up.")
            return await call("auth_wait", {"account": name})
        _tell(begun, "There the browser may show an error: nothing listens there. Paste the address of that page:")
        return await call("auth_finish", {"account": name}, say=_pieces(await _line()))


@asynccontextmanager
async def _waiting_at(port: int, name: str, call: Call) -> AsyncIterator[Callable[[], Awaitable[dict[str, Any]]]]:
    """A listener on a port of the loopback address; what it yields waits for the browser."""
    import anyio

    from zohosyncd.core.errors import SyncError, UsageError
    from zohosyncd.settings import Listen
    from zohosyncd.web.callback import open_callback

    done = anyio.Event()
    found: dict[str, Any] = {}
    failed: list[SyncError] = []

    async def returned(query: str) -> str:
        try:
            found.update(await call("auth_finish", {"account": name}, say=_pieces(f"?{query}")))
        except UsageError:
            raise  # not the answer that is waited for: somebody else's, or an old one
        except SyncError as error:
            failed.append(error)
            done.set()
            raise
        done.set()
        return name

    async def wait() -> dict[str, Any]:
        await done.wait()
        if failed:
            raise failed[0]
        return found

    async with open_callback(returned, Listen("127.0.0.1", port)):
        yield wait


def _tell(begun: dict[str, Any], then: str) -> None:
    """What is asked for and why, and the address; beside the result, which may be wanted as JSON."""
    _tell_scopes(begun)
    click.echo(f"The client must have this redirect address: {begun['redirect_uri']}", err=True)
    click.echo("Open this address in a browser, log in as the user of the sync, and say yes:", err=True)
    click.echo(f"\n{begun['url']}\n", err=True)
    click.echo(then, err=True)


def _tell_scopes(told: dict[str, Any]) -> None:
    click.echo("These rights are asked for:", err=True)
    width = max(len(each["scope"]) for each in told["scopes"])
    for each in told["scopes"]:
        click.echo(f"  {each['scope']:<{width}}  {each['why']}", err=True)


async def _line() -> str:
    """A line from standard input, however long it is waited for."""
    import anyio

    line = await anyio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
    if not line.strip():
        from zohosyncd.core.errors import UsageError

        raise UsageError("nothing was pasted", hint="nothing was changed; give the command again")
    return str(line)


def _pieces(text: str) -> list[list[str]]:
    from zohosyncd.cli.whisper import pieces

    return pieces(text)


def _print(found: dict[str, Any]) -> None:
    who = f"{found['name']} ({found['identity']})" if found["name"] else found["identity"]
    click.echo(f"account {found['account']} is authorised: {who}" + _place(found["location"]))
    for scope in found["missing"]:
        click.echo(f"it was not given {scope}: what needs it will not work")
    if found["note"]:
        click.echo(f"note: {found['note']}")


def _place(location: str) -> str:
    return f", data centre {location}" if location else ""
