"""Commands of one program, many times: each a process of its own, forked from one that has loaded the modules already.

A cold command spends most of its time on imports. ``python warm.py SOCKET`` forks the processes. :class:`Forked` asks
for one as a test does, :func:`script` writes the program that is found in PATH, which asks for one, lends it its own
standard files, and ends with its exit code. That a cold command does the same is shown by the tests that start one.
"""

import os
import select
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

CLIENT = """\
#!{python} -IS
import os, socket, sys
asking = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
asking.connect({path!r})
said = [os.getcwd(), str(len(sys.argv) - 1), *sys.argv[1:], *(f"{{name}}={{value}}" for name, value in os.environ.items())]
socket.send_fds(asking, ["\\0".join(said).encode()], [0, 1, 2])
asking.recv(16)
sys.exit(int(asking.recv(16) or b"1"))
"""


def script(path: Path, asked: Path) -> None:
    """Write the program that asks at this socket for a process."""
    path.write_text(CLIENT.format(python=sys.executable, path=str(asked)), encoding="utf-8")
    path.chmod(0o755)


@contextmanager
def warm(asked: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Have commands forked at this socket."""
    process = subprocess.Popen([sys.executable, __file__, str(asked)], env=environment, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield
    finally:
        process.terminate()
        process.communicate(timeout=10)


class Forked:
    """A command that was forked at this socket, with the methods of a :class:`subprocess.Popen`.

    Args:
        arguments: of the command. output: an open file, for what it prints. environment: all of it.
    """

    def __init__(self, asked: Path, arguments: list[str], output: int, environment: Mapping[str, str]) -> None:
        self._asking = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._asking.connect(str(asked))
        variables = (f"{name}={value}" for name, value in environment.items())
        said = "\0".join([str(Path.cwd()), str(len(arguments)), *arguments, *variables])
        with Path(os.devnull).open("rb") as nothing:
            socket.send_fds(self._asking, [said.encode()], [nothing.fileno(), output, output])
        self.pid = int(self._asking.recv(16))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        return self._ended(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended: minus the signal that killed it. Raises TimeoutExpired."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("zohosyncd", timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._asking], [], [], timeout)[0]:
            self.returncode = int(self._asking.recv(16))
            self._asking.close()
        return self.returncode


def _command(asking: socket.socket) -> int:
    """In the fork: be the command that was asked for."""
    from zohosyncd.cli.main import main

    said, files, _flags, _address = socket.recv_fds(asking, 65536, 3)
    folder, count, *rest = said.decode().split("\0")
    arguments, environment = rest[: int(count)], rest[int(count) :]
    for number, file in enumerate(files):
        os.dup2(file, number)
    asking.detach()
    os.closerange(3, 256)  # what the server has open is nothing of a command's
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(entry.split("=", 1) for entry in environment)
    # Whatever a script runs in its background ignores Ctrl-C; these commands do not.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["zohosyncd", *arguments]
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def _forked(asking: socket.socket) -> int:
    """The process id of a new command; its own end is told by whoever serves."""
    pid = os.fork()
    if pid:
        return pid
    try:
        code = _command(asking)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - whatever happens, a fork does not go on as the server
        sys.excepthook(*sys.exc_info())
        code = 1
    os._exit(code)


def _serve(path: str) -> None:
    import zohosyncd.cli.serving
    import zohosyncd.connectors.registry
    import zohosyncd.supervisor.daemon
    import zohosyncd.web.dispatch  # noqa: F401 - what nearly every command loads

    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening, selectors.DefaultSelector() as selector:
        listening.bind(path)
        listening.listen()
        selector.register(listening, selectors.EVENT_READ)
        print("ready", flush=True)
        while True:
            for key, _events in selector.select():
                if key.fileobj is listening:
                    asking, _ = listening.accept()
                    pid = _forked(asking)
                    selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, asking))
                    _tell(asking, pid)
                else:
                    pid, asking = key.data
                    selector.unregister(key.fileobj)
                    os.close(key.fd)
                    _tell(asking, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                    asking.close()


def _tell(asking: socket.socket, number: int) -> None:
    try:
        asking.sendall(str(number).encode())
    except OSError:
        return  # whoever asked is gone


if __name__ == "__main__":
    _serve(sys.argv[1])
