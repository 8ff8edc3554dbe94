"""What the feed of a module has shown of the last minutes, so that looking at them again costs little.

Kept in memory alone: whoever starts anew has seen nothing, and reads again.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from zohosyncd.connectors.zoho_crm.records import MODIFIED
from zohosyncd.connectors.zoho_crm.times import instant

MOST: Final = 50_000
"""Records that are remembered, at about 160 bytes each; of more nothing is remembered, and they are read again."""


class Recent:
    """Ids of records with the moment of the change that was shown."""

    def __init__(self) -> None:
        self._shown: dict[str, float] = {}

    def note(self, rows: Iterable[Mapping[str, Any]], since: float) -> None:
        """These rows have been shown, and whoever asked for them has stored them."""
        for row in rows:
            record_id, moment = row.get("id"), instant(row.get(MODIFIED))
            if isinstance(record_id, str) and moment is not None and moment >= since:
                self._shown[record_id] = moment
        if len(self._shown) > MOST:
            self._shown.clear()

    def knows(self, row: Mapping[str, Any]) -> bool:
        """Whether this row's change has been shown."""
        moment = instant(row.get(MODIFIED))
        return moment is not None and self._shown.get(str(row.get("id"))) == moment

    def count(self, since: float) -> int:
        """How many changes at or after a moment have been shown."""
        return sum(moment >= since for moment in self._shown.values())

    def count_behind(self, border: float, after: str, below: float) -> int:
        """How many changes have been shown behind a moment and an id, and before another moment."""
        place = (border, int(after))
        return sum(
            moment < below and (moment, int(record_id)) > place
            for record_id, moment in self._shown.items()
            if record_id.isdecimal()
        )

    def forget_before(self, moment: float) -> None:
        """Changes before this moment are not looked at again."""
        self._shown = {record_id: changed for record_id, changed in self._shown.items() if changed >= moment}
