"""Making address books and changing what is said about them (RFC 5689, RFC 4918 section 9.2)."""

from zohosyncd.sandbox.wire import Response

from . import dav
from .book import Book
from .dav import CARD, DAV, Refused
from .shelf import Shelf

_NAME = f"{DAV}displayname"
_DESCRIPTION = f"{CARD}addressbook-description"


def make_book(shelf: Shelf, user: str, path: str, body: bytes) -> Response:
    """MKCOL: a new address book in the user's home, with displayname and description if given."""
    if path in shelf.books or path == f"/{user}/":
        raise Refused(405)
    if not path.startswith(f"/{user}/"):
        raise Refused(403)
    if path.count("/") != 3:
        raise Refused(409)  # the parent is no collection
    root = dav.parse(body) if body.strip() else None
    kind = None if root is None else root.find(f"{DAV}set/{DAV}prop/{DAV}resourcetype")
    if root is None or kind is None or kind.find(f"{CARD}addressbook") is None:
        raise Refused(403, f"{DAV}valid-resourcetype")
    book = shelf.new_book(path)
    for prop in root.iterfind(f"{DAV}set/{DAV}prop"):
        book.displayname = prop.findtext(_NAME) or book.displayname
        book.description = prop.findtext(_DESCRIPTION) or book.description
    return Response(201)


def patch_properties(book: Book, body: bytes) -> Response:
    """PROPPATCH: displayname and description can be changed, all or nothing."""
    root = dav.parse(body)
    if root.tag != f"{DAV}propertyupdate":
        raise Refused(400)
    changes: dict[str, str] = {}
    for step in root:
        for prop in step.iterfind(f"{DAV}prop/*"):
            changes[prop.tag] = (prop.text or "") if step.tag == f"{DAV}set" else ""
    refused = [name for name in changes if name not in {_NAME, _DESCRIPTION}]
    if refused:
        stats = dav.propstat("".join(map(dav.element, refused)), 403)
        if others := [name for name in changes if name not in refused]:
            stats += dav.propstat("".join(map(dav.element, others)), 424)
    else:
        book.displayname = changes.get(_NAME, book.displayname)
        book.description = changes.get(_DESCRIPTION, book.description)
        stats = dav.propstat("".join(map(dav.element, changes)), 200)
    return dav.multistatus([f"<D:response>{dav.href_element(book.path)}{stats}</D:response>"])
