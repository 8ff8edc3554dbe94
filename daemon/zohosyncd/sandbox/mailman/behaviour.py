"""What Mailman installations do differently from each other, as switches."""

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Behaviour:
    """The switches of one simulated core; they may be changed while it runs.

    Attributes:
        policy: whether whoever is not vouched for has to confirm, and whether a moderator has to let them in.
        pending_life: seconds after which a request that nobody confirms is forgotten (``pending_request_life``).
        names_of_users: whether a new address makes a user who has its name, too, as verified subscriptions do.
    """

    policy: Literal["open", "confirm", "moderate", "confirm_then_moderate"] = "confirm"
    pending_life: float = 259_200.0
    names_of_users: bool = True
