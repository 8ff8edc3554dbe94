"""An address book: its cards, and the order in which they changed."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

TOKEN_PREFIX = "https://sandbox.example/ns/sync/"  # noqa: S105 - a sync token is no secret


@dataclass(frozen=True, slots=True)
class Card:
    """One stored card. ``seq`` is the book's counter at its last change, ``modified`` in seconds since 1970."""

    text: str
    uid: str | None
    etag: str
    seq: int
    modified: float


@dataclass(frozen=True, slots=True)
class Change:
    """What happened last to one name of a book; ``card`` is ``None`` where it was removed."""

    name: str
    card: Card | None


@dataclass(slots=True)
class Book:
    """The cards of one collection by their (percent-decoded) name, with a change log for sync tokens.

    A write costs the same whatever the size of the book: the log is appended to, and rewritten only when more than
    half of it is out of date.
    """

    path: str
    incarnation: str
    displayname: str
    description: str = ""
    cards: dict[str, Card] = field(default_factory=dict)
    seq: int = 0
    _latest: dict[str, int] = field(default_factory=dict)
    _log: list[tuple[int, str]] = field(default_factory=list)
    _names_of_uid: dict[str, dict[str, None]] = field(default_factory=dict)
    _token_used: dict[int, float] = field(default_factory=dict)

    def put(self, name: str, text: str, uid: str | None, now: float) -> Card:
        """Store a card under a name, new or not."""
        self._forget_uid(name)
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        card = Card(text=text, uid=uid, etag=f'"{digest[:32]}"', seq=self._log_change(name), modified=now)
        self.cards[name] = card
        if uid is not None:
            self._names_of_uid.setdefault(uid, {})[name] = None
        return card

    def remove(self, name: str) -> None:
        """Remove a card; its name stays in the log as removed."""
        self._forget_uid(name)
        del self.cards[name]
        self._log_change(name)

    def holder_of(self, uid: str, *, other_than: str) -> str | None:
        """The name of another card that has this UID."""
        return next((name for name in self._names_of_uid.get(uid, ()) if name != other_than), None)

    def token(self, now: float, seq: int | None = None) -> str:
        """The sync token of a state, by default the present one."""
        at = self.seq if seq is None else seq
        self._token_used[at] = now
        return f"{TOKEN_PREFIX}{self.incarnation}/{at}"

    def ctag(self) -> str:
        """A value that differs whenever anything in the book has changed."""
        return f"{self.incarnation}-{self.seq}"

    def seq_of_name(self, name: str) -> int:
        """The state right after the last change of a name."""
        return self._latest[name]

    def seq_of_token(self, token: str, now: float, life: float | None) -> int | None:
        """The state that a token stands for; ``None`` if it was never handed out or is forgotten."""
        start = f"{TOKEN_PREFIX}{self.incarnation}/"
        number = token.removeprefix(start)
        if not token.startswith(start) or not (number.isascii() and number.isdigit()) or len(number) > 18:
            return None
        seq = int(number)
        used = self._token_used.get(seq)
        if used is None or (life is not None and now - used > life):
            return None
        self._token_used[seq] = now
        return seq

    def forget_tokens(self, incarnation: str) -> None:
        """Make every token that was handed out invalid, as after a restored backup."""
        self.incarnation = incarnation
        self._token_used.clear()

    def changes_after(self, seq: int) -> Iterator[Change]:
        """The last change of every name that changed after a state, oldest first."""
        for at, name in self._log[bisect_right(self._log, seq, key=_seq_of) :]:
            if self._latest[name] == at:
                yield Change(name, self.cards.get(name))

    def _log_change(self, name: str) -> int:
        self.seq += 1
        self._latest[name] = self.seq
        self._log.append((self.seq, name))
        if len(self._log) > 2 * len(self._latest) + 64:
            self._log = [entry for entry in self._log if self._latest[entry[1]] == entry[0]]
        return self.seq

    def _forget_uid(self, name: str) -> None:
        card = self.cards.get(name)
        if card is not None and card.uid is not None:
            names = self._names_of_uid[card.uid]
            del names[name]
            if not names:
                del self._names_of_uid[card.uid]


def _seq_of(entry: tuple[int, str]) -> int:
    return entry[0]
