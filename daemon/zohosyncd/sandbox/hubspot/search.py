"""The search: ``POST /crm/v3/objects/contacts/search``. It answers from an index that is some seconds behind."""

from collections.abc import Callable, Mapping
from typing import Any

from zohosyncd.sandbox.parts.answers import answer
from zohosyncd.sandbox.wire import Response

from .call import Call
from .contacts import Contact, Contacts
from .objects import shown
from .properties import millis
from .refusals import Refusal, malformed

PAGE = 200
_GROUPS, _FILTERS, _ALL_FILTERS = 5, 6, 18
_KEYS = {"filterGroups", "sorts", "query", "properties", "limit", "after"}


class Index:
    """What the search knows by now; kept until it knows more."""

    def __init__(self, contacts: Contacts) -> None:
        self._contacts = contacts
        self._number = -1
        self._rows: list[Contact] = []

    def rows(self) -> list[Contact]:
        """All contacts as the index has them."""
        history = self._contacts.history
        number = history.number_at(self._contacts.clock.now() - self._contacts.setup.index_lag)
        if number != self._number:
            found = (each.value for each in history.shown(number))
            self._rows = [each for each in found if each is not None and each.archived_at is None]
            self._number = number
        return self._rows


def search(contacts: Contacts, index: Index, call: Call) -> Response:
    """A page of what meets the filters."""
    body = call.body(_KEYS)
    limit, after = _number(body, "limit", 10), _number(body, "after", 0)
    if not 1 <= limit <= PAGE:
        raise Refusal(400, "VALIDATION_ERROR", f"The requested page size of {limit} is invalid: at most {PAGE}")
    reach = contacts.setup.reach
    if after + limit > reach:
        raise Refusal(400, "VALIDATION_ERROR", f"The requested search result offset cannot exceed {reach}")
    test = _test(contacts, body.get("filterGroups") or [])
    words = str(body.get("query") or "").lower().split()
    rows = [each for each in index.rows() if test(each) and (not words or _mentions(each, words))]
    name, descending = _sort(body.get("sorts") or [])
    rows.sort(key=lambda each: _order(contacts, each, name), reverse=descending)
    page = rows[after : after + limit]
    told: dict[str, Any] = {
        "total": len(rows), "results": [shown(each, contacts, body.get("properties") or None) for each in page]
    }  # fmt: skip
    if after + limit < len(rows):
        told["paging"] = {"next": {"after": str(after + limit)}}
    return answer(200, told)


def _number(body: Mapping[str, Any], name: str, default: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not str(value).isdecimal():
        raise malformed(f"{name} must be a number")
    return int(value)


def _sort(sorts: Any) -> tuple[str, bool]:
    if not isinstance(sorts, list):
        raise malformed("sorts must be a list")
    if len(sorts) > 1:
        raise Refusal(400, "VALIDATION_ERROR", "Only one sort is supported")
    match sorts:
        case []:
            return "createdate", False
        case [str() as name]:
            return name.removeprefix("-"), name.startswith("-")
        case [{"propertyName": str() as name, **rest}]:
            return name, rest.get("direction") == "DESCENDING"
        case _:
            raise malformed("a sort has a propertyName and a direction")


_NUMBERS: dict[str, Callable[[Contact], float]] = {
    "lastmodifieddate": lambda contact: contact.updated,
    "createdate": lambda contact: contact.created,
    "hs_object_id": lambda contact: int(contact.id),
}
"""What needs no reading of texts: most searches ask for nothing else."""


def _order(contacts: Contacts, contact: Contact, name: str) -> Any:
    if name in _NUMBERS:
        return (True, _NUMBERS[name](contact))
    value = contact.shows(name)
    known = contacts.properties.get(name)
    if known is not None and known.type in {"number", "datetime", "date"}:
        return (value is not None, _amount(value or "0", known.type))
    return (value is not None, value or "")


def _amount(text: str, kind: str) -> float:
    return float(text) if kind == "number" else float(millis(text))


def _mentions(contact: Contact, words: list[str]) -> bool:
    text = " ".join(contact.values.get(name, "") for name in ("email", "firstname", "lastname", "phone", "company"))
    return all(word in text.lower() for word in words)


def _test(contacts: Contacts, groups: Any) -> Callable[[Contact], bool]:
    if not isinstance(groups, list) or len(groups) > _GROUPS:
        raise Refusal(400, "VALIDATION_ERROR", f"at most {_GROUPS} filterGroups")
    made = []
    for group in groups:
        filters = group.get("filters") if isinstance(group, Mapping) else None
        if not isinstance(filters, list) or not filters or len(filters) > _FILTERS:
            raise Refusal(400, "VALIDATION_ERROR", f"a group has 1 to {_FILTERS} filters")
        made.append([_filter(contacts, each) for each in filters])
    if sum(map(len, made)) > _ALL_FILTERS:
        raise Refusal(400, "VALIDATION_ERROR", f"at most {_ALL_FILTERS} filters")
    return lambda contact: not made or any(all(test(contact) for test in group) for group in made)


def _filter(contacts: Contacts, given: Any) -> Callable[[Contact], bool]:
    if not isinstance(given, Mapping) or given.keys() - {"propertyName", "operator", "value", "values", "highValue"}:
        raise malformed("a filter has unknown fields")
    name, operator = given.get("propertyName"), given.get("operator")
    known = contacts.properties.get(str(name))
    if known is None:
        raise Refusal(400, "VALIDATION_ERROR", f"There was a problem with the request: no property {name}")
    kind = known.type

    def amount(text: Any) -> Any:
        if kind in {"number", "date", "datetime"}:
            try:
                return _amount(str(text), kind)
            except ValueError:
                raise malformed(f"{text} is no value of {name}") from None
        return str(text).lower()

    if operator == "HAS_PROPERTY":
        return lambda contact: contact.shows(known.name) is not None
    if operator == "NOT_HAS_PROPERTY":
        return lambda contact: contact.shows(known.name) is None
    if operator in {"IN", "NOT_IN"}:
        wanted = {amount(each) for each in given.get("values") or []}
        return lambda contact: ((_shown(contact, known.name, amount)) in wanted) == (operator == "IN")
    if "value" not in given:
        raise malformed("a filter needs a value")
    value = amount(given["value"])
    if operator == "BETWEEN":
        high = amount(given.get("highValue"))
        return lambda contact: (shown_ := _shown(contact, known.name, amount)) is not None and value <= shown_ <= high
    if operator == "CONTAINS_TOKEN":
        return lambda contact: str(given["value"]).lower() in _tokens(contact.shows(known.name))
    compare = _COMPARISONS.get(str(operator))
    if compare is None:
        raise malformed(f"unknown operator {operator}")
    if (number := _NUMBERS.get(known.name)) is not None:
        return lambda contact: compare(number(contact), value)
    return lambda contact: (shown_ := _shown(contact, known.name, amount)) is not None and compare(shown_, value)


def _shown(contact: Contact, name: str, amount: Callable[[Any], Any]) -> Any:
    if name in _NUMBERS:
        return _NUMBERS[name](contact)
    value = contact.shows(name)
    return None if value is None else amount(value)


def _tokens(text: str | None) -> set[str]:
    return set((text or "").lower().replace(";", " ").replace("@", " ").split()) | {(text or "").lower()}


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda shown_, value: shown_ == value,
    "NEQ": lambda shown_, value: shown_ != value,
    "LT": lambda shown_, value: shown_ < value,
    "LTE": lambda shown_, value: shown_ <= value,
    "GT": lambda shown_, value: shown_ > value,
    "GTE": lambda shown_, value: shown_ >= value,
}
