"""Google's own Python clients, unmodified, at work in the mailbox of Ann under a given address.

``python people_client.py ADDRESS REFRESH_TOKEN CLIENT_ID CLIENT_SECRET KEY_FILE`` prints as JSON what they understood
of every answer: google-api-python-client with the discovery document of its package, google-auth and
google-auth-oauthlib for all tokens.
"""

import json
import os
import sys
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from google.oauth2.service_account import Credentials as ServiceAccountCredentials
from google_auth_oauthlib.flow import Flow
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

CONTACTS = "https://www.googleapis.com/auth/contacts"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
FIELDS = "names,emailAddresses,memberships,metadata"


def refused(request: Any) -> dict[str, Any]:
    """What the client makes of an error."""
    try:
        request.execute()
    except HttpError as error:
        return {"status": error.status_code, "reason": error.reason, "details": error.error_details}
    return {"status": 200}


def token_refused(credentials: Any) -> list[Any]:
    try:
        credentials.refresh(Request())
    except RefreshError as error:
        return [str(error.args[0]), error.retryable]
    return []


def asked(address: str, method: str, path: str, body: Any = None) -> Any:
    """A request without any client; the answer is not followed anywhere."""
    connection = HTTPConnection(urlsplit(address).netloc)
    connection.request(method, path, None if body is None else json.dumps(body))
    answer = connection.getresponse()
    answer.read()
    return answer


def knobs(address: str, **values: Any) -> None:
    asked(address, "POST", "/_sandbox/knobs", {"app": "google_contacts", "set": values})


def listing(people: Any, **more: Any) -> dict[str, Any]:
    """All pages, by the client's own paging."""
    asked = {"resourceName": "people/me", "personFields": FIELDS, "sources": "READ_SOURCE_TYPE_CONTACT",
             "requestSyncToken": True, "pageSize": 50, **more}  # fmt: skip
    request, pages, found = people.connections().list(**asked), 0, []
    while request is not None:
        page = request.execute()
        pages, found = pages + 1, found + page.get("connections", [])
        last, request = page, people.connections().list_next(request, page)
    return {"pages": pages, "people": found, "token": last["nextSyncToken"]}


def person(given: str, email: str) -> dict[str, Any]:
    return {"names": [{"givenName": given}], "emailAddresses": [{"value": email, "type": "work"}]}


def singly(people: Any, token: str) -> dict[str, Any]:
    """One contact from its beginning to its end."""
    told: dict[str, Any] = {}
    made = people.createContact(body=person("Zoe", "zoe@example.com"), personFields=FIELDS).execute()
    name = made["resourceName"]
    body = {"metadata": {"sources": made["metadata"]["sources"]}, "names": [{"givenName": "Zoe", "familyName": "Zed"}]}
    change = {"resourceName": name, "updatePersonFields": "names", "body": body}
    changed = people.updateContact(**change, personFields=FIELDS).execute()
    told["changed"] = changed["names"][0]["displayName"]
    told["etag_moved"] = changed["etag"] != made["etag"]
    told["raced"] = refused(people.updateContact(**change))
    told["no_sources"] = refused(people.updateContact(**{**change, "body": {"names": []}}))
    told["no_fields"] = refused(people.get(resourceName=name))
    told["incremental"] = sorted(each["resourceName"] for each in listing(people, syncToken=token)["people"])
    people.deleteContact(resourceName=name).execute()
    told["gone"] = refused(people.get(resourceName=name, personFields=FIELDS))
    after = listing(people, syncToken=token)["people"]
    told["deleted"] = {each["resourceName"]: each["metadata"].get("deleted", False) for each in after}
    return {**told, "name": name}


def in_batches(people: Any) -> dict[str, Any]:
    told: dict[str, Any] = {}
    rows = [{"contactPerson": person(f"Batch {n}", f"batch{n}@example.com")} for n in range(3)]
    made = people.batchCreateContacts(body={"contacts": rows, "readMask": FIELDS}).execute()["createdPeople"]
    names = [each["person"]["resourceName"] for each in made]
    contacts = {
        each["person"]["resourceName"]: {
            "metadata": {"sources": each["person"]["metadata"]["sources"]},
            "emailAddresses": [{"value": f"new{n}@example.com"}],
        }
        for n, each in enumerate(made)
    }
    update = {"contacts": contacts, "updateMask": "emailAddresses", "readMask": "emailAddresses"}
    answer = people.batchUpdateContacts(body=update).execute()["updateResult"]
    told["updated"] = sorted(each["person"]["emailAddresses"][0]["value"] for each in answer.values())
    told["stale"] = refused(people.batchUpdateContacts(body=update))
    told["wrong"] = refused(people.batchCreateContacts(body={"readMask": FIELDS, "contacts": [
        *rows, {"contactPerson": {"names": [{"givenName": "A"}, {"givenName": "B"}]}}]}))  # fmt: skip
    shown = people.getBatchGet(resourceNames=[*names, "people/c1"], personFields="names").execute()["responses"]
    told["got"] = {each["requestedResourceName"] in names: each["httpStatusCode"] for each in shown}
    people.batchDeleteContacts(body={"resourceNames": names}).execute()
    told["deleted"] = refused(people.get(resourceName=names[0], personFields=FIELDS))["status"]
    return told


def in_groups(groups: Any, people: Any, name: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    made = groups.create(body={"contactGroup": {"name": "Customers"}}).execute()
    group = made["resourceName"]
    told["twice"] = refused(groups.create(body={"contactGroup": {"name": "Customers"}}))["status"]
    change = groups.members().modify(resourceName=group, body={"resourceNamesToAdd": [name, "people/c1"]}).execute()
    told["not_found"] = change["notFoundResourceNames"]
    told["members"] = groups.get(resourceName=group, maxMembers=5).execute()["memberResourceNames"] == [name]
    body = {"resourceNamesToRemove": [name]}
    mine = groups.members().modify(resourceName="contactGroups/myContacts", body=body).execute()
    last = groups.members().modify(resourceName=group, body=body).execute()
    told["last"] = [mine, last.get("canNotRemoveLastContactGroupResourceNames") == [name]]
    renamed = groups.update(resourceName=group, body={"contactGroup": {"name": "Clients"}}).execute()
    told["renamed"] = renamed["name"]
    told["listed"] = [each["name"] for each in groups.list().execute()["contactGroups"]]
    groups.delete(resourceName=group).execute()
    after = people.get(resourceName=name, personFields="memberships").execute()["memberships"]
    told["after"] = [each["contactGroupMembership"]["contactGroupId"] for each in after]
    return told


def searched(people: Any, query: str) -> list[str]:
    found = people.searchContacts(query=query, readMask="names").execute().get("results", [])
    return [each["person"]["names"][0]["displayName"] for each in found]


def consented(address: str, client_id: str, secret: str) -> dict[str, Any]:
    """The way over the consent page, with a code verifier."""
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    server = {"client_id": client_id, "client_secret": secret, "auth_uri": f"{address}/google/o/oauth2/v2/auth",
              "token_uri": f"{address}/google/token"}  # fmt: skip
    back = "http://localhost:1234/oauth/callback"
    flow = Flow.from_client_config(
        {"web": server}, [CONTACTS, EMAIL], redirect_uri=back, autogenerate_code_verifier=True
    )
    page, _ = flow.authorization_url(access_type="offline", prompt="consent", login_hint="ben@example.org")
    answer = asked(address, "GET", page.removeprefix(address))
    flow.fetch_token(authorization_response=answer.getheader("Location"))
    service = build("people", "v1", credentials=flow.credentials, static_discovery=True,
                    client_options={"api_endpoint": address})  # fmt: skip
    me = service.people().get(resourceName="people/me", personFields="emailAddresses").execute()
    return {"renewable": bool(flow.credentials.refresh_token), "me": me["emailAddresses"][0]["value"]}


def run(address: str, refresh_token: str, client_id: str, secret: str, key_file: str) -> dict[str, Any]:
    token_uri = f"{address}/google/token"
    user = Credentials(
        None, refresh_token=refresh_token, token_uri=token_uri, client_id=client_id, client_secret=secret
    )
    client = build("people", "v1", credentials=user, static_discovery=True, client_options={"api_endpoint": address})
    people, groups = client.people(), client.contactGroups()
    first = listing(people)
    told: dict[str, Any] = {"first": [first["pages"], len(first["people"])], "refreshed": user.token is not None}
    told["single"] = singly(people, first["token"])
    told["batches"] = in_batches(people)
    told["groups"] = in_groups(groups, people, first["people"][0]["resourceName"])
    robot = ServiceAccountCredentials.from_service_account_file(key_file, scopes=[CONTACTS], subject="ben@example.org")
    bens = build("people", "v1", credentials=robot, static_discovery=True, client_options={"api_endpoint": address})
    told["delegated"] = len(listing(bens.people())["people"])
    told["cold"] = searched(people, "person 11")
    people.searchContacts(query="", readMask="names").execute()
    told["consented"] = consented(address, client_id, secret)
    told["warm"] = len(searched(people, "person 11"))
    knobs(address, forget_tokens=True)
    sync = {"resourceName": "people/me", "personFields": FIELDS, "sources": "READ_SOURCE_TYPE_CONTACT",
            "requestSyncToken": True, "pageSize": 50}  # fmt: skip
    told["expired"] = refused(people.connections().list(**sync, syncToken=first["token"]))
    knobs(address, quotas={"critical_read": 0})
    told["quota"] = refused(people.get(resourceName="people/me", personFields="names"))
    wrong = Credentials(None, refresh_token="1//none", token_uri=token_uri, client_id=client_id, client_secret=secret)
    told["no_grant"] = token_refused(wrong)
    told["no_user"] = token_refused(robot.with_subject("nobody@example.org"))
    told["no_scope"] = token_refused(robot.with_scopes(["openid"]))
    return told


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])))
