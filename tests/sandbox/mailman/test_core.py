"""The simulated core by itself; that it answers as a real one is shown in tests/connectors/mailman/test_real_core.py."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from zohosyncd.sandbox.mailman.app import LOGIN, MailmanApp
from zohosyncd.sandbox.mailman.behaviour import Behaviour
from zohosyncd.sandbox.wire import Request, Response
from zohosyncd.sandbox.world import World

LIST = "news.example.com"
VOUCHED = {"pre_verified": "true", "pre_confirmed": "true", "pre_approved": "true"}


class Clock:
    moment = 1_800_000_000.0

    def now(self) -> float:
        return self.moment


class Core:
    """A core and somebody who asks it."""

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        self.clock = Clock()
        self.world = World(self.clock, 1)
        self.app = MailmanApp(self.world.time, 1, behaviour=behaviour)
        self.world.add(self.app)

    def ask(self, method: str, path: str, login: tuple[str, str] = LOGIN, **form: str) -> tuple[int, Any]:
        path, _, query = path.partition("?")
        pairs = tuple((name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part))
        answer = self.world.handle(Request(method, f"/3.1/{path}", pairs, headers(login), urlencode(form).encode()))
        assert isinstance(answer, Response)
        return answer.status, json.loads(answer.body) if answer.body else None

    def control(self, name: str, **body: Any) -> Any:
        answer = self.world.handle(Request("POST", f"/_sandbox/{name}", body=json.dumps(body).encode()))
        assert isinstance(answer, Response)
        return answer.status, json.loads(answer.body)


def headers(login: tuple[str, str]) -> Mapping[str, str]:
    word = base64.b64encode(":".join(login).encode()).decode()
    return {"authorization": f"Basic {word}", "content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def core() -> Core:
    return Core()


def test_nobody_without_the_password_sees_anything(core: Core) -> None:
    assert core.ask("GET", "lists", ("restadmin", "wrong"))[0] == 401
    assert core.ask("GET", "lists")[0] == 200


def test_an_old_version_is_no_obstacle(core: Core) -> None:
    """Tried with core 3.3.10: bodies have an etag, and If-Match is ignored."""
    core.ask("POST", "members", list_id=LIST, subscriber="ann@example.com", **VOUCHED)
    request = Request(
        "PATCH", "/3.1/addresses/ann@example.com", (), {**headers(LOGIN), "if-match": '"old"'}, b"display_name=Ann"
    )
    answer = core.world.handle(request)
    assert isinstance(answer, Response)
    assert answer.status == 204


@pytest.mark.parametrize(
    ("policy", "flags", "owner"),
    [
        ("open", {}, "subscriber"),  # the address is not verified
        ("open", {"pre_verified": "true"}, ""),
        ("confirm", {"pre_verified": "true"}, "subscriber"),
        ("moderate", {"pre_verified": "true"}, "moderator"),
        ("confirm_then_moderate", {"pre_verified": "true", "pre_confirmed": "true"}, "moderator"),
        ("confirm_then_moderate", VOUCHED, ""),
    ],
)
def test_the_policy_says_who_has_to_confirm(policy: Any, flags: dict[str, str], owner: str) -> None:
    core = Core(Behaviour(policy=policy))
    status, body = core.ask("POST", "members", list_id=LIST, subscriber="ann@example.com", **flags)
    assert (status, (body or {}).get("token_owner", "")) == (202 if owner else 201, owner)


def test_a_request_is_forgotten_in_the_end() -> None:
    core = Core(Behaviour(pending_life=60.0))
    core.ask("POST", "members", list_id=LIST, subscriber="ann@example.com")
    assert core.ask("GET", f"lists/{LIST}/requests")[1]["total_size"] == 1
    core.clock.moment += 61
    assert "entries" not in core.ask("GET", f"lists/{LIST}/requests")[1]


def test_somebody_edits_and_everybody_sees_it(core: Core) -> None:
    _, made = core.control("edit", app="mailman", object=LIST, create={"email": "Ann@Example.com", "display_name": "A"})
    assert core.ask("GET", f"lists/{LIST}/roster/member")[1]["entries"][0]["member_id"] == made["member_id"]
    core.control("edit", app="mailman", object=LIST, id=made["member_id"], set={"delivery_status": "by_bounces"})
    assert core.app.state()[LIST][made["member_id"]]["delivery_status"] == "by_bounces"
    core.control("edit", app="mailman", object=LIST, id=made["member_id"], delete=True)
    assert core.app.state()[LIST] == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"object": "none", "create": {}}, {"object": LIST, "id": "none", "set": {}}, {"object": LIST, "confirm": "x@y"},
        {"object": LIST, "id": "{member}", "set": {"unheard": 1}},
    ],
)  # fmt: skip
def test_what_nobody_can_do_is_said(core: Core, wrong: dict[str, Any]) -> None:
    _, made = core.control("edit", app="mailman", object=LIST, create={"email": "ann@example.com"})
    said = {name: made["member_id"] if value == "{member}" else value for name, value in wrong.items()}
    status, body = core.control("edit", app="mailman", **said)
    assert status == 400
    assert body["error"]


def test_names_are_stored_as_the_server_likes_them(core: Core) -> None:
    rules = [{"field": "display_name", "do": "upper"}]
    assert core.control("normalise", app="mailman", object=LIST, rules=rules)[0] == 200
    core.ask("POST", "members", list_id=LIST, subscriber="ann@example.com", display_name="Ann", **VOUCHED)
    assert core.ask("GET", f"lists/{LIST}/roster/member")[1]["entries"][0]["display_name"] == "ANN"
    core.ask("PATCH", "addresses/ann@example.com", display_name="Eve")
    assert core.ask("GET", "addresses/ann@example.com")[1]["display_name"] == "EVE"


def test_calls_are_counted_by_their_kind_and_name_nobody(core: Core) -> None:
    core.ask("GET", "members/0123")
    core.ask("GET", "members/find?list_id=x")
    core.ask("PATCH", "addresses/ann@example.com", display_name="Ann")
    core.ask("GET", f"lists/{LIST}/roster/member")
    answer = core.world.handle(Request("GET", "/_sandbox/calls"))
    assert isinstance(answer, Response)
    assert set(json.loads(answer.body)["apps"]["mailman"]) == {
        "GET /3.1/members/{id}", "GET /3.1/members/find", "PATCH /3.1/addresses/{email}",
        "GET /3.1/lists/{list}/roster/member",
    }  # fmt: skip


def test_faults_have_this_apps_words(core: Core) -> None:
    core.control("edit", app="mailman", object=LIST, create={"email": "ann@example.com"})
    core.control("faults", app="mailman", rules=[{"fault": "empty"}])
    assert core.ask("GET", f"lists/{LIST}/roster/member")[1] == {**core.ask("GET", "lists")[1], "total_size": 0}
    assert core.ask("GET", "members/0123")[0] == 404
    core.control("faults", app="mailman", rules=[{"fault": "rows", "share": 1.0, "code": "no"}])
    assert core.ask("DELETE", "members/0123") == (400, {"title": "400 Bad Request", "description": "no"})
