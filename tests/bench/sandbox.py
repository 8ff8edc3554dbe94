"""`zohosyncd sandbox` in a process of its own, for measurements that must not count it."""

import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import aiohttp


class Sandbox:
    """The simulated apps with so many people; ``folder`` is made a configuration that leads to them.

    ``more``: more of the command line.
    """

    def __init__(self, folder: Path, people: int, *more: str) -> None:
        command = [
            sys.executable, "-m", "zohosyncd", "sandbox", "--port", "0", "--people", str(people), "--seed", "7",
            "--write-config", str(folder), *more,
        ]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[1]

    async def tune(self, app: str, knobs: dict[str, Any]) -> None:
        """Turn knobs of an app."""
        body = {"app": app, "set": knobs}
        async with aiohttp.ClientSession(self.url) as http, http.post("/_sandbox/knobs", json=body) as answer:
            assert answer.status == 200, await answer.text()

    async def calls(self) -> dict[str, dict[str, dict[str, int]]]:
        """What was called, and what it cost, by app and template."""
        async with aiohttp.ClientSession(self.url) as http, http.get("/_sandbox/calls") as answer:
            return cast("dict[str, dict[str, dict[str, int]]]", (await answer.json())["apps"])

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
