"""What an app offers, as far as it can be told without asking an account, and why it lacks what it does not offer.

A connector states every capability of :class:`Capability`: by an attribute of :class:`Offers`, or, where the app lacks
it or has it only in part, by a reason in ``without``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from zohosyncd.core.schema import Containers


class Tells(StrEnum):
    """Whether an app tells something by itself."""

    ALWAYS = "always"
    SERVER = "server"  # it depends on the server
    NEVER = "never"


class Capability(StrEnum):
    """What an app can do or lacks, by the word with which reasons name it."""

    FEED = "feed"  # lacking where all records have to be listed to find a change
    DELETIONS = "deletions"
    CREATED = "created"
    CHANGED = "changed"
    CONTAINERS = "containers"
    OWNER = "owner"
    CONSENT = "consent"
    DELETABLE = "deletable"
    TOGETHER = "together"
    GUARD = "guard"
    OWN_IDS = "own_ids"
    FINDS = "finds"
    PUSH = "push"


@dataclass(frozen=True, slots=True)
class Offers:
    """What accounts of an app have at best; an object of a single account may have less.

    Whatever is not said counts as lacking, so that nothing is promised by forgetting; the exceptions are the times of
    change, the reports of deletions, and deleting, which nearly every app has.

    Attributes:
        containers: the kinds of containers by the app's word, best first; which ones exist is the account's matter.
        owner: whether records have an owner.
        consent: "flag" (opted out: yes or no), "states" (subscribed, pending and more), "none".
        created, changed: whether the app tells when a record was made, and last changed.
        deletions: whether the change feed reports them; where it does not, only the daily sweep finds them.
        deletable: whether records can be deleted.
        push: whether the app can ring our doorbell when something changes.
        feed: how changes are read: "token" (the app remembers what we have seen), "since" (what changed after a time),
            "list" (everything, compared with what we know).
        together: most writes that one request carries.
        guard: whether the app itself refuses to change a record that somebody has changed since we read it.
        own_ids: whether a new record gets an id of our choice, so that sending it twice makes no second one.
        finds: whether the app can be asked who has an e-mail address, and knows at once.
        without: for each capability that is lacking, or depends on the server: why, in a few words for an operator,
            with what is done instead; no full stop at its end.
    """

    containers: Mapping[str, Containers] = field(default_factory=dict)
    owner: bool = False
    consent: Literal["none", "flag", "states"] = "none"
    created: bool = False
    changed: Tells = Tells.ALWAYS
    deletions: Tells = Tells.ALWAYS
    deletable: bool = True
    push: bool = False
    feed: Literal["token", "since", "list"] = "list"
    together: int = 1
    guard: bool = False
    own_ids: bool = False
    finds: bool = False
    without: Mapping[Capability, str] = field(default_factory=dict)

    @property
    def lacking(self) -> frozenset[Capability]:
        """What the app lacks, or has only in part: for each of them ``without`` gives the reason."""
        return frozenset(self._lacking())

    def _lacking(self) -> Iterator[Capability]:
        has = {
            Capability.FEED: self.feed != "list",
            Capability.DELETIONS: self.deletions is Tells.ALWAYS,
            Capability.CREATED: self.created,
            Capability.CHANGED: self.changed is Tells.ALWAYS,
            Capability.CONTAINERS: bool(self.containers),
            Capability.OWNER: self.owner,
            Capability.CONSENT: self.consent != "none",
            Capability.DELETABLE: self.deletable,
            Capability.TOGETHER: self.together > 1,
            Capability.GUARD: self.guard,
            Capability.OWN_IDS: self.own_ids,
            Capability.FINDS: self.finds,
            Capability.PUSH: self.push,
        }
        yield from (capability for capability in Capability if not has[capability])
