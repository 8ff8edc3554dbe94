"""`zohosyncd sandbox` in a process of its own, for measurements that must not count it."""

import subprocess
import sys
from pathlib import Path


class Sandbox:
    """The simulated apps with so many people; ``folder`` is made a configuration that leads to them."""

    def __init__(self, folder: Path, people: int) -> None:
        command = [
            sys.executable, "-m", "zohosyncd", "sandbox", "--port", "0", "--people", str(people), "--seed", "7",
            "--write-config", str(folder),
        ]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[1]

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
