"""The reports of an address book: sync-collection (RFC 6578), addressbook-multiget and -query (RFC 6352, 8)."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote, urlsplit

from zohosyncd.sandbox.wire import Response

from . import dav, properties, query
from .behaviour import Behaviour
from .book import Book
from .dav import CARD, DAV, Refused

_LIMITED = f"{DAV}number-of-matches-within-limits"
Refuse = Callable[[], int | None]  # the status with which the next row is refused, None: it is not


@dataclass(frozen=True, slots=True)
class Report:
    """One report that was asked of one book, and the server's ways.

    ``now`` is in seconds since 1970; ``refuse`` decides row by row which ones fail.
    """

    book: Book
    owner: str
    depth: str
    behaviour: Behaviour
    now: float
    refuse: Refuse

    def answer(self, root: ET.Element) -> Response:
        """Carry out the report that the body names; 403 ``supported-report`` if there is none of this name."""
        if root.tag == f"{DAV}sync-collection" and self.behaviour.sync_collection:
            return self._sync(root)
        if root.tag == f"{CARD}addressbook-multiget":
            return self._multiget(root)
        if root.tag == f"{CARD}addressbook-query":
            return self._query(root)
        raise Refused(403, f"{DAV}supported-report")

    def _sync(self, root: ET.Element) -> Response:
        if self.depth != "0":
            raise Refused(400)
        level = root.findtext(f"{DAV}sync-level", "").strip()
        if level == "infinite":
            raise Refused(403, f"{DAV}sync-traversal-supported")
        if level != "1" or root.find(f"{DAV}sync-token") is None:
            raise Refused(400)
        given = root.findtext(f"{DAV}sync-token", "").strip()
        since = self.book.seq_of_token(given, self.now, self.behaviour.token_life) if given else 0
        if since is None:
            raise Refused(self.behaviour.stale_token_status, f"{DAV}valid-sync-token")
        asked, limit = dav.wanted(root), _limit(root, DAV, self.behaviour.page)
        changes = (change for change in self.book.changes_after(since) if given or change.card is not None)
        page = list(islice(changes, limit))
        rows = []
        for change in page:
            path = self.book.path + change.name
            if change.card is None:
                rows.append(dav.without_properties(path, 404))
            else:
                rows.append(self._card(path, change.name, asked))
        if self.behaviour.lists_itself:
            live = {f"{DAV}getetag": lambda: f'"{self.book.seq}"'}
            rows.append(dav.found(self.book.path, asked, live))
        upto = None
        if next(changes, None) is not None:
            upto = self.book.seq_of_name(page[-1].name) if page else since
            rows.append(dav.without_properties(self.book.path, 507, _LIMITED))
        return dav.multistatus(rows, self.book.token(self.now, upto))

    def _multiget(self, root: ET.Element) -> Response:
        asked, rows = dav.wanted(root), []
        for entry in root.findall(f"{DAV}href"):
            path = unquote(urlsplit((entry.text or "").strip()).path)
            name = path.removeprefix(self.book.path)
            refused = self.refuse()
            if refused is not None:
                rows.append(dav.without_properties(path, refused))
            elif not path.startswith(self.book.path) or name not in self.book.cards:
                rows.append(dav.without_properties(path, 404))
            else:
                rows.append(self._card(path, name, asked))
        return dav.multistatus(rows)

    def _query(self, root: ET.Element) -> Response:
        asked, limit = dav.wanted(root), _limit(root, CARD, self.behaviour.page)
        condition = root.find(f"{CARD}filter")
        if condition is None:
            raise Refused(400)
        names = self.book.cards if self.depth != "0" else {}  # Depth 0 is the collection alone, which is no card
        hits = (name for name in names if query.matches(self.book.cards[name].text, condition))
        rows = [self._card(self.book.path + name, name, asked) for name in islice(hits, limit)]
        if next(hits, None) is not None:
            rows.append(dav.without_properties(self.book.path, 507, _LIMITED))
        return dav.multistatus(rows)

    def _card(self, path: str, name: str, asked: dav.Wanted) -> str:
        card = self.book.cards[name]
        return properties.card_response(path, card, asked, self.owner, data=True, behaviour=self.behaviour)


def _limit(root: ET.Element, namespace: str, most: int) -> int:
    """The rows of one answer: the client's ``nresults``, at most the server's own page."""
    number = root.findtext(f"{namespace}limit/{namespace}nresults", "").strip()
    if not number:
        return most
    if not (number.isascii() and number.isdigit()) or int(number) == 0:
        raise Refused(400)
    return min(int(number), most)
