"""The way of every call: addresses, what a refusal of a read means, and what answers tell of the day's limit."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from zohosyncd.connectors.hubspot.judge import failure_of
from zohosyncd.core.errors import ContractBroken
from zohosyncd.ports.connector import NotSent, Unknown
from zohosyncd.transport.call import Call
from zohosyncd.transport.client import Client
from zohosyncd.transport.sender import Answered

_JSON: Final = {"Content-Type": "application/json"}
_READ: Final = frozenset({200, 207, 400, 404})
_WRITE: Final = frozenset({200, 201, 204, 207, 400, 404, 409, 413, 414, 415})
_DAILY: Final = "x-hubspot-ratelimit-daily"


class HubSpotRefusal(ContractBroken):
    """HubSpot refused a read as a whole."""

    def __init__(self, category: str) -> None:
        word = category if category.replace("_", "").isalnum() and len(category) < 60 else "an unknown error"
        super().__init__(f"HubSpot refused the call with {word}", hint="was a property deleted or renamed?")


class Wire:
    """Makes calls of one account's API. ``daily``: requests that it has in a day, 0 where it has not told."""

    def __init__(self, http: Client, api_url: str) -> None:
        self.http = http
        self._root = api_url
        self.daily = 0

    async def get(
        self, path: str, query: Mapping[str, str] | None = None, *, template: str = "", missing: bool = False
    ) -> Answered:
        """Read; ``missing``: a 404 is an answer, too. Raises as ``Client.read``, and HubSpotRefusal."""
        url = f"{self._root}{path}" + (f"?{urlencode(query, quote_via=quote, safe=',')}" if query else "")
        call = Call("GET", url, template or path, accept=_READ, content="json")
        return await self._answered(call, missing=missing)

    async def post(self, path: str, body: Any, *, heavy: bool = False) -> Answered:
        """Read by a request with a body; ``heavy``: a search. Raises as :meth:`get`."""
        data = msgspec.json.encode(body)
        call = Call("POST", f"{self._root}{path}", path, _JSON, data, accept=_READ, content="json", heavy=heavy)
        return await self._answered(call, missing=False)

    async def _answered(self, call: Call, *, missing: bool) -> Answered:
        answer = await self.http.read(call)
        told = answer.headers.get(_DAILY, "")
        if told.isascii() and told.isdecimal() and len(told) < 12:
            self.daily = int(told)
        if answer.status in {200, 207} or (missing and answer.status == 404):
            return answer
        failure = failure_of(answer)
        if failure is None:
            raise ContractBroken(f"unexpected status {answer.status}", hint="is api_url the address of the API?")
        raise HubSpotRefusal(failure.category or str(answer.status))

    async def write(self, method: str, path: str, body: Any, template: str = "") -> Answered | NotSent | Unknown:
        """Change something; None as body sends none. Raises as ``Client.write``."""
        data = b"" if body is None else msgspec.json.encode(body)
        headers = {} if body is None else _JSON
        call = Call(method, f"{self._root}{path}", template or path, headers, data, accept=_WRITE, content="json")
        return await self.http.write(call)
