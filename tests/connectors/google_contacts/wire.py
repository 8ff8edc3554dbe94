"""A server that answers what it is told to, and remembers what it was asked."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.connectors.google_contacts.conftest import HandClock, Middle
from zohosyncd.connectors.google_contacts.client import PeopleClient
from zohosyncd.connectors.google_contacts.connector import GoogleContacts
from zohosyncd.connectors.google_contacts.judge import judge_for
from zohosyncd.connectors.google_contacts.options import GoogleOptions
from zohosyncd.transport.auth import NoAuth
from zohosyncd.transport.client import Client
from zohosyncd.transport.sender import Answered, HttpRequest, Outcome

HOST = "https://people.googleapis.com"
OPTIONS = GoogleOptions.model_validate({"client_id": "x", "client_secret": "env:X", "settle": "10m"})


@dataclass
class Script:
    """Answers in their order; the last one stays for whoever asks more often than expected."""

    answers: list[Outcome]
    requests: list[HttpRequest] = field(default_factory=list)

    async def send(self, request: HttpRequest) -> Outcome:
        self.requests.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def bodies(self) -> list[Any]:
        return [json.loads(each.body) for each in self.requests if each.body]

    def query(self, number: int) -> dict[str, list[str]]:
        """The parameters of a request, wherever they are."""
        request = self.requests[number]
        return parse_qs(urlsplit(request.url).query or request.body.decode())


def answer(body: Any, status: int = 200, **headers: str) -> Answered:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"content-type": "application/json", **{name.replace("_", "-"): each for name, each in headers.items()}}
    return Answered(status, named, text)


def error(
    code: int, status: str, reason: str = "", message: str = "", details: Sequence[Mapping[str, Any]] = ()
) -> Answered:
    """An error as Google words it (google.rpc.Status)."""
    info = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}]
    told = [*(info if reason else []), *details]
    return answer({"error": {"code": code, "status": status, "message": message, "details": told}}, code)


def person(number: int, *, etag: str = "", updated: str = "2026-11-24T12:00:00Z", **fields: Any) -> dict[str, Any]:
    source = {"type": "CONTACT", "id": f"{number:x}", "etag": etag or f"#{number}", "updateTime": updated}
    return {"resourceName": f"people/c{number}", "etag": f"%{number}", "metadata": {"sources": [source]}, **fields}


def found(*people: Mapping[str, Any]) -> Answered:
    """The answer of batchGet to a question for these."""
    responses = [
        {"httpStatusCode": 200, "person": each, "requestedResourceName": each["resourceName"]} for each in people
    ]
    return answer({"responses": responses})


def scripted(*answers: Outcome) -> tuple[GoogleContacts, Script]:
    """A connector over such a server, on a clock that only waiting moves; it has run for a day."""
    script, clock = Script(list(answers)), HandClock()
    http = Client("ann", script, NoAuth(), origins=[HOST], clock=clock, entropy=Middle(), judge=judge_for("ann"))
    made = GoogleContacts(PeopleClient(http, HOST), OPTIONS, clock)
    clock.moment += 86_400.0
    return made, script
