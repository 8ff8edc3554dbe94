"""Microsoft's own Python libraries, unmodified, at work in a Microsoft 365 under a given address.

``python microsoft_client.py ADDRESS CLIENT SECRET`` prints as JSON what they understood. MSAL speaks to the vendor's
address alone, so its HTTP session is told where that lives here (the ``http_client`` that it takes for this); Graph's
client and its page iterator are given the address.
"""

import asyncio
import json
import sys
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import httpx
import msal
import requests
from msgraph_core import GraphClientFactory

VENDOR = "https://login.microsoftonline.com"
SCOPES = ["Contacts.ReadWrite", "User.Read"]
BACK = "http://localhost:5000/oauth/callback"


class Session(requests.Session):
    """A session for which the vendor's login server is another machine, as a name server and a proxy would make it."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.trust_env = False
        self.address = address

    def request(self, method: str, url: str, *args: Any, **named: Any) -> requests.Response:
        answer = super().request(method, url.replace(VENDOR, self.address), *args, **named)
        answer._content = answer.content.replace(self.address.encode(), VENDOR.encode())
        return answer


class Stay(HTTPRedirectHandler):
    """A browser that stays where it is sent away."""

    def redirect_request(self, *_: Any) -> None:
        return None


def consent(address: str) -> dict[str, str]:
    """A person says yes; what the browser is sent back with."""
    try:
        build_opener(Stay).open(address)
    except HTTPError as answer:
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}
    raise AssertionError("the page has sent nobody back")


def logins(address: str, client: str, secret: str) -> dict[str, Any]:
    """Each way to log in."""
    where = {"instance_discovery": False, "http_client": Session(address)}
    confidential = msal.ConfidentialClientApplication(client, secret, authority=f"{VENDOR}/common", **where)
    flow = confidential.initiate_auth_code_flow(SCOPES, redirect_uri=BACK)
    answer = consent(flow["auth_uri"].replace(VENDOR, address))
    by_code = confidential.acquire_token_by_auth_code_flow(flow, answer)
    renewed = confidential.acquire_token_by_refresh_token(by_code["refresh_token"], SCOPES)
    again = confidential.acquire_token_by_refresh_token("invented", SCOPES)
    tenant = msal.ConfidentialClientApplication(client, secret, authority=f"{VENDOR}/example.org", **where)
    by_itself = tenant.acquire_token_for_client(["https://graph.microsoft.com/.default"])
    wrong = msal.ConfidentialClientApplication(client, "wrong", authority=f"{VENDOR}/example.org", **where)
    public = msal.PublicClientApplication("public-client", authority=f"{VENDOR}/organizations", **where)
    device = public.initiate_device_flow(SCOPES)
    page = f"{address}/devicelogin?user_code={device['user_code']}"
    build_opener().open(page).read()
    by_device = public.acquire_token_by_device_flow(device)
    return {
        "token": by_code["access_token"],
        "code": sorted(by_code["scope"].split()),
        "rotated": renewed["refresh_token"] != by_code["refresh_token"],
        "again": again["error"],
        "itself": by_itself["token_type"],
        "wrong": wrong.acquire_token_for_client(["https://graph.microsoft.com/.default"])["error"],
        "device": "refresh_token" in by_device,
    }


async def contacts(address: str, token: str) -> dict[str, Any]:
    """What contacts can do, through Graph's client with its retries and redirects."""
    login = {"Authorization": f"Bearer {token}"}
    http = httpx.AsyncClient(trust_env=False, headers=login, base_url=f"{address}/v1.0")
    client = GraphClientFactory.create_with_default_middleware(client=http)
    lasting = {"Prefer": 'IdType="ImmutableId"'}
    made = [
        (await client.post("/me/contacts", json={"givenName": f"P{n}", "surname": "Miller"}, headers=lasting)).json()
        for n in range(12)
    ]
    first = (await client.get("/me/contacts")).json()
    second = (await client.get(first["@odata.nextLink"])).json()
    folder = made[0]["parentFolderId"]
    start = f"/me/contactFolders/{folder}/contacts/delta?$select=jobTitle"
    page = (await client.get(start, headers={"Prefer": 'IdType="ImmutableId", odata.maxpagesize=5'})).json()
    rows = len(page["value"])
    while "@odata.nextLink" in page:
        page = (await client.get(page["@odata.nextLink"], headers=lasting)).json()
        rows += len(page["value"])
    path = f"/me/contacts/{made[0]['id']}"
    changed = await client.patch(path, json={"jobTitle": "Director"}, headers={"If-Match": made[0]["@odata.etag"]})
    stale = await client.patch(path, json={"jobTitle": "x"}, headers={"If-Match": made[0]["@odata.etag"]})
    gone = await client.delete(f"/me/contacts/{made[1]['id']}")
    later = (await client.get(page["@odata.deltaLink"], headers=lasting)).json()
    asked = [{"id": str(n), "method": "GET", "url": f"/me/contacts/{each['id']}"} for n, each in enumerate(made[:3])]
    batch = (await client.post("/$batch", json={"requests": asked})).json()["responses"]
    await http.aclose()
    return {
        "pages": [len(first["value"]), len(second["value"])],
        "delta": rows,
        "changed": [changed.status_code, changed.json()["jobTitle"]],
        "stale": [stale.status_code, stale.json()["error"]["code"]],
        "deleted": gone.status_code,
        "later": sorted(("@removed" in row, row.get("jobTitle")) for row in later["value"]),
        "batch": {each["id"]: each["status"] for each in batch},
    }


def main(address: str, client: str, secret: str) -> None:
    """Do all of it."""
    told = logins(address, client, secret)
    token = told.pop("token")
    print(json.dumps({"logins": told, "contacts": asyncio.run(contacts(address, token))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
