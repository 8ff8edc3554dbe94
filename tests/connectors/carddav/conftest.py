"""A CardDAV account over answers written by hand: every request is looked up in a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from zohosyncd.connectors.carddav import SPEC
from zohosyncd.connectors.carddav.connector import CardDavConnector
from zohosyncd.connectors.carddav.options import CardDavOptions
from zohosyncd.connectors.tools import Tools
from zohosyncd.settings.secrets import Secret
from zohosyncd.transport.sender import Answered, HttpRequest, Lost, Outcome

HOST = "http://127.0.0.1:1"


class HandClock:
    def __init__(self) -> None:
        self.moment = 1_800_000_000.0

    def now(self) -> float:
        return self.moment

    def monotonic(self) -> float:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += seconds


class Middle:
    def new_id(self) -> str:
        return "0" * 32

    def uniform(self, low: float, high: float) -> float:
        return (low + high) / 2


Reply = Outcome | Callable[[HttpRequest], Outcome]


@dataclass
class Script:
    """A server whose answers stand in a table: ``"METHOD /path"`` -> answers in turn, the last one for ever."""

    answers: dict[str, list[Reply]] = field(default_factory=dict)
    sent: list[HttpRequest] = field(default_factory=list)

    def on(self, what: str, *answers: Reply) -> None:
        self.answers[what] = list(answers)

    async def send(self, request: HttpRequest) -> Outcome:
        self.sent.append(request)
        known = self.answers.get(f"{request.method} {request.url.removeprefix(HOST)}")
        if not known:
            return Answered(404, {}, b"", request.url)
        answer = known.pop(0) if len(known) > 1 else known[0]
        return answer(request) if callable(answer) else answer

    def requests(self, method: str) -> list[HttpRequest]:
        return [each for each in self.sent if each.method == method]

    def connector(self, url: str = f"{HOST}/book/") -> CardDavConnector:
        keys = {"url": url, "username": "ann", "password": "env:PASSWORD", "allow_http": True}
        tools = Tools("book", self, HandClock(), Middle(), lambda _: Secret("password"))
        connector = SPEC.open(CardDavOptions.model_validate(keys), tools)
        assert isinstance(connector, CardDavConnector)
        return connector


def status(code: int, body: str = "", **headers: str) -> Answered:
    return Answered(code, {name.replace("_", "-"): value for name, value in headers.items()}, body.encode())


def multistatus(*responses: str, token: str = "") -> Answered:
    body = "".join(responses) + (f"<d:sync-token>{token}</d:sync-token>" if token else "")
    names = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav" xmlns:s="http://calendarserver.org/ns/"'
    return status(207, f"<d:multistatus {names}>{body}</d:multistatus>", content_type="application/xml")


def found(href: str, props: str) -> str:
    return (
        f"<d:response><d:href>{href}</d:href><d:propstat><d:prop>{props}</d:prop>"
        "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
    )


def gone(href: str, code: int = 404) -> str:
    return f"<d:response><d:href>{href}</d:href><d:status>HTTP/1.1 {code} x</d:status></d:response>"


def error(code: int, name: str, inner: str = "") -> Answered:
    return status(
        code,
        f'<d:error xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><{name}>{inner}</{name}></d:error>',
        content_type="application/xml",
    )


def card(name: str, uid: str = "u", **more: str) -> str:
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{name}", f"N:;{name};;;"]
    return "\r\n".join([*lines, *(f"{key}:{value}" for key, value in more.items()), "END:VCARD", ""])


def shown(href: str, etag: str, text: str) -> str:
    return found(href, f"<d:getetag>{etag}</d:getetag><c:address-data>{text}</c:address-data>")


BOOK = found(
    "/book/",
    "<d:resourcetype><d:collection/><c:addressbook/></d:resourcetype><d:displayname>Book</d:displayname>"
    "<d:supported-report-set><d:supported-report><d:report><d:sync-collection/></d:report></d:supported-report>"
    "</d:supported-report-set>",
)


@pytest.fixture
def script() -> Script:
    """A server with one empty book at /book/, at which the account points."""
    made = Script()
    made.on("PROPFIND /book/", multistatus(BOOK))
    return made


def by_body(answers: Mapping[str, Outcome]) -> Callable[[HttpRequest], Outcome]:
    """Answer by a word in the request's body."""

    def answer(request: HttpRequest) -> Outcome:
        text = request.body.decode()
        return next((outcome for word, outcome in answers.items() if word in text), Lost("no such answer"))

    return answer
