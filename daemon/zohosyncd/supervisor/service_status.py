"""The sentence that ``systemctl status`` shows: how many connections there are, how they are, when one last ran.

Every user of the machine can read it, so it holds names of connections and our own words, and no sentence of an app.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from zohosyncd.core.errors import (
    AuthLost,
    BudgetSpent,
    PermissionLacking,
    RateLimited,
    SettingsError,
    SettingsProblems,
    StateError,
    SyncError,
    Unavailable,
    UsageError,
)
from zohosyncd.ports.world import Clock
from zohosyncd.settings.secrets import SecretError
from zohosyncd.supervisor.connections import ConnectionMode, ConnectionUnit
from zohosyncd.supervisor.notify import Notifier

_EVERY: Final = 5.0
_NAMED: Final = 3
_CAUSES: Final[tuple[tuple[type[SyncError] | tuple[type[SyncError], ...], str], ...]] = (
    (AuthLost, "for a login"),
    (PermissionLacking, "for a right"),
    ((BudgetSpent, RateLimited), "for credits"),
    (Unavailable, "for an app"),
    ((SettingsProblems, SettingsError, UsageError), "for its files"),
    (SecretError, "for a secret"),
    (StateError, "for the state"),
)


class ServiceStatus:
    """Keeps the service manager's sentence true while the daemon runs.

    Args:
        clock, notifier: of the daemon. connections: those that run, by name. refused: whether files are not in force.
    """

    def __init__(
        self,
        clock: Clock,
        notifier: Notifier,
        connections: Callable[[], Mapping[str, ConnectionUnit]],
        refused: Callable[[], bool],
    ) -> None:
        self._clock, self._notifier = clock, notifier
        self._connections, self._refused = connections, refused
        self._ran_at = 0.0

    def ran(self) -> None:
        """A run has just ended."""
        self._ran_at = self._clock.now()

    def tell(self, *lines: str) -> None:
        """Say how everything is now, after states such as ``READY=1``."""
        self._notifier.status(sentence(self._connections(), ran_at=self._ran_at, refused=self._refused()), *lines)

    async def keep(self) -> None:
        """Say it whenever it is not what was said last, until cancelled."""
        while True:
            await self._clock.sleep(_EVERY)
            self.tell()


def sentence(connections: Mapping[str, ConnectionUnit], *, ran_at: float, refused: bool) -> str:
    """How everything is, in one line.

    Args:
        connections: those that run, by name. ran_at: wall time of the end of the last run, 0.0 for none.
        refused: whether the files on disk are wrong and not in force.
    """
    groups: dict[str, list[str]] = {}
    for name, unit in sorted(connections.items()):
        groups.setdefault(_how(unit), []).append(name)
    told = [
        f"{len(names)} {how}" + ("" if how in _PLAIN else f" ({_named(names)})")
        for how, names in sorted(groups.items(), key=lambda each: (each[0] not in _PLAIN, each[0]))
    ]
    parts = [f"{len(connections)} connection{'' if len(connections) == 1 else 's'}" + (": " if told else "")]
    parts[0] += ", ".join(told)
    if ran_at:
        parts.append(f"last run ended at {datetime.fromtimestamp(ran_at, UTC):%H:%M:%S} UTC")
    if refused:
        parts.append("the files on disk are refused: zohosyncd status says why")
    return "; ".join(parts)


_PLAIN: Final = ("in sync", "at the first sync", "starting")


def _how(unit: ConnectionUnit) -> str:
    if unit.trouble is not None or unit.mode is ConnectionMode.WAITING:
        return f"waiting {_cause(unit.trouble)}"
    if unit.mode is ConnectionMode.PAUSED:
        return "paused"
    if unit.mode is ConnectionMode.APPROVAL:
        return "waiting for an approval"
    if unit.last is None:
        return "starting"
    if unit.last.waiting:
        return "waiting for an approval"
    return "in sync" if unit.last.stage == "live" else "at the first sync"


def _cause(trouble: SyncError | None) -> str:
    return next((said for kinds, said in _CAUSES if isinstance(trouble, kinds)), "for a cure")


def _named(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
