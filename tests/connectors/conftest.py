"""Shared by the tests of all connectors; assertions of the contract suite are rewritten like those of test modules."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aioresponses import aioresponses, core

pytest.register_assert_rewrite("tests.connectors.contract", "tests.connectors.http_faults")


class _MockableResponse(aiohttp.ClientResponse):
    """aiohttp 3.14 wants a stream writer, which aioresponses 0.7.9 does not know of."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        named.setdefault("stream_writer", SimpleNamespace(output_size=0))
        super().__init__(*arguments, **named)


@pytest.fixture
def mocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[aioresponses]:
    """Answers in place of the network, for clients that send through aiohttp."""
    monkeypatch.setattr(core, "ClientResponse", _MockableResponse)
    with aioresponses() as answers:
        yield answers
