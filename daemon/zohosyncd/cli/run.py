"""``zohosyncd run``: the daemon."""

import click

from zohosyncd.cli.asking import config_option, folder_of, load_settings


@click.command("run")
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]),
    help="Least level logged, until a reload brings another log_level [default: as the file says].",
)  # fmt: skip
@config_option
def command(own_folder: str | None, log_level: str | None) -> int:
    """Run the daemon until SIGTERM or Ctrl-C; SIGHUP or a changed file loads the configuration again."""
    import anyio
    import structlog

    from zohosyncd.cli.log_settings import LogSettings
    from zohosyncd.cli.serving import log_reload, opened, watch_files, watch_signals
    from zohosyncd.telemetry import logs

    folder = folder_of(own_folder)
    settings = load_settings(folder)
    log_settings = LogSettings(log_level)
    log_settings.begin(settings.service)
    logs.take_over()
    log = structlog.get_logger("zohosyncd.run")

    async def serve() -> str:
        async with opened(folder, settings) as (daemon, listen), anyio.create_task_group() as tasks:

            async def on_ready() -> None:
                log.info("ready", listen=str(listen), connections=len(settings.connections), folder=str(folder))

            daemon.reloading.told, daemon.reloading.live = log_reload, log_settings.apply
            tasks.start_soon(watch_signals, daemon)
            tasks.start_soon(watch_files, daemon, folder)
            left = await daemon.serve(on_ready=on_ready)
            tasks.cancel_scope.cancel()
            return left
        return ""

    log.info(anyio.run(serve))
    return 0
