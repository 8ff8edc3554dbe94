"""``zohosyncd sandbox``: the simulated apps, for rehearsals and for scripts."""

from pathlib import Path

import click


@click.command("sandbox")
@click.option("--port", default=8099, show_default=True, help="Where to listen on 127.0.0.1; 0 = any free port.")
@click.option("--people", default=1000, show_default=True, type=click.IntRange(0, 1_000_000), help="How many people.")
@click.option("--seed", default=1, show_default=True, help="One seed, one scene.")
@click.option("--latency-ms", default=0.0, show_default=True, help="How long each request takes.")
@click.option(
    "--write-config", "write_to", metavar="DIR", help="Write a configuration for `zohosyncd run --config DIR`."
)
@click.option(
    "--with", "others", multiple=True, metavar="APP", help="Connect this app, too, in that configuration; repeatable."
)
def command(port: int, people: int, seed: int, latency_ms: float, write_to: str | None, others: tuple[str, ...]) -> int:
    """Serve a simulated Zoho CRM and an address book with the same people on both sides, until Ctrl-C.

    The other apps are there as well, with nobody in them: --with APP writes an account and a connection for one.
    """
    import errno

    import anyio

    from zohosyncd.core.errors import UsageError
    from zohosyncd.sandbox.others import servings
    from zohosyncd.sandbox.server import run_sandbox

    folder = Path(write_to) if write_to else None
    for app in others:
        if app not in servings():
            raise UsageError(f"the sandbox has no app {app}", hint=f"there are {', '.join(servings())}")
    if others and folder is None:
        raise UsageError("--with needs a configuration to stand in", hint="add --write-config DIR")
    if folder is not None:
        refuse_foreign(folder)

    async def serve() -> None:
        async with run_sandbox(port, people, seed, latency_ms, write_config=folder, others=others) as served:
            click.echo(f"sandbox: {served.base_url}  ({people} people, seed {seed})")
            if folder is not None:
                click.echo(f"configuration: {folder}  (start the daemon with: zohosyncd run --config {folder})")
            click.echo("Ctrl-C ends it")
            await until_signal()

    try:
        anyio.run(serve)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        hint = "name another one with --port, or 0 for any free one" if taken else ""
        raise UsageError(f"cannot serve on port {port}: {error.strerror}", hint=hint) from error
    return 0


def refuse_foreign(folder: Path) -> None:
    """A configuration that the sandbox did not write stays as it is. Raises UsageError."""
    from zohosyncd.core.errors import UsageError

    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file", hint="name a folder that is new or empty")
    ours = (folder / "zohosyncd.toml").is_file() and "rehearsal" in (folder / "zohosyncd.toml").read_text(
        errors="replace"
    )
    if any(folder.iterdir()) and not ours:
        raise UsageError(f"{folder} holds other files", hint="name a folder that is new or empty")


async def until_signal() -> None:
    """Wait for SIGINT or SIGTERM."""
    import signal

    import anyio

    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            return
