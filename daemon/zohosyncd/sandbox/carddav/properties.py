"""The properties of every kind of resource (RFC 4918, 15; RFC 3253; RFC 5397; RFC 6352, 6.2 and 7.1; RFC 6578, 4)."""

from collections.abc import Callable
from email.utils import formatdate
from functools import partial

from .behaviour import Behaviour
from .book import Book, Card
from .cards import properties, written
from .dav import CARD, CS, DAV, Live, Wanted, element, found, href_element, text

_CARD_NAMES = (
    f"{DAV}getetag",
    f"{DAV}getcontenttype",
    f"{DAV}getcontentlength",
    f"{DAV}getlastmodified",
    f"{DAV}resourcetype",
    f"{DAV}current-user-principal",
)
HIDDEN = frozenset(
    f"{DAV}{name}"
    for name in ("sync-token", "supported-report-set", "current-user-principal", "current-user-privilege-set")
) | {f"{CARD}supported-address-data", f"{CARD}max-resource-size", f"{CARD}addressbook-home-set", f"{CS}getctag"}
_RIGHTS = ("read", "write", "write-properties", "write-content", "bind", "unbind", "read-current-user-privilege-set")


def root(principal: str) -> Live:
    """The context root: a way to the principal."""
    return {
        f"{DAV}resourcetype": partial(element, f"{DAV}collection"),
        f"{DAV}current-user-principal": partial(href_element, principal),
    }


def principal(path: str, home: str, user: str) -> Live:
    """A person who can log in."""
    return {
        f"{DAV}resourcetype": lambda: element(f"{DAV}collection") + element(f"{DAV}principal"),
        f"{DAV}displayname": partial(text, user),
        f"{DAV}principal-URL": partial(href_element, path),
        f"{DAV}current-user-principal": partial(href_element, path),
        f"{CARD}addressbook-home-set": partial(href_element, home),
    }


def home(owner: str) -> Live:
    """The collection that holds a person's address books."""
    return {
        f"{DAV}resourcetype": partial(element, f"{DAV}collection"),
        f"{DAV}owner": partial(href_element, owner),
        f"{DAV}current-user-principal": partial(href_element, owner),
        f"{DAV}current-user-privilege-set": _rights,
    }


def book(of: Book, owner: str, behaviour: Behaviour, now: float) -> Live:
    """An address book collection."""
    live: dict[str, Callable[[], str]] = {
        f"{DAV}resourcetype": lambda: element(f"{DAV}collection") + element(f"{CARD}addressbook"),
        f"{DAV}displayname": partial(text, of.displayname),
        f"{DAV}owner": partial(href_element, owner),
        f"{DAV}current-user-principal": partial(href_element, owner),
        f"{DAV}current-user-privilege-set": _rights,
        f"{DAV}supported-report-set": partial(_reports, behaviour),
        f"{CARD}supported-address-data": partial(_versions, behaviour),
        f"{CARD}max-resource-size": lambda: str(behaviour.max_resource_size),
        f"{CS}getctag": lambda: text(of.ctag()),
    }
    if of.description:
        live[f"{CARD}addressbook-description"] = partial(text, of.description)
    if behaviour.sync_collection:
        live[f"{DAV}sync-token"] = lambda: text(of.token(now))
    return live


def card_response(path: str, card: Card, asked: Wanted, owner: str, *, data: bool, behaviour: Behaviour) -> str:
    """One ``DAV:response`` about a card; ``data`` where address-data may be asked for (in reports)."""
    if data or asked.everything or asked.names_only:
        live: Live = {name: partial(_card_value, name, card, owner) for name in _CARD_NAMES}
        if data and f"{CARD}address-data" in asked.names:
            live = {**live, f"{CARD}address-data": partial(_address_data, card, asked, behaviour)}
        return found(path, asked, live, HIDDEN)
    # the listing of a large book: no closures for what was not asked for
    known = {name: partial(_card_value, name, card, owner) for name in asked.names if name in _CARD_NAMES}
    return found(path, asked, known)


def _card_value(name: str, card: Card, owner: str) -> str:
    match name.removeprefix(DAV):
        case "getetag":
            return text(card.etag)
        case "getcontenttype":
            return "text/vcard; charset=utf-8"
        case "getcontentlength":
            return str(len(card.text.encode("utf-8", "replace")))
        case "getlastmodified":
            return http_date(card.modified)
        case "current-user-principal":
            return href_element(owner)
        case _:
            return ""


def _address_data(card: Card, asked: Wanted, behaviour: Behaviour) -> str:
    whole = card.text
    if asked.card_properties is not None:
        always = {"BEGIN", "VERSION", "END"}
        names = asked.card_properties | always
        whole = written(entry for entry in properties(whole) if entry.name.upper() in names)
    return text(whole if behaviour.crlf_in_reports else whole.replace("\r\n", "\n"))


def http_date(moment: float) -> str:
    """A moment as HTTP writes it (RFC 9110, 5.6.7)."""
    return formatdate(moment, usegmt=True)


def _rights() -> str:
    return "".join(element(f"{DAV}privilege", element(DAV + right)) for right in _RIGHTS)


def _reports(behaviour: Behaviour) -> str:
    names = [f"{CARD}addressbook-multiget", f"{CARD}addressbook-query"]
    if behaviour.sync_collection:
        names.append(f"{DAV}sync-collection")
    return "".join(element(f"{DAV}supported-report", element(f"{DAV}report", element(name))) for name in names)


def _versions(behaviour: Behaviour) -> str:
    return "".join(
        f'<C:address-data-type content-type="text/vcard" version="{version}"/>' for version in behaviour.versions
    )
