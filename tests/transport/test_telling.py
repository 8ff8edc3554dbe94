"""Every call has an id that stands in the lines about it and in its error; a break is one line, and so is its end."""

from contextlib import suppress
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from zohosyncd.core.errors import AuthLost, Unavailable
from zohosyncd.transport.call import Call
from zohosyncd.transport.sender import Answered, Lost, Undelivered
from zohosyncd.transport.telling import vendor_id
from zohosyncd.web.wire import read_answer, write_error

READ = Call("GET", "https://api.example.com/things?x=1", "/things", content="json")
OTHER = Call("GET", "https://api.example.com/others", "/others", content="json")


async def test_the_error_names_the_call_as_its_lines_do_with_the_apps_own_id(
    client_of: Any, scripted: Any, answer: Any
) -> None:
    client = client_of(scripted(answer(503, x_request_id="f058ebd6-02f7")))
    with capture_logs(processors=[merge_contextvars]) as lines, pytest.raises(Unavailable) as caught:
        await client.read(READ)
    error = caught.value
    assert error.request
    assert error.vendor_request == "f058ebd6-02f7"
    assert str(error).endswith(f"[request {error.request}, the app calls it f058ebd6-02f7]")
    assert {line["request"] for line in lines} == {error.request}
    assert [line["event"] for line in lines] == [*["call"] * 5, "calls_failing"]
    assert {line["vendor_request"] for line in lines} == {"f058ebd6-02f7"}
    with pytest.raises(Unavailable) as again:
        read_answer(write_error(error))
    assert str(again.value) == str(error)


async def test_no_two_calls_have_one_id(client_of: Any, scripted: Any) -> None:
    client, ids = client_of(scripted(Lost("connection lost"))), set()
    for _ in range(3):
        with pytest.raises(Unavailable) as caught:
            await client.read(READ)
        ids.add(caught.value.request)
        assert caught.value.vendor_request == ""
    assert len(ids) == 3


async def test_an_outage_is_one_line_however_it_shows_and_its_end_another(
    client_of: Any, scripted: Any, answer: Any
) -> None:
    troubles = [Lost("connection lost"), Undelivered("no connection"), answer(500), answer(502), answer(401)]
    sender = scripted(*(each for trouble in troubles for each in [trouble] * 5), answer(), answer())
    client = client_of(sender)
    with capture_logs() as lines:
        for call in (*[READ] * 10, OTHER):
            with suppress(Unavailable, AuthLost):
                await client.read(call)
    told = [(line["log_level"], line["event"], line["call"]) for line in lines if line["event"] != "call"]
    assert told == [
        ("warning", "calls_failing", "GET /things"),
        ("info", "calls_working_again", "GET /things"),
    ]


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"x-request-id": "4bf92f3577b34da6a3ce929d0e0e4736"}, "4bf92f3577b34da6a3ce929d0e0e4736"),
        ({"request-id": "f058ebd6-02f7-4d3f-942e-904344e8cde5"}, "f058ebd6-02f7-4d3f-942e-904344e8cde5"),
        ({"x-request-id": "ann@example.org"}, ""),
        ({"x-request-id": "Ann Smith 1"}, ""),
        ({"x-request-id": "annsmith"}, ""),
        ({"x-request-id": "x" * 99 + "1"}, ""),
        ({"x-request-id": "12345678\nerror"}, ""),
        ({}, ""),
    ],
)
def test_only_what_looks_like_an_id_is_repeated(headers: dict[str, str], found: str) -> None:
    assert vendor_id(headers) == found
    assert vendor_id(Answered(200, headers).headers) == found
