"""What people do: an operator in Mailchimp's pages, and the contacts themselves at a sign-up form or a link."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from .audience import Audience, Member
from .membership import Membership, is_status
from .merge import WrongValue
from .setup import MailchimpSetup

_FORM: Final = "Hosted Signup Form"


class Edits:
    """What people do in one audience. ``now``: the present moment in seconds."""

    def __init__(self, audience: Audience, rules: Membership, setup: MailchimpSetup, now: Callable[[], float]) -> None:
        self._audience, self._rules, self._setup, self._now = audience, rules, setup, now

    def carry_out(self, command: Mapping[str, Any]) -> Member | None:
        """Do it; the member as it is then, None for one that is gone. ValueError says what was wrong.

        ``create`` is a person's sign-up. ``set`` takes ``email_address``, ``status``, ``tags`` (all of them), and merge
        fields, in ``merge_fields`` or by their tags; a status is the person's own act: unsubscribing, confirming,
        signing up again. ``delete`` archives, with ``permanent`` it deletes for ever. ``add_field`` and ``drop_field``
        change the audience.
        """
        if "add_field" in command:
            self._audience.add_field(command["add_field"])
            return None
        if "drop_field" in command:
            self._audience.drop_field(str(command["drop_field"]))
            return None
        if "create" in command:
            return self._create(command["create"])
        member = self._audience.find(str(command.get("id")))
        if member is None:
            raise ValueError(f"no such member: {command.get('id')!r}")
        if command.get("delete"):
            return self._remove(member, permanent=bool(command.get("permanent")))
        if "set" not in command:
            raise ValueError("one of create, set, delete, add_field, drop_field is needed")
        return self._set(member, command["set"])

    def load(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Fill the audience: ``last_changed``, ``timestamp_opt``, ``timestamp_signup`` in seconds."""
        for each in records:
            made = self._create(each)
            changed = int(each.get("last_changed", made.changed))
            opted, signed = each.get("timestamp_opt", changed), each.get("timestamp_signup", changed)
            self._audience.keep(replace(made, changed=changed, opted=opted, signed_up=signed), float(changed))

    def _create(self, given: Mapping[str, Any]) -> Member:
        address = str(given.get("email_address", "")).strip()
        if "@" not in address:
            raise ValueError("a contact needs an email_address")
        known = self._audience.find(address)
        if known is not None and known.status != "archived":
            raise ValueError("there is such a member")
        self._audience.forgotten.discard(replace(_NOBODY, email=address).hash)
        if known is None:
            contact, number = self._audience.next_contact()
            known = Member(contact, number, address, "subscribed", 0, source=_FORM, signed_up=int(self._now()))
        values = {name: value for name, value in given.items() if name not in _MOMENTS}
        return self._set(known, {"status": "subscribed", **values})

    def _set(self, member: Member, given: Mapping[str, Any]) -> Member:
        values = dict(given)
        member = replace(member, email=str(values.pop("email_address", member.email)).strip())
        member = self._with_status(member, str(values.pop("status", member.status)))
        if "tags" in values:
            member = replace(member, tags=tuple(self._audience.tag_id(str(name)) for name in values.pop("tags")))
        merge = {**values.pop("merge_fields", {}), **{tag: values.pop(tag) for tag in list(values) if tag.isupper()}}
        plain = {name: values.pop(name) for name in ("language", "vip") if name in values}
        if values:
            raise ValueError(f"unknown: {', '.join(sorted(values))}")
        other = self._audience.find(member.hash, hash_only=True)
        if other is not None and other.contact_id != member.contact_id:
            raise ValueError("another member has this address")
        member = replace(member, merge={**member.merge, **self._typed(merge)}, changed=int(self._now()), **plain)
        return self._audience.keep(member, self._now())

    def _typed(self, merge: Mapping[str, Any]) -> dict[str, Any]:
        typed: dict[str, Any] = {}
        for tag, value in merge.items():
            if tag not in self._audience.fields:
                raise ValueError(f"no such merge field: {tag}")
            try:
                typed[tag] = self._audience.fields[tag].stored(value, self._setup)
            except WrongValue as wrong:
                raise ValueError(f"{tag}: {wrong}") from None
        return typed

    def _with_status(self, member: Member, status: str) -> Member:
        if not is_status(status):
            raise ValueError(f"unknown status {status!r}")
        now = int(self._now())
        if status == "archived":
            return replace(member, status=status, was=member.status)
        opted = now if status == "subscribed" and (member.status != status or member.opted is None) else member.opted
        out = status in {"unsubscribed", "cleaned"}
        return replace(member, status=status, was="", opted=opted if status != "pending" else None, own_word=out)

    def _remove(self, member: Member, *, permanent: bool) -> Member | None:
        if permanent:
            self._rules.forget(member)
            return None
        return self._rules.archive(member)


_MOMENTS: Final = frozenset({"last_changed", "timestamp_opt", "timestamp_signup"})
_NOBODY: Final = Member("", 0, "", "", 0)
