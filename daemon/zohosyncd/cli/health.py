"""``zohosyncd health``: does the daemon's event loop turn? For containers, whose engine runs a command to find out."""

import click

from zohosyncd.cli.asking import config_option, folder_of


@click.command("health")
@click.option("--ready", is_flag=True, help="Ask whether it does its work, instead of whether it lives.")
@click.option("--timeout", default=5.0, show_default=True, type=click.FloatRange(0.1, 600), help="Seconds to wait.")
@config_option
def command(own_folder: str | None, *, ready: bool, timeout: float) -> int:
    """Ask the running daemon for /livez (or /readyz); exit code 1 if it does not say yes in time.

    It reads no secret and opens no state: nothing but the address in [service] listen is needed.
    """
    path = "/readyz" if ready else "/livez"
    host, port = _address(own_folder)
    said = _get(host, port, path, timeout)
    click.echo(said[1], err=not said[0])
    return 0 if said[0] else 1


def _address(own_folder: str | None) -> tuple[str, int]:
    """Where the listener can be asked from this machine. Raises SettingsError or UsageError."""
    import os

    from zohosyncd.core.errors import UsageError
    from zohosyncd.settings.service import Service, with_environment
    from zohosyncd.settings.toml import read
    from zohosyncd.settings.values import Listen

    folder = folder_of(own_folder)
    said = {} if os.environ.get("ZOHOSYNCD_LISTEN") else read(folder / "zohosyncd.toml").values.get("service")
    given = with_environment(said if isinstance(said, dict) else {}, folder, os.environ).get("listen")
    try:
        listen = Listen.parse(Service.model_fields["listen"].default if given is None else given)
    except ValueError as error:
        raise UsageError(f"listen is not an address: {given!r}", hint="write HOST:PORT") from error
    if not listen.port:
        raise UsageError("listen leaves the port open, so it is not known", hint="name a port in [service] listen")
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen.host, listen.host), listen.port  # noqa: S104


def _get(host: str, port: int, path: str, timeout: float) -> tuple[bool, str]:
    """Whether the page says yes, and what to tell: a loop that hangs takes the connection and never answers."""
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read(1000).decode("utf-8", "replace").strip()
    except TimeoutError:
        return False, f"the daemon does not answer within {timeout:g} s"
    except (OSError, HTTPException) as error:
        return False, f"no daemon answers on {host}:{port}: {getattr(error, 'strerror', None) or type(error).__name__}"
    finally:
        connection.close()
    return answer.status == 200, text
