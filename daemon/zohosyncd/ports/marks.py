"""New records that carry a mark of ours where no person sees it: a create without an answer is found again by it.

Terminology
    mark    the id of the op that made a record. A person may copy a record, and the mark with it.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from zohosyncd.core.record import Record


@runtime_checkable
class Marks(Protocol):
    """The part of a connector whose ``capabilities.marks`` says that its creates carry the op's id."""

    async def made_by(self, ref: str, fields: Sequence[str], op_ids: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """The records of the object that carry these marks now, by op id; an op that is missing has none.

        That a mark is not found proves nothing: whoever asks goes on with ``created_since``. Raises the RemoteError
        tree.
        """
        ...
