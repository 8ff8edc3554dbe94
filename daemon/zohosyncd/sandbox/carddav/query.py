"""The filter of addressbook-query (RFC 6352, 10.5)."""

import re
import xml.etree.ElementTree as ET

from .cards import BadCard, Property, properties
from .dav import CARD


def matches(text: str, condition: ET.Element | None) -> bool:
    """Whether a card passes a ``CARDDAV:filter``; an absent or empty one lets all pass."""
    tests = [] if condition is None else condition.findall(f"{CARD}prop-filter")
    if condition is None or not tests:
        return True
    try:
        found = properties(text)
    except BadCard:
        return False
    return _combined(condition, [_property_passes(found, test) for test in tests])


def _combined(parent: ET.Element, results: list[bool]) -> bool:
    return all(results) if parent.get("test") == "allof" else any(results)


def _property_passes(found: list[Property], test: ET.Element) -> bool:
    group, _, name = test.get("name", "").upper().rpartition(".")
    named = [
        entry for entry in found if entry.name.upper() == name and (not group or entry.group[:-1].upper() == group)
    ]
    if test.find(f"{CARD}is-not-defined") is not None:
        return not named
    if len(test) == 0:
        return bool(named)
    return any(_combined(test, [_passes(entry, part) for part in test]) for entry in named)


def _passes(entry: Property, part: ET.Element) -> bool:
    if part.tag == f"{CARD}text-match":
        return _text_matches(entry.value, part)
    if part.tag != f"{CARD}param-filter":
        return False
    name = re.escape(part.get("name", ""))
    values = re.findall(rf'(?i);{name}=("[^"]*"|[^;:]*)', entry.params)
    if part.find(f"{CARD}is-not-defined") is not None:
        return not values
    match = part.find(f"{CARD}text-match")
    if match is None:
        return bool(values)
    return any(_text_matches(value.strip('"'), match) for whole in values for value in whole.split(","))


def _text_matches(value: str, match: ET.Element) -> bool:
    wanted = match.text or ""
    if match.get("collation", "i;unicode-casemap") != "i;octet":
        value, wanted = value.casefold(), wanted.casefold()
    result = {
        "equals": value == wanted,
        "starts-with": value.startswith(wanted),
        "ends-with": value.endswith(wanted),
    }.get(match.get("match-type", "contains"), wanted in value)
    return result != (match.get("negate-condition") == "yes")
