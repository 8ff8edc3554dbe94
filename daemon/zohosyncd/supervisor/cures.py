"""What each kind of hold means to a person, and what ends it."""

from collections.abc import Mapping
from typing import Final

from zohosyncd.ports.store import HoldReason

CURES: Final[Mapping[HoldReason, str]] = {
    HoldReason.AMBIGUOUS: "several records could be this person: merge them in the app, or give one another address",
    HoldReason.LINKED_ELSEWHERE: "its only candidate belongs to another record already: merge the two in the app",
    HoldReason.CLASH: "both sides changed the field: edit it on one side to the value that both shall have",
    HoldReason.TOMBSTONE: "it is like a record whose partner was deleted: delete it, too, or give it another address",
    HoldReason.CONSENT: "somebody would be opted in without a consent later than the opt-out: let the person subscribe "
    "anew, or opt out on both sides",
    HoldReason.LEAVING: "it left the rules and would be deleted, but it was edited since: delete it by hand, or let a "
    "rule match it again",
    HoldReason.NO_KEY: "it has no e-mail address and no phone number: add one, or set create_without_email = true",
    HoldReason.UNEXPLAINED: "a create had no answer, and this may be what it made: delete the one that is too many",
    HoldReason.OSCILLATION: "the same value was written twice within a day and undone: find out who undoes it",
}
"""By reason, a sentence for the operator."""
