"""``[consent]``: what an opt-out on one side does on the other."""

from typing import Literal

from pydantic import ConfigDict, Field

from zohosyncd.core.consent import Travel
from zohosyncd.core.side import Side
from zohosyncd.settings.sides import DIRECTION_KEYS
from zohosyncd.settings.values import Table, Text


class Consent(Table):
    """The ``[consent]`` table. It does not depend on ``direction``, and an opt-out always wins."""

    model_config = ConfigDict(json_schema_extra=DIRECTION_KEYS)

    left_to_right: Travel = Field(
        default=Travel.OPT_OUT,
        strict=False,
        description="what an opt-out on the left does on the right: opt out there, add the tag, or nothing",
        examples=["opt_out"],
    )
    right_to_left: Travel = Field(
        default=Travel.OPT_OUT,
        strict=False,
        description="what an opt-out on the right does on the left: opt out there, add the tag, or nothing",
        examples=["tag"],
    )
    tag: Text = Field(
        default="Zohosyncd Unsubscribes",
        description='tag, label, group, list or category that "tag" adds',
        examples=["Zohosyncd Unsubscribes"],
    )
    new: Literal["pending", "subscribed", "unsubscribed"] = Field(
        default="pending",
        description="state of newly created members, where the app has one",
        examples=["pending"],
    )

    def towards(self, side: Side) -> Travel:
        """What an opt-out on the other side does on this one."""
        return self.left_to_right if side is Side.RIGHT else self.right_to_left
