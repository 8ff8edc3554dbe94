"""Commands of one program, many times: each a process of its own, forked from one that has loaded the modules already.

A cold command spends most of its time on imports. ``python warm.py SOCKET`` forks the processes; :func:`script` writes
the program that is found in PATH, which asks for one, lends it its own standard files, and ends with its exit code.
That a cold command does the same is shown by the tests that start one.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CLIENT = """\
#!{python} -IS
import os, socket, sys
asking = socket.socket(socket.AF_UNIX)
asking.connect({path!r})
said = [os.getcwd(), str(len(sys.argv) - 1), *sys.argv[1:], *(f"{{name}}={{value}}" for name, value in os.environ.items())]
socket.send_fds(asking, ["\\0".join(said).encode()], [0, 1, 2])
sys.exit(int(asking.recv(16) or b"1"))
"""


def script(path: Path, asked: Path) -> None:
    """Write the program that asks at this socket for a process."""
    path.write_text(CLIENT.format(python=sys.executable, path=str(asked)), encoding="utf-8")
    path.chmod(0o755)


@contextmanager
def warm(asked: Path, environment: dict[str, str]) -> Iterator[None]:
    """Have commands forked at this socket; they have this environment."""
    process = subprocess.Popen([sys.executable, __file__, str(asked)], env=environment, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield
    finally:
        process.terminate()
        process.communicate(timeout=10)


def _command(asking: socket.socket) -> int:
    """In the fork: be the command that was asked for."""
    from zohosyncd.cli.main import main

    said, files, _flags, _address = socket.recv_fds(asking, 65536, 3)
    folder, count, *rest = said.decode().split("\0")
    arguments, environment = rest[: int(count)], rest[int(count) :]
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.chdir(folder)
    os.environ.update(entry.split("=", 1) for entry in environment)
    sys.argv = ["zohosyncd", *arguments]
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def _serve(path: str) -> None:
    import zohosyncd.cli.serving
    import zohosyncd.connectors.registry
    import zohosyncd.supervisor.daemon
    import zohosyncd.web.dispatch  # noqa: F401 - what nearly every command loads

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        print("ready", flush=True)
        while True:
            asking, _ = listening.accept()
            if not os.fork():
                listening.close()
                code = _command(asking)
                sys.stdout.flush()
                sys.stderr.flush()
                asking.sendall(str(code).encode())
                os._exit(code)
            asking.close()
            os.wait()


if __name__ == "__main__":
    _serve(sys.argv[1])
