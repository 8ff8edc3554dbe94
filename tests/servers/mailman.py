"""A real Mailman core in processes of its own, from an environment of its own: its pins are not ours.

The environment is made once, with pip, and kept in the cache folder of pytest.
"""

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.servers.real import free_port

USER, PASSWORD = "restadmin", "secret-of-the-core"
PINS = ("mailman==3.3.10", "mailmanclient==3.3.5", "sqlalchemy<2.1")
"""The core and its own client. With SQLAlchemy 2.1 the roster answers 500."""

_IDLE = (
    "archive", "bad", "bounces", "command", "digest", "in", "lmtp", "nntp", "out", "pipeline", "retry", "shunt", "task",
    "virgin",
)  # fmt: skip
"""Its runners but the one that answers requests: no mail is sent or taken."""


@dataclass(frozen=True)
class Core:
    """A running core, and somebody's own client for it."""

    url: str
    http: aiohttp.ClientSession

    async def ask(self, method: str, path: str, **form: Any) -> tuple[int, Mapping[str, str], Any]:
        """Status, headers and document of a call."""
        async with self.http.request(method, f"{self.url}/3.1/{path}", data=form or None) as answer:
            document = await answer.json(content_type=None) if (await answer.read()).strip() else None
            return answer.status, answer.headers, document


def environment(cache: Path) -> Path:
    """The folder of programs of an environment that has Mailman; made where it is not there yet."""
    folder = cache / f"mailman-{sys.version_info.major}.{sys.version_info.minor}-{'-'.join(PINS)}".replace("<", "_")
    with (cache / "mailman.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", folder], check=True)
            pip = (sys.executable, "-m", "pip", "--python", str(folder / "bin/python"), "--disable-pip-version-check")
            made = subprocess.run([*pip, "install", "-q", *PINS], capture_output=True, text=True, check=False)
            assert made.returncode == 0, f"Mailman cannot be installed: {made.stderr[-500:]}"
            (folder / "complete").touch()
    return folder / "bin"


@asynccontextmanager
async def core(cache: Path, folder: Path) -> AsyncIterator[Core]:
    """A core with nothing in it but the domain ``example.com``."""
    programs, port = environment(cache), free_port()
    config = folder / "mailman.cfg"
    config.write_text(_config(folder, port))
    command = (str(programs / "master"), "-C", str(config), "--force")
    environ = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONWARNINGS": "ignore"}
    log = (folder / "log").open("wb")
    process = await asyncio.create_subprocess_exec(
        *command, stdout=log, stderr=log, env=environ, start_new_session=True
    )
    login = {"Authorization": aiohttp.encode_basic_auth(USER, PASSWORD)}
    try:
        async with aiohttp.ClientSession(headers=login) as http:
            made = Core(f"http://127.0.0.1:{port}", http)
            await _ready(made, process, folder / "log")
            assert (await made.ask("POST", "domains", mail_host="example.com"))[0] == 201
            yield made
    finally:
        log.close()
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 10)
        with suppress(ProcessLookupError):  # its runners are in its group, whether or not it has ended them
            os.killpg(process.pid, signal.SIGKILL)


async def _ready(made: Core, process: asyncio.subprocess.Process, log: Path) -> None:
    for _ in range(600):
        assert process.returncode is None, log.read_text()
        try:
            status, _, _ = await made.ask("GET", "system/versions")
        except aiohttp.ClientError:
            await asyncio.sleep(0.1)
        else:
            assert status == 200
            return
    raise AssertionError(log.read_text())


def _config(folder: Path, port: int) -> str:
    idle = "".join(f"[runner.{name}]\nstart: no\n" for name in _IDLE)
    return (
        f"[mailman]\nlayout: here\n[paths.here]\nvar_dir: {folder}/var\n"
        f"[webservice]\nhostname: 127.0.0.1\nport: {port}\nadmin_user: {USER}\nadmin_pass: {PASSWORD}\nworkers: 1\n"
        f"[mta]\nincoming: mailman.mta.null.NullMTA\n{idle}"
    )
