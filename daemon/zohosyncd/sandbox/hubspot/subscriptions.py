"""Who may be sent e-mails, by address: ``/communication-preferences/v4`` and the older ``v3``."""

from typing import Any

from zohosyncd.sandbox.parts.answers import answer
from zohosyncd.sandbox.wire import Response

from .call import Call
from .contacts import Contacts
from .properties import iso
from .refusals import Refusal, malformed

TYPES = (("90210001", "Newsletter"), ("90210002", "One to One"))
_BASES = {
    "LEGITIMATE_INTEREST_PQL", "LEGITIMATE_INTEREST_CLIENT", "PERFORMANCE_OF_CONTRACT", "CONSENT_WITH_NOTICE",
    "NON_GDPR", "PROCESS_AND_STORE", "LEGITIMATE_INTEREST_OTHER",
}  # fmt: skip


def wide_status(contacts: Contacts, call: Call, email: str) -> Response:
    """Whether an address has opted out of everything; nothing where it has not. A POST opts it out."""
    if call.one("channel") != "EMAIL":
        raise Refusal(400, "VALIDATION_ERROR", "channel must be EMAIL")
    address = _address(email)
    if call.request.method == "POST":
        contacts.opt_out(address, contacts.setup.consent_lag)
        return answer(200, _action(contacts, _each(contacts, address)))
    results = [_wide(contacts, address)] if address in contacts.opted_out else []
    return answer(200, _action(contacts, results))


def statuses(contacts: Contacts, call: Call, email: str) -> Response:
    """What an address has decided about each type; a POST changes one, also back to subscribed."""
    address = _address(email)
    if call.request.method == "POST":
        known = {"subscriptionId", "statusState", "channel", "legalBasis", "legalBasisExplanation"}
        body = call.body(known)
        if body.get("channel") != "EMAIL" or body.get("statusState") not in {"SUBSCRIBED", "UNSUBSCRIBED"}:
            raise malformed("channel and statusState are needed")
        if body.get("legalBasis") not in {None, *_BASES}:
            raise malformed("unknown legalBasis")
        if body["statusState"] == "SUBSCRIBED":
            contacts.opt_in(address)
    elif call.one("channel") != "EMAIL":
        raise Refusal(400, "VALIDATION_ERROR", "channel must be EMAIL")
    return answer(200, _action(contacts, _each(contacts, address)))


def _each(contacts: Contacts, address: str) -> list[dict[str, Any]]:
    state = "UNSUBSCRIBED" if address in contacts.opted_out else "NOT_SPECIFIED"
    return [
        {"subscriptionId": int(number), "subscriptionName": name, "subscriberIdString": address, "channel": "EMAIL",
         "status": state, "source": "API", "timestamp": iso(contacts.now())}
        for number, name in TYPES
    ]  # fmt: skip


def older_status(contacts: Contacts, call: Call, email: str) -> Response:  # noqa: ARG001 - all routes are called alike
    """The status of an address as version 3 tells it."""
    address = _address(email)
    out = address in contacts.opted_out
    rows = [
        {"id": number, "name": name, "description": name, "status": "NOT_SUBSCRIBED",
         "sourceOfStatus": "PORTAL_WIDE_STATUS" if out else "SUBSCRIPTION_STATUS", "preferenceGroupName": None,
         "legalBasis": None, "legalBasisExplanation": None}
        for number, name in TYPES
    ]  # fmt: skip
    return answer(200, {"recipient": address, "subscriptionStatuses": rows})


def definitions(contacts: Contacts, call: Call) -> Response:
    """The types of subscriptions there are."""
    now = iso(contacts.now())
    rows = [
        {"id": number, "name": name, "description": name, "isActive": True, "isDefault": False, "isInternal": False,
         "createdAt": now, "updatedAt": now, "purpose": "Marketing", "communicationMethod": "Email"}
        for number, name in TYPES
    ]  # fmt: skip
    if "/v3/" in call.request.path:
        return answer(200, {"subscriptionDefinitions": rows})
    return answer(200, _action(contacts, rows))


def _wide(contacts: Contacts, address: str) -> dict[str, Any]:
    return {
        "subscriberIdString": address, "channel": "EMAIL", "status": "UNSUBSCRIBED", "wideStatusType": "PORTAL_WIDE",
        "timestamp": iso(contacts.now()),
    }  # fmt: skip


def _action(contacts: Contacts, results: list[dict[str, Any]]) -> dict[str, Any]:
    now = iso(contacts.now())
    return {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}


def _address(email: str) -> str:
    address = email.strip().lower()
    if "@" not in address:
        raise Refusal(400, "VALIDATION_ERROR", "the subscriber id must be an email address")
    return address
