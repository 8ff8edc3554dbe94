"""The command as an operator has it: arguments in; exit code, output and messages out."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.cli.warm import Forked, warm
from zohosyncd.cli.main import main

CONNECTION = "zoho-book"


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Zohosyncd = Callable[..., Ran]


@pytest.fixture
def zohosyncd(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Zohosyncd]:
    """Runs a command in this process; what it does to the log ends with the test."""

    def run(*arguments: object) -> Ran:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["zohosyncd", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)

    yield run
    structlog.reset_defaults()


@dataclass(frozen=True)
class Started:
    """A command that runs beside the test."""

    process: subprocess.Popen[bytes] | Forked
    log: Path

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, text: str, seconds: float = 20.0) -> None:
        until = time.monotonic() + seconds
        while text not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < until, f"{text!r} was not said: {self.said()}"
            time.sleep(0.05)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture(scope="session")
def warmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket at which commands are forked that need not load their modules first."""
    asked = tmp_path_factory.mktemp("warm") / "socket"
    with warm(asked, os.environ):
        yield asked


Starting = Callable[..., AbstractContextManager[Started]]


@pytest.fixture
def forked(warmed: Path) -> Starting:
    """As :func:`started`, a second quicker: for whatever does not depend on how a process begins."""
    return partial(_forked, warmed)


@contextmanager
def _forked(asked: Path, log: Path, *arguments: object, **environment: str) -> Iterator[Started]:
    with log.open("wb") as output:
        process = Forked(asked, [str(each) for each in arguments], output.fileno(), {**os.environ, **environment})
        try:
            yield Started(process, log)
        finally:
            process.kill()
            process.wait()


@contextmanager
def started(log: Path, *arguments: object, **environment: str) -> Iterator[Started]:
    """A command in a process of its own, ended at the end."""
    command = [sys.executable, "-m", "zohosyncd", *map(str, arguments)]
    with log.open("wb") as output:
        # Whatever a script runs in its background ignores Ctrl-C, and so would what these tests start.
        before = signal.signal(signal.SIGINT, signal.SIG_DFL)
        try:
            process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **environment})
        finally:
            signal.signal(signal.SIGINT, before)
        try:
            yield Started(process, log)
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, warmed: Path) -> Iterator[Path]:
    """A sandbox that is served, and the configuration that it wrote."""
    folder = tmp_path_factory.mktemp("sandbox")
    arguments = ("sandbox", "--port", 0, "--people", 40, "--write-config", folder / "conf")
    with _forked(warmed, folder / "log", *arguments) as sandbox:
        sandbox.wait_for("Ctrl-C ends it")
        yield folder / "conf"


def control(folder: Path, name: str, **body: Any) -> Any:
    """Use a control endpoint of the sandbox that this configuration is for."""
    address = tomllib.loads((folder / "accounts.d/zoho.toml").read_text(encoding="utf-8"))["api_url"]
    request = urllib.request.Request(f"{address}/_sandbox/{name}", json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def later(folder: Path) -> None:
    """Let ten minutes pass in the sandbox: Zoho gives a refresh token only ten access tokens in that time."""
    control(folder, "clock", advance=601)


@pytest.fixture
def conf(written: Path, tmp_path: Path) -> Path:
    """A configuration of the test's own, with a state of its own, for that sandbox."""
    later(written)
    folder = tmp_path / "conf"
    shutil.copytree(written, folder)
    for file in folder.rglob("*.toml"):
        text = file.read_text(encoding="utf-8").replace(str(written), str(folder))
        file.write_text(text.replace("127.0.0.1:9595", "127.0.0.1:0"), encoding="utf-8")
    return folder


@pytest.fixture
def daemon(conf: Path, tmp_path: Path, forked: Starting) -> Iterator[Started]:
    """A daemon that runs on that configuration."""
    with forked(tmp_path / "daemon.log", "run", "--config", conf) as process:
        process.wait_for("ready")
        yield process
