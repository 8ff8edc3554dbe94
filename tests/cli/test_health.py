"""``zohosyncd health`` says yes only when the loop answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from zohosyncd.cli.main import zohosyncd


@contextmanager
def answering(status: int) -> Iterator[tuple[int, list[str]]]:
    """A listener that gives one status to everybody; its port, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"so it is\n")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1], asked
        finally:
            server.shutdown()
            thread.join()


def health(folder: Path, *arguments: str, listen: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(
        zohosyncd,
        ["health", "--config", str(folder), *arguments],
        env={"ZOHOSYNCD_LISTEN": listen},
        standalone_mode=False,
    )
    if done.exception:
        raise done.exception
    return done.return_value, done.output.strip()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_the_exit_code_is_the_verdict(tmp_path: Path, status: int, code: int) -> None:
    with answering(status) as (port, asked):
        (tmp_path / "zohosyncd.toml").write_text(f'[service]\nlisten = "0.0.0.0:{port}"\nstate_key = "env:K"\n')
        assert health(tmp_path) == (code, "so it is")
        assert health(tmp_path, "--ready") == (code, "so it is")
        assert asked == ["/livez", "/readyz"]


def test_the_environment_beats_a_file_that_is_not_even_there(tmp_path: Path) -> None:
    with answering(200) as (port, _):
        assert health(tmp_path / "missing", listen=f"127.0.0.1:{port}")[0] == 0


def test_a_loop_that_hangs_takes_the_connection_and_never_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        told = health(tmp_path, "--timeout", "0.1", listen=f"127.0.0.1:{hanging.getsockname()[1]}")
    assert told == (1, "the daemon does not answer within 0.1 s")


def test_nobody_there_is_said_with_the_address(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert health(tmp_path, listen=f"127.0.0.1:{port}") == (
        1, f"no daemon answers on 127.0.0.1:{port}: Connection refused",
    )  # fmt: skip


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "nonsense"])
def test_an_address_that_cannot_be_asked_is_told(tmp_path: Path, listen: str) -> None:
    with pytest.raises(Exception, match="listen"):
        health(tmp_path, listen=listen)
