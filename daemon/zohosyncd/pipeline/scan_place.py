"""Where a complete read goes on, and what it reads: it may take days and processes, and wishes change meanwhile."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace

from zohosyncd.pipeline.reading import KEY


@dataclass(frozen=True, slots=True)
class ScanPlace:
    """A complete read under way.

    Attributes:
        fields, kinds: fields and kinds of keys that every page of it had so far. cursor: the app's place, None at the
            beginning. snapshot, asked: what its last page was part of, and the ordinal of the request that began that.
    """

    fields: frozenset[str]
    kinds: frozenset[str]
    cursor: str | None = None
    snapshot: str = ""
    asked: int = 0

    @property
    def needs(self) -> frozenset[str]:
        """What it will have brought when it ends, as ``Reading.needs`` says it."""
        return self.fields | {f"{KEY}{kind}" for kind in self.kinds}

    def brings(self, fields: Collection[str], kinds: Collection[str]) -> bool:
        """Whether all of these had been read from its first page on."""
        return self.fields.issuperset(fields) and self.kinds.issuperset(kinds)

    def among(self, fields: Collection[str], kinds: Collection[str]) -> "ScanPlace":
        """The same, without what there is no more, and keys that nobody makes any more."""
        return replace(self, fields=self.fields.intersection(fields), kinds=self.kinds.intersection(kinds))

    def showing(self, snapshot: str, taken: int) -> "ScanPlace":
        """The same with a page that was asked for at this ordinal: what it shows may be as old as its snapshot."""
        return self if snapshot and snapshot == self.snapshot else replace(self, snapshot=snapshot, asked=taken)

    def text(self, cursor: str) -> str:
        """As it is stored, behind the page that led to this cursor."""
        place = {"fields": sorted(self.fields), "kinds": sorted(self.kinds), "cursor": cursor}
        return json.dumps(place | ({"snapshot": self.snapshot, "asked": self.asked} if self.snapshot else {}))

    @classmethod
    def parse(cls, text: str | None) -> "ScanPlace | None":
        """What :meth:`text` wrote; None for anything else, which nobody can go on with."""
        try:
            found = json.loads(text or "")
            snapshot, asked = str(found.get("snapshot", "")), int(found.get("asked", 0))
            return cls(frozenset(found["fields"]), frozenset(found["kinds"]), found["cursor"], snapshot, asked)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
