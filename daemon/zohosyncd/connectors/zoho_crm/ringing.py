"""Zoho's notifications: what a channel is asked for, and how a ring is read (vendor: Notifications, Enable).

A ring carries the channel's token as its only proof; there is no signature. Channel numbers are our own choice, and a
number that is used again replaces the older channel, so they are drawn from the bell's own digits.
"""

from typing import Any, Final

import msgspec

from zohosyncd.connectors.zoho_crm.times import header_time
from zohosyncd.ports.push import Bell, Hook, Push, Rang, Ring, Stranger, same_secret

DAY: Final = 86_400.0

PUSH: Final = Push(lifetime=6 * DAY, patience=60.0, own_writes=True)
"""A week is the most that Zoho grants; whoever asks for a second more gets an hour. A day is left for wrong clocks."""

_DIGITS: Final = 10**14
"""Channel numbers have 15 digits: whatever reads them as a floating number reads them right."""


class Notification(msgspec.Struct, frozen=True):
    """The body of a ring, as far as anything of it is used."""

    token: str | None = None
    ids: list[str | int] | None = None


_decode = msgspec.json.Decoder(Notification).decode


def read(ring: Ring, secret: str) -> Rang | Stranger:
    """A ring of Zoho, if its token is the bell's."""
    try:
        told = _decode(ring.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Stranger()
    return Rang(frozenset(map(str, told.ids or ()))) if same_secret(told.token, secret) else Stranger()


HOOK: Final = Hook("zoho", frozenset({"POST"}), read)


def channel_number(bell: Bell) -> str:
    """The number of a bell's channel."""
    return str(_DIGITS + int(bell.key, 16) % (9 * _DIGITS))


def wish(module: str, bell: Bell, until: float) -> dict[str, Any]:
    """A channel that rings for every change of a module until that moment; no value of a record is sent along."""
    return {
        "channel_id": channel_number(bell),
        "events": [f"{module}.all"],
        "channel_expiry": header_time(until),
        "token": bell.secret,
        "notify_url": bell.address,
        "notify_on_related_action": False,
        "return_affected_field_values": False,
    }


def renewal(module: str, bell: Bell, channel: str, until: float) -> dict[str, Any]:
    """The same channel for longer. Everything is said again, should an update reset what it does not name."""
    return wish(module, bell, until) | {"channel_id": channel}
