"""HubSpot's own Python client, unmodified, at work in a HubSpot account under a given address.

``python hubspot_client.py ADDRESS TOKEN CLIENT_ID CLIENT_SECRET REFRESH_TOKEN`` prints as JSON what the client
understood of every answer.
"""

import json
import sys
import time
from typing import Any

from hubspot import HubSpot
from hubspot.communication_preferences import PublicUpdateSubscriptionStatusRequest
from hubspot.crm.contacts import (
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchInputSimplePublicObjectId,
    BatchReadInputSimplePublicObjectId,
    PublicGdprDeleteInput,
    PublicMergeInput,
    PublicObjectSearchRequest,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.contacts.exceptions import ApiException
from hubspot.crm.lists import ListCreateRequest, ListSearchRequest


def refused(call: Any) -> dict[str, Any]:
    """What the client makes of an error."""
    try:
        call()
    except ApiException as error:
        body = json.loads(error.body)
        return {"status": error.status, "category": body["category"], "message": body["message"]}
    raise AssertionError("it was not refused")


def listing(contacts: Any) -> dict[str, Any]:
    ids, pages, after = [], 0, None
    while True:
        page = contacts.basic_api.get_page(limit=100, after=after, properties=["email", "no_such", "jobtitle"])
        ids += [each.id for each in page.results]
        pages += 1
        if page.paging is None:
            return {"ids": ids, "pages": pages, "properties": sorted(page.results[0].properties)}
        after = page.paging.next.after


def one(contacts: Any) -> dict[str, Any]:
    made = contacts.basic_api.create(
        SimplePublicObjectInputForCreate(properties={"email": "Ann@Example.COM", "firstname": "Ann"}, associations=[])
    )
    again = refused(
        lambda: contacts.basic_api.create(
            SimplePublicObjectInputForCreate(properties={"email": "ann@example.com"}, associations=[])
        )
    )
    wrong = refused(lambda: contacts.basic_api.update(made.id, SimplePublicObjectInput(properties={"shoe_size": "9"})))
    changed = contacts.basic_api.update(made.id, SimplePublicObjectInput(properties={"jobtitle": "Director"}))
    read = contacts.basic_api.get_by_id("ann@example.com", id_property="email", properties=["jobtitle"])
    return {
        "id": made.id,
        "email": made.properties["email"],
        "again": again,
        "wrong": wrong,
        "changed": changed.properties["jobtitle"],
        "moved_on": changed.updated_at > made.updated_at,
        "read": [read.id, read.properties["jobtitle"]],
    }


def many(contacts: Any) -> dict[str, Any]:
    inputs = [
        {"properties": {"email": f"{name}@example.com"}, "objectWriteTraceId": name, "associations": []}
        for name in ("bob", "ann", "carl", "not an address")
    ]
    made = contacts.batch_api.create(BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs))
    ids = {each.object_write_trace_id: each.id for each in made.results}
    read = contacts.batch_api.read(
        BatchReadInputSimplePublicObjectId(
            inputs=[{"id": ids["bob"]}, {"id": "1"}], properties=["email"], properties_with_history=[]
        )
    )
    changed = contacts.batch_api.update(
        BatchInputSimplePublicObjectBatchInput(
            inputs=[{"id": ids[name], "properties": {"city": "Berlin"}} for name in ("bob", "carl")]
        )
    )
    put = contacts.batch_api.upsert(
        BatchInputSimplePublicObjectBatchInputUpsert(
            inputs=[
                {"id": f"{name}@example.com", "idProperty": "email", "properties": {"zip": "10115"}}
                for name in ("bob", "dora")
            ]
        )
    )
    contacts.batch_api.archive(BatchInputSimplePublicObjectId(inputs=[{"id": ids["carl"]}]))
    archived = contacts.basic_api.get_page(archived=True)
    return {
        "kind": type(made).__name__,
        "errors": [[each.category, sorted(each.context["objectWriteTraceId"])] for each in made.errors],
        "made": sorted(ids),
        "read": [type(read).__name__, [each.properties["email"] for each in read.results], read.errors[0].context],
        "changed": sorted(each.id == ids["bob"] for each in changed.results),
        "upserted": sorted(each.new for each in put.results),
        "archived": [[each.id == ids["carl"], each.archived_at is not None] for each in archived.results],
        "ids": ids,
    }


def searching(contacts: Any, email: str) -> dict[str, Any]:
    request = PublicObjectSearchRequest(
        filter_groups=[{"filters": [{"propertyName": "email", "operator": "EQ", "value": email}]}],
        sorts=["-createdate"],
        properties=["email"],
        limit=200,
        after="0",
    )
    deadline = time.monotonic() + 10
    while (found := contacts.search_api.do_search(request)).total == 0 and time.monotonic() < deadline:
        time.sleep(0.3)
    beyond = PublicObjectSearchRequest(filter_groups=[], sorts=[], properties=[], limit=100, after="10000")
    return {
        "total": found.total,
        "email": found.results[0].properties["email"],
        "beyond": refused(lambda: contacts.search_api.do_search(beyond)),
    }


def merging(contacts: Any, first: str, second: str) -> dict[str, Any]:
    made = contacts.basic_api.merge(PublicMergeInput(primary_object_id=first, object_id_to_merge=second))
    old = contacts.basic_api.get_by_id(first, properties=["hs_merged_object_ids", "hs_additional_emails"])
    contacts.basic_api.purge(PublicGdprDeleteInput(object_id=made.id))
    gone = refused(lambda: contacts.basic_api.get_by_id(made.id))
    return {
        "new": made.id not in {first, second},
        "old": old.id == made.id,
        "merged": sorted(old.properties["hs_merged_object_ids"].split(";")) == sorted([first, second]),
        "emails": old.properties["hs_additional_emails"],
        "gone": gone,
    }


def lists(client: Any, contact: str) -> dict[str, Any]:
    made = client.crm.lists.lists_api.create(
        ListCreateRequest(name="Trade fair", object_type_id="0-1", processing_type="MANUAL")
    ).list
    added = client.crm.lists.memberships_api.add(made.list_id, [contact, "1"])
    of = client.crm.lists.memberships_api.get_lists("0-1", contact)
    found = client.crm.lists.lists_api.do_search(
        ListSearchRequest(query="trade", offset=0, count=20, processing_types=["MANUAL"], additional_properties=[])
    )
    members = client.crm.lists.memberships_api.get_page(made.list_id)
    removed = client.crm.lists.memberships_api.remove(made.list_id, [contact])
    return {
        "added": [added.records_ids_added == [contact], added.record_ids_missing],
        "of": [each.list_id == made.list_id for each in of.results],
        "found": [each.name for each in found.lists],
        "members": [each.record_id == contact for each in members.results],
        "removed": removed.record_ids_removed == [contact],
    }


def about(client: Any) -> dict[str, Any]:
    properties = {each.name: each for each in client.crm.properties.core_api.get_all("contacts").results}
    owners = client.crm.owners.owners_api.get_page(limit=100).results
    status = client.communication_preferences.status_api.get_email_status("ann@example.com")
    types = client.communication_preferences.definition_api.get_page()
    return {
        "stages": [each.value for each in properties["lifecyclestage"].options][:2],
        "read_only": properties["hs_email_optout"].modification_metadata.read_only_value,
        "owners": [each.email for each in owners],
        "status": [each.status for each in status.subscription_statuses],
        "types": [each.name for each in types.subscription_definitions],
        "request": PublicUpdateSubscriptionStatusRequest.__name__,
    }


def main(address: str, token: str, client_id: str, client_secret: str, refresh_token: str) -> None:
    client = HubSpot(access_token=token, host=address)
    contacts = client.crm.contacts
    told: dict[str, Any] = {"listing": listing(contacts), "one": one(contacts), "many": many(contacts)}
    told["search"] = searching(contacts, "bob@example.com")
    told["lists"] = lists(client, told["one"]["id"])
    told["about"] = about(client)
    told["merge"] = merging(contacts, told["one"]["id"], told["many"]["ids"]["bob"])
    made = HubSpot(host=address).oauth.tokens_api.create(
        grant_type="refresh_token", client_id=client_id, client_secret=client_secret, refresh_token=refresh_token
    )
    by_consent = HubSpot(access_token=made.access_token, host=address)
    told["oauth"] = [made.token_type, made.expires_in, len(by_consent.crm.contacts.basic_api.get_page().results)]
    told["stranger"] = refused(lambda: HubSpot(access_token="x", host=address).crm.contacts.basic_api.get_page())
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
