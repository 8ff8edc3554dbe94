"""The XML that comes back: multistatus answers (RFC 4918 section 13) and error preconditions (section 16)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final
from xml.etree.ElementTree import Element, ParseError  # types only: parsing is defusedxml's

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring, iterparse

from zohosyncd.connectors.carddav.bodies import ADDRESS_DATA, DAV, ETAG
from zohosyncd.connectors.carddav.href import normal_path
from zohosyncd.core.errors import ContractBroken

_RESPONSE = DAV + "response"
_TOKEN = DAV + "sync-token"
_HREF = DAV + "href"
_PROPSTAT = DAV + "propstat"
_PROP = DAV + "prop"
_STATUS = DAV + "status"
_ERROR = DAV + "error"
_DEEPEST: Final = 100
"""Elements in each other; those that the protocol knows are fewer than ten."""
_OK = "HTTP/1.1 200 OK"


@dataclass(frozen=True, slots=True)
class Entry:
    """What an answer says of one resource.

    Attributes:
        href: its path in our spelling.
        status: of the resource as a whole, None where the answer speaks of its properties.
        props: the properties that were found, by ``{namespace}name``.
        errors: preconditions named for it.
    """

    href: str
    status: int | None = None
    props: Mapping[str, Element] = field(default_factory=dict, repr=False)
    errors: frozenset[str] = frozenset()

    @property
    def missing(self) -> bool:
        """Whether the server says that there is no such resource."""
        return self.status in {404, 410}

    def text(self, name: str) -> str | None:
        """The text of a property, None if it was not found or is empty."""
        found = self.props.get(name)
        return (found.text or "").strip() or None if found is not None else None

    def hrefs(self, name: str) -> tuple[str, ...]:
        """The hrefs in a property, as they stand there."""
        found = self.props.get(name)
        if found is None:
            return ()
        return tuple(each.text.strip() for each in found.iter(_HREF) if each.text and each.text.strip())

    @property
    def version(self) -> str | None:
        """The etag, without the weakness mark that proxies add when they compress: If-Match needs a strong one."""
        return strong(self.text(ETAG))

    @property
    def card(self) -> str | None:
        """The card's text, exactly as it was sent."""
        found = self.props.get(ADDRESS_DATA)
        return found.text if found is not None and found.text and found.text.strip() else None


@dataclass(frozen=True, slots=True)
class Multistatus:
    """A whole answer."""

    entries: tuple[Entry, ...]
    token: str | None = None


def strong(etag: str | None) -> str | None:
    """An etag without ``W/``."""
    return etag.removeprefix("W/") if etag else None


def parse_multistatus(body: bytes, base: str) -> Multistatus:
    """Read an answer as a whole; see :func:`read_multistatus`."""
    entries: list[Entry] = []
    token = read_multistatus(body, base, entries.append)
    return Multistatus(tuple(entries), token)


def read_multistatus(body: bytes, base: str, take: Callable[[Entry], object]) -> str | None:
    """Read an answer one entry after the other: ten thousand need not stand in memory at once.

    Args:
        body: the XML.
        base: path of the request, for relative hrefs.
        take: is given each entry, in order.

    Returns:
        The sync token, None without one.

    Raises:
        ContractBroken: it is not well-formed, holds a DTD, nests too deeply, or is not a multistatus. Some entries may
            have been taken.
    """
    token: str | None = None
    root: Element | None = None
    depth = 0
    try:
        for event, element in iterparse(BytesIO(body), events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            if depth > _DEEPEST:
                raise ContractBroken("the answer is XML that is nested too deeply")
            if root is None:
                root = element
                if root.tag != DAV + "multistatus":
                    raise ContractBroken("the answer is XML, but no multistatus")
            elif event == "end" and element.tag == _RESPONSE:
                for entry in _entries(element, base):
                    take(entry)
                root.clear()  # nor need they stand there as trees
            elif event == "end" and element.tag == _TOKEN:
                token = (element.text or "").strip() or None
    except (ParseError, DefusedXmlException, ValueError):
        raise ContractBroken("the answer is not valid XML") from None
    return token


def preconditions(body: bytes) -> frozenset[str]:
    """The preconditions that an error names, as ``{namespace}name``; empty for any other body."""
    root = _error(body)
    return frozenset(each.tag for each in root) if root is not None else frozenset()


def hrefs_of_error(body: bytes) -> tuple[str, ...]:
    """The hrefs that an error names (the card with the same UID, RFC 6352 section 6.3.2.1)."""
    root = _error(body)
    if root is None:
        return ()
    return tuple(normal_path(each.text) for each in root.iter(_HREF) if each.text)


def _error(body: bytes) -> Element | None:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return None
    return root if root.tag == _ERROR else None


def _entries(response: Element, base: str) -> list[Entry]:
    status: int | None = None
    errors: frozenset[str] = frozenset()
    props: dict[str, Element] = {}
    hrefs: list[str] = []
    for child in response:
        if child.tag == _HREF and child.text:
            hrefs.append(child.text)
        elif child.tag == _PROPSTAT:
            _found(child, props)
        elif child.tag == _STATUS:
            status = _status(child.text)
        elif child.tag == _ERROR:
            errors = frozenset(each.tag for each in child)
    # A status may stand for several hrefs at once (RFC 4918 section 14.24).
    return [Entry(normal_path(href, base), status, props, errors) for href in hrefs]


def _found(propstat: Element, into: dict[str, Element]) -> None:
    """The properties of a propstat whose status says that they were found."""
    if _status(propstat.findtext(_STATUS)) not in {200, None}:
        return
    found = propstat.find(_PROP)
    if found is not None:
        into.update([(each.tag, each) for each in found])


def _status(line: str | None) -> int | None:
    """The number in ``HTTP/1.1 404 Not Found``."""
    if line == _OK:
        return 200
    words = (line or "").split()
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else None
