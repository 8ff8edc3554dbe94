"""The XML that is sent: PROPFIND, sync-collection (RFC 6578), addressbook-multiget and -query (RFC 6352)."""

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

DAV: Final = "{DAV:}"
CARD: Final = "{urn:ietf:params:xml:ns:carddav}"
CALENDARSERVER: Final = "{http://calendarserver.org/ns/}"

ETAG: Final = DAV + "getetag"
MODIFIED: Final = DAV + "getlastmodified"
RESOURCE_TYPE: Final = DAV + "resourcetype"
DISPLAY_NAME: Final = DAV + "displayname"
PRINCIPAL: Final = DAV + "current-user-principal"
SYNC_TOKEN: Final = DAV + "sync-token"
REPORTS: Final = DAV + "supported-report-set"
HOME_SET: Final = CARD + "addressbook-home-set"
ADDRESS_DATA: Final = CARD + "address-data"
DATA_TYPES: Final = CARD + "supported-address-data"
CTAG: Final = CALENDARSERVER + "getctag"

_PREFIXES: Final = {"DAV:": "D", "urn:ietf:params:xml:ns:carddav": "C", "http://calendarserver.org/ns/": "S"}
_NAMESPACES: Final = " ".join(f'xmlns:{prefix}="{name}"' for name, prefix in _PREFIXES.items())


def propfind(properties: Iterable[str]) -> bytes:
    """Ask for these properties, each as ``{namespace}name``."""
    return _document("D:propfind", _prop(properties))


def sync_collection(token: str | None) -> bytes:
    """What changed since the token; None = everything there is (RFC 6578 section 3.2)."""
    known = f"<D:sync-token>{escape(token)}</D:sync-token>" if token else "<D:sync-token/>"
    return _document("D:sync-collection", f"{known}<D:sync-level>1</D:sync-level>{_prop([ETAG])}")


def multiget(hrefs: Iterable[str]) -> bytes:
    """The cards at these paths, with their versions and times of change (RFC 6352 section 8.7)."""
    wanted = "".join(f"<D:href>{escape(href)}</D:href>" for href in hrefs)
    return _document("C:addressbook-multiget", _prop([ETAG, MODIFIED, ADDRESS_DATA]) + wanted)


def one_card() -> bytes:
    """The version and time of change of any one card (RFC 6352 sections 8.6 and 8.6.1)."""
    limit = "<C:limit><C:nresults>1</C:nresults></C:limit>"
    return _document("C:addressbook-query", _prop([ETAG, MODIFIED]) + "<C:filter/>" + limit)


def with_address(addresses: Iterable[str]) -> bytes:
    """The versions of the cards that contain one of these e-mail addresses (RFC 6352 sections 8.6 and 10.5).

    Substrings are asked for, as that is what every server knows to compare.
    """
    match = '<C:text-match collation="i;unicode-casemap" match-type="contains">'
    tests = "".join(
        f'<C:prop-filter name="EMAIL">{match}{escape(address)}</C:text-match></C:prop-filter>' for address in addresses
    )
    return _document("C:addressbook-query", f'{_prop([ETAG])}<C:filter test="anyof">{tests}</C:filter>')


def _prop(properties: Iterable[str]) -> str:
    return "<D:prop>" + "".join(f"<{_short(each)}/>" for each in properties) + "</D:prop>"


def _short(name: str) -> str:
    namespace, _, local = name[1:].partition("}")
    return f"{_PREFIXES[namespace]}:{local}"


def _document(root: str, inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{root} {_NAMESPACES}>{inner}</{root}>'.encode()
