"""What each kind of hold means to a person, and what ends it."""

from collections.abc import Mapping
from typing import Final

from zohosyncd.ports.store import HoldReason

CURES: Final[Mapping[HoldReason, str]] = {
    HoldReason.AMBIGUOUS: "several records could be this person: merge them in the app, or say who it is "
    "(--link RECORD, --create, --leave)",
    HoldReason.SHARED_MAILBOX: "it has only an address in common with others that several people use, such as info@: "
    "give it a full name or an address of its own",
    HoldReason.LINKED_ELSEWHERE: "its only candidate belongs to another record, or is left alone: merge the two in "
    "the app, or say who it is (--link RECORD --replace, --create, --leave)",
    HoldReason.CLASH: "both sides changed the field, or one emptied it: say which is right (--take left|right), or "
    "edit one side to the value that both shall have",
    HoldReason.TOMBSTONE: "it is like a record whose partner was deleted: delete it, too, or say who it is "
    "(--link RECORD, --create, --leave)",
    HoldReason.NO_KEY: "it has no e-mail address and no phone number: add one, set create_without_email = true, or "
    "say who it is (--link RECORD, --create, --leave)",
    HoldReason.UNEXPLAINED: "a create had no answer, and this may be what it made: say whether it is "
    "(--link RECORD, --create), or delete the one that is too many",
    HoldReason.CONSENT: "somebody would be opted in without a consent later than the opt-out: let the person subscribe "
    "anew, or opt out on both sides",
    HoldReason.LEAVING: "it left the rules and would be deleted, but it was edited since: delete it by hand, or let a "
    "rule match it again",
    HoldReason.OSCILLATION: "the same value was written twice within a day and undone: find out who undoes it, then "
    "say which value is right (--take left|right)",
}
"""By reason, a sentence for the operator; options are those of ``zohosyncd held resolve``."""
