"""Opting out: written to the subscriptions of an address, shown by a property of the contact.

``hs_email_optout`` cannot be set. An address is unsubscribed from everything, which its contact's property shows a
moment later; until then what HubSpot has accepted counts more than what it shows. Nobody is ever subscribed again: what
a person has refused only the person takes back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from zohosyncd.connectors.hubspot.client import HubSpotClient
from zohosyncd.connectors.hubspot.fields import EMAIL, OPTED_OUT
from zohosyncd.connectors.hubspot.records import text_in
from zohosyncd.core.errors import PermissionLacking, RemoteError
from zohosyncd.core.record import Value
from zohosyncd.ports.connector import NotSent, Refused, Unknown, WriteKind, WriteOp
from zohosyncd.ports.world import Clock
from zohosyncd.transport.sender import Answered

_REMEMBERED: Final = 600.0
"""Seconds in which the property surely follows."""

_AGAIN: Final = Refused(
    "NEVER_RESUBSCRIBED", OPTED_OUT, "only the person can take an opt-out back in HubSpot", compliance=True
)
_NO_ADDRESS: Final = Refused("NO_ADDRESS", OPTED_OUT, "HubSpot keeps opt-outs by e-mail address, and there is none")


@dataclass
class OptOuts:
    """The opt-outs of one account that were written here not long ago."""

    client: HubSpotClient
    clock: Clock
    _until: dict[str, float] = field(default_factory=dict)

    def shown(self, row: Mapping[str, Any]) -> dict[str, Value]:
        """The opt-out of a contact, where its property may not show it yet."""
        until = self._until.get(text_in(row, EMAIL).lower())
        return {OPTED_OUT: True} if until is not None and self.clock.monotonic() < until else {}

    def is_out(self, row: Mapping[str, Any] | None) -> bool:
        """Whether a contact has opted out, by what it shows or by what was written; None = it is not there yet."""
        return row is not None and (text_in(row, OPTED_OUT).lower() == "true" or bool(self.shown(row)))

    async def write(self, address: str) -> Refused | NotSent | Unknown | None:
        """Unsubscribe an address from everything; None where that was done."""
        try:
            answer = await self.client.unsubscribe(address)
        except PermissionLacking as error:
            return Refused(
                "MISSING_SCOPES", OPTED_OUT, f"{error.message}: {error.hint}" if error.hint else error.message
            )
        except RemoteError as error:
            return NotSent(error.message)
        if not isinstance(answer, Answered):
            return answer
        if answer.status != 200:
            return Refused("NOT_UNSUBSCRIBED", OPTED_OUT, "HubSpot does not unsubscribe this address")
        now = self.clock.monotonic()
        self._until = {each: until for each, until in self._until.items() if until > now}
        self._until[address.lower()] = now + _REMEMBERED
        return None


def wish_of(op: WriteOp, now_out: bool) -> bool | Refused:
    """Whether an op opts out; refused where it would opt in. ``now_out``: whether the contact is out."""
    if OPTED_OUT not in op.patch or op.kind is WriteKind.DELETE:
        return False
    if op.patch[OPTED_OUT]:
        return not now_out
    return _AGAIN if now_out else False


def address_of(op: WriteOp, row: Mapping[str, Any] | None) -> str | Refused:
    """The address that is to be unsubscribed: the new one, or that of the contact as it was read."""
    given = op.patch.get(EMAIL) if EMAIL in op.patch else text_in(row or {}, EMAIL)
    return given.strip() if isinstance(given, str) and given.strip() else _NO_ADDRESS
