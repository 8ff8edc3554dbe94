"""Mailchimp's own Python client, unmodified, at work in an account under a given address.

``python mailchimp_client.py ADDRESS LIST_ID`` prints as JSON what the client understood of every answer.
"""

import hashlib
import io
import json
import sys
import tarfile
import time
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import mailchimp_marketing
from mailchimp_marketing.api_client import ApiClientError

KEY = "5ba1d0c05ba1d0c05ba1d0c05ba1d0c0-us1"


def client_for(address: str, key: str = KEY) -> Any:
    client = mailchimp_marketing.Client({"api_key": key, "server": "us1"})
    client.api_client.host = f"{address}/3.0"
    return client


def hash_of(address: str) -> str:
    return hashlib.md5(address.lower().encode(), usedforsecurity=False).hexdigest()


def refusal(call: Callable[[], Any]) -> dict[str, Any]:
    """What the client raises: status, title, and which fields are wrong."""
    try:
        return {"answered": str(call())}
    except ApiClientError as error:
        told = json.loads(error.text)
        fields = [each["field"] for each in told.get("errors", ())]
        return {"status": error.status_code, "title": told["title"], "fields": fields}


def members(client: Any, audience: str) -> dict[str, Any]:
    lists = client.lists
    made = lists.add_list_member(
        audience,
        {
            "email_address": "Ann.Miller@Example.com",
            "status": "subscribed",
            "merge_fields": {"FNAME": "Ann", "LNAME": "Miller", "BIRTHDAY": "05/12"},
            "tags": ["Fair"],
        },
    )
    key = hash_of("ann.miller@example.com")
    by_id = lists.get_list_member(audience, made["contact_id"])
    changed = lists.update_list_member(audience, made["contact_id"], {"email_address": "ann@example.org"})
    return {
        "made": [made["id"] == key, made["status"], made["merge_fields"]["BIRTHDAY"], made["tags"][0]["name"]],
        "by_id": by_id["email_address"],
        "renamed": [changed["contact_id"] == made["contact_id"], changed["id"] == hash_of("ann@example.org")],
        "old_hash": refusal(lambda: lists.get_list_member(audience, key)),
        "again": refusal(
            lambda: lists.add_list_member(audience, {"email_address": "ann@example.org", "status": "pending"})
        ),
        "fake": refusal(
            lambda: lists.add_list_member(audience, {"email_address": "a@mailinator.com", "status": "pending"})
        ),
        "bad_date": refusal(
            lambda: lists.update_list_member(audience, made["contact_id"], {"merge_fields": {"BIRTHDAY": "31.12."}})
        ),
    }


def statuses(client: Any, audience: str) -> dict[str, Any]:
    lists, key = client.lists, hash_of("bob@example.org")
    put = lists.set_list_member(audience, key, {"email_address": "bob@example.org", "status_if_new": "pending"})
    out = lists.update_list_member(audience, key, {"status": "cleaned"})
    told = {
        "put": put["status"],
        "cleaned": out["status"],
        "back": refusal(lambda: lists.update_list_member(audience, key, {"status": "subscribed"})),
        "asked": lists.update_list_member(audience, key, {"status": "pending"})["status"],
        "archived": lists.delete_list_member(audience, key).status_code,
        "then": lists.get_list_member(audience, key)["status"],
        "erased": lists.delete_list_member_permanent(audience, key).status_code,
    }
    add = {"email_address": "bob@example.org", "status": "subscribed"}
    return {**told, "forgotten": refusal(lambda: lists.add_list_member(audience, add))}


def tagging(client: Any, audience: str) -> dict[str, Any]:
    lists, key = client.lists, hash_of("ann@example.org")
    changes = [{"name": "VIP", "status": "active"}, {"name": "fair", "status": "inactive"}]
    done = lists.update_list_member_tags(audience, key, {"tags": changes})
    return {
        "status": done.status_code,
        "tags": [each["name"] for each in lists.get_list_member_tags(audience, key)["tags"]],
        "known": sorted(each["name"] for each in lists.tag_search(audience)["tags"]),
        "segments": sorted(each["name"] for each in lists.list_segments(audience)["segments"]),
    }


def listing(client: Any, audience: str) -> dict[str, Any]:
    lists = client.lists
    rows = [{"email_address": f"p{n}@example.net", "status": "subscribed"} for n in range(25)]
    rows += [
        {"email_address": "ann@example.org", "status": "subscribed"},
        {"email_address": "nobody", "status": "pending"},
    ]
    added = lists.batch_list_members(audience, {"members": rows, "update_existing": False})
    seen: list[str] = []
    while True:
        page = lists.get_list_members_info(
            audience, count=10, offset=len(seen), sort_field="last_changed", sort_dir="ASC",
            since_last_changed="2020-01-01T00:00:00+00:00", fields=["members.email_address", "total_items"],
        )  # fmt: skip
        if not page["members"]:
            break
        seen += [each["email_address"] for each in page["members"]]
    return {
        "created": added["total_created"],
        "errors": sorted((each["email_address"], each["error_code"]) for each in added["errors"]),
        "seen": [len(seen), len(set(seen)), page["total_items"]],
        "default": len(lists.get_list_members_info(audience)["members"]),
        "fields": [each["tag"] for each in lists.get_list_merge_fields(audience)["merge_fields"]],
    }


def batches(client: Any, audience: str) -> dict[str, Any]:
    operations = [
        {"method": "PATCH", "path": f"/lists/{audience}/members/{hash_of(f'p{n}@example.net')}", "operation_id": str(n),
         "body": json.dumps({"merge_fields": {"FNAME": f"Given {n}"}})}
        for n in (1, 2, 99)
    ]  # fmt: skip
    begun = client.batches.start({"operations": operations})
    told = begun
    for _ in range(50):
        told = client.batches.status(begun["id"])
        if told["status"] == "finished":
            break
        time.sleep(0.1)
    with tarfile.open(fileobj=io.BytesIO(urlopen(told["response_body_url"]).read()), mode="r:gz") as archive:
        files = (archive.extractfile(each) for each in archive.getmembers() if each.isfile())
        results = json.load(next(each for each in files if each is not None))
    return {
        "begun": begun["status"],
        "told": [told["status"], told["total_operations"], told["errored_operations"]],
        "results": sorted([each["operation_id"], each["status_code"]] for each in results),
        "changed": client.lists.get_list_member(audience, hash_of("p1@example.net"))["merge_fields"]["FNAME"],
    }


def main() -> None:
    address, audience = sys.argv[1:3]
    client = client_for(address)
    told = {
        "ping": client.ping.get()["health_status"],
        "account": client.root.get_root()["account_name"],
        "lists": [each["name"] for each in client.lists.get_all_lists()["lists"]],
        "wrong_key": refusal(lambda: client_for(address, "nonsense-us1").ping.get()),
        "members": members(client, audience),
        "statuses": statuses(client, audience),
        "tagging": tagging(client, audience),
        "listing": listing(client, audience),
        "batches": batches(client, audience),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
