"""What each HTTP method does (RFC 4918, RFC 5689, RFC 6352, RFC 6764)."""

import base64
import binascii
import hmac
from dataclasses import dataclass

from zohosyncd.sandbox.wire import Clock, Request, Response

from . import dav, properties
from .book import Book, Card
from .dav import DAV, Refused
from .making import make_book, patch_properties
from .reports import Refuse, Report
from .shelf import PRINCIPALS, ROOT, Shelf

WELL_KNOWN = "/.well-known/carddav"
_ALLOW = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, REPORT, MKCOL"
_CLASSES = "1, 3, access-control, addressbook, extended-mkcol"


@dataclass(frozen=True, slots=True)
class Server:
    """The methods over a shelf of books. ``clock`` gives the moments of changes and of tokens."""

    shelf: Shelf
    clock: Clock

    def answer(self, request: Request, refuse: Refuse) -> Response:
        """Answer one request; ``refuse`` decides for each row of a multiget or a write whether it fails."""
        try:
            return self._answer(request, refuse)
        except Refused as refused:
            return refused.response

    def _answer(self, request: Request, refuse: Refuse) -> Response:
        path = request.path
        if path == WELL_KNOWN:
            if self.shelf.behaviour.well_known == "redirect":
                return Response(301, {"Location": ROOT})
            if self.shelf.behaviour.well_known == "none":
                raise Refused(404)
            path = ROOT
        user = self._user(request)
        path = self._place(path)
        if not self._may_see(user, path):
            raise Refused(403, f"{DAV}need-privileges")
        if request.method in {"PUT", "DELETE"} and (status := refuse()) is not None:
            raise Refused(status)
        match request.method:
            case "OPTIONS":
                return Response(200, {"DAV": _CLASSES, "Allow": _ALLOW})
            case "PROPFIND":
                return self._propfind(request, user, path)
            case "REPORT":
                return self._report(request, user, path, refuse)
            case "GET" | "HEAD":
                return self._get(request, path)
            case "PUT":
                return self._put(request, path)
            case "DELETE":
                return self._delete(request, path)
            case "MKCOL":
                return make_book(self.shelf, user, path if path.endswith("/") else path + "/", request.body)
            case "PROPPATCH":
                return patch_properties(self._book(path), request.body)
            case _:
                raise Refused(405, headers={"Allow": _ALLOW})

    def _user(self, request: Request) -> str:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                name, _, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                name, password = "", ""
            wanted = self.shelf.users.get(name)
            if wanted is not None and hmac.compare_digest(wanted.encode(), password.encode()):
                return name
        raise Refused(401, headers={"WWW-Authenticate": 'Basic realm="address books", charset="UTF-8"'})

    def _place(self, path: str) -> str:
        """The path with its slash, where a collection was named without."""
        slashed = path + "/"
        known = slashed in self.shelf.books or slashed[1:-1] in self.shelf.users or slashed.startswith(PRINCIPALS)
        return slashed if not path.endswith("/") and (known or slashed == ROOT) else path

    def _may_see(self, user: str, path: str) -> bool:
        shared = path in {"/", ROOT, PRINCIPALS}
        return shared or path == self.shelf.principal_of(user) or path.startswith(f"/{user}/")

    def _propfind(self, request: Request, user: str, path: str) -> Response:
        depth = request.headers.get("depth", "infinity").strip().lower()
        if depth == "infinity":
            raise Refused(403, f"{DAV}propfind-finite-depth")
        if depth not in {"0", "1"}:
            raise Refused(400)
        root = dav.parse(request.body) if request.body.strip() else None
        if root is not None and root.tag != f"{DAV}propfind":
            raise Refused(400)
        asked = dav.wanted(root)
        target = self.shelf.card_at(path)
        if target is not None:
            return dav.multistatus([self._card_row(*target, asked, user)])
        rows = [dav.found(path, asked, self._live(user, path), properties.HIDDEN)]
        if depth == "1" and path in self.shelf.books:
            book = self.shelf.books[path]
            rows += [self._card_row(book, name, asked, user) for name in book.cards]
        elif depth == "1":
            rows += [
                dav.found(child, asked, self._live(user, child), properties.HIDDEN)
                for child in self._children(user, path)
            ]
        return dav.multistatus(rows)

    def _children(self, user: str, path: str) -> list[str]:
        if path == f"/{user}/":
            return [book for book in self.shelf.books if book.startswith(path)]
        return [self.shelf.principal_of(user)] if path == PRINCIPALS else []

    def _live(self, user: str, path: str) -> dav.Live:
        me = self.shelf.principal_of(user)
        if path in {"/", ROOT, PRINCIPALS}:
            return properties.root(me)
        if path == me:
            return properties.principal(me, f"/{user}/", user)
        if path == f"/{user}/":
            return properties.home(me)
        return properties.book(self._book(path), me, self.shelf.behaviour, self.clock.now())

    def _card_row(self, book: Book, name: str, asked: dav.Wanted, user: str) -> str:
        card, owner = self._card(book, name), self.shelf.principal_of(user)
        behaviour = self.shelf.behaviour
        return properties.card_response(book.path + name, card, asked, owner, data=False, behaviour=behaviour)

    def _report(self, request: Request, user: str, path: str, refuse: Refuse) -> Response:
        root = dav.parse(request.body)
        if path not in self.shelf.books:
            self._live(user, path)  # 404 for what does not exist at all
            raise Refused(403, f"{DAV}supported-report")
        depth = request.headers.get("depth", "0").strip().lower()
        owner, book = self.shelf.principal_of(user), self.shelf.books[path]
        return Report(book, owner, depth, self.shelf.behaviour, self.clock.now(), refuse).answer(root)

    def _get(self, request: Request, path: str) -> Response:
        target = self.shelf.card_at(path)
        if target is None:
            raise Refused(405 if path.endswith("/") else 404)
        card = self._card(*target)
        headers = {"ETag": card.etag, "Last-Modified": properties.http_date(card.modified)}
        if _lists(request.headers.get("if-none-match"), card):
            return Response(304, headers)
        body = b"" if request.method == "HEAD" else card.text.encode("utf-8", "replace")
        return Response(200, {**headers, "Content-Type": "text/vcard; charset=utf-8"}, body)

    def _put(self, request: Request, path: str) -> Response:
        if path.endswith("/"):
            raise Refused(405)
        target = self.shelf.card_at(path)
        if target is None:
            raise Refused(409)
        book, name = target
        present = book.cards.get(name)
        _check_preconditions(request, present)
        media = request.headers.get("content-type", "text/vcard").partition(";")[0].strip().lower()
        if media not in {"text/vcard", "text/x-vcard", "text/directory"}:
            raise Refused(415, f"{dav.CARD}supported-address-data")
        text, found = self.shelf.checked(book, name, request.body)
        card = self.shelf.store(book, name, text, found, self.clock.now())
        headers = {"ETag": card.etag} if self.shelf.behaviour.answer_etag_on_put else {}
        return Response(204 if present is not None else 201, headers)

    def _delete(self, request: Request, path: str) -> Response:
        target = self.shelf.card_at(path)
        if target is None:
            self._book(path)
            del self.shelf.books[path]
            return Response(204)
        book, name = target
        card = book.cards.get(name)
        if card is None and "if-match" not in request.headers:
            raise Refused(404)
        _check_preconditions(request, card)
        book.remove(name)
        return Response(self.shelf.behaviour.delete_status)

    def _book(self, path: str) -> Book:
        book = self.shelf.books.get(path)
        if book is None:
            raise Refused(404)
        return book

    def _card(self, book: Book, name: str) -> Card:
        card = book.cards.get(name)
        if card is None:
            raise Refused(404)
        return card


def _lists(header: str | None, card: Card | None) -> bool:
    """Whether an If-Match or If-None-Match header names the card's ETag, by strong comparison (RFC 9110, 13.1)."""
    if header is None or card is None:
        return False
    return header.strip() == "*" or card.etag in (tag.strip() for tag in header.split(","))


def _check_preconditions(request: Request, card: Card | None) -> None:
    match, none_match = request.headers.get("if-match"), request.headers.get("if-none-match")
    if (match is not None and not _lists(match, card)) or _lists(none_match, card):
        raise Refused(412)
