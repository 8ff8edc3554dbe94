"""The simulated Mailchimp does what the vendor documents, and is unpleasant where the vendor is or may be."""

import base64
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

import pytest

from zohosyncd.sandbox.mailchimp.app import MailchimpApp
from zohosyncd.sandbox.mailchimp.setup import FIELDS, MailchimpSetup
from zohosyncd.sandbox.wire import Request, Response
from zohosyncd.sandbox.world import World

KEY = MailchimpSetup().api_key
BASIC = "Basic " + base64.b64encode(f"anystring:{KEY}".encode()).decode()
EXTRA = (
    {"tag": "POINTS", "name": "Points", "type": "number"},
    {"tag": "SINCE", "name": "Since", "type": "date"},
    {"tag": "KIND", "name": "Kind", "type": "dropdown", "options": {"choices": ["Wholesale", "Retail"]}},
    {"tag": "SITE", "name": "Site", "type": "url"},
    {"tag": "USZIP", "name": "ZIP", "type": "zip"},
    {"tag": "USPHONE", "name": "US", "type": "phone", "options": {"phone_format": "US"}},
)


class Clock:
    moment = 1_800_000_000.0

    def now(self) -> float:
        return self.moment


class Site:
    """An account, and somebody who asks it."""

    def __init__(self, **setup: Any) -> None:
        self.clock = Clock()
        self.app = MailchimpApp(self.clock, 1, setup=MailchimpSetup(fields=(*FIELDS, *EXTRA), **setup))
        (self.list,) = self.app.audiences

    def ask(self, method: str, path: str, body: Any = None, *, login: str = BASIC, **query: Any) -> tuple[int, Any]:
        asked = tuple((name, str(value)) for name, value in query.items())
        headers = {"authorization": login} if login else {}
        content = b"" if body is None else json.dumps(body).encode()
        answer = self.app.handle(Request(method, f"/3.0/{path}", asked, headers, content))
        return answer.status, json.loads(answer.body) if answer.body else None

    def members(self, method: str, rest: str = "", body: Any = None, **query: Any) -> tuple[int, Any]:
        return self.ask(method, f"lists/{self.list}/members{rest}", body, **query)

    def add(self, address: str = "ann@example.com", status: str = "subscribed", **more: Any) -> Any:
        code, told = self.members("POST", "", {"email_address": address, "status": status, **more})
        assert code == 200, told
        return told

    def edit(self, **command: Any) -> Any:
        return self.app.edit({"object": "Customers", **command})

    def listed(self, **query: Any) -> list[str]:
        code, told = self.members("GET", "", count=1000, **query)
        assert code == 200, told
        return [each["email_address"] for each in told["members"]]


@pytest.fixture
def site() -> Site:
    return Site()


def refused(answer: tuple[int, Any], status: int, title: str) -> Any:
    code, body = answer
    assert (code, body["title"], body["status"]) == (status, title, status), body
    assert body["type"].startswith("https://mailchimp.com/developer/")
    return body


def hash_of(address: str) -> str:
    return hashlib.md5(address.lower().encode(), usedforsecurity=False).hexdigest()


# The login


@pytest.mark.parametrize(
    ("login", "title"),
    [("", "API Key Missing"), ("Basic !!!", "API Key Invalid"), ("Bearer wrong-us1", "API Key Invalid")],
)
def test_without_the_key_nothing_is_told(site: Site, login: str, title: str) -> None:
    refused(site.ask("GET", "lists", login=login), 401, title)


@pytest.mark.parametrize("login", [BASIC, f"Bearer {KEY}", f"apikey {KEY}"])
def test_the_key_may_come_in_several_ways(site: Site, login: str) -> None:
    assert site.ask("GET", "ping", login=login) == (200, {"health_status": "Everything's Chimpy!"})


# Strictness


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "nothing", 404), ("GET", "lists/0000000000", 404), ("PUT", "lists/{list}", 405),
     ("GET", "lists/{list}/members/unknown", 404), ("PUT", "lists/{list}/members", 405), ("DELETE", "batches/b1", 404)],
)  # fmt: skip
def test_paths_and_methods_that_there_are_not(site: Site, method: str, path: str, status: int) -> None:
    assert site.ask(method, path.replace("{list}", site.list))[0] == status


def test_unknown_parameters_and_fields_are_refused(site: Site) -> None:
    refused(site.members("GET", "", since="yesterday"), 400, "Invalid Resource")
    refused(site.members("GET", "", count=1001), 400, "Invalid Resource")
    refused(site.members("GET", "", status="asleep"), 400, "Invalid Resource")
    refused(site.members("GET", "", since_last_changed="2026-01-01T00:00:00 00:00"), 400, "Invalid Resource")
    body = {"email_address": "a@example.com", "status": "archived", "colour": "red", "merge_fields": "none"}
    told = refused(site.members("POST", "", body), 400, "Invalid Resource")
    assert {each["field"] for each in told["errors"]} == {"status", "colour", "merge_fields"}


def test_what_is_no_json_is_told_so(site: Site) -> None:
    answer = site.app.handle(Request("POST", f"/3.0/lists/{site.list}/members", (), {"authorization": BASIC}, b"{"))
    assert json.loads(answer.body)["title"] == "JSON Parse Error"
    assert answer.headers["Content-Type"].startswith("application/problem+json")


# Members and their addresses


def test_a_member_is_found_by_hash_address_and_contact_id(site: Site) -> None:
    made = site.add("Ann.Miller+News@Example.com")
    for key in (hash_of("ann.miller+news@example.com"), "ANN.miller+news@example.com", made["contact_id"]):
        assert site.members("GET", f"/{key}")[1]["contact_id"] == made["contact_id"]
    assert made["id"] == hash_of("ann.miller+news@example.com")


def test_tags_and_permanent_deletion_take_the_hash_alone(site: Site) -> None:
    made = site.add()
    body = {"tags": [{"name": "VIP", "status": "active"}]}
    assert site.members("POST", f"/{made['contact_id']}/tags", body)[0] == 404
    assert site.members("POST", f"/{made['id']}/tags", body)[0] == 204
    assert site.members("POST", f"/{made['contact_id']}/actions/delete-permanent")[0] == 404
    assert site.members("POST", f"/{made['id']}/actions/delete-permanent")[0] == 204


def test_another_address_is_another_hash_and_the_same_contact(site: Site) -> None:
    made = site.add()
    code, told = site.members("PATCH", f"/{made['id']}", {"email_address": "ann@example.org"})
    assert (code, told["contact_id"], told["id"]) == (200, made["contact_id"], hash_of("ann@example.org"))
    assert told["unique_email_id"] != made["unique_email_id"]
    assert site.members("GET", f"/{made['id']}")[0] == 404


@pytest.mark.parametrize(
    ("status", "word"), [("subscribed", "Subscribed"), ("pending", "Pending"), ("transactional", "Non-Subscribed"), ("archived", "Archived"), ("gone", "Deleted")]
)  # fmt: skip
def test_an_address_that_somebody_has_or_had_cannot_be_taken(site: Site, status: str, word: str) -> None:
    other = site.add("bob@example.com", "subscribed" if status in {"archived", "gone"} else status)
    if status == "archived":
        site.members("DELETE", f"/{other['id']}")
    if status == "gone":
        site.edit(id=other["contact_id"], delete=True, permanent=True)
    made = site.add()
    told = refused(
        site.members("PATCH", f"/{made['id']}", {"email_address": "bob@example.com"}), 400, "Invalid Resource"
    )
    assert told["errors"] == [
        {"field": "email address", "message": f'"bob@example.com" is already in this list with a status of "{word}".'}
    ]


def test_only_subscribed_members_get_another_address(site: Site) -> None:
    made = site.add(status="pending")
    told = refused(site.members("PATCH", f"/{made['id']}", {"email_address": "b@example.com"}), 400, "Invalid Resource")
    assert "only update email addresses" in told["errors"][0]["message"]


def test_putting_adds_with_the_state_for_new_ones_and_changes_others_without_it(site: Site) -> None:
    path = f"/{hash_of('ann@example.com')}"
    refused(site.members("PUT", path, {"email_address": "ann@example.com"}), 400, "Invalid Resource")
    body = {"email_address": "ann@example.com", "status_if_new": "pending"}
    assert site.members("PUT", path, body)[1]["status"] == "pending"
    assert site.members("PUT", path, {**body, "status_if_new": "subscribed"})[1]["status"] == "pending"


# Statuses


@pytest.mark.parametrize("out", ["unsubscribed", "cleaned"])
def test_who_is_out_by_their_own_hand_is_not_subscribed_by_the_api(site: Site, out: str) -> None:
    made = site.add()
    site.edit(id=made["contact_id"], set={"status": out})
    refused(site.members("PATCH", f"/{made['id']}", {"status": "subscribed"}), 400, "Member In Compliance State")
    assert site.members("PATCH", f"/{made['id']}", {"status": "pending"})[0] == 200
    refused(site.members("PATCH", f"/{made['id']}", {"status": "subscribed"}), 400, "Member In Compliance State")
    site.edit(id=made["contact_id"], set={"status": "subscribed"})  # a click in the mail
    assert site.members("GET", f"/{made['id']}")[1]["status"] == "subscribed"


@pytest.mark.parametrize("own_wish", [True, False])
def test_who_was_unsubscribed_by_the_api_may_or_may_not_be_subscribed_again(own_wish: bool) -> None:
    site = Site(own_wish=own_wish)
    made = site.add()
    site.members("PATCH", f"/{made['id']}", {"status": "unsubscribed"})
    assert site.members("PATCH", f"/{made['id']}", {"status": "subscribed"})[0] == (400 if own_wish else 200)


def test_the_time_of_consent_is_that_of_the_person(site: Site) -> None:
    made = site.add(status="pending")
    assert made["timestamp_opt"] == ""
    site.clock.moment += 60
    assert (
        site.edit(id=made["contact_id"], set={"status": "subscribed"})["timestamp_opt"] == "2027-01-15T08:01:00+00:00"
    )


def test_archived_is_a_status_that_can_be_read_and_not_written(site: Site) -> None:
    made = site.add()
    assert site.members("DELETE", f"/{made['contact_id']}") == (204, None)
    assert site.members("GET", f"/{made['id']}")[1]["status"] == "archived"
    assert site.members("DELETE", f"/{made['id']}")[0] == 405
    assert site.listed(status="archived") == ["ann@example.com"]
    assert site.app.state() == {"Customers": []}


@pytest.mark.parametrize("revives", [True, False])
def test_adding_an_archived_address_may_take_it_out_whatever_it_had_said(revives: bool) -> None:
    site = Site(post_revives=revives)
    made = site.add()
    site.edit(id=made["contact_id"], set={"status": "unsubscribed"})
    site.members("DELETE", f"/{made['id']}")
    code, told = site.members("POST", "", {"email_address": "ann@example.com", "status": "subscribed"})
    assert (code, told["title"] if code == 400 else told["status"]) == (
        (200, "subscribed") if revives else (400, "Member Exists")
    )


def test_who_was_deleted_for_ever_comes_back_only_by_themselves(site: Site) -> None:
    made = site.add()
    site.edit(id=made["contact_id"], delete=True, permanent=True)
    body = {"email_address": "ann@example.com", "status": "pending"}
    refused(site.members("POST", "", body), 400, "Forgotten Email Not Subscribed")
    assert site.edit(create={"email_address": "ann@example.com"})["contact_id"] != made["contact_id"]


# Values


@pytest.mark.parametrize(
    ("tag", "given", "stored"),
    [("FNAME", "Zoë 木", "Zoë 木"), ("FNAME", "x" * 300, "x" * 255), ("FNAME", "木" * 100, "木" * 85), ("FNAME", 7, "7"),
     ("POINTS", "7.50", 7.5), ("POINTS", 3, 3), ("SINCE", "2026-02-03", "2026-02-03"), ("SINCE", "02/03/2026", "2026-02-03"),
     ("BIRTHDAY", "5/1", "05/01"), ("BIRTHDAY", "02/29", "02/29"), ("KIND", "Retail", "Retail"), ("USZIP", "62701", "62701"),
     ("SITE", "https://example.com/x", "https://example.com/x"), ("USPHONE", "+1 212-555-0101", "(212) 555-0101"),
     ("PHONE", "+49 30 1", "+49 30 1"), ("FNAME", "", ""), ("FNAME", None, "")],
)  # fmt: skip
def test_values_as_they_are_kept(site: Site, tag: str, given: Any, stored: Any) -> None:
    assert site.add(merge_fields={tag: given})["merge_fields"][tag] == stored


@pytest.mark.parametrize(
    ("tag", "given"),
    [("POINTS", "many"), ("SINCE", "31.12.2026"), ("BIRTHDAY", "1980-05-12"), ("BIRTHDAY", "02/30"), ("KIND", "retail"),
     ("USZIP", "10115-1"), ("SITE", "example.com"), ("USPHONE", "+49 30 123456"), ("ADDRESS", "1 Main Street"),
     ("ADDRESS", {"addr1": "1 Main Street", "city": "Berlin", "zip": "10115", "state": ""}), ("FNAME", ["Ann"])],
)  # fmt: skip
def test_values_that_are_refused_with_their_field(site: Site, tag: str, given: Any) -> None:
    body = {"email_address": "a@example.com", "status": "pending", "merge_fields": {tag: given, "LNAME": "Miller"}}
    told = refused(site.members("POST", "", body), 400, "Invalid Resource")
    assert [each["field"] for each in told["errors"]] == [tag]
    assert site.listed() == []


def test_an_address_has_a_country_code(site: Site) -> None:
    given = {"addr1": "1 Main St", "city": "Berlin", "state": "BE", "zip": "10115", "country": "Germany"}
    kept = site.add(merge_fields={"ADDRESS": given})["merge_fields"]["ADDRESS"]
    assert kept == {**given, "addr2": "", "country": "DE"}


def test_a_merge_field_that_there_is_not_is_dropped_without_a_word(site: Site) -> None:
    assert "NOSUCH" not in site.add(merge_fields={"NOSUCH": "x"})["merge_fields"]


def test_required_fields_are_asked_for_unless_it_is_skipped(site: Site) -> None:
    site.edit(add_field={"tag": "NEEDED", "name": "Needed", "type": "text", "required": True})
    body = {"email_address": "a@example.com", "status": "pending"}
    told = refused(site.members("POST", "", body), 400, "Invalid Resource")
    assert (told["detail"], told["errors"][0]["field"]) == ("Your merge fields were invalid.", "NEEDED")
    code, made = site.members("POST", "", body, skip_merge_validation="true")
    assert code == 200
    assert site.members("PATCH", f"/{made['id']}", {"language": "de"})[0] == 400


@pytest.mark.parametrize("tag", ["TOOLONGTAGS", "FNAME"])
def test_a_merge_tag_has_ten_characters_and_is_the_only_one(site: Site, tag: str) -> None:
    body = {"tag": tag, "name": "x", "type": "text"}
    refused(site.ask("POST", f"lists/{site.list}/merge-fields", body), 400, "Invalid Resource")


@pytest.mark.parametrize("address", ["nobody", "a@b", "a@mailinator.com", "noreply@example.com", "ä@example.com", ""])
def test_an_address_that_is_none_or_looks_fake_is_refused(site: Site, address: str) -> None:
    refused(site.members("POST", "", {"email_address": address, "status": "pending"}), 400, "Invalid Resource")


# Lists


def test_a_window_has_neither_of_its_ends(site: Site) -> None:
    for n in range(5):
        site.clock.moment = 1_800_000_000.0 + n
        site.add(f"p{n}@example.com")
    at = [f"2027-01-15T08:00:0{n}+00:00" for n in range(5)]
    assert site.listed(since_last_changed=at[1], before_last_changed=at[4]) == ["p2@example.com", "p3@example.com"]


def test_every_change_moves_last_changed_and_the_same_again_does_not(site: Site) -> None:
    made = site.add(merge_fields={"FNAME": "Ann"})
    moments = [made["last_changed"]]
    for body in ({"merge_fields": {"FNAME": "Anna"}}, {"merge_fields": {"FNAME": "Anna"}}, {"status": "unsubscribed"}):
        site.clock.moment += 10
        moments.append(site.members("PATCH", f"/{made['id']}", body)[1]["last_changed"])
    site.clock.moment += 10
    site.members("POST", f"/{made['id']}/tags", {"tags": [{"name": "VIP", "status": "active"}]})
    moments.append(site.members("GET", f"/{made['id']}")[1]["last_changed"])
    assert len(set(moments)) == 4
    assert moments[1] == moments[2]


def test_pages_by_offset_skip_whoever_moves_up(site: Site) -> None:
    people = [site.add(f"p{n}@example.com") for n in range(6)]
    order = {"sort_field": "last_changed", "sort_dir": "ASC"}
    seen = [each["email_address"] for each in site.members("GET", "", count=3, **order)[1]["members"]]
    site.clock.moment += 10
    site.members("PATCH", f"/{people[0]['id']}", {"language": "de"})
    seen += [each["email_address"] for each in site.members("GET", "", count=3, offset=3, **order)[1]["members"]]
    assert "p3@example.com" not in seen


def test_only_the_parts_asked_for_are_told(site: Site) -> None:
    site.add()
    told = site.members("GET", "", fields="members.id,members.merge_fields.FNAME,total_items")[1]
    assert told == {"members": [{"id": hash_of("ann@example.com"), "merge_fields": {"FNAME": ""}}], "total_items": 1}
    assert "_links" not in site.members("GET", "", exclude_fields="_links,members._links")[1]


def test_lists_may_be_behind_and_single_members_never(site: Site) -> None:
    site.app.tune({"list_lag": 30})
    made = site.add()
    assert site.listed() == []
    assert site.members("GET", f"/{made['id']}")[0] == 200
    site.clock.moment += 30
    assert site.listed() == ["ann@example.com"]


def test_a_member_shows_fifty_tags_and_counts_all(site: Site) -> None:
    made = site.add(tags=[f"Tag {n}" for n in range(60)])
    assert (len(made["tags"]), made["tags_count"]) == (50, 60)
    assert len(site.members("GET", f"/{made['id']}/tags", count=100)[1]["tags"]) == 60


# Many at once


def test_a_batch_tells_of_each_row_what_became_of_it(site: Site) -> None:
    site.add("known@example.com", merge_fields={"FNAME": "Known"})
    addresses = ["new@example.com", "KNOWN@example.com", "a@mailinator.com", "new@EXAMPLE.com"]
    rows: list[dict[str, Any]] = [{"email_address": each, "status": "subscribed"} for each in addresses]
    rows.append({"email_address": "bad@example.com", "status": "pending", "merge_fields": {"SITE": "nowhere"}})
    code, told = site.ask("POST", f"lists/{site.list}", {"members": rows, "update_existing": False})
    assert (code, told["total_created"], told["total_updated"], told["error_count"]) == (200, 1, 0, 4)
    codes = {each["email_address"]: (each["error_code"], each["field"]) for each in told["errors"]}
    assert codes == {
        "KNOWN@example.com": ("ERROR_CONTACT_EXISTS", ""), "a@mailinator.com": ("ERROR_GENERIC", ""),
        "new@EXAMPLE.com": ("ERROR_GENERIC", ""), "bad@example.com": ("ERROR_GENERIC", "SITE"),
    }  # fmt: skip
    rows = [{"email_address": "known@example.com", "status": "unsubscribed"}]
    told = site.ask("POST", f"lists/{site.list}", {"members": rows, "update_existing": True})[1]
    assert [each["status"] for each in told["updated_members"]] == ["unsubscribed"]


def test_a_batch_has_at_most_five_hundred_rows(site: Site) -> None:
    rows = [{"email_address": f"p{n}@example.com", "status": "pending"} for n in range(501)]
    refused(site.ask("POST", f"lists/{site.list}", {"members": rows}), 400, "Invalid Resource")
    assert site.ask("POST", f"lists/{site.list}", {"members": rows[:500]})[1]["total_created"] == 500


def test_batches_of_calls_are_carried_out_later_and_their_answers_are_an_archive(site: Site) -> None:
    site.add()
    operations = [
        {"method": "PATCH", "path": f"lists/{site.list}/members/{hash_of('ann@example.com')}", "operation_id": "one",
         "body": json.dumps({"merge_fields": {"FNAME": "Anna"}})},
        {"method": "GET", "path": "/lists/0000000000", "operation_id": "two"},
    ]  # fmt: skip
    begun = site.ask("POST", "batches", {"operations": operations})[1]
    assert (begun["status"], begun["response_body_url"]) == ("pending", "")
    assert site.app.state()["Customers"][0]["merge_fields"]["FNAME"] == ""
    site.clock.moment += 3
    told = site.ask("GET", f"batches/{begun['id']}")[1]
    assert (told["status"], told["finished_operations"], told["errored_operations"]) == ("finished", 2, 1)
    path = told["response_body_url"].removeprefix("http://127.0.0.1")
    answer = site.app.handle(Request("GET", path))  # at an address of its own, without the login
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(answer.body))) as archive:
        (results,) = [json.loads(archive.extractfile(each).read()) for each in archive.getmembers()]  # type: ignore[union-attr]
    assert [(each["operation_id"], each["status_code"]) for each in results] == [("one", 200), ("two", 404)]
    assert json.loads(results[0]["response"])["merge_fields"]["FNAME"] == "Anna"


def test_the_eleventh_connection_is_refused(site: Site) -> None:
    request = Request("GET", "/3.0/ping", (), {"authorization": BASIC})
    assert site.app.crowded(request, [request] * 10) is None
    answer = site.app.crowded(request, [request] * 11)
    assert answer is not None
    assert (answer.status, json.loads(answer.body)["title"]) == (429, "Too Many Requests")
    assert "Retry-After" not in answer.headers
    site.app.tune({"crowd": 403})
    bare = site.app.crowded(request, [request] * 11)
    assert bare is not None
    assert (bare.status, bare.body[:1]) == (403, b"<")


# What the world asks


def test_the_control_endpoints_reach_it() -> None:
    clock = Clock()
    world = World(clock, 1)
    world.add(MailchimpApp(world.time, 1))

    def control(method: str, path: str, body: Any = None) -> Any:
        answer = world.handle(Request(method, f"/_sandbox/{path}", body=json.dumps(body or {}).encode()))
        assert isinstance(answer, Response)
        return json.loads(answer.body)

    made = control(
        "POST",
        "edit",
        {"app": "mailchimp", "object": "Customers", "create": {"email_address": "a@example.com", "tags": ["VIP"]}},
    )
    assert [each["name"] for each in made["tags"]] == ["VIP"]
    where = {"app": "mailchimp", "object": "Customers", "id": made["contact_id"]}
    assert (
        control("POST", "edit", {**where, "set": {"FNAME": "Ann", "status": "unsubscribed"}})["merge_fields"]["FNAME"]
        == "Ann"
    )
    assert [each["status"] for each in control("GET", "state")["apps"]["mailchimp"]["Customers"]] == ["unsubscribed"]
    control(
        "POST", "normalise", {"app": "mailchimp", "object": "Customers", "rules": [{"field": "LNAME", "do": "upper"}]}
    )
    path = f"/3.0/lists/{next(iter(world.apps['mailchimp'].audiences))}/members/{made['id']}"  # type: ignore[attr-defined]
    body = json.dumps({"merge_fields": {"LNAME": "Miller"}}).encode()
    answer = world.handle(Request("PATCH", path, (), {"authorization": BASIC}, body))
    assert isinstance(answer, Response)
    assert json.loads(answer.body)["merge_fields"]["LNAME"] == "MILLER"
    assert control("GET", "calls")["apps"]["mailchimp"] == {
        "PATCH /3.0/lists/{id}/members/{id}": {"calls": 1, "credits": 0}
    }
    assert "no such" in control("POST", "edit", {**where, "id": "nobody", "set": {}})["error"]
    assert "unknown knob" in control("POST", "knobs", {"app": "mailchimp", "set": {"colour": "red"}})["error"]
    control("POST", "edit", {**where, "delete": True})
    assert control("GET", "state")["apps"]["mailchimp"]["Customers"] == []


def test_rows_can_be_refused_on_demand(site: Site) -> None:
    rows = [{"email_address": f"p{n}@example.com", "status": "pending"} for n in range(10)]
    body = json.dumps({"members": rows}).encode()
    request = Request("POST", f"/3.0/lists/{site.list}", (), {"authorization": BASIC}, body)
    told = json.loads(site.app.refused_rows(request, 0.5, "INVALID").body)
    assert (told["total_created"], told["error_count"]) == (5, 5)


@pytest.mark.parametrize("make", [lambda app: app.normalise("Nobody", []), lambda app: app.normalise("Customers", [{"field": "NOSUCH", "do": "drop"}]), lambda app: app.edit({"object": "Customers"}), lambda app: app.edit({"object": "Customers", "create": {}})])  # fmt: skip
def test_mistakes_of_those_who_control_it_are_told(site: Site, make: Callable[[MailchimpApp], Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        make(site.app)
