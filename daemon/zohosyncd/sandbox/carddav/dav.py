"""WebDAV on the wire: XML bodies of requests, multistatus answers, preconditions (RFC 4918)."""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from zohosyncd.sandbox.wire import Response

DAV = "{DAV:}"
CARD = "{urn:ietf:params:xml:ns:carddav}"
CS = "{http://calendarserver.org/ns/}"
_PREFIX = {DAV: "D:", CARD: "C:", CS: "CS:"}
_ROOT = ' xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav" xmlns:CS="http://calendarserver.org/ns/"'
_REASON = {status.value: status.phrase for status in HTTPStatus}
XML = {"Content-Type": 'application/xml; charset="utf-8"'}

Live = Mapping[str, Callable[[], str]]  # inner XML of each property of a resource, by name in Clark notation


class Refused(Exception):
    """A request that is answered with a status, and with a precondition element where a standard names one."""

    def __init__(
        self, status: int, condition: str = "", inner: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, condition)
        self.response = Response(status, headers or {})
        if condition:
            body = f'<?xml version="1.0" encoding="utf-8"?>\n<D:error{_ROOT}>{element(condition, inner)}</D:error>'
            self.response = Response(status, {**XML, **(headers or {})}, body.encode())


@dataclass(frozen=True, slots=True)
class Wanted:
    """The properties that a request asks for: named ones, all, or only the names of all."""

    names: tuple[str, ...] = ()
    everything: bool = False
    names_only: bool = False
    card_properties: frozenset[str] | None = None  # of address-data, upper case; None: the whole card


def parse(body: bytes) -> ET.Element:
    """The root element of a request body; 400 if it is not well-formed or tries entities."""
    try:
        return fromstring(body, forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Refused(400) from error


def wanted(parent: ET.Element | None) -> Wanted:
    """What a PROPFIND or a report asks for; an absent body means allprop (RFC 4918, 9.1)."""
    if parent is None or parent.find(f"{DAV}allprop") is not None:
        include = parent.find(f"{DAV}include") if parent is not None else None
        return Wanted(names=tuple(child.tag for child in include) if include is not None else (), everything=True)
    if parent.find(f"{DAV}propname") is not None:
        return Wanted(names_only=True)
    prop = parent.find(f"{DAV}prop")
    if prop is None:
        return Wanted()
    data = prop.find(f"{CARD}address-data")
    parts = [] if data is None else data.findall(f"{CARD}prop")
    names = frozenset(part.get("name", "").upper() for part in parts) or None
    return Wanted(names=tuple(dict.fromkeys(child.tag for child in prop)), card_properties=names)


def href(path: str) -> str:
    """A path as it stands in DAV:href: percent-encoded."""
    return quote(path, safe="/~!$&'()*+,;=:@")


def href_element(path: str) -> str:
    """``DAV:href`` of a decoded path."""
    return f"<D:href>{escape(href(path))}</D:href>"


def text(value: str) -> str:
    """Character data; CR is written as a reference, or a parser would turn it into LF (XML 1.0, 2.11)."""
    return escape(value, {"\r": "&#13;"})


@lru_cache(maxsize=512)
def _tags(name: str) -> tuple[str, str, str]:
    """Start, end and empty tag of a name in Clark notation."""
    namespace, _, local = name.rpartition("}")
    if prefix := _PREFIX.get(namespace + "}"):
        return f"<{prefix}{local}>", f"</{prefix}{local}>", f"<{prefix}{local}/>"
    if not namespace:
        return f"<{local}>", f"</{local}>", f"<{local}/>"
    declared = f"X:{local} xmlns:X={quoteattr(namespace[1:])}"
    return f"<{declared}>", f"</X:{local}>", f"<{declared}/>"


def element(name: str, inner: str = "") -> str:
    """An element with a name in Clark notation around XML that is already written."""
    start, end, empty = _tags(name)
    return f"{start}{inner}{end}" if inner else empty


def status_line(status: int) -> str:
    """``DAV:status``."""
    return f"<D:status>HTTP/1.1 {status} {_REASON.get(status, 'Unknown')}</D:status>"


def found(path: str, asked: Wanted, live: Live, hidden: frozenset[str] = frozenset()) -> str:
    """One ``DAV:response`` with what a resource has (200) and lacks (404).

    Args:
        path: decoded path of the resource.
        asked: the wish of the client.
        live: the properties that exist.
        hidden: properties that allprop leaves out.
    """
    if asked.names_only:
        has, lacks = "".join(element(name) for name in live), ""
    else:
        names = (*(name for name in live if name not in hidden), *asked.names) if asked.everything else asked.names
        has = "".join(element(name, live[name]()) for name in dict.fromkeys(names) if name in live)
        lacks = "".join(element(name) for name in names if name not in live)
    stats = propstat(has, 200) if has or not lacks else ""
    return f"<D:response>{href_element(path)}{stats}{propstat(lacks, 404) if lacks else ''}</D:response>\n"


def propstat(inner: str, status: int) -> str:
    """``DAV:propstat``: properties that share a status."""
    return f"<D:propstat><D:prop>{inner}</D:prop>{status_line(status)}</D:propstat>"


def without_properties(path: str, status: int, condition: str = "") -> str:
    """One ``DAV:response`` that is only a status, such as 404 or 507."""
    error = f"<D:error>{element(condition)}</D:error>" if condition else ""
    return f"<D:response>{href_element(path)}{status_line(status)}{error}</D:response>\n"


def multistatus(responses: Iterable[str], token: str = "") -> Response:
    """207 with these responses and, for sync-collection, the new token."""
    end = f"<D:sync-token>{text(token)}</D:sync-token>" if token else ""
    body = f'<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus{_ROOT}>{"".join(responses)}{end}</D:multistatus>\n'
    return Response(207, XML, body.encode("utf-8", "replace"))
