import base64
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

import pytest

from zohosyncd.sandbox.carddav.app import CardDavApp
from zohosyncd.sandbox.carddav.behaviour import Behaviour
from zohosyncd.sandbox.wire import Request, Response

D, C, CS = "{DAV:}", "{urn:ietf:params:xml:ns:carddav}", "{http://calendarserver.org/ns/}"
BOOK = "/ann/contacts/"
SYNC = '<sync-collection xmlns="DAV:"><sync-token>{}</sync-token><sync-level>1</sync-level>{}<prop><getetag/></prop></sync-collection>'
MULTIGET = (
    '<C:addressbook-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">'
    "<prop><getetag/><C:address-data/></prop>{}</C:addressbook-multiget>"
)


@dataclass
class Now:
    moment: float = 1_800_000_000.0

    def now(self) -> float:
        return self.moment


@dataclass
class Sync:
    changed: list[str]
    removed: list[str]
    more: bool
    token: str


@dataclass
class Server:
    """A client that speaks plain HTTP to one simulated server, as Ann."""

    clock: Now = field(default_factory=Now)
    behaviour: Behaviour = field(default_factory=Behaviour)
    login: str = "ann:password"

    def __post_init__(self) -> None:
        self.app = CardDavApp(self.clock, 1, users={"ann": "password", "bob": "b"}, behaviour=self.behaviour)

    def request(self, method: str, path: str, body: str = "", **headers: str) -> Request:
        named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        named.setdefault("authorization", "Basic " + base64.b64encode(self.login.encode()).decode())
        return Request(method, path, (), named, body.encode())

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> Response:
        return self.app.handle(self.request(method, path, body, **headers))

    def put(self, name: str, text: str, **headers: str) -> Response:
        return self.ask("PUT", BOOK + name, text, content_type="text/vcard", **headers)

    def properties(self, path: str, prop: str, depth: str = "0") -> ET.Element:
        body = (
            '<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav" xmlns:CS="http://calendarserver.org/ns/">'
        )
        answer = self.ask("PROPFIND", path, f"{body}<prop>{prop}</prop></propfind>", depth=depth)
        assert answer.status == 207
        return ET.fromstring(answer.body)

    def sync(self, token: str = "", extra: str = "") -> Sync:
        answer = self.ask("REPORT", BOOK, SYNC.format(token, extra))
        assert answer.status == 207, answer
        root = ET.fromstring(answer.body)
        status = {r.findtext(f"{D}href"): r.findtext(f"{D}status") for r in root.findall(f"{D}response")}
        return Sync(
            [href for href, line in status.items() if line is None],
            [href for href, line in status.items() if line and " 404 " in line],
            any(line and " 507 " in line for line in status.values()),
            root.findtext(f"{D}sync-token"),
        )

    def multiget(self, *hrefs: str) -> dict[str, str | None]:
        root = ET.fromstring(
            self.ask("REPORT", BOOK, MULTIGET.format("".join(f"<href>{h}</href>" for h in hrefs))).body
        )
        return {r.findtext(f"{D}href"): r.findtext(f".//{C}address-data") for r in root.findall(f"{D}response")}


@pytest.fixture
def server() -> Server:
    return Server()
