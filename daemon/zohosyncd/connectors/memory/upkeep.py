"""What the in-memory app does by itself with names, owners, times of creation and consent, and what it refuses."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from zohosyncd.core.consent import ConsentState
from zohosyncd.core.name_sets import as_value, names_of
from zohosyncd.core.record import Owner, Value, Values
from zohosyncd.core.schema import FieldType, Schema
from zohosyncd.core.spelling import fold
from zohosyncd.ports.connector import Refused

_OUT: Final = (ConsentState.UNSUBSCRIBED, ConsentState.CLEANED)


def moment(seconds: float) -> str:
    """A time as fields of type MOMENT show it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def filed(schema: Schema, values: Values) -> dict[str, Value]:
    """Values as the app keeps them: names each once, owners complete as the app knows them."""
    kept = dict(values)
    for each in schema:
        if each.name not in kept:
            continue
        if each.type is FieldType.NAMES:
            kept[each.name] = as_value(names_of(kept[each.name]))
        elif each.type is FieldType.OWNER and isinstance(given := kept[each.name], Owner):
            kept[each.name] = owner_of(schema, given) or given
    return kept


def begun(schema: Schema, values: Values, now: float) -> dict[str, Value]:
    """Values of a new record with what the app fills in."""
    first: dict[str, Value] = {each.name: () for each in schema if each.type is FieldType.NAMES}
    if schema.created:
        first[schema.created] = moment(now)
    if schema.owner and schema.owners:
        first[schema.owner] = schema.owners[0]
    if schema.consent is not None:
        first[schema.consent.state] = ConsentState.SUBSCRIBED.value  # the worst that an app could take for granted
        first |= _stamp(schema, values, now)
    return {**first, **values}


def stamped(schema: Schema, before: Values, values: Values, now: float) -> dict[str, Value]:
    """Edited values with the time and the source of a change of consent."""
    consent = schema.consent
    if consent is None or consent.state not in values or values[consent.state] == before.get(consent.state):
        return dict(values)
    return {**_stamp(schema, values, now), **values}


def owner_of(schema: Schema, wanted: Owner) -> Owner | None:
    """The owner that is meant: by id, else by e-mail or name; None where nobody or more than one is."""
    owners = schema.owners or ()
    if wanted.id:
        return next((each for each in owners if each.id == wanted.id), None)
    found = [each for each in owners if _alike(each.email, wanted.email)] or [
        each for each in owners if not wanted.email and _alike(each.name, wanted.name)
    ]
    return found[0] if len(found) == 1 else None


def refusal(schema: Schema, patch: Values, before: Mapping[str, Value], compliance: frozenset[str]) -> Refused | None:
    """Why the app does not take these names, this owner or this state; None when it does.

    Args:
        patch: the values that a connector wants to write, with names as they would stand afterwards.
        before: what the record has, {} for a create.
        compliance: see :class:`Behaviour`.
    """
    for containers in schema.containers.values():
        if containers.field in patch:
            names = names_of(patch[containers.field])
            if containers.max_length is not None and any(len(name) > containers.max_length for name in names):
                return Refused("NAME_TOO_LONG", containers.field)
            if containers.most is not None and len(names) > containers.most:
                return Refused("TOO_MANY_NAMES", containers.field)
    if schema.owner and schema.owner in patch:
        given = patch[schema.owner]
        if not isinstance(given, Owner) or owner_of(schema, given) is None:
            return Refused("NO_SUCH_OWNER", schema.owner)
    return _state_refusal(schema, patch, before, compliance)


def _state_refusal(
    schema: Schema, patch: Values, before: Mapping[str, Value], compliance: frozenset[str]
) -> Refused | None:
    consent = schema.consent
    if consent is None or consent.state not in patch:
        return None
    state = patch[consent.state]
    if state not in consent.states:
        return Refused("STATE_NOT_WRITABLE", consent.state)
    if before.get(consent.state) in _OUT and state in compliance:
        return Refused("MEMBER_IN_COMPLIANCE_STATE", consent.state, compliance=True)
    return None


def _stamp(schema: Schema, values: Values, now: float) -> dict[str, Value]:
    """When and where a state was set; what the person's form says itself stays."""
    if schema.consent is None:
        return {}
    stamp = {schema.consent.at: moment(now), schema.consent.source: "api"}
    return {name: values.get(name, value) for name, value in stamp.items() if name}


def _alike(one: str, other: str) -> bool:
    return bool(one) and fold(one) == fold(other)
