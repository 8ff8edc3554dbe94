"""Refusals as results. Pure. Mailchimp's own sentences have addresses in them, so none of them is passed on.

A problem's title says what kind it is; where that is "Invalid Resource", its detail and its fields say more. Rows of a
batch have no title: those that were refused are sent once more alone, to be told.
"""

from typing import Final

from zohosyncd.connectors.mailchimp.fields import EMAIL, STATUS
from zohosyncd.connectors.mailchimp.judge import Problem
from zohosyncd.ports.connector import Pending, Refused

EXISTS: Final = "Member Exists"
_ADDRESS: Final = "email address"
"""How Mailchimp calls the address among the fields of a problem."""

_TAKEN: Final = "already in this list"
_TOO_MANY_SIGNUPS: Final = "not allowing more signups"
_FAKE: Final = ("looks fake or invalid", "valid email address", "invalid email address")


def refused(problem: Problem | None, status: int) -> Refused | Pending:
    """A refusal as a whole. ``status``: of the answer."""
    if problem is None:
        return Refused(str(status), message="Mailchimp refuses it")
    detail = problem.detail.lower()
    match problem.title:
        case "Member In Compliance State":
            message = "unsubscribed, bounced or under review: only the person can subscribe again, by a form"
            return Refused("MEMBER_IN_COMPLIANCE_STATE", STATUS, message, compliance=True)
        case "Forgotten Email Not Subscribed":
            message = "permanently deleted: only the person can come back, by a form"
            return Refused("FORGOTTEN_EMAIL", EMAIL, message, compliance=True)
    if _TOO_MANY_SIGNUPS in detail:
        return Pending("Mailchimp takes no more sign-ups of this address for now")
    if any(words in detail for words in _FAKE):
        return Refused("ADDRESS_REFUSED", EMAIL, "Mailchimp takes it for no real address")
    fields = fields_of(problem)
    if fields:
        return of_field(fields[0], problem)
    return Refused(_code(problem.title), message="Mailchimp refuses it")


def fields_of(problem: Problem) -> list[str]:
    """The fields that a problem is about, as the schema calls them."""
    names = (each.field.removeprefix("merge_fields.").partition(".")[0] for each in problem.errors)
    return list(dict.fromkeys(EMAIL if name == _ADDRESS else name for name in names if name))


def of_field(name: str, problem: Problem) -> Refused:
    """The refusal of one field's value."""
    said = next((each.message.lower() for each in problem.errors if name in (each.field, EMAIL)), "")
    if name == EMAIL and _TAKEN in said:
        return Refused("ADDRESS_TAKEN", name, "another member of the audience has, or had, this address")
    if name == EMAIL and "only update email addresses" in said:
        return Refused("ADDRESS_LOCKED", name, "Mailchimp changes the address of subscribed members only")
    if "complete address" in said:
        cure = "Mailchimp takes an address with street, city, state and zip only"
        return Refused("INVALID_VALUE", name, cure)
    if "enter a value" in said:
        return Refused("MANDATORY_NOT_FOUND", name, "the audience's form requires it: map it, or let a rule set it")
    return Refused("INVALID_VALUE", name, "the field does not take this value")


def gone_field(name: str) -> Refused:
    """A merge field that is no more."""
    return Refused("FIELD_GONE", name, "the audience has no such merge field any more")


def _code(title: str) -> str:
    return "_".join(title.upper().split())[:60] or "REFUSED"
