"""The language of COQL: from text to a query. Conditions are joined in pairs, a third needs brackets."""

import re
from dataclasses import dataclass

from .answers import CallError

PAGE = 200
SIGNS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)|(?P<word>[^\s'"<>=!(),]+))"""
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One condition; ``values`` as they stand in the query."""

    name: str
    sign: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two conditions."""

    word: str
    left: "Condition"
    right: "Condition"


Condition = Comparison | Pair


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood."""

    names: tuple[str, ...]
    module: str
    where: Condition
    order: tuple[tuple[str, bool], ...]
    """Fields, each with whether it descends."""
    limit: int
    offset: int


def parse(text: str) -> Query:
    """Read a query; a call with a bad one is refused with ``SYNTAX_ERROR``."""
    return _Reader(text).query()


def _syntax(near: str) -> CallError:
    return CallError(400, "SYNTAX_ERROR", "error occurred while parsing the query", {"near": near})


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, bool]] = []
        place = 0
        text = text.strip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise _syntax(text[place : place + 20])
            quoted = found["text"]
            if quoted is not None:
                self.tokens.append((quoted[1:-1].replace(quoted[0] * 2, quoted[0]), True))
            else:
                self.tokens.append((found["sign"] or found["word"], False))
            place = found.end()
        self.place = 0

    def query(self) -> Query:
        self.expect("select")
        names = [self.take()]
        while self.accept(","):
            names.append(self.take())
        self.expect("from")
        module = self.take()
        self.expect("where")
        where = self.conditions()
        order: list[tuple[str, bool]] = []
        if self.accept("order"):
            self.expect("by")
            order.append(self.ordered())
            while self.accept(","):
                order.append(self.ordered())
        limit, offset = self.limits()
        if self.place < len(self.tokens):
            raise _syntax(self.tokens[self.place][0])
        return Query(tuple(names), module, where, tuple(order) or (("id", False),), limit, offset)

    def limits(self) -> tuple[int, int]:
        limit, offset = PAGE, 0
        if self.accept("limit"):
            limit = self.number()
            if self.accept(","):
                limit, offset = self.number(), limit
        if self.accept("offset"):
            offset = self.number()
        return limit, offset

    def ordered(self) -> tuple[str, bool]:
        name = self.take()
        if self.accept("desc"):
            return name, True
        self.accept("asc")
        return name, False

    def conditions(self) -> Condition:
        """One condition or a pair: a third needs brackets."""
        left = self.condition()
        for word in ("and", "or"):
            if self.accept(word):
                right = self.condition()
                if self.peek() in {"and", "or"}:
                    raise _syntax("criteria must be bracketed in pairs")
                return Pair(word, left, right)
        return left

    def condition(self) -> Condition:
        if self.accept("("):
            inside = self.conditions()
            self.expect(")")
            return inside
        name, sign = self.take(), self.sign()
        if sign in {"is null", "is not null"}:
            return Comparison(name, sign)
        if sign in {"in", "not in"}:
            self.expect("(")
            values = [self.take()]
            while self.accept(","):
                values.append(self.take())
            self.expect(")")
            return Comparison(name, sign, tuple(values))
        first = self.take()
        if sign == "between":
            self.expect("and")
            return Comparison(name, sign, (first, self.take()))
        return Comparison(name, sign, (first,))

    def sign(self) -> str:
        word = self.take().casefold()
        if word == "is":
            negated = self.accept("not")
            self.expect("null")
            return "is not null" if negated else "is null"
        if word == "not":
            return f"not {self.take().casefold()}"
        word = "!=" if word == "<>" else word
        if word not in SIGNS and word not in {"in", "between", "like"}:
            raise _syntax(word)
        return word

    def peek(self) -> str:
        if self.place < len(self.tokens) and not self.tokens[self.place][1]:
            return self.tokens[self.place][0].casefold()
        return ""

    def accept(self, word: str) -> bool:
        if self.peek() != word:
            return False
        self.place += 1
        return True

    def expect(self, word: str) -> None:
        if not self.accept(word):
            raise _syntax(word)

    def take(self) -> str:
        if self.place >= len(self.tokens) or self.peek() in {"(", ")", ","}:
            raise _syntax("end")
        self.place += 1
        return self.tokens[self.place - 1][0]

    def number(self) -> int:
        text = self.take()
        if not text.isdecimal():
            raise _syntax(text)
        return int(text)
