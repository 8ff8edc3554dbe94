"""Where a complete read goes on, and what it reads: it may take days and processes, and wishes change meanwhile."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class ScanPlace:
    """A complete read under way.

    Attributes:
        fields, kinds: fields and kinds of keys that every page of it had so far. cursor: the app's place, None at the
            beginning.
    """

    fields: frozenset[str]
    kinds: frozenset[str]
    cursor: str | None = None

    @property
    def needs(self) -> frozenset[str]:
        """What it will have brought when it ends, as ``Reading.needs`` says it."""
        return self.fields | {f"key {kind}" for kind in self.kinds}

    def brings(self, fields: Collection[str], kinds: Collection[str]) -> bool:
        """Whether all of these had been read from its first page on."""
        return self.fields.issuperset(fields) and self.kinds.issuperset(kinds)

    def among(self, fields: Collection[str], kinds: Collection[str]) -> "ScanPlace":
        """The same, without what there is no more, and keys that nobody makes any more."""
        return replace(self, fields=self.fields.intersection(fields), kinds=self.kinds.intersection(kinds))

    def text(self, cursor: str) -> str:
        """As it is stored, behind the page that led to this cursor."""
        return json.dumps({"fields": sorted(self.fields), "kinds": sorted(self.kinds), "cursor": cursor})

    @classmethod
    def parse(cls, text: str | None) -> "ScanPlace | None":
        """What :meth:`text` wrote; None for anything else, which nobody can go on with."""
        try:
            found = json.loads(text or "")
            return cls(frozenset(found["fields"]), frozenset(found["kinds"]), found["cursor"])
        except (ValueError, TypeError, KeyError):
            return None
