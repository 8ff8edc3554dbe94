"""What an app offers to rules, consent and deletions, as far as it can be told without asking an account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from zohosyncd.core.schema import Containers


class Tells(StrEnum):
    """Whether an app tells something by itself."""

    ALWAYS = "always"
    SERVER = "server"  # it depends on the server
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Offers:
    """What accounts of an app have; an object of a single account may have less.

    Attributes:
        containers: the kinds of containers by the app's word, best first; which ones exist is the account's matter.
        owner: whether records have an owner.
        consent: "flag" (opted out: yes or no), "states" (subscribed, pending and more), "none".
        created, changed: whether the app tells when a record was made, and last changed.
        deletions: whether the change feed reports them; where it does not, only the daily sweep finds them.
        deletable: whether records can be deleted.
        push: whether the app can ring our doorbell when something changes.
    """

    containers: Mapping[str, Containers] = field(default_factory=dict)
    owner: bool = False
    consent: Literal["none", "flag", "states"] = "none"
    created: bool = False
    changed: Tells = Tells.ALWAYS
    deletions: Tells = Tells.ALWAYS
    deletable: bool = True
    push: bool = False
