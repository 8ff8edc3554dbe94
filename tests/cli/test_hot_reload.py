"""A daemon of its own, whose files are mounted as a container platform does it: behind a link that is swapped."""

import json
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CONNECTION, Started, Zohosyncd, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SECONDS = 10.0


class Mount:
    """A folder of which every file is a link through ``..data``, which is swapped as a whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0
        files = {file.name: file.read_text() for file in folder.glob("*.toml")}
        for file in folder.glob("*.toml"):
            file.unlink()
        self.show(files)

    def show(self, files: dict[str, str]) -> None:
        """Swap what is there for these files, at one moment."""
        self.number += 1
        version = self.folder / f"..{self.number}"
        version.mkdir()
        for name, text in files.items():
            (version / name).write_text(text)
            if not (self.folder / name).is_symlink():
                (self.folder / name).symlink_to(f"..data/{name}")
        (self.folder / "..data_tmp").symlink_to(version.name)
        (self.folder / "..data_tmp").replace(self.folder / "..data")
        for link in self.folder.glob("*.toml"):
            if link.name not in files:
                link.unlink()
        if self.number > 1:
            shutil.rmtree(self.folder / f"..{self.number - 1}")


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def held_open(daemon: Started) -> tuple[int, int]:
    """Files and threads of the process."""
    process = Path(f"/proc/{daemon.process.pid}")
    return len(list((process / "fd").iterdir())), len(list((process / "task").iterdir()))


def test_swapped_mounts_and_signals(zohosyncd: Zohosyncd, conf: Path, tmp_path: Path) -> None:
    file = f"{CONNECTION}.toml"
    right = (conf / f"connections.d/{file}").read_text()
    mount, secret = Mount(conf / "connections.d"), conf / "secrets/book-password"

    def shown() -> dict[str, Any]:
        return dict(json.loads(zohosyncd("status", "--json", "--config", conf).out))

    def interval() -> float:
        return float(shown()["connections"].get(CONNECTION, {}).get("interval_seconds", 0))

    with started(tmp_path / "log", "run", "--config", conf) as daemon:
        daemon.wait_for("ready")
        until(lambda: shown()["connections"][CONNECTION]["stage"] == "live", "the first sync")
        links, before = shown()["connections"][CONNECTION]["links"], held_open(daemon)

        mount.show({file: right.replace('"2s"', '"7s"')})
        until(lambda: interval() == 7, "the swapped file in force")

        mount.show({file: right + "[[rules"})
        until(lambda: bool(shown()["refused"]), "the mistake told")
        assert interval() == 7
        daemon.wait_for("configuration refused, the old one stays")
        assert zohosyncd("reload", "--config", conf).code == 2

        for seconds in range(10, 40):  # a burst, with signals
            mount.show({file: right.replace('"2s"', f'"{seconds}s"')})
            daemon.process.send_signal(signal.SIGHUP)
        until(lambda: interval() == 39 and not shown()["refused"], "the last one in force")

        mount.show({})
        until(lambda: not shown()["connections"], "none left")
        mount.show({file: right})
        until(lambda: interval() == 2, "back again")
        until(lambda: shown()["connections"][CONNECTION]["state"] == "running", "at work again")
        assert shown()["connections"][CONNECTION]["links"] == links

        secret.write_text("wrong")
        until(lambda: shown()["connections"][CONNECTION]["state"] == "waiting", "a rotated secret in force")
        secret.write_text("sandbox-password")
        until(lambda: shown()["connections"][CONNECTION]["state"] == "running", "the right one in force")
        assert zohosyncd("reload", "--config", conf).code == 0

        until(lambda: held_open(daemon)[0] <= before[0] + 2 and held_open(daemon)[1] <= before[1] + 2, "nothing leaks")
        daemon.process.send_signal(signal.SIGHUP)
        assert daemon.stop() == 0
        assert "Traceback" not in daemon.said()
