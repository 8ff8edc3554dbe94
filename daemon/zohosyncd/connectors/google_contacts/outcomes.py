"""What became of the contacts of one batch call (vendor: google.rpc.Status, Batch*ContactsErrorDetails). Pure.

A batch is carried out for all contacts or for none. An error names those that were the reason; the others would have
been carried out, and are sent anew.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from zohosyncd.connectors.google_contacts.client import PersonAnswer
from zohosyncd.connectors.google_contacts.fields import person_field
from zohosyncd.connectors.google_contacts.judge import FULL, Failure, failure_of
from zohosyncd.core.errors import ContractBroken
from zohosyncd.core.record import Values
from zohosyncd.ports.connector import Conflict, NotSent, Refused, Unknown, WriteResult
from zohosyncd.transport.decode import json_as
from zohosyncd.transport.sender import Answered

_INVALID, _MISSING, _PRECONDITION, _ABORTED = 3, 5, 9, 10
_TEMPORARY: Final = frozenset({1, 4, 8, 13, 14})
"""Cancelled, deadline, exhausted, internal, unavailable (google.rpc.Code)."""

_CODES: Final = {
    "INVALID_ARGUMENT": 3,
    "NOT_FOUND": 5,
    "RESOURCE_EXHAUSTED": 8,
    "FAILED_PRECONDITION": 9,
    "ABORTED": 10,
}
_BY_STATUS: Final = {400: _INVALID, 404: _MISSING, 409: _ABORTED, 412: _PRECONDITION}


class Created(msgspec.Struct, frozen=True):
    """The answer to batchCreateContacts."""

    people: list[PersonAnswer] = msgspec.field(default_factory=list, name="createdPeople")


class Updated(msgspec.Struct, frozen=True):
    """The answer to batchUpdateContacts: by the resource names that were asked for."""

    people: dict[str, PersonAnswer] = msgspec.field(default_factory=dict, name="updateResult")


def created(answer: Answered) -> list[PersonAnswer] | Unknown:
    """The contacts that were made, in any order."""
    try:
        return json_as(Created, answer.body, what="new contacts").people
    except ContractBroken as error:
        return Unknown(error.message)


def updated(answer: Answered) -> Mapping[str, PersonAnswer] | Unknown:
    """The contacts that were changed, by name."""
    try:
        return json_as(Updated, answer.body, what="changed contacts").people
    except ContractBroken as error:
        return Unknown(error.message)


def deleted(answer: Answered) -> Unknown | None:
    """Why it is not sure that contacts were deleted; None where they were, which Google tells by an empty object."""
    try:
        json_as(dict[str, Any], answer.body, what="deleted contacts")
    except ContractBroken as error:
        return Unknown(error.message)
    return None


def culprits(answer: Answered, names: Sequence[str], patches: Sequence[Values]) -> dict[int, WriteResult]:
    """The contacts that a refused batch names as the reason, by place.

    Args:
        names: how the batch calls them, in order: resource names, or "0", "1" ... patches: what was meant for each.
    """
    failure = failure_of(answer) or Failure()
    details = failure.detail("ContactsErrorDetails").get("contactErrors")
    errors: Mapping[str, Any] = details if isinstance(details, Mapping) else {}
    places = {name: at for at, name in enumerate(names)}
    return {
        places[name]: _result(_code(error), _violated(error, patches[places[name]]))
        for name, error in errors.items()
        if name in places and isinstance(error, Mapping)
    }


def of_all(answer: Answered) -> WriteResult | None:
    """Why a call was refused, if that has nothing to do with any of its contacts: then each of them meets the same."""
    failure = failure_of(answer)
    if failure is None:
        return None
    if FULL in failure.message.upper():
        return Refused("MAILBOX_FULL", message="the mailbox has as many contacts as Google allows, its trash included")
    code = _CODES.get(failure.status, 0)
    return _result(code, "") if code == _ABORTED or code in _TEMPORARY else None


def refusal(answer: Answered, patch: Values) -> WriteResult:
    """Why the only contact of a call was refused."""
    failure = failure_of(answer)
    if failure is None:
        return _result(_BY_STATUS.get(answer.status, _INVALID), "")
    if "FAILEDPRECONDITION" in failure.reasons:
        return Conflict()
    code = _CODES.get(failure.status, _BY_STATUS.get(answer.status, _INVALID))
    return _result(code, _violated({"details": failure.details}, patch))


def _code(error: Mapping[str, Any]) -> int:
    code = error.get("code")
    return code if isinstance(code, int) else _INVALID


def _result(code: int, field: str) -> WriteResult:
    match code:
        case 5:
            return Conflict(gone=True)
        case 9:
            return Conflict()
        case 10:
            return NotSent("somebody else was writing at the same time")
        case _ if code in _TEMPORARY:
            return NotSent("Google could not do it at the moment")
        case 6:
            return Refused("ALREADY_EXISTS", field, "Google says that it exists already")
        case 7:
            return Refused("PERMISSION_DENIED", field, "Google does not allow it for this contact")
        case _:
            return Refused("INVALID_ARGUMENT", field, "Google does not take a value of this contact")


def _violated(error: Mapping[str, Any], patch: Values) -> str:
    """The field of ours that the first violation is about, "" where that cannot be told."""
    for detail in error.get("details") or ():
        for violation in detail.get("fieldViolations") or () if isinstance(detail, Mapping) else ():
            path = str(violation.get("field", "")) if isinstance(violation, Mapping) else ""
            words = {_camel(word.partition("[")[0]) for word in path.split(".")}
            mine = [name for name in patch if person_field(name) in words]
            exact = [name for name in mine if name.rpartition(".")[2] in words]
            if found := exact or mine:
                return found[0]
    return ""


def _camel(word: str) -> str:
    first, *others = word.split("_")
    return first + "".join(each.capitalize() for each in others)
