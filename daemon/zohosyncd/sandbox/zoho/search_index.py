"""The search index of a module: it follows the records with a delay, as Zoho's does."""

import re
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from .schema import Module
from .store import Entry

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The words of a text, in one case."""
    return _WORD.findall(text.casefold())


def digits(text: str) -> str:
    """Only the digits of a phone number."""
    return re.sub(r"\D", "", text)


class SearchIndex:
    """Which records hold a word, an e-mail address or a phone number, as far as the index has got."""

    def __init__(self, module: Module) -> None:
        self.seen: dict[int, Mapping[str, Any]] = {}
        self._module = module
        self._pending: deque[tuple[float, Entry, Mapping[str, Any]]] = deque()
        self._postings: dict[str, set[int]] = {}

    def note(self, entry: Entry, due: float) -> None:
        """A record was stored; the index knows of it from ``due`` on."""
        self._pending.append((due, entry, entry.values))

    def catch_up(self, now: float) -> None:
        """Take in what is due."""
        waiting: deque[tuple[float, Entry, Mapping[str, Any]]] = deque()
        for due, entry, values in self._pending:
            if due <= now:
                self._take_in(entry.number, values)
            else:
                waiting.append((due, entry, values))
        self._pending = waiting

    def holding(self, tokens: Iterable[str]) -> set[int]:
        """Records that hold all of these tokens."""
        found = sorted((self._postings.get(token, set()) for token in tokens), key=len)
        return set.intersection(*found) if found else set()

    def _take_in(self, number: int, values: Mapping[str, Any]) -> None:
        for token in self._tokens(self.seen.get(number, {})):
            if held := self._postings.get(token):
                held.discard(number)
        for token in self._tokens(values):
            self._postings.setdefault(token, set()).add(number)
        self.seen[number] = values

    def _tokens(self, values: Mapping[str, Any]) -> set[str]:
        tokens: set[str] = set()
        for name in self._module.searched:
            if not isinstance(value := values.get(name), str):
                continue
            tokens.update(words(value))
            if name in self._module.emails:
                tokens.add(f"@{value.casefold()}")
            if name in self._module.phones:
                tokens.add(f"#{digits(value)}")
        return tokens
