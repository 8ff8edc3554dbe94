"""Tells systemd how the service is (sd_notify(3)): a datagram to the socket named by $NOTIFY_SOCKET."""

import os
import socket
from collections.abc import Mapping


class Notifier:
    """Sends states to the service manager; does nothing where there is none.

    Args:
        environ: where systemd has left its words; the process's own by default.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        environ = os.environ if environ is None else environ
        self._address = environ.get("NOTIFY_SOCKET", "")
        micros = environ.get("WATCHDOG_USEC", "")
        ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())  # else it is meant for our parent
        self.watchdog_seconds = int(micros) / 1_000_000 if micros.isdigit() and ours else 0.0
        self._status = ""

    @property
    def heard(self) -> bool:
        """Whether a service manager listens."""
        return bool(self._address)

    def send(self, *lines: str) -> None:
        """Send lines such as ``READY=1`` in one datagram; a failure to do so is ignored."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.sendto("\n".join(lines).encode(), address)
        except OSError:
            return

    def status(self, sentence: str, *lines: str) -> None:
        """Send the sentence that ``systemctl status`` shows, after ``lines``; alone only if it is a new one."""
        told = " ".join(sentence.split())
        if lines or told != self._status:
            self._status = told
            self.send(*lines, f"STATUS={told}")
