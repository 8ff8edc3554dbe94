"""``[deletions]`` and ``leave``: what becomes of the other record when one is deleted, or leaves the rules."""

from pydantic import ConfigDict, Field

from zohosyncd.core.outcome import Deletion
from zohosyncd.core.rules.scope import Leave
from zohosyncd.core.side import Side
from zohosyncd.settings.sides import DIRECTION_KEYS
from zohosyncd.settings.values import Table, Text

__all__ = ["Deletion", "Deletions", "Leave"]


class Deletions(Table):
    """The ``[deletions]`` table. It does not depend on ``direction``.

    A record that was edited since it was last the same on both sides is never deleted.
    """

    model_config = ConfigDict(json_schema_extra=DIRECTION_KEYS)

    left_to_right: Deletion = Field(
        default=Deletion.OFF,
        strict=False,
        description="what a deletion on the left does on the right: nothing, add the tag, or delete",
        examples=["tag"],
    )
    right_to_left: Deletion = Field(
        default=Deletion.OFF,
        strict=False,
        description="what a deletion on the right does on the left: nothing, add the tag, or delete",
        examples=["off"],
    )
    tag: Text = Field(
        default="Zohosyncd Trash",
        description='tag, label, group, list or category that "tag" adds',
        examples=["Zohosyncd Trash"],
    )

    def towards(self, side: Side) -> Deletion:
        """What a deletion on the other side does on this one."""
        return self.left_to_right if side is Side.RIGHT else self.right_to_left
