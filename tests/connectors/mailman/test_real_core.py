"""The Mailman connector keeps the promises of a connector against a real core, as its package ships it."""

import asyncio
import json
import random
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.connectors.contract import Bench, ConnectorContract, creation, update
from tests.connectors.mailman.benches import mailman_bench
from tests.servers import mailman
from zohosyncd.connectors.mailman import SPEC
from zohosyncd.connectors.mailman.connector import MailmanConnector
from zohosyncd.connectors.mailman.fields import is_waiting
from zohosyncd.connectors.mailman.options import MailmanOptions
from zohosyncd.connectors.tools import Tools
from zohosyncd.ports.connector import Done, Duplicate, Found, Missing, Moved, Upserted
from zohosyncd.sandbox.mailman.app import LOGIN, MailmanApp
from zohosyncd.sandbox.server import serve
from zohosyncd.sandbox.wire import Request
from zohosyncd.sandbox.world import World
from zohosyncd.settings.secrets import Secret
from zohosyncd.transport.wire import AiohttpSender

VOUCHED = {"pre_verified": "true", "pre_confirmed": "true", "pre_approved": "true"}


class WallClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Chance:
    def new_id(self) -> str:
        return uuid.uuid4().hex

    def uniform(self, low: float, high: float) -> float:
        return random.uniform(low, high)


@dataclass(frozen=True)
class RestHands:
    """A person with a client of their own. The core's words are those of the API."""

    core: mailman.Core
    list_id: str

    async def subscribe(self, given: Mapping[str, Any]) -> str:
        words = {"subscriber" if name == "email" else name: value for name, value in given.items()}
        status, headers, said = await self.core.ask("POST", "members", list_id=self.list_id, **VOUCHED, **words)
        assert status == 201, (status, said)
        return headers["location"].rpartition("/")[2]

    async def change(self, member_id: str, given: Mapping[str, Any]) -> None:
        for name, value in given.items():
            if name == "display_name":
                email = (await self._member(member_id))["email"]
                await self._patch(f"addresses/{email}", display_name=value or "")
            elif name == "delivery_status":
                await self._patch(f"members/{member_id}/preferences", delivery_status=value)
            else:
                await self._patch(f"members/{member_id}", **{name: value})

    async def unsubscribe(self, member_id: str) -> None:
        assert (await self.core.ask("DELETE", f"members/{member_id}"))[0] == 204

    async def everything(self, member_id: str) -> Mapping[str, Any]:
        shown = await self._member(member_id)
        own = (await self.core.ask("GET", f"members/{member_id}/preferences"))[2]
        return {
            name: value for name, value in {**shown, **{f"own {key}": own[key] for key in own}}.items()
            if not name.endswith("http_etag")
        }  # fmt: skip

    async def _member(self, member_id: str) -> Any:
        status, _, shown = await self.core.ask("GET", f"members/{member_id}")
        assert status == 200
        return shown

    async def _patch(self, path: str, **form: Any) -> None:
        status, _, said = await self.core.ask("PATCH", path, **form)
        assert status == 204, said


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def standing(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, runner: asyncio.Runner
) -> Iterator[str]:
    """The address of a core that stands for all tests of this module."""
    context = mailman.core(pytestconfig.cache.mkdir("servers"), tmp_path_factory.mktemp("mailman"))
    yield runner.run(context.__aenter__()).url
    runner.run(context.__aexit__(None, None, None))


@pytest.fixture
async def hands(standing: str) -> AsyncIterator[RestHands]:
    """Somebody with a list of their own; people are as the lists before have left them: known to the core."""
    login = {"Authorization": mailman.aiohttp.encode_basic_auth(mailman.USER, mailman.PASSWORD)}
    name = f"l{uuid.uuid4().hex[:8]}"
    async with mailman.aiohttp.ClientSession(headers=login) as http:
        core = mailman.Core(standing, http)
        assert (await core.ask("POST", "lists", fqdn_listname=f"{name}@example.com"))[0] == 201
        yield RestHands(core, f"{name}.example.com")
        _, _, users = await core.ask("GET", "users")
        for each in users.get("entries", ()):
            await core.ask("DELETE", f"users/{each['user_id']}")


@pytest.fixture
async def bench(hands: RestHands) -> AsyncIterator[Bench]:
    keys = {"url": hands.core.url, "username": mailman.USER, "password": "env:PASSWORD", "allow_http": True}
    async with AiohttpSender() as sender:
        tools = Tools("lists", sender, WallClock(), Chance(), lambda _: Secret(mailman.PASSWORD))
        connector = SPEC.open(MailmanOptions.model_validate(keys), tools)
        assert isinstance(connector, MailmanConnector)

        async def no_wait(seconds: float) -> None:
            """Nothing lags."""

        yield mailman_bench(connector, hands.list_id, hands, no_wait)


class TestRealMailman(ConnectorContract):
    """See the contract."""

    async def test_who_has_to_confirm_waits_and_becomes_a_member_of_another_id(
        self, bench: Bench, hands: RestHands
    ) -> None:
        made = await bench.write_one(creation({"email": "wait@example.com", "status": "pending"}))
        assert isinstance(made, Done)
        assert is_waiting(made.id)
        assert (await bench.read(made.id, "status")).values["status"] == "pending"
        again = await bench.write_one(creation({"email": "WAIT@example.com", "status": "subscribed"}))
        assert again == Duplicate(made.id, "email")
        pages = [page async for page in bench.connector.changes(bench.ref, bench.fields, None)]
        _, _, requests = await hands.core.ask("GET", f"lists/{hands.list_id}/requests")
        token = requests["entries"][0]["token"]
        status, _, _ = await hands.core.ask("POST", f"lists/{hands.list_id}/requests/{token}", action="accept")
        assert status == 204
        (answer,) = await bench.connector.fetch(bench.ref, bench.fields, [made.id])
        assert isinstance(answer, Moved)
        (page,) = [page async for page in bench.connector.changes(bench.ref, bench.fields, pages[-1].cursor)]
        assert page.changes[0] == answer
        assert [each.record.id for each in page.changes if isinstance(each, Upserted)] == [answer.to]

    @pytest.mark.parametrize(
        ("said", "state"),
        [
            ("by_user", "unsubscribed"),
            ("by_bounces", "cleaned"),
            ("by_moderator", "archived"),
            ("enabled", "subscribed"),
        ],
    )
    async def test_delivery_is_consent_wherever_it_is_switched_off(
        self, bench: Bench, hands: RestHands, said: str, state: str
    ) -> None:
        own, address = [await hands.subscribe({"email": f"{name}@example.com"}) for name in ("own", "address")]
        await hands.change(own, {"delivery_status": said})
        status, _, _ = await hands.core.ask("PATCH", "addresses/address@example.com/preferences", delivery_status=said)
        assert status == 204
        answers = await bench.connector.fetch(bench.ref, ["status"], [own, address])
        assert [each.record.values["status"] for each in answers if isinstance(each, Found)] == [state, state]
        (page,) = [page async for page in bench.connector.changes(bench.ref, ["status"], None)]
        assert [each.record.values["status"] for each in page.changes if isinstance(each, Upserted)] == [state, state]

    async def test_an_opt_out_stays_a_member_and_can_be_taken_back(self, bench: Bench) -> None:
        known = await bench.read(await bench.add(bench.ann), "status")
        for state in ("unsubscribed", "subscribed"):
            assert isinstance(await bench.write_one(update(known, {"status": state})), Done)
            assert (await bench.read(known.id, "status")).values["status"] == state

    async def test_another_address_keeps_the_subscription(self, bench: Bench, hands: RestHands) -> None:
        known = await bench.read(await bench.add({**bench.ann, "display_name": "Ann M."}))
        assert isinstance(await bench.write_one(update(known, {"email": "new@example.com"})), Done)
        after = await bench.read(known.id)
        assert after.values["email"] == "new@example.com"
        assert isinstance(await bench.write_one(update(after, {"display_name": "Ann New"})), Done)
        assert (await bench.read(known.id)).values["display_name"] == "Ann New"

    async def test_an_address_that_was_known_before_gets_the_name_that_is_wished(
        self, bench: Bench, hands: RestHands
    ) -> None:
        before = await hands.subscribe({"email": "ann@example.com", "display_name": "As She Was"})
        await hands.unsubscribe(before)
        made = await bench.add({**bench.ann, "display_name": "As She Is"})
        assert (await bench.read(made)).values["display_name"] == "As She Is"

    async def test_an_address_of_somebody_else_is_not_taken(self, bench: Bench) -> None:
        known = await bench.read(await bench.add(bench.ann))
        await bench.add(bench.bob)
        result = await bench.write_one(update(known, {"email": "bob@example.com"}))
        assert getattr(result, "field", "") == "email", result
        assert (await bench.read(known.id)).values == known.values

    async def test_an_owner_of_the_list_is_no_subscriber(self, bench: Bench, hands: RestHands) -> None:
        form = {"list_id": hands.list_id, "subscriber": "owner@example.com", "role": "owner"}
        status, headers, said = await hands.core.ask("POST", "members", **form)
        assert status == 201, said
        owner = headers["location"].rpartition("/")[2]
        assert await bench.connector.fetch(bench.ref, bench.fields, [owner]) == [Missing(owner)]


SAME = [
    ("POST", "members", {"list_id": "{list}", "subscriber": "Zoe@Example.com", "display_name": "Zoë", **VOUCHED}),
    ("POST", "members", {"list_id": "{list}", "subscriber": "zoe@example.com", **VOUCHED}),
    ("POST", "members", {"list_id": "{list}", "subscriber": "wait@example.com", "display_name": "W"}),
    ("POST", "members", {"list_id": "{list}", "subscriber": "wait@example.com", **VOUCHED}),
    ("POST", "members", {"list_id": "{list}", "subscriber": "no address", **VOUCHED}),
    ("POST", "members", {"list_id": "none.example.com", "subscriber": "x@example.com"}),
    ("POST", "members", {"list_id": "{list}", "subscriber": "x@example.com", "unheard": "of"}),
    ("POST", "members", {"subscriber": "x@example.com"}),
    (
        "POST",
        "members",
        {"list_id": "{list}", "subscriber": "off@example.com", "delivery_status": "by_user", **VOUCHED},
    ),
    ("GET", "lists/{list}/roster/member", {}),
    ("GET", "lists/{list}/roster/member?count=1&page=2&fields=member_id&fields=email", {}),
    ("GET", "lists/{list}/roster/member?count=50&page=9", {}),
    ("GET", "lists/{list}/roster/member?fields=unheard", {}),
    ("GET", "lists/{list}/roster/member?unheard=1", {}),
    ("GET", "lists/none.example.com/roster/member", {}),
    ("GET", "lists/{list}/requests", {}),
    ("POST", "lists/{list}/requests/none", {"action": "discard"}),
    ("GET", "members/find?list_id={list}&delivery_status=by_user", {}),
    ("GET", "members/find?list_id={list}&delivery_status=by_bounces", {}),
    ("GET", "members/find?list_id={list}&subscriber=ZOE@example.com", {}),
    ("GET", "members/find", {}),
    ("GET", "members/00000000000000000000000000000000", {}),
    ("GET", "members/{member}", {}),
    ("GET", "members/{member}/preferences", {}),
    ("GET", "members/{member}/all/preferences", {}),
    ("PATCH", "members/{member}/preferences", {"delivery_status": "by_bounces"}),
    ("PATCH", "members/{member}/preferences", {"delivery_status": "perhaps"}),
    ("GET", "members/{member}/preferences", {}),
    ("PATCH", "members/{member}", {"address": "nobody@example.com"}),
    ("PATCH", "addresses/zoe@example.com", {"display_name": "Other"}),
    ("PATCH", "addresses/nobody@example.com", {"display_name": "Other"}),
    ("PATCH", "addresses/zoe@example.com", {}),
    ("GET", "members/{member}", {}),
    ("PATCH", "addresses/zoe@example.com", {"display_name": ""}),
    ("GET", "members/{member}", {}),
    ("PATCH", "users/zoe@example.com", {"display_name": ""}),
    ("GET", "members/{member}", {}),
    ("GET", "users/zoe@example.com", {}),
    ("GET", "addresses/zoe@example.com", {}),
    ("POST", "users/zoe@example.com/addresses", {"email": "second@example.com"}),
    ("PATCH", "members/{member}", {"address": "second@example.com"}),
    ("POST", "addresses/second@example.com/verify", {}),
    ("PATCH", "members/{member}", {"address": "second@example.com"}),
    ("GET", "members/{member}", {}),
    ("PATCH", "members/{member}", {"delivery_mode": "mime_digests"}),
    ("DELETE", "members/{member}", {}),
    ("DELETE", "members/{member}", {}),
    ("GET", "system/versions", {}),
    ("GET", "lists/{list}", {}),
    ("GET", "lists/{list}/member/zoe@example.com", {}),
    ("GET", "lists/{list}/member/nobody@example.com", {}),
    ("GET", "users/zoe@example.com/addresses", {}),
    ("DELETE", "lists/{list}/member/off@example.com", {}),
    ("DELETE", "lists/{list}/roster/member/x", {}),
    ("GET", "nowhere", {}),
]


async def test_the_simulated_core_answers_as_the_real_one(hands: RestHands) -> None:
    """Status, members of documents, and the words of refusals; call by call."""
    world = World(WallClock(), 1)
    simulated = MailmanApp(world.time, 1, lists=(hands.list_id.replace(".", "@", 1),))
    member = {"real": "", "simulated": ""}
    different = []
    for method, path, form in SAME:
        said = {name: value.replace("{list}", hands.list_id) for name, value in form.items()}
        place = {side: path.replace("{list}", hands.list_id).replace("{member}", member[side]) for side in member}
        status, headers, document = await hands.core.ask(method, place["real"], **said)
        real = (status, _shape(document))
        answer = simulated.handle(_asked(method, place["simulated"], said))
        body = json.loads(answer.body) if answer.body else None
        if (answer.status, _shape(body)) != real:
            different.append((method, path, form, real, (answer.status, _shape(body))))
        if status == 201 and not member["real"]:
            member = {
                "real": headers["location"].rpartition("/")[2],
                "simulated": answer.headers["location"].rpartition("/")[2],
            }
    assert different == []


def _asked(method: str, path: str, form: Mapping[str, str]) -> Request:
    path, _, query = path.partition("?")
    login = mailman.aiohttp.encode_basic_auth(*LOGIN)
    headers = {"authorization": login, "content-type": "application/x-www-form-urlencoded"}
    return Request(method, f"/3.1/{path}", tuple(parse_qsl(query)), headers, urlencode(form).encode())


FREE = {
    "http_etag",
    "token",
    "member_id",
    "user_id",
    "self_link",
    "address",
    "user",
    "when",
    "python_version",
    "created_on",
    "registered_on",
    "verified_on",
}


def _shape(document: Any) -> Any:
    """A document without what is different each time, and a description without the list of its choices."""
    match document:
        case dict():
            shown = {name: (... if name in FREE else _shape(value)) for name, value in document.items()}
            if isinstance(said := shown.get("description"), str) and document.get("title"):
                shown["description"] = said.partition(":")[0].partition(" Allowed")[0]
            return shown
        case list():
            return [_shape(each) for each in document]
        case _:
            return document


async def test_mailmans_own_client_sees_the_same_in_both(pytestconfig: pytest.Config, hands: RestHands) -> None:
    world = World(WallClock(), 1)
    world.add(MailmanApp(world.time, 1, lists=(hands.list_id.replace(".", "@", 1),)))
    async with serve(world) as served:
        world.apps["mailman"].base_url = served.base_url  # type: ignore[attr-defined]
        both = [(hands.core.url, mailman.USER, mailman.PASSWORD), (served.base_url, *LOGIN)]
        real, simulated = [await _official(pytestconfig.cache.mkdir("servers"), *each, hands.list_id) for each in both]
    assert simulated == real
    assert ["preference", "by_user"] in real


async def _official(cache: Path, url: str, user: str, password: str, list_id: str) -> Any:
    python = mailman.environment(cache) / "python"
    script = Path(__file__).with_name("official_client.py")
    process = await asyncio.create_subprocess_exec(
        python,
        script,
        f"{url}/3.1",
        user,
        password,
        list_id,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()[-2000:]
    return json.loads(out)
