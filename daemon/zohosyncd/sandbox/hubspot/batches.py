"""Reads and writes of many contacts: ``/crm/v3/objects/contacts/batch/...``, at most 100 inputs each."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from zohosyncd.sandbox.parts.answers import answer
from zohosyncd.sandbox.wire import Response

from .call import Call
from .contacts import Contact, Contacts
from .objects import MOST, shown
from .properties import iso
from .refusals import Refusal, malformed

Input = dict[str, Any]


def inputs_of(body: Mapping[str, Any], known: set[str], needed: set[str]) -> list[Input]:
    """The inputs of a batch. Raises Refusal."""
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not inputs:
        raise malformed("inputs are needed")
    if len(inputs) > MOST:
        raise Refusal(400, "VALIDATION_ERROR", f"The maximum number of inputs supported in a batch request is {MOST}")
    for each in inputs:
        if not isinstance(each, dict) or each.keys() - known or not needed <= each.keys():
            raise malformed("an input has unknown or missing fields")
    return inputs


def read(contacts: Contacts, call: Call, chance: random.Random) -> Response:
    """Those of these contacts that there are, in any order; 207 where some are missing."""
    body = call.body({"inputs", "properties", "propertiesWithHistory", "idProperty"})
    inputs = inputs_of(body, {"id"}, {"id"})
    by = body.get("idProperty") or "hs_object_id"
    archived = call.flag("archived")
    found: dict[str, Contact] = {}
    missing: list[str] = []
    for each in inputs:
        key = str(each["id"])
        if archived:
            one = contacts.history.get(key)
            one = one if one is not None and one.archived_at is not None else None
        else:
            one = contacts.named(key, by, merged=contacts.setup.merged_in_batches)
        if one is None:
            missing.append(key)
        else:
            found[one.id] = one
    results = [shown(one, contacts, body.get("properties")) for one in found.values()]
    errors = []
    if missing:
        message = "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid."
        errors = [Refusal(207, "OBJECT_NOT_FOUND", message, context={"ids": missing}).body()]
    return _told(contacts, results, errors, chance, good=200)


def create(contacts: Contacts, call: Call, chance: random.Random) -> Response:
    """New contacts."""
    inputs = inputs_of(call.body({"inputs"}), {"properties", "associations", "objectWriteTraceId"}, {"properties"})

    def make(given: Input) -> dict[str, Any]:
        made = contacts.create(given["properties"])
        return shown(made, contacts, given["properties"])

    return _written(contacts, call, inputs, make, chance, good=201)


def update(contacts: Contacts, call: Call, chance: random.Random) -> Response:
    """Changes of contacts, each at most once."""
    inputs = inputs_of(
        call.body({"inputs"}), {"id", "idProperty", "properties", "objectWriteTraceId"}, {"id", "properties"}
    )
    ids = [str(each["id"]) for each in inputs]
    if len(set(ids)) < len(ids):
        raise Refusal(400, "VALIDATION_ERROR", "Duplicate IDs found in batch input")

    def change(given: Input) -> dict[str, Any]:
        found = contacts.named(str(given["id"]), given.get("idProperty") or "hs_object_id")
        if found is None:
            raise Refusal(404, "OBJECT_NOT_FOUND", "Could not find contact", context={"ids": [str(given["id"])]})
        return shown(contacts.update(found, given["properties"]), contacts, given["properties"])

    return _written(contacts, call, inputs, change, chance, good=200)


def upsert(contacts: Contacts, call: Call, chance: random.Random) -> Response:
    """Make or change contacts by a unique property."""
    inputs = inputs_of(
        call.body({"inputs"}), {"id", "idProperty", "properties", "objectWriteTraceId"}, {"id", "properties"}
    )

    def put(given: Input) -> dict[str, Any]:
        by = given.get("idProperty") or "hs_object_id"
        found = contacts.named(str(given["id"]), by)
        if found is None and by != "email":
            raise Refusal(404, "OBJECT_NOT_FOUND", "Could not find contact", context={"ids": [str(given["id"])]})
        properties = given["properties"] if found else {"email": given["id"], **given["properties"]}
        after = contacts.update(found, properties) if found else contacts.create(properties)
        return {**shown(after, contacts, properties), "new": found is None}

    return _written(contacts, call, inputs, put, chance, good=200)


def archive(contacts: Contacts, call: Call) -> Response:
    """Into the bin; nothing is said about those that are not there."""
    for each in inputs_of(call.body({"inputs"}), {"id"}, {"id"}):
        if (found := contacts.named(str(each["id"]), merged=False)) is not None:
            contacts.archive(found)
    return Response(204)


def _written(
    contacts: Contacts, call: Call, inputs: Sequence[Input], carry_out: Callable[[Input], dict[str, Any]],
    chance: random.Random, *, good: int,
) -> Response:  # fmt: skip
    """Each input by itself where they can be told apart, else all or none."""
    traced = contacts.setup.multi_status and all(
        isinstance(each.get("objectWriteTraceId"), str) or "id" in each for each in inputs
    )
    before = contacts.history.last
    results, errors = [], []
    for each in inputs:
        trace = each.get("objectWriteTraceId")
        try:
            if call.refuse and chance.random() < call.share:
                raise Refusal(400, "VALIDATION_ERROR", "refused", errors=[{"message": "refused", "code": call.refuse}])
            row = carry_out(each)
        except Refusal as refusal:
            if not traced and not call.refuse:
                _undo(contacts, before)
                raise
            refusal.context |= {"objectWriteTraceId": [trace]} if trace else {"ids": [str(each["id"])]}
            errors.append(refusal)
            continue
        results.append({**row, "objectWriteTraceId": trace} if trace else row)
    return _told(contacts, results, [each.body() for each in _grouped(errors)], chance, good=good)


def _undo(contacts: Contacts, number: int) -> None:
    """What this batch has made so far is gone again."""
    for each in contacts.history.changes(number):
        earlier = [one for one in contacts.history.shown(number) if one.id == each.id]
        if earlier and earlier[0].value is not None:
            contacts.put(earlier[0].value)
        elif each.value is not None:
            contacts.archive(each.value)
            contacts.history.remove(each.id, contacts.clock.now())


def _grouped(refusals: Sequence[Refusal]) -> list[Refusal]:
    """Inputs that are refused in the same words stand in one error."""
    found: dict[str, Refusal] = {}
    for each in refusals:
        first = found.setdefault(each.message, each)
        if first is not each:
            for name, values in each.context.items():
                first.context[name] = [*first.context.get(name, []), *values]
    return list(found.values())


def _told(
    contacts: Contacts, results: list[dict[str, Any]], errors: list[dict[str, Any]], chance: random.Random,
    *, good: int,
) -> Response:  # fmt: skip
    if contacts.setup.shuffled:
        chance.shuffle(results)
    now = iso(contacts.now())
    body: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return answer(207 if errors else good, body)
