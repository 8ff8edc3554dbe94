"""Bodies of writes. Pure."""

from dataclasses import dataclass, field
from typing import Any, Final

from zohosyncd.connectors.mailchimp.fields import EMAIL, LANGUAGE, STATES, STATUS, TAGS, VIP
from zohosyncd.connectors.mailchimp.members import Shape, subscriber_hash
from zohosyncd.connectors.mailchimp.tagging import tag_changes
from zohosyncd.connectors.mailchimp.values import Unwritable, raw_of
from zohosyncd.core.consent import ConsentState
from zohosyncd.core.record import Values
from zohosyncd.ports.connector import Refused, WriteKind, WriteOp

_WRITABLE: Final = frozenset({EMAIL, STATUS, LANGUAGE, VIP})


@dataclass(slots=True)
class Draft:
    """A member as it is to be sent, and what was taken out of it.

    Attributes:
        body: of the call. tags: those that it gets (True) and loses. refused: fields that are not sent (any more).
    """

    op: WriteOp
    body: dict[str, Any]
    tags: dict[str, bool]
    refused: list[Refused] = field(default_factory=list)

    @property
    def merge(self) -> dict[str, Any]:
        """The merge fields of the body."""
        found: dict[str, Any] = self.body.get("merge_fields", {})
        return found

    def without(self, refusal: Refused) -> bool:
        """Take the value of a refused field out; False where it is not there."""
        name = refusal.field
        if name in self.merge:
            self.body["merge_fields"] = {tag: value for tag, value in self.merge.items() if tag != name}
            if not self.body["merge_fields"]:
                del self.body["merge_fields"]
        elif name in self.body and name != "merge_fields":
            del self.body[name]
        else:
            return False
        self.refused.append(refusal)
        return True


def draft_of(op: WriteOp, shape: Shape) -> Draft:
    """What an op sends.

    Raises:
        Unwritable: nothing of it may be sent.
    """
    draft = Draft(op, {}, dict(tag_changes(op)))
    for name, value in op.patch.items():
        known = shape.schema.fields.get(name)
        if known is None or not known.writable:
            raise Unwritable(name, "FIELD_NOT_WRITABLE", "a member has no such field that can be written")
        if name == TAGS:
            continue
        if name in _WRITABLE:
            draft.body[name] = _own(name, value)
            continue
        try:
            draft.body.setdefault("merge_fields", {})[name] = raw_of(name, value, shape.types)
        except Unwritable as error:
            draft.refused.append(Refused(error.code, error.field, error.message))
    if op.kind is WriteKind.CREATE:
        _complete(draft, op.patch)
    elif EMAIL in draft.body and _same_address(op):
        del draft.body[EMAIL]  # another spelling of it is the same member's, and refused by some
    return draft


def _own(name: str, value: Any) -> Any:
    match name:
        case "email_address":
            if not isinstance(value, str) or not value.strip():
                raise Unwritable(EMAIL, "ADDRESS_NEEDED", "a member needs an e-mail address")
            return value.strip()
        case "status":
            if value not in STATES:
                raise Unwritable(STATUS, "STATE_NOT_WRITABLE", "this state cannot be given")
            return str(value)
        case "vip":
            return value is True
        case _:
            return "" if value is None else str(value)


def _complete(draft: Draft, patch: Values) -> None:
    """What a new member has beside its values. Where nobody says its state, it is asked for a confirmation."""
    if EMAIL not in patch:
        raise Unwritable(EMAIL, "ADDRESS_NEEDED", "a member needs an e-mail address")
    draft.body.setdefault(STATUS, ConsentState.PENDING.value)
    if draft.body.get("merge_fields"):
        kept = {tag: value for tag, value in draft.merge.items() if value != ""}
        draft.body["merge_fields"] = kept
    if draft.tags:
        draft.body[TAGS] = list(draft.tags)


def _same_address(op: WriteOp) -> bool:
    known = op.known.values.get(EMAIL) if op.known is not None else None
    wished = op.patch[EMAIL]
    return isinstance(known, str) and isinstance(wished, str) and subscriber_hash(known) == subscriber_hash(wished)
