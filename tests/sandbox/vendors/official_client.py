"""Zoho's own Python client, unmodified, at work in a Zoho CRM under a given address.

``python official_client.py ADDRESS FOLDER`` prints as JSON what the client understood of every answer. Its Initializer
is global to a process, so it runs in one of its own. FOLDER takes its token and what it remembers of the fields.
"""

import json
import sys
import zipfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from zohocrmsdk.src.com.zoho.api.authenticator import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, Initializer, ParameterMap
from zohocrmsdk.src.com.zoho.crm.api.bulk_read import BodyWrapper as JobBody
from zohocrmsdk.src.com.zoho.crm.api.bulk_read import BulkReadOperations, Query
from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.fields import FieldsOperations, GetFieldsParam
from zohocrmsdk.src.com.zoho.crm.api.modules import MinifiedModule
from zohocrmsdk.src.com.zoho.crm.api.notifications import BodyWrapper as NotificationBody
from zohocrmsdk.src.com.zoho.crm.api.notifications import (
    DeleteNotificationParam,
    GetNotificationsParam,
    Notification,
    NotificationsOperations,
)
from zohocrmsdk.src.com.zoho.crm.api.record import (
    BodyWrapper,
    DeleteRecordsParam,
    GetDeletedRecordsHeader,
    GetDeletedRecordsParam,
    GetRecordParam,
    GetRecordsHeader,
    GetRecordsParam,
    Record,
    RecordOperations,
)
from zohocrmsdk.src.com.zoho.crm.api.sdk_config import SDKConfig
from zohocrmsdk.src.com.zoho.crm.api.tags import (
    ExistingTag,
    ExistingTagRequestWrapper,
    NewTagRequestWrapper,
    Tag,
    TagsOperations,
)

CONTACTS = "Contacts"


def start(address: str, folder: Path) -> None:
    """As the client's own guide says; the default ``update_api_domain`` lets it follow the address in its token."""
    Initializer.initialize(
        environment=DataCenter.Environment(address, f"{address}/oauth/v2/token", address),
        token=OAuthToken(
            client_id="1000.SANDBOX",
            client_secret="sandbox-client-secret",
            refresh_token="1000.sandbox.refresh",
            find_user=True,
        ),
        store=FileStore(str(folder / "tokens.txt")),
        resource_path=str(folder),
        sdk_config=SDKConfig(pick_list_validation=False, connect_timeout=5, read_timeout=5),
    )


def refresh(folder: Path) -> dict[str, Any]:
    """Let the stored token end, so that the client fetches another one before its next call."""
    store = FileStore(str(folder / "tokens.txt"))
    (stored,) = store.get_tokens()
    first = stored.get_access_token()
    stored.set_expires_in("1")
    store.save_token(stored)
    answer = FieldsOperations().get_fields(asked((GetFieldsParam.module, CONTACTS)))
    (renewed,) = store.get_tokens()
    return {"status": answer.get_status_code(), "another": renewed.get_access_token() != first}


def asked(*pairs: tuple[Any, Any], kind: type = ParameterMap) -> Any:
    made = kind()
    for name, value in pairs:
        made.add(name, value)
    return made


def fields() -> dict[str, str]:
    found = FieldsOperations().get_fields(asked((GetFieldsParam.module, CONTACTS)))
    return {field.get_api_name(): field.get_data_type() for field in found.get_object().get_fields()}


def listing() -> dict[str, Any]:
    """All records, along the page tokens."""
    ids: list[str] = []
    pages, token = 0, None
    while pages == 0 or token is not None:
        pairs = [(GetRecordsParam.fields, "Last_Name,Email,Modified_Time"), (GetRecordsParam.per_page, 200)]
        found = RecordOperations(CONTACTS).get_records(
            asked(*pairs, *([(GetRecordsParam.page_token, token)] if token else [])), HeaderMap()
        )
        page = found.get_object()
        ids += [str(record.get_id()) for record in page.get_data()]
        token = page.get_info().get_next_page_token()
        pages += 1
    return {"ids": ids, "pages": pages, "more": page.get_info().get_more_records()}


def nothing_changed() -> int:
    later = datetime.now().astimezone() + timedelta(hours=1)
    found = RecordOperations(CONTACTS).get_records(
        asked((GetRecordsParam.fields, "Last_Name")), asked((GetRecordsHeader.if_modified_since, later), kind=HeaderMap)
    )
    return int(found.get_status_code())


def write(method: str, *rows: dict[str, Any], checked: Iterable[str] = ()) -> dict[str, Any]:
    records = []
    for row in rows:
        record = Record()
        for name, value in row.items():
            if name == "id":
                record.set_id(int(value))
            else:
                record.add_key_value(name, value)
        records.append(record)
    body = BodyWrapper()
    body.set_data(records)
    body.set_trigger([])
    if checked:
        body.set_duplicate_check_fields(list(checked))
    answer = getattr(RecordOperations(CONTACTS), method)(body, HeaderMap())
    return {"status": answer.get_status_code(), "rows": [outcome(each) for each in answer.get_object().get_data()]}


def outcome(entry: Any) -> dict[str, Any]:
    """One row of an answer: the class that the client made of it, its code and what it says about the record."""
    told = {name: str(value) for name, value in entry.get_details().items() if isinstance(value, (int, str))}
    action = getattr(entry, "get_action", lambda: None)()
    return {
        "kind": type(entry).__name__,
        "code": entry.get_code().get_value(),
        "id": told.get("id"),
        "field": told.get("api_name"),
        "action": action and action.get_value(),
    }


def shown(record_id: str) -> dict[str, Any]:
    found = RecordOperations(CONTACTS).get_record(
        int(record_id), asked((GetRecordParam.fields, "Last_Name,Email,Tag")), HeaderMap()
    )
    record = found.get_object().get_data()[0]
    return {
        "Last_Name": record.get_key_value("Last_Name"),
        "Email": record.get_key_value("Email"),
        "Tag": [tag.get_name() for tag in record.get_key_value("Tag")],
    }


def delete(*ids: str) -> dict[str, Any]:
    answer = RecordOperations(CONTACTS).delete_records(asked((DeleteRecordsParam.ids, ",".join(ids))), HeaderMap())
    return {"status": answer.get_status_code(), "rows": [outcome(each) for each in answer.get_object().get_data()]}


def deleted() -> list[dict[str, str]]:
    since = datetime.now().astimezone() - timedelta(hours=1)
    found = RecordOperations(CONTACTS).get_deleted_records(
        asked((GetDeletedRecordsParam.type, "all")),
        asked((GetDeletedRecordsHeader.if_modified_since, since), kind=HeaderMap),
    )
    rows = found.get_object().get_data()
    return [{"id": str(row.get_id()), "type": row.get_type()} for row in rows]


def tag(wrapper: type, wanted: Any, action: str, *ids: str) -> dict[str, Any]:
    wanted.set_name("Fair")
    body = wrapper()
    body.set_tags([wanted])
    body.set_ids([int(each) for each in ids])
    answer = getattr(TagsOperations(), action)(CONTACTS, body, ParameterMap())
    return {
        "status": answer.get_status_code(),
        "kinds": [type(each).__name__ for each in answer.get_object().get_data()],
    }


def watch() -> dict[str, Any]:
    """A channel: opened, listed, renewed, closed."""
    answers: list[Any] = []
    for method, hours in (("enable_notifications", 1), ("update_notification", 2)):
        channel = Notification()
        channel.set_channel_id("1000000068001")
        channel.set_events(["Contacts.all"])
        channel.set_notify_url("https://sync.example.com/hooks/zoho/1")
        channel.set_token("a token")
        channel.set_channel_expiry((datetime.now().astimezone() + timedelta(hours=hours)).replace(microsecond=0))
        body = NotificationBody()
        body.set_watch([channel])
        answers.append(getattr(NotificationsOperations(), method)(body))
    listed = NotificationsOperations().get_notifications(asked((GetNotificationsParam.module, CONTACTS)))
    answers.append(
        NotificationsOperations().delete_notification(asked((DeleteNotificationParam.channel_ids, "1000000068001")))
    )
    return {
        "answers": [
            [answer.get_status_code(), *(each.get_code().get_value() for each in answer.get_object().get_watch())]
            for answer in answers
        ],
        "listed": [[str(each.get_channel_id()), each.get_events()] for each in listed.get_object().get_watch()],
    }


def exported(address: str, folder: Path) -> dict[str, Any]:
    """A job of Bulk Read: created, looked at twice, its file downloaded and opened."""
    module, query, body = MinifiedModule(), Query(), JobBody()
    module.set_api_name(CONTACTS)
    query.set_module(module)
    query.set_fields(["Last_Name", "Email"])
    query.set_page(1)
    body.set_query(query)
    body.set_file_type("csv")
    created = BulkReadOperations().create_bulk_read_job(body)
    (added,) = created.get_object().get_data()
    number = int(added.get_details()["id"])
    states = []
    for _ in range(2):
        (job,) = BulkReadOperations().get_bulk_read_job_details(number).get_object().get_data()
        states.append(job.get_state().get_value())
        urlopen(Request(f"{address}/_sandbox/clock", json.dumps({"advance": 60}).encode(), method="POST")).close()
    stream = BulkReadOperations().download_result(number).get_object().get_file()
    (folder / "result.zip").write_bytes(b"".join(stream.get_stream()))
    with zipfile.ZipFile(folder / "result.zip") as packed:
        lines = packed.read(packed.namelist()[0]).decode().splitlines()
    result = job.get_result()
    return {
        "created": [created.get_status_code(), added.get_code().get_value()],
        "states": states,
        "result": [result.get_count(), result.get_more_records(), result.get_page()],
        "file": [lines[0], len(lines)],
    }


def run(address: str, folder: Path) -> dict[str, Any]:
    start(address, folder)
    told: dict[str, Any] = {"fields": fields(), "listing": listing(), "unchanged": nothing_changed()}
    told["refresh"] = refresh(folder)
    good, other = {"Last_Name": "Doe", "Email": "doe@example.com"}, {"Last_Name": "Roe", "Mobile": "+4930123456"}
    told["mixed"] = write("create_records", good, {"First_Name": "Nameless"}, {**other, "Email": "no address"}, other)
    told["created"] = write("create_records", {"Last_Name": "Poe"})
    told["upsert"] = write(
        "upsert_records",
        {"Last_Name": "Doe again", "Email": "doe@example.com"},
        {"Last_Name": "New", "Email": "new@example.com"},
        checked=["Email"],
    )
    doe, roe = told["mixed"]["rows"][0]["id"], told["mixed"]["rows"][3]["id"]
    told["update"] = write("update_records", {"id": doe, "Last_Name": "Updated"}, {"id": "1", "Last_Name": "Nobody"})
    told["tagged"] = tag(NewTagRequestWrapper, Tag(), "add_tags_to_multiple_records", doe, roe)
    told["shown"] = shown(doe)
    told["untagged"] = tag(ExistingTagRequestWrapper, ExistingTag(), "remove_tags_from_multiple_records", doe)
    told["shown_after"] = shown(doe)
    told["delete"] = delete(roe, "1")
    told["deleted"] = deleted()
    told["watch"] = watch()
    told["exported"] = exported(address, folder)
    return told


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], Path(sys.argv[2]))))
