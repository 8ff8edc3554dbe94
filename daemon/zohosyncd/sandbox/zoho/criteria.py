"""Search criteria, ``((Last_Name:equals:Doe)and(Email:starts_with:ann))``: reading and judging them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from .answers import CallError
from .times import instant

OPERATORS = frozenset(
    {"equals", "not_equal", "starts_with", "in", "between", "greater_than", "greater_equal", "less_than", "less_equal"}
)
MOST = 10


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; ``in`` and ``between`` have several operands."""

    name: str
    operator: str
    operands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined by ``and`` or ``or``."""

    word: str
    parts: tuple["Condition | Group", ...]


Criteria = Condition | Group


def parse(text: str) -> Criteria:
    """Read criteria; a call with bad ones is refused with ``INVALID_QUERY``."""
    reader = _Reader(text.strip())
    found = reader.sequence()
    if reader.place != len(reader.text):
        raise _invalid()
    if _count(found) > MOST:
        raise CallError(400, "LIMIT_EXCEEDED", "more than 10 criteria", {"limit": MOST, "param_name": "criteria"})
    return found


def _invalid() -> CallError:
    return CallError(400, "INVALID_QUERY", "invalid query formed", {"param_name": "criteria"})


def _count(criteria: Criteria) -> int:
    return 1 if isinstance(criteria, Condition) else sum(map(_count, criteria.parts))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0

    def sequence(self) -> Criteria:
        parts, word = [self.bracket()], ""
        while self.place < len(self.text) and self.text[self.place] != ")":
            found = next((w for w in ("and", "or") if self.text[self.place :].lower().startswith(w)), "")
            if not found or (word and found != word):
                raise _invalid()
            word = found
            self.place += len(found)
            parts.append(self.bracket())
        return parts[0] if len(parts) == 1 else Group(word, tuple(parts))

    def bracket(self) -> Criteria:
        self.expect("(")
        if self.text[self.place : self.place + 1] == "(":
            inside = self.sequence()
        else:
            inside = self.condition()
        self.expect(")")
        return inside

    def expect(self, sign: str) -> None:
        if self.text[self.place : self.place + 1] != sign:
            raise _invalid()
        self.place += 1

    def condition(self) -> Condition:
        pieces, piece, escaped = [[""]], "", False
        while self.place < len(self.text):
            sign = self.text[self.place]
            if escaped or sign not in "\\:,)":
                piece, escaped = piece + sign, False
            elif sign == "\\":
                escaped = True
            elif sign == ")":
                break
            elif sign == "," and len(pieces) == 3:
                pieces[-1].append(piece)
                piece = ""
            elif sign == ":" and len(pieces) < 3:
                pieces[-1], piece = [piece], ""
                pieces.append([])
            else:
                piece += sign
            self.place += 1
        operands = (*pieces[-1], piece)
        if len(pieces) != 3 or pieces[1][0] not in OPERATORS:
            raise _invalid()
        operator = pieces[1][0]
        return Condition(pieces[0][0], operator, operands if operator in {"in", "between"} else (",".join(operands),))


def holds(criteria: Criteria, value_of: Callable[[str], Any]) -> bool:
    """Whether a record meets the criteria; texts are compared without case, ``equals`` on a text means *contains*."""
    if isinstance(criteria, Group):
        judge = all if criteria.word == "and" else any
        return judge(holds(part, value_of) for part in criteria.parts)
    value, wanted = value_of(criteria.name), criteria.operands
    if criteria.operator == "not_equal":
        return not _equal(value, wanted[0])
    if value is None:
        return criteria.operator == "equals" and wanted[0] in {"", "null"}
    match criteria.operator:
        case "equals":
            return _equal(value, wanted[0]) or (isinstance(value, str) and wanted[0].casefold() in value.casefold())
        case "in":
            return any(_equal(value, one) for one in wanted)
        case "starts_with":
            return isinstance(value, str) and value.casefold().startswith(wanted[0].casefold())
        case "between":
            return len(wanted) == 2 and _compare(value, wanted[0]) >= 0 and _compare(value, wanted[1]) <= 0
        case "greater_than":
            return _compare(value, wanted[0]) > 0
        case "greater_equal":
            return _compare(value, wanted[0]) >= 0
        case "less_than":
            return _compare(value, wanted[0]) < 0
        case _:
            return _compare(value, wanted[0]) <= 0


def _equal(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return str(value).lower() == wanted.lower()
    if isinstance(value, dict):
        return wanted in {value.get("id"), value.get("name")}
    return value is not None and _compare(value, wanted) == 0


def _compare(value: Any, wanted: str) -> int:
    mine: Any = instant(str(value))
    theirs: Any = instant(wanted)
    if mine is None or theirs is None:
        mine, theirs = str(value).casefold(), wanted.casefold()
        with suppress(ValueError):
            mine, theirs = float(mine), float(theirs)
    return int(mine > theirs) - int(mine < theirs)
