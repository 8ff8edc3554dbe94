"""The CardDAV server as one object: requests in, answers out, and what a person could do at its screen."""

import random
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from zohosyncd.sandbox.wire import Clock, Request, Response

from . import dav
from .behaviour import Behaviour
from .book import Book
from .cards import BadCard, properties, rules_of, uid_of, value_of
from .dav import DAV, Refused
from .server import WELL_KNOWN, Server
from .shelf import ROOT, Shelf

_DEFAULT_USERS: Mapping[str, str] = {"ann": "password"}


class CardDavApp:
    """Address books in memory, one home per user, answered by the standards and by nothing else.

    Paths: ``/.well-known/carddav``, the context root ``/dav/``, principals ``/dav/principals/USER/``, homes
    ``/USER/``, books ``/USER/BOOK/``. Every user starts with an empty ``/USER/contacts/``.

    Args:
        clock: the time of the simulated world.
        seed: decides every random choice.
        users: passwords by user name, for Basic authentication.
        behaviour: the ways in which real servers differ; may be changed at any time through ``app.behaviour``.
    """

    name = "carddav"

    def __init__(
        self,
        clock: Clock,
        seed: int,
        *,
        users: Mapping[str, str] = _DEFAULT_USERS,
        behaviour: Behaviour | None = None,
    ) -> None:
        if wrong := [user for user in users if not re.fullmatch(r"[\w.@-]+", user) or user == ROOT.strip("/")]:
            raise ValueError(f"not usable as the name of a user: {wrong[0]!r}")
        self.behaviour = behaviour or Behaviour()
        self.prefixes: tuple[str, ...] = (WELL_KNOWN, ROOT, *(f"/{user}/" for user in users))
        self._clock = clock
        self._chance = random.Random(seed)
        self._shelf = Shelf(dict(users), self.behaviour, self._chance)
        self._server = Server(self._shelf, clock)
        for user in users:
            self._shelf.new_book(f"/{user}/contacts/")

    def handle(self, request: Request) -> Response:
        """Answer one request as the standards say."""
        return self._server.answer(request, lambda: None)

    def load(self, book_path: str, cards: Mapping[str, str]) -> None:
        """Fill a book, which is made if need be; the texts are stored as they are, valid or not.

        Args:
            book_path: such as ``/ann/contacts/``.
            cards: vCard text by href (``/ann/contacts/1.vcf``).
        """
        book = self._shelf.books.get(book_path) or self._shelf.new_book(book_path)
        for href, text in cards.items():
            book.put(_name_in(book, href), text, uid_of(text), self._clock.now())

    def forget_tokens(self, book_path: str) -> None:
        """Make all sync tokens of a book invalid, as after a restored backup."""
        self._book(book_path).forget_tokens(self._shelf.new_incarnation())

    def state(self) -> dict[str, Any]:
        """All cards: ``{"/ann/contacts/": {href: vCard text}}``."""
        return {
            path: {dav.href(path + name): card.text for name, card in book.cards.items()}
            for path, book in self._shelf.books.items()
        }

    def edit(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Create, set or delete one card as a person would; answers ``{"href", "etag", "vcard"}``.

        Args:
            command: ``{"object": book path}`` with ``"create": {"vcard": text}``, or ``"id": href`` and
                ``"set": {"vcard": text}`` or ``"delete": true``.

        Raises:
            ValueError: it says what is wrong with the command.
        """
        book = self._book(str(command.get("object")))
        verbs = [verb for verb in ("create", "set", "delete") if command.get(verb)]
        if len(verbs) != 1:
            raise ValueError("say exactly one of create, set and delete")
        if verbs == ["create"]:
            return self._store(book, None, command["create"])
        href = command.get("id")
        if not isinstance(href, str):
            raise ValueError("id must be the href of a card")
        name = _name_in(book, href)
        if name not in book.cards:
            raise ValueError("no such card")
        if verbs == ["set"]:
            return self._store(book, name, command["set"])
        book.remove(name)
        return {"href": dav.href(book.path + name), "deleted": True}

    def normalise(self, object_name: str, rules: list[Mapping[str, Any]]) -> None:
        """Replace what the server does to the properties that it stores in one book; ``field`` is a property name."""
        self._shelf.rules[self._book(object_name).path] = rules_of(rules)

    def template(self, request: Request) -> str:
        """The request with ``{card}`` in place of a card's name, and ``{path}`` for what belongs to nothing here."""
        path = request.path
        known = {WELL_KNOWN, ROOT, "/", *self._shelf.books, *(f"/{user}/" for user in self._shelf.users)}
        known |= {self._shelf.principal_of(user) for user in self._shelf.users}
        if (target := self._shelf.card_at(path)) is not None:
            path = f"{target[0].path}{{card}}"
        elif path not in known:
            path = next((whole for whole in known if whole == f"{path}/"), "/{path}")
        return f"{request.method} {path}"

    def credits(self, request: Request) -> int:  # noqa: ARG002 - the seam hands it in
        """Nothing is charged."""
        return 0

    def emptied(self, request: Request) -> Response:
        """The same answer as if the book held nothing: no members, no hits, and no token of the real state."""
        real = self.handle(request)
        target = self._shelf.card_at(request.path)
        if request.method in {"GET", "HEAD"} and real.status == 200:
            return Response(404)
        if request.method not in {"PROPFIND", "REPORT"} or real.status != 207:
            return real
        if target is not None:
            return Response(404)
        if request.method == "PROPFIND":
            return self._server.answer(_at_depth_0(request), lambda: None)
        root = dav.parse(request.body)
        if root.tag != f"{DAV}sync-collection":
            return dav.multistatus([])
        # "nothing" after a full read is the state before the first card, after a token that token's state
        given = root.findtext(f"{DAV}sync-token", "").strip()
        book = self._book(request.path if request.path.endswith("/") else f"{request.path}/")
        return dav.multistatus([], given or book.token(self._clock.now(), 0))

    def refused_rows(self, request: Request, share: float, code: str) -> Response:
        """Refuse a share of the cards that a multiget asks for or a write sends, with a status (default 403)."""
        status = int(code) if re.fullmatch(r"[45]\d\d", code) else 403
        return self._server.answer(request, lambda: status if self._chance.random() < share else None)

    def _book(self, path: str) -> Book:
        book = self._shelf.books.get(path)
        if book is None:
            raise ValueError(f"no address book {path}; there are {', '.join(self._shelf.books)}")
        return book

    def _store(self, book: Book, name: str | None, values: Any) -> dict[str, Any]:
        text = values.get("vcard") if isinstance(values, Mapping) else None
        if not isinstance(text, str):
            raise ValueError('set and create take {"vcard": text}')
        try:
            found = properties(text)
        except BadCard as error:
            raise ValueError(f"not a vCard: {error}") from error
        uid = value_of(found, "UID")
        if not uid:
            raise ValueError("not a card of an address book: it has no UID")
        if name is None:
            name = (
                f"{uid}.vcf" if re.fullmatch(r"[\w@.:-]{1,200}", uid) else f"{self._chance.getrandbits(128):032x}.vcf"
            )
            if name in book.cards:
                raise ValueError("a card with this UID is already there")
        try:
            self._shelf.checked(book, name, text.encode())
        except Refused as error:
            raise ValueError(f"the server refuses the card: {error.args[1]}") from error
        card = self._shelf.store(book, name, text, found, self._clock.now())
        return {"href": dav.href(book.path + name), "etag": card.etag, "vcard": card.text}


def _name_in(book: Book, href: str) -> str:
    path = unquote(href)
    name = path.removeprefix(book.path)
    if not path.startswith(book.path) or not name or "/" in name:
        raise ValueError(f"an href of this book looks like {book.path}name.vcf")
    return name


def _at_depth_0(request: Request) -> Request:
    headers = {**request.headers, "depth": "0"}
    return Request(request.method, request.path, request.query, headers, request.body)
