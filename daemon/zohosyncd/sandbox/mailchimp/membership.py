"""Who may be a member, with which status and which values: the rules behind every call that changes one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from zohosyncd.sandbox.parts.normaliser import normalise

from .addresses import hash_of, taken
from .audience import Audience, Member
from .merge import MISSING, WrongValue
from .problems import FieldError, compliance, exists, forgotten, invalid, wrong_method
from .setup import MailchimpSetup
from .shapes import STATUSES, check

_WORDS: Final = {"archived": "Archived", "transactional": "Non-Subscribed"}
"""What the vendor calls a status in messages, where that is not the word with a capital."""


class Membership:
    """The rules of one audience. ``now``: the present moment in seconds."""

    def __init__(self, audience: Audience, setup: MailchimpSetup, now: Callable[[], float]) -> None:
        self._audience, self._setup, self._now = audience, setup, now

    def add(self, body: Any, *, lenient: bool) -> Member:
        """POST: a new member. ``lenient``: required merge fields may be missing. Raises Problem."""
        check(body, needed=("email_address", "status"), tags=True)
        address = taken(body["email_address"], self._setup)
        known = self._audience.find(hash_of(address), hash_only=True)
        if known is not None and (known.status != "archived" or not self._setup.post_revives):
            raise exists(address)
        if known is not None:
            return self._changed(known, body, lenient=lenient)
        return self._made(address, body["status"], body, lenient=lenient)

    def put(self, key: str, body: Any, *, lenient: bool) -> tuple[Member, bool]:
        """PUT: a member is changed, or made if there is none; whether it was made. Raises Problem."""
        known = self._audience.find(key)
        check(body, needed=() if known is not None else ("email_address", "status_if_new"), new=True)
        if known is not None:
            return self._changed(known, body, lenient=lenient), False
        address = taken(body["email_address"], self._setup)
        if self._audience.find(hash_of(address), hash_only=True) is not None:
            raise exists(address)
        return self._made(address, body["status_if_new"], body, lenient=lenient), True

    def patch(self, member: Member, body: Any, *, lenient: bool) -> Member:
        """PATCH: a member is changed. Raises Problem."""
        check(body)
        return self._changed(member, body, lenient=lenient)

    def update_in_bulk(self, member: Member, body: Mapping[str, Any], *, lenient: bool) -> Member:
        """A row of a batch that may change existing members. Raises Problem."""
        check(body, tags=True)
        return self._changed(member, body, lenient=lenient)

    def archive(self, member: Member) -> Member:
        """DELETE. Raises Problem."""
        if member.status == "archived":
            raise wrong_method()
        changed = int(self._now()) if self._setup.archive_is_a_change else member.changed
        return self._keep(replace(member, status="archived", was=member.status, changed=changed))

    def forget(self, member: Member) -> None:
        """Delete permanently."""
        self._audience.drop(member, self._now())

    def tag(self, member: Member, changes: Mapping[str, bool]) -> Member:
        """Give (True) and take tags."""
        tags = list(member.tags)
        for name, active in changes.items():
            number = self._audience.tag_id(name)
            if active and number not in tags:
                tags.append(number)
            elif not active and number in tags:
                tags.remove(number)
        if tuple(tags) == member.tags:
            return member
        changed = int(self._now()) if self._setup.tags_are_a_change else member.changed
        return self._keep(replace(member, tags=tuple(tags), changed=changed))

    def _made(self, address: str, status: str, body: Mapping[str, Any], *, lenient: bool) -> Member:
        if hash_of(address) in self._audience.forgotten:
            raise forgotten(address)
        defaults = {tag: each.default_value for tag, each in self._audience.fields.items() if each.default_value}
        merge = self._merged(defaults, body, lenient=lenient)
        contact, number = self._audience.next_contact()
        now = int(self._now())
        member = Member(
            contact,
            number,
            self._address(address),
            status,
            now,
            merge,
            opted=now if status == "subscribed" else None,
            own_word=status == "cleaned" or (status == "unsubscribed" and self._setup.own_wish),
        )
        return self._keep(self._plain(self._tagged(member, body), body))

    def _changed(self, member: Member, body: Mapping[str, Any], *, lenient: bool) -> Member:
        member = self._renamed(member, body.get("email_address"))
        member = self._with_status(member, body.get("status"))
        member = replace(member, merge=self._merged(member.merge, body, lenient=lenient))
        member = self._plain(self._tagged(member, body), body)
        before = self._audience.members.get(member.contact_id)
        return member if member == before else self._keep(replace(member, changed=int(self._now())))

    def _renamed(self, member: Member, wished: str | None) -> Member:
        if wished is None or wished.strip() == member.email:
            return member
        address = taken(wished, self._setup)
        if hash_of(address) != member.hash:
            if not self._setup.renames_others and member.status != "subscribed":
                said = f'This member\'s status is "{member.status}." You can only update email addresses for members'
                raise invalid(("email address", f'{said} with a status of "subscribed."'))
            other = self._audience.find(hash_of(address), hash_only=True)
            gone = hash_of(address) in self._audience.forgotten
            if other is not None or gone:
                word = "Deleted" if other is None else _WORDS.get(other.status, other.status.capitalize())
                raise invalid(("email address", f'"{address}" is already in this list with a status of "{word}".'))
        return replace(member, email=self._address(address))

    def _with_status(self, member: Member, wished: str | None) -> Member:
        if wished is None or wished == member.status:
            return member
        now = int(self._now())
        out = member.own_word and not (member.status == "archived" and self._setup.archive_forgives)
        if wished == "subscribed" and out:
            raise compliance(member.email)
        match wished:
            case "subscribed":
                return replace(member, status=wished, was="", opted=now, own_word=False)
            case "unsubscribed":
                return replace(member, status=wished, was="", own_word=member.own_word or self._setup.own_wish)
            case "cleaned":
                return replace(member, status=wished, was="", own_word=True)
            case _:
                return replace(member, status=wished, was="", own_word=out)

    def _merged(self, before: Mapping[str, Any], body: Mapping[str, Any], *, lenient: bool) -> dict[str, Any]:
        """Merge values with those of a request. One that has no field is dropped without a word."""
        given = {tag.upper(): value for tag, value in body.get("merge_fields", {}).items()}
        errors: list[FieldError] = []
        kept: dict[str, Any] = {}
        for tag, field in self._audience.fields.items():
            if tag not in given:
                continue
            try:
                kept[tag] = field.stored(given[tag], self._setup)
            except WrongValue as wrong:
                errors.append((tag, str(wrong)))
        kept = normalise(self._audience.normalisers, kept)
        merged = {**before, **{tag: "" if value is None else value for tag, value in kept.items()}}
        if not lenient:
            known = {tag for tag, _ in errors}
            missing = [tag for tag, field in self._audience.fields.items() if field.required and not merged.get(tag)]
            errors += [(tag, MISSING) for tag in missing if tag not in known]
        if errors:
            raise invalid(*errors, detail="Your merge fields were invalid.")
        return merged

    def _address(self, address: str) -> str:
        """The address as it is stored: a server may change its spelling, not what it is."""
        return str(normalise(self._audience.normalisers, {"email_address": address})["email_address"] or address)

    def _tagged(self, member: Member, body: Mapping[str, Any]) -> Member:
        given = [self._audience.tag_id(name) for name in body.get("tags", ()) if name.strip()]
        return replace(member, tags=tuple(dict.fromkeys((*member.tags, *given))))

    @staticmethod
    def _plain(member: Member, body: Mapping[str, Any]) -> Member:
        known = {name: body[name] for name in ("language", "vip", "email_type") if name in body}
        return replace(member, **known)

    def _keep(self, member: Member) -> Member:
        return self._audience.keep(member, self._now())


def is_status(word: str) -> bool:
    """Whether a list can be filtered by this."""
    return word in {*STATUSES, "archived"}
