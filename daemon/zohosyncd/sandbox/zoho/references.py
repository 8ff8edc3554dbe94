"""What a value of a write points to: other records, users, choices."""

import re
from typing import Any

from .crm import Crm
from .schema import Field
from .values import Misfit

POINTING = frozenset({"lookup", "ownerlookup", "userlookup", "multiselectlookup", "multiuserlookup"})


def pointing(crm: Crm, f: Field, value: Any) -> Any:
    """The numbers of the records or users that a value names, or a `Misfit`."""
    if f.kind not in {"multiselectlookup", "multiuserlookup"}:
        return _reference(crm, f, value)
    found = [_reference(crm, f, each) for each in value or ()]
    return next((each for each in found if isinstance(each, Misfit)), tuple(found) or None)


def _reference(crm: Crm, f: Field, value: Any) -> Any:
    if value is None and f.kind != "ownerlookup":
        return None
    if not isinstance(value, dict) or value.get("id") is None:
        return Misfit({"api_name": f.name, "expected_data_type": "jsonobject"})
    number = number_in(value["id"])
    user = crm.user(number)
    good = number in crm.tables[f.target].rows if f.target else user is not None and user.active
    return number if good else Misfit({"api_name": f.name, "id": value["id"]})


def choice(crm: Crm, f: Field, value: Any) -> Any:
    """The choice that is stored, or a `Misfit`."""
    if value == "-None-":
        return None
    if crm.setup.strict_picklists and isinstance(value, str) and value not in f.choices:
        return Misfit({"api_name": f.name, "expected_data_type": "picklist"})
    return value


def number_in(given: Any) -> int:
    """The number of an id, 0 where it is none."""
    text = str(given)
    return int(text) if re.fullmatch(r"\d{1,19}", text) else 0
