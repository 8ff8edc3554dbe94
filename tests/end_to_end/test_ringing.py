"""The doorbell, from an edit in Zoho to the write in the address book: counted in events, with polls an hour apart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import pytest

from tests.end_to_end.rehearsal import CONNECTION, Rehearsal, rehearse
from tests.end_to_end.test_serving import converged, until
from zohosyncd.cli.serving import opened
from zohosyncd.settings import load
from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.supervisor.daemon import Daemon

FILE = f"connections.d/{CONNECTION}.toml"


@asynccontextmanager
async def at_work(rehearsal: Rehearsal, port: int) -> AsyncIterator[Daemon]:
    """The daemon as `run` has it, with a hooks listener that the sandbox reaches."""
    async with opened(rehearsal.folder, load(rehearsal.folder, BY_NAME)) as (daemon, _), anyio.create_task_group() as tasks:
        tasks.start_soon(daemon.serve)
        yield daemon
        daemon.stop()


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def with_hooks(rehearsal: Rehearsal) -> int:
    port = free_port()
    said = f'hooks_listen = "127.0.0.1:{port}"\npublic_url = "http://127.0.0.1:{port}"\nlisten = "127.0.0.1:0"\n'
    file = rehearsal.folder / "zohosyncd.toml"
    lines = [line for line in file.read_text().splitlines() if not line.startswith("listen =")]
    file.write_text("\n".join(lines).replace("[service]\n", f"[service]\n{said}") + "\n")
    rehearsal.rewrite(FILE, {'every = "2s"': 'every = "1h"'})
    return port


def channel(daemon: Daemon) -> dict[str, Any] | None:
    return next(iter(daemon.bells.status("zoho")), None)


async def test_an_edit_in_zoho_is_in_the_book_although_the_next_poll_is_an_hour_away(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=20) as rehearsal:
        with_hooks(rehearsal)
        async with at_work(rehearsal, 0) as daemon:
            await until(lambda: converged(daemon), "the first sync")

            async def opened_one() -> bool:
                found = channel(daemon)
                return found is not None and found["expires_in_seconds"] is not None

            await until(opened_one, "a channel")
            turns = daemon.connections[CONNECTION].plan.tally.runs
            await rehearsal.forget_calls()
            record_id = await rehearsal.new_contact(First_Name="Nova", Last_Name="Brandnew", Email="nova@example.net")

            async def in_the_book() -> bool:
                return any("nova@example.net" in card for card in (await rehearsal.cards()).values())

            with anyio.fail_after(5):
                while not await in_the_book():
                    await anyio.sleep(0.02)
            status = await daemon.commands.status()
    print(status["accounts"]["zoho"]["channels"], turns)
