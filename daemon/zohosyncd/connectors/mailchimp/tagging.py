"""Tags of members: what a write changes of them, by a call of its own for each member. Pure.

The call names only what differs from what was read just before, so a tag that somebody gives meanwhile stays, and
repeating it changes nothing.
"""

from collections.abc import Mapping

from zohosyncd.connectors.mailchimp.fields import LONGEST_TAG, TAGS
from zohosyncd.connectors.mailchimp.values import Unwritable
from zohosyncd.core.name_sets import difference, names_of
from zohosyncd.ports.connector import WriteKind, WriteOp


def tag_changes(op: WriteOp) -> Mapping[str, bool]:
    """The tags that a member gets (True) and loses; of a new one all that it gets.

    Raises:
        Unwritable: a name is too long, or nobody has read which ones are there.
    """
    if TAGS not in op.patch or op.kind is WriteKind.DELETE:
        return {}
    wished = names_of(op.patch[TAGS])
    if any(len(name) > LONGEST_TAG for name in wished):
        raise Unwritable(TAGS, "TAG_TOO_LONG", f"a tag of Mailchimp has at most {LONGEST_TAG} characters")
    if op.kind is WriteKind.CREATE:
        return dict.fromkeys(wished, True)
    if op.known is None or TAGS not in op.known.values:
        raise Unwritable(TAGS, "KNOWN_TAGS_NEEDED", "a change of tags needs the tags as they were read just before")
    added, removed = difference(op.known.values[TAGS], op.patch[TAGS])
    return {**dict.fromkeys(removed, False), **dict.fromkeys(added, True)}
