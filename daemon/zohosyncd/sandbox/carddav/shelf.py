"""All address books of a server, and the one way by which a card gets into them."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .behaviour import Behaviour
from .book import Book, Card
from .cards import BadCard, Property, Rule, normalised, properties, reordered, uid_of, value_of, written
from .dav import CARD, Refused, href_element

ROOT = "/dav/"
PRINCIPALS = "/dav/principals/"


@dataclass(slots=True)
class Shelf:
    """The books of every user by path (``/user/book/``), and what the server does to the cards that it stores."""

    users: Mapping[str, str]
    behaviour: Behaviour
    chance: random.Random
    books: dict[str, Book] = field(default_factory=dict)
    rules: dict[str, tuple[Rule, ...]] = field(default_factory=dict)

    def principal_of(self, user: str) -> str:
        """The path of a user's principal."""
        return f"{PRINCIPALS}{user}/"

    def new_book(self, path: str, displayname: str = "") -> Book:
        """Add an empty book; ``ValueError`` if the path is not ``/user/book/`` of a known user."""
        match = re.fullmatch(r"/([^/]+)/([^/]+)/", path)
        if match is None or match.group(1) not in self.users:
            raise ValueError("an address book has a path like /user/book/")
        book = Book(path, self.new_incarnation(), displayname or match.group(2))
        self.books[path] = book
        return book

    def new_incarnation(self) -> str:
        """What tells the tokens of one life of a book from those of another."""
        return f"{self.chance.getrandbits(64):016x}"

    def card_at(self, path: str) -> tuple[Book, str] | None:
        """The book and the name that a path stands for, whether or not there is such a card."""
        parent, _, name = path.rpartition("/")
        book = self.books.get(f"{parent}/")
        return (book, name) if book is not None and name else None

    def checked(self, book: Book, name: str, octets: bytes) -> tuple[str, list[Property]]:
        """The text and properties of a card that a client sends for a name.

        Raises:
            Refused: with the precondition of RFC 6352, 6.3.2.1 that does not hold.
        """
        if len(octets) > self.behaviour.max_resource_size:
            raise Refused(403, f"{CARD}max-resource-size")
        try:
            text = octets.decode()
            found = properties(text)
        except (UnicodeDecodeError, BadCard) as error:
            raise Refused(403, f"{CARD}valid-address-data") from error
        if value_of(found, "VERSION") not in self.behaviour.versions:
            raise Refused(403, f"{CARD}supported-address-data")
        uid = value_of(found, "UID")
        if not uid:  # every card must have one (RFC 6352, 5.1)
            raise Refused(403, f"{CARD}valid-address-data")
        if self.behaviour.unique_uids:
            self._check_uid(book, name, uid)
        return text, found

    def store(self, book: Book, name: str, text: str, found: list[Property], now: float) -> Card:
        """Keep a card as this server keeps it: with its damage, and perhaps in its own spelling."""
        rules = self.rules.get(book.path, ())
        kept = normalised(found, rules)
        if self.behaviour.reserialise:
            text = written(reordered(kept))
        elif kept != found:
            text = written(kept)
        return book.put(name, text, uid_of(text), now)

    def _check_uid(self, book: Book, name: str, uid: str) -> None:
        present = book.cards.get(name)
        holder = book.holder_of(uid, other_than=name)
        if holder is None and present is not None and present.uid not in (None, uid):
            holder = name  # a card cannot become another one under the same address
        if holder is not None:
            raise Refused(409, f"{CARD}no-uid-conflict", href_element(book.path + holder))
