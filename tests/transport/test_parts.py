"""Waits, JSON, verdicts, several calls at once, metrics."""

import asyncio
from functools import partial
from typing import Any

import pytest

from zohosyncd.core.errors import ContractBroken, RateLimited, Unavailable
from zohosyncd.transport.call import Call
from zohosyncd.transport.client import origin_of
from zohosyncd.transport.decode import json_as
from zohosyncd.transport.judge import Failing, Fine, Foreign, by_status
from zohosyncd.transport.limits import Gate, Limits
from zohosyncd.transport.retry import http_date, retry_after
from zohosyncd.transport.sender import Answered
from zohosyncd.transport.together import together


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None), ("", None), ("soon", None), ("-5", None), ("1.5", None), ("٣", None),
        ("0", 0.0), (" 120 ", 120.0), ("1000000", 3600.0), ("9" * 400, 3600.0),
        ("Thu, 01 Jan 1970 00:17:40 GMT", 60.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600.0), ("Thu, 99 Jan 1970 00:00:00 GMT", None),
    ],
)  # fmt: skip
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, 1000.0) == seconds


def test_a_date_header_is_a_moment() -> None:
    assert http_date("Thu, 01 Jan 1970 00:01:00 GMT") == 60.0
    assert http_date(None) is http_date("yesterday") is None


def test_json_of_the_expected_shape() -> None:
    assert json_as(dict[str, int], b'{"a":1,"a":2}', what="x") == {"a": 2}


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a":', b'{"a":"x"}', b"[1]", b'{"\xff":1}', b"[" * 100_000])
def test_anything_else_breaks_the_contract_and_is_not_repeated(body: bytes) -> None:
    with pytest.raises(ContractBroken, match="things") as caught:
        json_as(dict[str, int], body, what="things")
    assert len(str(caught.value)) < 100


def test_what_a_page_is() -> None:
    page = Answered(200, {"content-type": "text/html; charset=utf-8"}, b"\n<!doctype html>")
    xml = Answered(207, {"content-type": "application/xml"}, b"<?xml version='1.0'?><a/>")
    assert isinstance(by_status(Call("GET", "", "", content="json"), page), Foreign)
    assert isinstance(by_status(Call("GET", "", "", content="xml"), page), Foreign)
    assert isinstance(by_status(Call("GET", "", "", content="any"), page), Fine)
    assert isinstance(by_status(Call("GET", "", "", content="xml", accept=frozenset({207})), xml), Fine)
    assert isinstance(by_status(Call("GET", "", "", content="json"), Answered(502, {}, page.body)), Failing)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://API.example.com:443/a?b", "https://api.example.com"),
        ("http://example.com:80", "http://example.com"),
        ("https://example.com:80", "https://example.com:80"),
        ("https://user:pw@example.com/", "https://example.com"),
        ("http://[::1]:8080/x", "http://[::1]:8080"),
    ],
)
def test_an_origin_has_one_spelling(url: str, origin: str) -> None:
    assert origin_of(url) == origin


async def test_no_more_calls_at_once_than_allowed(clock: Any) -> None:
    gate, inside, most = Gate(Limits(concurrency=3), clock), 0, 0

    async def call() -> None:
        nonlocal inside, most
        async with gate.slot(Call("GET", "https://api.example.com/", "/"), 30.0):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(call() for _ in range(20)))
    assert most == 3


async def test_several_calls_answer_in_order_and_fail_with_one_plain_error() -> None:
    async def give(value: int) -> int:
        await asyncio.sleep(0.01 / value)
        return value

    async def fail(error: Exception) -> int:
        raise error

    assert await together(partial(give, each) for each in (1, 2, 3)) == [1, 2, 3]
    with pytest.raises(RateLimited):
        await together([partial(give, 1), partial(fail, RateLimited("x"))])
    with pytest.raises(Unavailable):
        await together([partial(fail, Unavailable("x")), partial(fail, Unavailable("y"))])
    with pytest.raises(ExceptionGroup):
        await together([partial(fail, Unavailable("x")), partial(fail, ZeroDivisionError())])
