"""vCard text as a server handles it: checks, its own spelling, and damage on request (RFC 2426, RFC 6350)."""

import quopri
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

_LINE = re.compile(r'((?:[\w-]+\.)?)([\w-]+)((?:;(?:[^":;]|"[^"]*")*)*):(.*)', re.DOTALL)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_STRUCTURED = frozenset({"N", "ADR", "ORG"})
_FIRST = ("BEGIN", "VERSION", "PRODID", "UID", "N", "FN")
_ACTIONS = frozenset({"truncate", "lower", "upper", "phone", "drop"})


class BadCard(ValueError):
    """Text that is not one valid vCard."""


@dataclass(frozen=True, slots=True)
class Property:
    """One unfolded content line; ``group`` ends with its dot, ``params`` starts with its semicolon."""

    group: str
    name: str
    params: str
    value: str

    def text(self) -> str:
        """The line again, unfolded."""
        return f"{self.group}{self.name}{self.params}:{self.value}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a server does to a property that it stores; ``length`` in characters."""

    field: str
    do: str
    length: int = 0


def rules_of(raw: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Read normalisation rules; ``ValueError`` names what is wrong with one."""
    rules = []
    for entry in raw:
        name, action, length = entry.get("field"), entry.get("do"), entry.get("length", 0)
        if not isinstance(name, str) or not name:
            raise ValueError("a rule needs the name of a vCard property as field")
        if action not in _ACTIONS:
            raise ValueError(f"do must be one of {', '.join(sorted(_ACTIONS))}")
        if not isinstance(length, int) or length < 0 or (action == "truncate" and "length" not in entry):
            raise ValueError("truncate needs a length in characters")
        rules.append(Rule(name.upper(), action, length))
    return tuple(rules)


def properties(text: str) -> list[Property]:
    """Unfold and split the text of one card.

    Raises:
        BadCard: it is not exactly one card with BEGIN, VERSION and END, or has a line that is no property.
    """
    if _FORBIDDEN.search(text):
        raise BadCard("a character that is not allowed")
    found = [_property(line) for line in _unfolded(text)]
    names = [entry.name.upper() for entry in found]
    if len(found) < 3 or names[0] != "BEGIN" or names[-1] != "END":
        raise BadCard("no BEGIN:VCARD or no END:VCARD")
    if names.count("BEGIN") != 1 or names.count("END") != 1:
        raise BadCard("more than one card")
    if {found[0].value.strip().upper(), found[-1].value.strip().upper()} != {"VCARD"}:
        raise BadCard("not a VCARD")
    if names.count("VERSION") != 1:
        raise BadCard("needs exactly one VERSION")
    return found


def value_of(found: Iterable[Property], name: str) -> str | None:
    """The value of the first property with a name (upper case)."""
    return next((entry.value.strip() for entry in found if entry.name.upper() == name), None)


def uid_of(text: str) -> str | None:
    """The UID in a text that need not be valid."""
    match = re.search(r"^(?:[\w-]+\.)?UID(?:;[^:\r\n]*)?:([^\r\n]*)", text, re.MULTILINE | re.IGNORECASE)
    return match.group(1).strip() or None if match else None


def normalised(found: Iterable[Property], rules: Iterable[Rule]) -> list[Property]:
    """The properties as a server with these rules stores them."""
    kept = list(found)
    for rule in rules:
        kept = [
            replace(entry, value=_changed(entry, rule)) if entry.name.upper() == rule.field else entry
            for entry in kept
            if not (rule.do == "drop" and entry.name.upper() == rule.field)
        ]
    return kept


def reordered(found: Iterable[Property]) -> list[Property]:
    """The properties in the order and spelling of a server that writes cards anew: sorted, types in lower case."""
    plain = [_spelled_anew(entry) for entry in found]
    return [*plain[:1], *sorted(plain[1:-1], key=_rank), *plain[-1:]]


def written(found: Iterable[Property]) -> str:
    """The text of a card, folded at 75 octets, lines ended by CR LF (RFC 6350, 3.2)."""
    return "".join(_folded(entry.text()) for entry in found)


def _rank(entry: Property) -> tuple[int, str]:
    name = entry.name.upper()
    return (_FIRST.index(name), "") if name in _FIRST else (len(_FIRST), name)


def _spelled_anew(entry: Property) -> Property:
    params = re.sub(
        r"(?i)(?<=;)TYPE=[^;:]*", lambda match: match.group().lower().replace("type=", "TYPE=", 1), entry.params
    )
    value = entry.value
    if _is_quoted_printable(params):
        charset = re.search(r"(?i);CHARSET=([^;:]+)", params)
        try:
            text = quopri.decodestring(value.encode()).decode(charset.group(1) if charset else "utf-8")
        except (LookupError, ValueError):
            return entry
        value = text.replace("\r\n", "\n").replace("\n", "\\n")
        params = re.sub(r"(?i);(?:ENCODING=)?QUOTED-PRINTABLE|;CHARSET=[^;:]*", "", params)
    return Property(entry.group, entry.name.upper(), params, value)


def _changed(entry: Property, rule: Rule) -> str:
    match rule.do:
        case "lower":
            return entry.value.lower().replace("\\N", "\\n")
        case "upper":
            return entry.value.upper().replace("\\N", "\\n")
        case "phone":
            return ("+" if entry.value.lstrip().startswith("+") else "") + re.sub(r"\D", "", entry.value)
        case _:
            parts = (
                re.findall(r"(?:\\.|[^\\;])+|;", entry.value, re.DOTALL)
                if entry.name.upper() in _STRUCTURED
                else [entry.value]
            )
            return "".join(_cut(part, rule.length) for part in parts)


def _cut(part: str, length: int) -> str:
    """The first ``length`` characters, an escaped one counted as one."""
    return part if part == ";" else "".join(re.findall(r"\\.|.", part, re.DOTALL)[:length])


def _is_quoted_printable(params: str) -> bool:
    return "QUOTED-PRINTABLE" in params.upper()


def _unfolded(text: str) -> list[str]:
    lines: list[str] = []
    for raw in re.split(r"\r\n|\n|\r", text):
        if raw[:1] in (" ", "\t") and lines:
            lines[-1] += raw[1:]
        elif lines and lines[-1].endswith("=") and _is_quoted_printable(lines[-1].partition(":")[0]):
            lines[-1] = lines[-1][:-1] + raw
        elif raw:
            lines.append(raw)
    return lines


def _property(line: str) -> Property:
    match = _LINE.fullmatch(line)
    if match is None:
        raise BadCard("a line that is no property")
    return Property(*match.groups())


def _folded(line: str) -> str:
    octets = line.encode()
    if len(octets) <= 75:
        return line + "\r\n"
    pieces, start, room = [], 0, 75
    while start < len(octets):
        end = min(start + room, len(octets))
        while end < len(octets) and octets[end] & 0xC0 == 0x80:  # never inside a character
            end -= 1
        pieces.append(octets[start:end].decode())
        start, room = end, 74
    return "\r\n ".join(pieces) + "\r\n"
