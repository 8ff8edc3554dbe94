"""What methods cost, counted per minute and user in the buckets that the vendor's console shows.

The names of two buckets and their 90 a minute, and that single mutations count as reads, too, are what users report;
the prices of batches are assumed.
"""

from dataclasses import dataclass
from typing import Final

from zohosyncd.sandbox.parts.windows import Window

from .mailbox import Mailbox
from .refusals import exhausted

METRICS: Final = {
    "critical_read": "Critical read requests (Contact and Profile Reads)",
    "critical_write": "Critical write requests (Contact Writes)",
    "read": "Read requests (Contact Group and Search Reads)",
    "write": "Write requests (Contact Group Writes)",
    "full_sync": "Full sync requests",
}
Price = dict[str, int]

READ: Final[Price] = {"critical_read": 1}
MUTATION: Final[Price] = {"critical_read": 1, "critical_write": 1}
BATCH: Final[Price] = {"critical_read": 6, "critical_write": 6}
GROUP_READ: Final[Price] = {"read": 1}
GROUP_WRITE: Final[Price] = {"write": 1}
FULL_SYNC: Final[Price] = {"full_sync": 1}


@dataclass(slots=True)
class Quota:
    """The quotas of one user."""

    mailbox: Mailbox

    def take(self, price: Price) -> None:
        """Pay; raises Refused where a bucket has too little left, and nothing is paid then."""
        for bucket, uses in price.items():
            window = self._window(bucket)
            if window.left < uses:
                raise exhausted(METRICS[bucket], window.most)
        for bucket, uses in price.items():
            self._window(bucket).take(uses)

    def _window(self, bucket: str) -> Window:
        behaviour = self.mailbox.behaviour
        most, seconds = (
            (behaviour.full_syncs, behaviour.full_sync_window)
            if bucket == "full_sync"
            else (behaviour.quotas[bucket], 60.0)
        )
        window = self.mailbox.windows.setdefault(bucket, Window(self.mailbox.clock, most, seconds))
        window.most, window.seconds = most, seconds
        return window
