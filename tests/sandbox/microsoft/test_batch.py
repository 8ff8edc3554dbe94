"""Twenty requests in one."""

from typing import Any

import pytest

from tests.sandbox.microsoft.conftest import IMMUTABLE, Graph, MakeGraph

JSON = {"Content-Type": "application/json"}


def making(n: int, **more: Any) -> dict[str, Any]:
    return {"method": "POST", "url": "/me/contacts", "headers": JSON, "body": {"givenName": f"P{n}"}, **more}


def test_answers_come_in_any_order_each_with_its_id_and_status(graph: Graph) -> None:
    requests = [making(n) for n in range(19)]
    numbered = [{"id": str(at), **each} for at, each in enumerate(requests)]
    reply = graph.call("POST", "$batch", {"requests": [*numbered, {"id": "x", "method": "GET", "url": "/me/nothing"}]})
    told = reply.body["responses"]
    assert [each["id"] for each in told] != [each["id"] for each in numbered] + ["x"]
    assert {each["id"]: each["status"] for each in told} == {**{str(n): 201 for n in range(19)}, "x": 400}
    assert {each["id"]: each["body"]["givenName"] for each in told if each["id"] != "x"} == {
        str(n): f"P{n}" for n in range(19)
    }


def test_headers_of_the_batch_go_for_none_of_its_requests(graph: Graph) -> None:
    ann = graph.add()["id"]
    get = {"method": "GET", "url": f"/me/contacts/{ann}"}
    lasting = {**get, "headers": {"Prefer": 'IdType="ImmutableId"'}}
    body = {"requests": [{"id": "a", **get}, {"id": "b", **lasting}]}
    told = {each["id"]: each["body"]["id"] for each in graph.call("POST", "$batch", body, IMMUTABLE).body["responses"]}
    assert told["b"] == ann
    assert told["a"] != ann


@pytest.mark.parametrize(
    "requests",
    [
        [{"id": str(n), **making(n)} for n in range(21)],
        [{"id": "a", **making(1)}, {"id": "A", **making(2)}],
        [{"id": "a", **making(1), "headers": {}}],
        [{"id": 1, **making(1)}],
        [{"id": "a", **making(1), "dependsOn": ["b"]}],
        [{"id": "a", "method": "GET", "url": "https://elsewhere.example/me"}],
        [],
    ],
)
def test_a_batch_that_is_wrong_is_refused_as_a_whole(graph: Graph, requests: list[Any]) -> None:
    assert graph.call("POST", "$batch", {"requests": requests}).status == 400
    assert graph.get("me/contacts").rows == []


def test_a_fifth_request_at_once_is_refused_where_nothing_waits(make_graph: MakeGraph) -> None:
    graph = make_graph(batch="refuses")
    told = graph.batch(*[making(n) for n in range(6)])
    assert [told[str(n)]["status"] for n in range(6)] == [201] * 4 + [429] * 2
    assert told["5"]["body"]["error"]["code"] == "ApplicationThrottled"
    assert told["5"]["headers"]["Retry-After"] == "1"
    in_turn = [making(n, **({"dependsOn": [str(n - 1)]} if n else {})) for n in range(6)]
    assert {each["status"] for each in graph.batch(*in_turn).values()} == {201}


def test_what_depends_on_a_failure_is_not_carried_out(graph: Graph) -> None:
    wrong = making(0) | {"body": {"nothing": "x"}}
    told = graph.batch(wrong, making(1, dependsOn=["0"]), making(2))
    assert {name: each["status"] for name, each in told.items()} == {"0": 400, "1": 424, "2": 201}


def test_a_share_of_its_requests_can_be_refused(graph: Graph) -> None:
    graph.world.faults.replace("microsoft365", [{"fault": "rows", "share": 0.5, "code": "503"}])
    told = graph.batch(*[making(n) for n in range(4)])
    assert sorted(each["status"] for each in told.values()) == [201, 201, 503, 503]


def test_more_than_four_requests_at_once_are_too_many_for_a_mailbox(graph: Graph) -> None:
    from zohosyncd.sandbox.wire import Request

    one, batch = Request("GET", "/v1.0/me/contacts"), Request("POST", "/v1.0/$batch")
    assert graph.app.crowded(batch, [batch]) is None
    assert graph.app.crowded(one, [one] * 4) is None
    for request, running in ((one, [one] * 5), (batch, [one, batch])):
        refused = graph.app.crowded(request, running)
        assert refused is not None
        assert refused.status == 429
