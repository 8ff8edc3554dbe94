"""The calls below ``/lists/{list_id}``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from . import bulk, listing, tags
from .audience import Audience, Member
from .membership import Membership
from .merge import TYPES
from .problems import Problem, invalid, not_found, wrong_method
from .setup import MailchimpSetup
from .shapes import flag, only
from .shown import audience_shown, field_shown, link, member_shown

SHOW: Final = frozenset({"fields", "exclude_fields"})
PAGES: Final = SHOW | {"count", "offset"}
_LENIENT: Final = frozenset({"skip_merge_validation"})


@dataclass(frozen=True, slots=True)
class Lists:
    """One audience as the API shows it. ``refusal``: a code for the next member that is refused on demand."""

    audience: Audience
    rules: Membership
    setup: MailchimpSetup
    now: Callable[[], float]
    refusal: Callable[[], str | None]

    def handle(self, method: str, rest: list[str], query: Mapping[str, str], body: Any) -> Any:
        """The body of the answer, None for 204. Raises Problem."""
        audience, rules = self.audience, self.rules
        match (method, rest):
            case ("GET", []):
                only(query, SHOW | {"include_total_contacts"})
                return audience_shown(audience)
            case ("POST", []):
                only(query, _LENIENT | {"skip_duplicate_check"})
                return bulk.subscribe(
                    audience, rules, self.setup, body, self.refusal,
                    lenient=_lenient(query),
                    once=flag(query.get("skip_duplicate_check", "false"), "skip_duplicate_check"),
                )  # fmt: skip
            case (_, ["members", *more]):
                return self._members(method, more, query, body)
            case (_, ["merge-fields", *more]):
                return _merge_fields(audience, method, more, query, body)
            case ("GET", ["tag-search"]):
                only(query, frozenset({"name"}))
                return tags.search(audience, query)
            case (_, ["segments", *more]):
                return self._segments(method, more, query, body)
            case (_, []):
                raise wrong_method()
            case _:
                raise not_found()

    def _members(self, method: str, rest: list[str], query: Mapping[str, str], body: Any) -> Any:
        audience, rules = self.audience, self.rules
        match (method, rest):
            case ("GET", []):
                only(query, listing.KNOWN)
                return listing.members(audience, query, self.setup, self.now())
            case ("POST", []):
                only(query, _LENIENT)
                self._refused()
                return self._shown(rules.add(body, lenient=_lenient(query)))
            case ("GET", [key]):
                only(query, SHOW)
                return self._shown(_member(audience, key))
            case ("PUT", [key]):
                only(query, _LENIENT)
                self._refused()
                return self._shown(rules.put(key, body, lenient=_lenient(query))[0])
            case ("PATCH", [key]):
                only(query, _LENIENT)
                member = _member(audience, key)
                self._refused()
                return self._shown(rules.patch(member, body, lenient=_lenient(query)))
            case ("DELETE", [key]):
                rules.archive(_member(audience, key))
                return None
            case ("GET", [key, "tags"]):
                only(query, PAGES)
                return tags.of_member(audience, _member(audience, key), query)
            case ("POST", [key, "tags"]):
                # The documentation of this call names the hash alone.
                tags.change(rules, _member(audience, key, hash_only=True), body)
                return None
            case ("POST", [key, "actions", "delete-permanent"]):
                rules.forget(_member(audience, key, hash_only=True))
                return None
            case (_, [] | [_] | [_, "tags"]):
                raise wrong_method()
            case _:
                raise not_found()

    def _segments(self, method: str, rest: list[str], query: Mapping[str, str], body: Any) -> Any:
        audience, rules = self.audience, self.rules
        number = int(rest[0]) if rest and rest[0].isdecimal() else 0
        match (method, rest):
            case ("GET", []):
                return tags.segments(audience, query)
            case ("POST", []):
                return tags.make_segment(audience, rules, body)
            case ("GET", [_]):
                return tags.segment(audience, number)
            case ("POST", [_]):
                return tags.fill(audience, rules, number, body)
            case ("GET", [_, "members"]):
                return tags.members(audience, number, query, self.setup)
            case _:
                raise wrong_method()

    def _shown(self, member: Member) -> dict[str, Any]:
        return member_shown(self.audience, member, self.setup)

    def _refused(self) -> None:
        if (code := self.refusal()) is not None:
            raise Problem(400, code, "refused on demand")


def _member(audience: Audience, key: str, *, hash_only: bool = False) -> Member:
    found = audience.find(key, hash_only=hash_only)
    if found is None:
        raise not_found()
    return found


def _lenient(query: Mapping[str, str]) -> bool:
    return flag(query.get("skip_merge_validation", "false"), "skip_merge_validation")


def _merge_fields(audience: Audience, method: str, rest: list[str], query: Mapping[str, str], body: Any) -> Any:
    known = {str(each.merge_id): each for each in audience.fields.values()}
    if rest and rest[0] not in known:
        raise not_found()
    match (method, rest):
        case ("GET", []):
            only(query, PAGES | {"type", "required"})
            found = [
                each
                for each in audience.fields.values()
                if query.get("type", each.type) == each.type
                and ("required" not in query or each.required == flag(query["required"], "required"))
            ]
            return {
                "merge_fields": [field_shown(audience, each) for each in listing.page_of(found, query)],
                "list_id": audience.id,
                "total_items": len(found),
                "_links": [link("self")],
            }
        case ("POST", []):
            _check_field(audience, body)
            return field_shown(audience, audience.add_field(body))
        case ("GET", [number]):
            return field_shown(audience, known[number])
        case ("DELETE", [number]):
            audience.drop_field(known[number].tag)
            return None
        case _:
            raise wrong_method()


def _check_field(audience: Audience, body: Any) -> None:
    if not isinstance(body, dict) or not body.get("name") or body.get("type") not in TYPES:
        raise invalid(("type", f"Data presented is not one of the accepted values: {', '.join(TYPES)}."))
    tag = str(body.get("tag", ""))
    if len(tag) > 10:
        raise invalid(("tag", "Merge tags have at most 10 characters."))
    if tag.upper() in audience.fields:
        raise invalid(("tag", f'A Merge Field with the tag "{tag.upper()}" already exists for this list.'))
