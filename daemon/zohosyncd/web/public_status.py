"""What anybody may see of a status: states and numbers. Who may see reasons asks on the control socket.

Only what is named here is shown, so that nothing new gets out unnoticed: no login, path, address or sentence of an app.
"""

from collections.abc import Mapping
from typing import Any, Final

_SERVICE: Final = ("version", "uptime_seconds", "ready", "serving")
_ACCOUNT: Final = ("app", "state", "in_flight", "queued", "absences_doubted")
_CREDITS: Final = ("limit", "share", "used", "left", "window_hours", "mode", "recovers_at", "app_says_left")
_CHANNEL: Final = ("object", "state", "rings", "missed")
_CONNECTION: Final = (
    "state", "stage", "paused_since", "interval_seconds", "real_interval_seconds", "done_at", "links", "tombstones",
    "stored_differently", "oldest_pending_seconds",
)  # fmt: skip
_COUNTS: Final = ("contacts", "held", "intents", "pending")
"""Tables of numbers under our own words."""

_ASK: Final = "ask `zohosyncd status` on the daemon's machine"


def public_status(status: Mapping[str, Any]) -> dict[str, Any]:
    """The status without everything that could name a person or hold a secret.

    Args:
        status: as :meth:`~zohosyncd.supervisor.commands.Commands.status` tells it.
    """
    return {
        **_some(status, _SERVICE),
        "configuration": "refused" if status.get("refused") else "in force",
        "accounts": {name: _account(each) for name, each in status.get("accounts", {}).items()},
        "connections": {name: _connection(each) for name, each in status.get("connections", {}).items()},
    }


def _account(account: Mapping[str, Any]) -> dict[str, Any]:
    credits_ = account.get("budget", {}).get("credits")
    return {
        **_some(account, _ACCOUNT),
        **({"credits": _some(credits_, _CREDITS)} if credits_ else {}),
        "channels": [_some(each, _CHANNEL) for each in account.get("channels", ())],
    }


def _connection(connection: Mapping[str, Any]) -> dict[str, Any]:
    said = str(connection.get("do_now", ""))
    shown: dict[str, Any] = {**_some(connection, _CONNECTION), **_some(connection, _COUNTS)}
    if "quarantined" in connection:  # by the apps' own codes
        shown["quarantined"] = sum(connection["quarantined"].values())
    if "waiting" in connection:
        shown["approvals_waiting"] = sum(each["writes"] for each in connection["waiting"])
    return {**shown, "do_now": "nothing" if said.startswith("nothing") else _ASK}


def _some(table: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: table[key] for key in keys if key in table}
