"""Which write is it? A write of a plan is recognised in a later run by what it is about and what it would say."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from zohosyncd.core.plain import plain
from zohosyncd.core.record import Values
from zohosyncd.core.side import Side

DIGEST_SIZE: Final = 16
"""Bytes of a digest: two of a million writes are alike by chance once in 10^26 plans."""


def digest_of_line(side: str, kind: str, left: str, right: str, fields: Mapping[str, tuple[Any, Any]]) -> bytes:
    """The digest of a write: side and kind, both records ("" for one that does not exist yet), old and new values.

    Who chose to write over a value has seen that value: over another one it is another write.

    Args:
        side, kind: as words. left, right: ids. fields: old and new by field, as ``core.plain`` shows values; none of a
            deletion.
    """
    said = json.dumps([side, kind, left, right, sorted(fields.items())], ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(said.encode(), digest_size=DIGEST_SIZE).digest()


def digests_of(side: Side, kind: str, source: str, target: str, before: Values, patch: Values) -> tuple[bytes, ...]:
    """The digests under which a plan may have told a write.

    Where the plan itself would have made one of the records, it could not tell that one's id.
    """
    fields = {name: (plain(before.get(name)), plain(value)) for name, value in patch.items()}
    pairs = [(target, source), ("", source), (target, "")] if target else [("", source)]
    ordered = pairs if side is Side.LEFT else [(source, target) for target, source in pairs]
    return tuple(digest_of_line(side.value, kind, left, right, fields) for left, right in ordered)
