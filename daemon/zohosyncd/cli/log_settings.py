"""How log lines are written: as the files say; their level as the command line says, until a reload brings another."""

from collections.abc import Callable, Collection
from typing import Any

from zohosyncd.settings.service import Service
from zohosyncd.telemetry import logs


class LogSettings:
    """What is in force for the log of one process.

    Args:
        level: from the command line, None where it says nothing. configure: sets format and level up.
    """

    def __init__(self, level: str | None, configure: Callable[[Any, str], None] = logs.configure) -> None:
        self._level = level
        self._configure = configure

    def begin(self, service: Service) -> None:
        """The process begins."""
        self._configure(service.log_format, self._level or service.log_level)

    def apply(self, service: Service, changed: Collection[str]) -> None:
        """A reload has put these keys of ``[service]`` in force; others are no reason to touch the log."""
        if "log_level" in changed:
            self._level = None
        if "log_level" in changed or "log_format" in changed:
            self.begin(service)
