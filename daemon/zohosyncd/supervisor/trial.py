"""A configuration that is not in force, compared with the apps: nothing of it runs, and what runs is not touched."""

from typing import TYPE_CHECKING

from zohosyncd.core.side import SIDES, Side
from zohosyncd.settings import Connection, Settings
from zohosyncd.supervisor.accounts import AccountUnit

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon


class Trial:
    """Accounts as a configuration says: those of the daemon where it says the same, else ones to ask and forget.

    Args:
        daemon: what runs. settings: what is tried.
    """

    def __init__(self, daemon: "Daemon", settings: Settings) -> None:
        self._daemon = daemon
        self._settings = settings
        self.opened: dict[str, AccountUnit] = {}
        """Those that the daemon does not have, or has otherwise."""

    def account(self, name: str) -> AccountUnit:
        """An account by its name, the same one each time: a login is a costly thing. Raises SecretError."""
        settings = self._settings.accounts[name]
        if settings == self._daemon.settings.accounts.get(name):
            return self._daemon.account(name)
        if name not in self.opened:
            self.opened[name] = self._daemon.open_account(settings, tried=True)
        return self.opened[name]

    def accounts(self, connection: Connection) -> dict[Side, AccountUnit]:
        """Both accounts of a connection. Raises SecretError."""
        return {side: self.account(connection.place(side).account) for side in SIDES}

    def running(self, connection: Connection) -> dict[Side, AccountUnit] | None:
        """Both accounts of a connection, if the daemon has them open, just so."""
        found = {}
        for side in SIDES:
            name = connection.place(side).account
            unit = self._daemon.accounts.get(name)
            if unit is None or unit.settings != self._settings.accounts[name]:
                return None
            found[side] = unit
        return found

    def in_force(self, connection: Connection) -> bool:
        """Whether the daemon has this connection, and its accounts, just so."""
        running = self._daemon.settings
        names = {connection.place(side).account for side in SIDES}
        return running.connections.get(connection.name) == connection and all(
            running.accounts.get(name) == self._settings.accounts[name] for name in names
        )
