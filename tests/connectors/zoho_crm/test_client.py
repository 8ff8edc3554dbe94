"""The wire over aiohttp: addresses, headers and bodies as Zoho documents them, and its documented answers."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from yarl import URL

from tests.connectors.zoho_crm.conftest import HandClock, Middle
from zohosyncd.connectors.zoho_crm.client import ZohoClient, ZohoRefusal
from zohosyncd.connectors.zoho_crm.judge import judge
from zohosyncd.core.errors import ContractBroken, PermissionLacking, RateLimited, Unavailable
from zohosyncd.transport.auth import NoAuth
from zohosyncd.transport.client import Client
from zohosyncd.transport.sender import Answered
from zohosyncd.transport.wire import AiohttpSender

API = "https://www.zohoapis.eu"
LIST = f"{API}/crm/v8/Contacts?fields=Email,Modified_Time&sort_by=Modified_Time&sort_order=asc&per_page=200"
ROW = {"id": "3652397000009851001", "Email": None, "Modified_Time": "2021-05-02T11:17:33+05:30"}
INFO = {"per_page": 200, "count": 1, "page": 1, "sort_by": "Modified_Time", "sort_order": "asc", "more_records": True,
        "next_page_token": "c858", "previous_page_token": None, "page_token_expiry": "2022-11-11T15:08:14+05:30"}  # fmt: skip


@pytest.fixture
async def zoho() -> AsyncIterator[ZohoClient]:
    async with AiohttpSender() as sender:
        http = Client("zoho", sender, NoAuth(), origins=[API], clock=HandClock(), entropy=Middle(), judge=judge)
        yield ZohoClient(http, API)


def sent(mocked: Any, method: str) -> Any:
    """What the only request was sent with."""
    ((key, calls),) = mocked.requests.items()
    assert key[0] == method
    (call,) = calls
    return call.kwargs


async def page(zoho: ZohoClient, **more: Any) -> Any:
    return await zoho.records("Contacts", ["Email", "Modified_Time"], sort_by="Modified_Time", **more)


async def test_a_page_of_records(zoho: ZohoClient, mocked: Any) -> None:
    url = f"{LIST}&page_token=c%2F1"
    headers = {"Date": "Sun, 02 May 2021 05:50:00 GMT"}
    mocked.get(URL(url, encoded=True), payload={"data": [ROW], "info": INFO}, headers=headers)
    got = await page(zoho, since=1619934453.7, token="c/1")
    assert (got.rows, got.more, got.token, got.date) == ((ROW,), True, "c858", 1619934600.0)
    assert sent(mocked, "GET")["headers"]["If-Modified-Since"] == "2021-05-02T05:47:33+00:00"


@pytest.mark.parametrize("status", [204, 304])
async def test_nothing_is_an_empty_page(zoho: ZohoClient, mocked: Any, status: int) -> None:
    mocked.get(LIST, status=status)
    got = await page(zoho)
    assert (got.rows, got.more, got.token) == ((), False, None)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "REQUIRED_PARAM_MISSING"), (400, "LIMIT_EXCEEDED"), (400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED"),
        (400, "PAGINATION_LIMIT_EXCEEDED"), (400, "AMBIGUITY_DURING_PROCESSING"), (400, "INVALID_DATA"),
        (400, "TOKEN_BOUND_DATA_MISMATCH"), (400, "EXPIRED_VALUE"), (400, "INVALID_MODULE"),
        (400, "INVALID_REQUEST_METHOD"), (404, "INVALID_URL_PATTERN"),
    ],
)  # fmt: skip
async def test_refusals_keep_their_code(zoho: ZohoClient, mocked: Any, status: int, code: str) -> None:
    mocked.get(LIST, status=status, payload={"code": code, "details": {}, "message": "secret", "status": "error"})
    with pytest.raises(ZohoRefusal, match=code) as caught:
        await page(zoho)
    assert caught.value.code == code
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (401, "OAUTH_SCOPE_MISMATCH", "Unauthorized", PermissionLacking),
        (403, "NO_PERMISSION", "permission denied", PermissionLacking),
        (400, "AUTHORIZATION_FAILED", "x", PermissionLacking),
        (429, "TOO_MANY_REQUESTS", "concurrency limit", RateLimited),
        (429, "TOO_MANY_REQUESTS", "exceeded the credits of 24 hours", RateLimited),
        (400, "LIMIT_REACHED", "x", RateLimited),
        (500, "INTERNAL_ERROR", "x", Unavailable),
    ],
)
async def test_refusals_that_are_not_about_the_call(
    zoho: ZohoClient, mocked: Any, status: int, code: str, message: str, kind: type[Exception]
) -> None:
    body = {"code": code, "details": {}, "message": message, "status": "error"}
    mocked.get(LIST, status=status, payload=body, repeat=True)
    with pytest.raises(kind):
        await page(zoho)


async def test_records_by_id(zoho: ZohoClient, mocked: Any) -> None:
    url = f"{API}/crm/v8/Contacts?ids=1,2&fields=Email&per_page=200"
    mocked.get(url, payload={"data": [ROW]})
    mocked.get(url, status=204)
    mocked.get(url, payload={"data": [ROW], "info": INFO})
    assert await zoho.records_by_id("Contacts", ["Email"], ["1", "2"]) == [ROW]
    assert await zoho.records_by_id("Contacts", ["Email"], ["1", "2"]) == []
    with pytest.raises(ContractBroken, match="not complete"):
        await zoho.records_by_id("Contacts", ["Email"], ["1", "2"])


async def test_the_deleted_list(zoho: ZohoClient, mocked: Any) -> None:
    url = f"{API}/crm/v8/Contacts/deleted?type=all&page=2&per_page=200"
    row = {"deleted_by": None, "id": "7", "display_name": None, "type": "permanent", "created_by": None,
           "deleted_time": "2021-05-02T11:17:33+05:30"}  # fmt: skip
    mocked.get(url, payload={"data": [row], "info": {"per_page": 200, "count": 1, "page": 2, "more_records": False}})
    got = await zoho.deleted("Contacts", 0.0, 2)
    assert ([each.id for each in got.rows], got.more) == (["7"], False)
    assert sent(mocked, "GET")["headers"]["If-Modified-Since"] == "1970-01-01T00:00:00+00:00"


async def test_an_insert(zoho: ZohoClient, mocked: Any) -> None:
    url = f"{API}/crm/v8/Contacts"
    mocked.post(url, status=201, payload={"data": []})
    got = await zoho.insert("Contacts", [{"Last_Name": "Müller"}])
    assert isinstance(got, Answered)
    given = sent(mocked, "POST")
    assert msgspec.json.decode(given["data"]) == {"data": [{"Last_Name": "Müller"}], "trigger": []}
    assert given["headers"]["Content-Type"] == "application/json"
    assert given["allow_redirects"] is False


async def test_a_guarded_update(zoho: ZohoClient, mocked: Any) -> None:
    url = f"{API}/crm/v8/Contacts"
    mocked.put(url, status=412, payload={"code": "ALREADY_MODIFIED", "details": {}, "message": "", "status": "error"})
    got = await zoho.update("Contacts", [{"id": "1", "Title": None}], 1619934453.0)
    assert isinstance(got, Answered)
    assert got.status == 412
    given = sent(mocked, "PUT")
    assert msgspec.json.decode(given["data"]) == {"data": [{"id": "1", "Title": None}], "trigger": []}
    assert given["headers"]["If-Unmodified-Since"] == "2021-05-02T05:47:33+00:00"


async def test_a_deletion(zoho: ZohoClient, mocked: Any) -> None:
    url = f"{API}/crm/v8/Contacts?ids=1,2&wf_trigger=false"
    mocked.delete(url, payload={"data": []})
    assert isinstance(await zoho.delete("Contacts", ["1", "2"]), Answered)
    assert not sent(mocked, "DELETE")["data"]


async def test_fields_and_org(zoho: ZohoClient, mocked: Any) -> None:
    field = {"api_name": "Email", "data_type": "email", "json_type": "string", "unique": {"casesensitive": False}}
    mocked.get(f"{API}/crm/v8/settings/fields?module=Contacts", payload={"fields": [field]})
    mocked.get(f"{API}/crm/v8/org", payload={"org": [{"id": "1", "company_name": "ACME", "country_code": "DE"}]})
    (found,) = await zoho.fields("Contacts")
    assert found.api_name == "Email"
    org, _ = await zoho.org()
    assert (org.id, org.company_name, org.country_code) == ("1", "ACME", "DE")
