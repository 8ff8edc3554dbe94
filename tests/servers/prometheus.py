"""A real Prometheus with the shipped rules, which scrapes one daemon every second."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import yaml

from tests.promises.monitoring import PROMETHEUS


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Prometheus:
    """A running server, and what can be asked of it."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self._http = http

    async def ask(self, path: str, **parameters: str) -> Any:
        async with self._http.get(f"{self.url}/api/v1/{path}", params=parameters) as answer:
            told = await answer.json()
        assert told["status"] == "success", told
        return told["data"]

    async def query(self, expr: str) -> list[dict[str, Any]]:
        """The samples that an expression has now."""
        return list((await self.ask("query", query=expr))["result"])

    async def ready(self) -> bool:
        try:
            async with self._http.get(f"{self.url}/-/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


@asynccontextmanager
async def prometheus(folder: Path, target: str) -> AsyncIterator[Prometheus]:
    """The shipped folder, but for the target and for seconds instead of quarters of minutes."""
    shutil.copytree(PROMETHEUS, folder)
    file = folder / "prometheus.yml"
    config = yaml.safe_load(file.read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["scrape_configs"][0]["static_configs"] = [{"targets": [target]}]
    file.write_text(yaml.safe_dump(config))
    port = free_port()
    with (folder / "log").open("wb") as log:
        server = await asyncio.create_subprocess_exec(
            "prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}", stdout=log, stderr=log,
        )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as http:
            running = Prometheus(f"http://127.0.0.1:{port}", http)
            with anyio.fail_after(30):
                while not await running.ready():
                    assert server.returncode is None, (folder / "log").read_text()
                    await anyio.sleep(0.1)
            yield running
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()
