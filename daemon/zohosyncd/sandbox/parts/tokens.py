"""Opaque tokens: nobody can make one, each is good for what it was given for, and some end."""

import hashlib
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from zohosyncd.sandbox.wire import Clock


class NotGood(Enum):
    """Why a token is refused."""

    UNKNOWN = "unknown"  # never given out, or not for this
    EXPIRED = "expired"  # given out, but too long ago, or forgotten since


@dataclass(slots=True)
class Tokens:
    """The tokens that an app has given out. ``kind`` tells page tokens from sync tokens, links from codes."""

    clock: Clock
    seed: int
    _given: dict[tuple[str, str], tuple[Any, float | None]] = field(default_factory=dict)

    def give(self, kind: str, content: Any, *, life: float | None = None) -> str:
        """A token that stands for some content, for ``life`` seconds (None: for ever); a new one for each call."""
        number = len(self._given)
        token = hashlib.sha256(f"{self.seed}\0{kind}\0{number}".encode()).hexdigest()[:40]
        self._given[kind, token] = (content, None if life is None else self.clock.now() + life)
        return token

    def take(self, kind: str, token: str) -> Any:
        """The content of a token, however often it is asked for, or why it is not good."""
        found = self._given.get((kind, token))
        if found is None:
            return NotGood.UNKNOWN
        content, ends = found
        return NotGood.EXPIRED if ends is not None and self.clock.now() >= ends else content

    def spend(self, kind: str, token: str) -> Any:
        """As :meth:`take`, but the token is good only once."""
        content = self.take(kind, token)
        if not isinstance(content, NotGood):
            self._given[kind, token] = (content, float("-inf"))
        return content

    def forget(self, kind: str) -> None:
        """All tokens of a kind end now, as after a vendor's reset."""
        for key, (content, _) in self._given.items():
            if key[0] == kind:
                self._given[key] = (content, float("-inf"))
